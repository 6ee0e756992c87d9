import type { Command, HttpRequest } from './host';
import type { Secret, SecretBytes } from './secret';

/** Fills a place of a template: from a file of the host (base64, as it is, or the hex SHA-256 of its bytes), or from a filled template in base64. */
export type Filling =
  | { readonly path: string; readonly encoding: 'text' | 'base64' | 'sha256'; readonly secret: boolean }
  | { readonly composed: Composed; readonly encoding: 'base64' };

/** Text with `{{name}}` places that are filled at the moment of writing: so a kubeconfig with its key can be planned before the key exists, and never passes through an event. */
export interface Composed {
  readonly template: string;
  readonly files: Readonly<Record<string, Filling>>;
}

/** A text with parts that are not ours, such as a file of the site's with our lines in it, and what of it may be shown. */
export interface Merged {
  readonly merged: string;
  readonly shown: string;
}

export type Content = string | Secret | SecretBytes | Composed | Merged;

/** A certificate and its key, by specification: the key is made on the host, and never leaves it. */
export interface CertificateSpec {
  readonly certPath: string;
  readonly keyPath: string;
  readonly commonName: string;
  readonly organization?: string;
  /** Subject alternative names; empty for client certificates and CAs. */
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly usage: 'ca' | 'server' | 'client' | 'peer';
  /** The CA that signs; absent for a CA, which signs itself. */
  readonly issuer?: { readonly certPath: string; readonly keyPath: string };
  readonly days: number;
}

/** What is waited for, as data: a name for people, and what to ask again and again. It carries its last error while it is not met. */
export type Condition =
  | Question
  | {
      readonly title: string;
      /** That all of these hold at once: they are asked in this order, and the first that does not hold says why. */
      readonly kind: 'all';
      readonly of: readonly Question[];
    };

/** A request whose answer comes when something has changed. */
export interface NextAnswer {
  readonly request: HttpRequest;
  /** A regular expression of an answer that says so; after any other one a pause follows. */
  readonly matches: string;
}

/** One thing to ask. */
export type Question =
  | {
      readonly title: string;
      readonly kind: 'command';
      readonly command: Command;
      /** A regular expression that stdout must match, beside exit code 0. */
      readonly matches?: string;
      /** What to say while it prints something else; that itself where absent. */
      readonly unmet?: string;
    }
  | {
      readonly title: string;
      readonly kind: 'request';
      readonly request: HttpRequest;
      readonly status: number;
      /** A regular expression that the body must match. */
      readonly matches?: string;
      /** Says what a body in JSON lacks, undefined where it is as it should be. Pure. */
      readonly lacks?: (body: unknown) => string | undefined;
      /** Of an answer in JSON: what to ask next instead of pausing, since it is answered as soon as the first may have another answer. */
      readonly changed?: (body: unknown) => NextAnswer | undefined;
      /** What to say while the answer is another one; the answer itself where absent. */
      readonly unmet?: string;
      /** A regular expression of a body after which it cannot come about any more: the wait ends there and then. */
      readonly never?: string;
    };

/**
 * How what a command has done is taken back, as data; a list with nothing in it says that nothing is left to take back.
 * run: by another command, where `needed` still matches what is printed; paths: files that it makes or changes are as they were;
 * packages: those that it installs; again: by the same command, once the files that it reads are as they were;
 * cluster: with all that makes a node of a cluster; stays: not at all, and people are told.
 */
export type Undo =
  | {
      readonly kind: 'run';
      readonly title: string;
      readonly command: Command;
      readonly timeoutMs: number;
      readonly needed: { readonly command: Command; readonly matches: string };
    }
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  | { readonly kind: 'packages'; readonly packages: readonly string[] }
  | { readonly kind: 'again' }
  | { readonly kind: 'cluster' }
  | { readonly kind: 'stays'; readonly what: string };

/** A change is data, so the plan shows exactly what apply performs. Every kind can be performed twice with the same end. */
export type Change =
  | { readonly kind: 'write'; readonly path: string; readonly content: Content; readonly mode: number }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** `product`: it is the installer's own and made again when it is needed, so nothing of it is kept for taking it back. */
  | { readonly kind: 'remove'; readonly path: string; readonly product?: true }
  | { readonly kind: 'install'; readonly packages: readonly string[] }
  | {
      readonly kind: 'service';
      readonly unit: string;
      /** 'enabled' also starts it at boot, without starting it now. */
      readonly action: 'enable' | 'disable' | 'start' | 'restart' | 'stop' | 'reload-units';
    }
  | { readonly kind: 'certificate'; readonly certificate: CertificateSpec }
  | {
      readonly kind: 'run';
      /** Imperative, for people: "Load br_netfilter". */
      readonly title: string;
      readonly command: Command;
      readonly timeoutMs: number;
      /** Run again every second, for so long, while it fails and its output matches this regular expression: for what is refused until something else has come to pass. */
      readonly again?: {
        readonly while: string;
        /** What that means, for people: "nobody answers"; the expression itself where absent. */
        readonly meaning?: string;
        readonly withinMs: number;
      };
      /** Where it fails and its output matches this regular expression, what it is for has come about by itself. */
      readonly already?: string;
      /** Where its standard output is kept, written as a file once it has ended well. */
      readonly keepOutput?: { readonly path: string; readonly mode: number };
      /** How it is taken back; where absent it stays, and is named to people as what stays. */
      readonly undo?: readonly Undo[];
    }
  | { readonly kind: 'await'; readonly condition: Condition; readonly timeoutMs: number };

/** A change as people and events see it: plain JSON, secrets masked. */
export interface ChangeSummary {
  readonly kind: Change['kind'];
  /** One line, e.g. "/etc/sysconfig/kubelet" or "yum install kubelet-1.20.2". */
  readonly title: string;
  /** Further lines: a file's content, a command's input, a certificate's names. */
  readonly detail: readonly string[];
}
