import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { askApi, type ApiAccess, type ApiAnswer } from '../kubernetes/api';
import { CONFIG_WITHOUT_TOKEN, keyOf } from '../kubernetes/master-files';
import {
  MASTERS_NAMESPACE,
  masterSecret,
  parseTurn,
  TURN_KEY,
  type EtcdTurn,
} from '../kubernetes/master-secret';
import { KEPT_KUBEADM_CONFIG } from '../steps/paths';

/** One file of a master, as the list in its Secret names it. */
export interface StoredFile {
  /** SHA-256, hexadecimal. */
  readonly sum: string;
  /** Octal digits. */
  readonly mode: string;
  readonly key: string;
  readonly path: string;
}

/** What the cluster keeps for one master. */
export interface StoredMaster {
  readonly hostname: string;
  readonly address: string;
  readonly turn: EtcdTurn;
  readonly files: readonly StoredFile[];
  /** By key; secret, so never to be shown. */
  readonly values: ReadonlyMap<string, Buffer>;
  /** Paths of files that the cluster is to keep and does not yet: they are among `files`, without a sum, and in `values`. */
  readonly lent?: readonly string[];
}

const TRIES = 10;
const PAUSE_MS = 3000;

/** Asks the cluster for what it keeps for a master; undefined where there is nothing, or no answer. */
export async function readStored(
  host: HostReader,
  access: ApiAccess,
  hostname: string,
): Promise<StoredMaster | undefined> {
  return storedIn(await ask(host, access, hostname), hostname);
}

/**
 * The same for a step, which would be left out where silence were taken for absence; undefined where there is nothing.
 * Throws the Failure "cluster-silent" where nobody answers for half a minute.
 */
export async function storedFor(
  host: HostReader,
  access: ApiAccess,
  hostname: string,
  pauseMs = PAUSE_MS,
): Promise<StoredMaster | undefined> {
  let answer = await ask(host, access, hostname);
  for (let tries = 1; tries < TRIES && answer.kind === 'silent'; tries += 1) {
    await delay(pauseMs);
    answer = await ask(host, access, hostname);
  }
  if (answer.kind !== 'silent') return storedIn(answer, hostname);
  throw new Failure({
    code: 'cluster-silent',
    message: `The cluster does not tell what it keeps for ${hostname}.`,
    hint: 'See whether the apiserver on this host runs and answers at port 6443, and run the same command again.',
    seen: [answer.reason],
  });
}

function ask(host: HostReader, access: ApiAccess, hostname: string): Promise<ApiAnswer> {
  return askApi(host, access, `/api/v1/namespaces/${MASTERS_NAMESPACE}/secrets/${masterSecret(hostname)}`);
}

function storedIn(answer: ApiAnswer, hostname: string): StoredMaster | undefined {
  if (answer.kind !== 'found') return undefined;
  const { data = {} } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const values = new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64')]));
  const text = (key: string): string => values.get(key)?.toString('utf8') ?? '';
  return {
    hostname,
    address: text('address'),
    turn: parseTurn(text(TURN_KEY)),
    files: text('files').split('\n').flatMap(fileOf),
    values,
  };
}

/** With the record beside it, as this host has it, where the cluster keeps none: one that was restored from the midst of its installation has not come to that yet. */
export async function withRecord(host: HostReader, stored: StoredMaster): Promise<StoredMaster> {
  const path = KEPT_KUBEADM_CONFIG;
  if (stored.files.some(file => file.path === path)) return stored;
  const text = (await host.read(path)) ?? (await host.read(CONFIG_WITHOUT_TOKEN));
  if (text === undefined) return stored;
  const key = keyOf(path);
  return {
    ...stored,
    files: [...stored.files, { sum: '', mode: '600', key, path }],
    values: new Map([...stored.values, [key, Buffer.from(text)]]),
    lent: [path],
  };
}

function fileOf(line: string): readonly StoredFile[] {
  const [sum, mode, key, path] = line.split(' ');
  return sum === undefined || mode === undefined || key === undefined || path === undefined
    ? []
    : [{ sum, mode, key, path }];
}

/** The list of files as the Secret has it, and the SHA-256 that a master reports once it has all of it. */
export function listOf(files: readonly StoredFile[]): { readonly text: string; readonly digest: string } {
  const text = files.map(({ sum, mode, key, path }) => `${sum} ${mode} ${key} ${path}\n`).join('');
  return { text, digest: sha256(text) };
}

/** Hexadecimal. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
