import { isSecretName } from '../engine/secret-name';
import { MASK } from '../engine/secret';
import { fromYaml, toYaml } from '../kubernetes/yaml';
import { KNOWN_KEYS, KNOWN_VARIABLES } from './known';
import { HIDDEN, formValue, masked, namedValue, shownArguments, shownText } from './words';

/** Where the names are an operator's, and so say nothing of the values. */
const FREE_NAMES = /^(?:labels|annotations|matchLabels|nodeSelector|selector)$/;
const KNOWN_LABEL =
  /^(?!kubectl\.)(?:[a-z0-9.-]*\.)?(?:kubernetes\.io|k8s\.io|coreos\.com)\/|^kube-el7-install(?:\.io)?\/|^(?:app|name|component|tier|k8s-app|controller-revision-hash|pod-template-hash|pod-template-generation|job-name|controller-uid)$/;
const DROPPED = ['managedFields'];
/** Sentences of Kubernetes' own. */
const TEXTS = ['message', 'lastError'];
const LONGEST = 400;

/** A document of which only what is known to be harmless stands: names of fields, values of known fields, numbers, switches, addresses, paths. The rest is [hidden], or [secret] where the name says so. */
export function shownTree(value: unknown): unknown {
  return shown(value, '', false);
}

/** The same of a list of documents, as YAML. */
export function shownDocuments(documents: readonly unknown[]): string {
  return documents
    .filter(isObject)
    .map(document => toYaml(shownObject(document, '', false)))
    .join('---\n');
}

function shown(value: unknown, key: string, within: boolean): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return within || isSecretName(key) ? MASK : value;
  if (typeof value === 'string') return shownString(value, key, within);
  if (Array.isArray(value)) {
    const strings = value.filter((one): one is string => typeof one === 'string');
    if (strings.length === value.length && (key === 'command' || key === 'args')) {
      return shownArguments(strings);
    }
    return value.map(one => shown(one, key, within));
  }
  return isObject(value) ? shownObject(value, key, within) : HIDDEN;
}

function shownObject(object: Record<string, unknown>, key: string, within: boolean): object {
  // A variable or header, or a flag of kubeadm's v1beta4: its name stands beside its value.
  if (typeof object['name'] === 'string' && typeof object['value'] === 'string') {
    const { name, value } = object;
    const known = key === 'httpHeaders' ? HIDDEN : namedValue(name, value, KNOWN_VARIABLES);
    return { ...object, value: within ? MASK : known };
  }
  const { data, ...rest } = object;
  if (object['kind'] === 'ConfigMap' && isObject(data)) {
    const texts = Object.entries(data).map(([name, text]) => [name, embedded(text)] as const);
    return { ...shownObject(rest, key, within), data: Object.fromEntries<unknown>(texts) };
  }
  const secret = within || isSecretName(key) || (object['kind'] === 'Secret' && 'metadata' in object);
  return Object.fromEntries(
    Object.entries(object)
      .filter(([name]) => !DROPPED.includes(name))
      .map(([name, value]) => [name, shownField(name, value, key, secret)]),
  );
}

/** A ConfigMap's values are documents of their own where they can be read as such. */
function embedded(text: unknown): unknown {
  const documents = typeof text === 'string' ? (fromYaml(text) ?? []) : [];
  return documents.length > 0 && documents.every(isObject) ? documents.map(shownTree) : HIDDEN;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shownField(name: string, value: unknown, parent: string, within: boolean): unknown {
  if (/[eE]xtraArgs$/.test(parent) && typeof value === 'string') {
    return (shownArguments([`--${name}=${value}`])[0] ?? '').slice(name.length + 3);
  }
  if (FREE_NAMES.test(parent) && typeof value === 'string') {
    const fits = KNOWN_LABEL.test(name) && value.length <= LONGEST;
    return fits && !within ? masked(value) : formValue(value);
  }
  return shown(value, name, within);
}

function shownString(value: string, key: string, within: boolean): string {
  if (value === '') return value;
  if (within || isSecretName(key)) return MASK;
  if (TEXTS.includes(key)) return shownText(value);
  if (KNOWN_KEYS.has(key) && value.length <= LONGEST) return masked(value);
  return formValue(value);
}
