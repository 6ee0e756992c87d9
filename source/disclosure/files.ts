import type { Merged } from '../engine/change';
import { fromYaml } from '../kubernetes/yaml';
import { isHarmlessForm } from './harmless';
import { FLAG_VARIABLES, KNOWN_OPTIONS, KNOWN_VARIABLES } from './known';
import { shownDocuments, shownTree } from './tree';
import { HIDDEN, masked, namedValue, shownArguments } from './words';

/** What may be shown of a file of a kind: a text of the same lines where it can be, with [hidden] for what is not known to be harmless. */
export type View = (text: string) => string;

/** A file's text for a change, of which plan, events and journal have the view alone. */
export function withView(text: string, view: View): Merged {
  return { merged: text, shown: view(text) };
}

/** YAML documents, such as manifests and configurations. */
export const yamlView: View = text => {
  const documents = fromYaml(text);
  return documents === undefined ? unreadable(text, 'YAML') : shownDocuments(documents);
};

/** One JSON document, such as docker's daemon.json. */
export const jsonView: View = text => {
  try {
    return `${JSON.stringify(shownTree(JSON.parse(text)), null, 2)}\n`;
  } catch {
    return unreadable(text, 'JSON');
  }
};

/** A list of Kubernetes objects in JSON, as YAML without what Kubernetes keeps for itself. */
export const objectsView: View = text => {
  try {
    const list = JSON.parse(text) as { readonly items?: readonly unknown[] };
    return shownDocuments(list.items ?? [list]);
  } catch {
    return unreadable(text, 'JSON');
  }
};

/** Variables of a unit (systemd.exec(5), EnvironmentFile): flags of programs by their names, other variables by theirs; of comments only the installer's `ours`. */
export const variablesView = (text: string, ours: readonly string[] = []): string =>
  joined(text)
    .map(line => {
      if (/^\s*$/.test(line) || ours.includes(line)) return line;
      const [, before = '', name = '', value = ''] =
        /^(\s*(?:export\s+)?)([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? [];
      if (name === '') return commentView(line);
      const [, quote = '', inner = value] = /^(["'])(.*)\1\s*$/.exec(value) ?? [];
      const seen = FLAG_VARIABLES.has(name)
        ? shownArguments(inner.split(/\s+/)).join(' ')
        : namedValue(name, inner, KNOWN_VARIABLES);
      return `${before}${name}=${quote}${seen}${quote}`;
    })
    .join('\n');

const OUR_COMMENT = /^(# switched off by kube-el7-install: )(.*)$/;
const DEVICE =
  /^(?:(?:UUID|LABEL|PARTUUID|PARTLABEL)="?[\w.-]{1,64}"?|[a-z0-9]{1,16}|(?:\/[\w.-]{1,40}){1,8}|(?:\/\/)?[A-Za-z0-9_.-]{1,253}:?(?:\/[\w.$-]{1,100}){0,12}\/?)$/;

/** fstab(5): devices, mount points and types, and those options that hold no login. */
export const fstabView: View = text =>
  text
    .split('\n')
    .map(line => {
      const [, ours = '', former = ''] = OUR_COMMENT.exec(line) ?? [];
      if (ours !== '') return ours + fstabLine(former);
      return /^\s*#/.test(line) ? commentView(line) : fstabLine(line);
    })
    .join('\n');

function fstabLine(line: string): string {
  const words = line.trim().split(/\s+/);
  if (words[0] === '') return line;
  const [device = '', place = '', type = '', options, ...rest] = words;
  const field = (word: string, form: RegExp): string => (form.test(word) ? word : HIDDEN);
  return [
    isHarmlessForm(device) ? device : field(device, DEVICE),
    field(place, /^(?:\/[\w.@+\\-]*)*$|^(?:none|swap)$/),
    field(type, /^[a-z0-9._,-]{0,24}$/),
    ...(options === undefined ? [] : [options.split(',').map(option).join(',')]),
    ...rest.map(word => field(word, /^\d$/)),
  ].join(' ');
}

function option(text: string): string {
  const [, name = '', value] = /^([^=]*)(?:=(.*))?$/.exec(text) ?? [];
  const known = KNOWN_OPTIONS.has(name);
  if (value === undefined) return known ? text : HIDDEN;
  const harmless = known && /^[A-Za-z0-9_.:/@-]{0,100}$/.test(value);
  const named = /^[a-z][a-z0-9_.-]{0,30}$/.test(name) ? name : HIDDEN;
  return `${named}=${harmless ? masked(value) : HIDDEN}`;
}

const KEEPALIVED_WORD =
  /^(?:global_defs|vrrp_instance|vrrp_script|vrrp_track_process|state|interface|virtual_router_id|priority|advert_int|unicast_src_ip|unicast_peer|virtual_ipaddress|track_script|track_interface|authentication|auth_type|script|interval|timeout|fall|rise|weight|user|nopreempt|preempt_delay|vrrp_version|vrrp_[a-z_]+|router_id|script_user|enable_script_security|notify(?:_[a-z]+)?|garp_[a-z_]+|dynamic_interfaces|use_vmac|check_apiserver|dev|label|[{}]|\d[\d.]*(?:\/\d+)?)$/;

/** keepalived.conf(5), line by line. */
export const keepalivedView: View = text =>
  text
    .split('\n')
    .map(line => {
      const [, indent = '', first = '', rest = ''] = /^(\s*)(\S*)(.*)$/.exec(line) ?? [];
      if (first === '') return line;
      if (/^[#!]/.test(first)) return indent + commentView(line.trim());
      return KEEPALIVED_WORD.test(first) ? indent + first + masked(rest) : `${indent}${HIDDEN}`;
    })
    .join('\n');

/** /etc/hosts and /etc/resolv.conf: addresses, names and resolver options. */
export const namesView: View = text =>
  text
    .split('\n')
    .map(line => {
      const [words = ''] = line.split(/[#;]/);
      const seen = words
        .trim()
        .split(/\s+/)
        .map(word => (/^[\w.:%-]{1,255}$/.test(word) ? word : HIDDEN));
      return words.trim() === '' ? (line.trim() === '' ? '' : commentView(line)) : seen.join(' ');
    })
    .join('\n');

/** A comment may hold anything, a password that was changed among it. */
function commentView(line: string): string {
  return /^\s*[#;!]/.test(line) ? '# [comment]' : HIDDEN;
}

function joined(text: string): readonly string[] {
  return text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
}

function unreadable(text: string, form: string): string {
  const lines = text.split('\n').length;
  return `[${lines} ${lines === 1 ? 'line' : 'lines'} that cannot be read as ${form}: left out]\n`;
}
