import { MASK } from '../engine/secret';

/** What is wrong with a value and what would be right; undefined where nothing is. */
export interface Fault {
  readonly wrong: string;
  readonly right: string;
}

export type Check = (value: string) => Fault | undefined;

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const DNS_NAME = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const QUANTITY = /^(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,2})?$/;
const RESERVABLE = ['cpu', 'memory', 'ephemeral-storage', 'pid'];
const TOKEN = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;
const BLANK_OR_CONTROL = /[\s\u0000-\u001f\u007f]/;

/** Whether it is a DNS name in lower case: labels of at most 63 characters, 253 in all. */
export function isDnsName(value: string): boolean {
  return value.length <= 253 && DNS_NAME.test(value);
}

/** Kubernetes' own rule for the cluster's domain: a DNS subdomain in lower case. */
export const clusterDomain: Check = value =>
  isDnsName(value)
    ? undefined
    : { wrong: 'is not a DNS domain in lower case', right: 'a domain such as cluster.local' };

/** The kubelet's form of --system-reserved: known resources, each once, with Kubernetes quantities that are not negative. */
export const systemReserved: Check = value => {
  const right = 'a list such as cpu=200m,memory=500Mi of cpu, memory, ephemeral-storage and pid';
  if (value === '') return undefined;
  const seen = new Set<string>();
  for (const part of value.split(',')) {
    const equals = part.indexOf('=');
    const resource = equals === -1 ? part : part.slice(0, equals);
    if (equals === -1) return { wrong: `has "${part}", which is not resource=quantity`, right };
    if (!RESERVABLE.includes(resource)) {
      return { wrong: `has "${resource}", which the kubelet does not reserve`, right };
    }
    if (seen.has(resource)) return { wrong: `names ${resource} twice`, right };
    if (!QUANTITY.test(part.slice(equals + 1))) {
      return { wrong: `has "${part.slice(equals + 1)}" for ${resource}, which is no quantity`, right };
    }
    seen.add(resource);
  }
  return undefined;
};

/** kubeadm's form of a bootstrap token. The value is a secret: faults do not repeat it. */
export const bootstrapToken: Check = value =>
  TOKEN.test(value)
    ? undefined
    : {
        wrong: 'is not a bootstrap token',
        right: '6 and 16 characters of a-z and 0-9 with a dot between, as `kubeadm token generate` makes',
      };

export const yesOrNo: Check = value =>
  value === 'yes' || value === 'no' ? undefined : { wrong: 'is neither yes nor no', right: 'yes or no' };

/** A URL of one of the schemes, without a login: credentials in it would be seen in logs. */
export function url(schemes: readonly string[], example: string): Check {
  const right = `a URL such as ${example}`;
  return value => {
    if (BLANK_OR_CONTROL.test(value)) return { wrong: 'has blanks in it', right };
    let parsed: URL;
    try {
      parsed = new URL(value);
    } catch {
      return { wrong: 'is not a URL', right };
    }
    const scheme = parsed.protocol.slice(0, -1);
    if (!schemes.includes(scheme)) {
      return { wrong: `is not a URL of ${schemes.join(', ')}`, right };
    }
    if (!value.toLowerCase().startsWith(`${scheme}://`)) return { wrong: 'is not a URL', right };
    if (parsed.username !== '' || parsed.password !== '') {
      return { wrong: 'has a login in it, which would be seen in logs', right: `${right}, without a login` };
    }
    return undefined;
  };
}

/** A path that a host can be asked for. */
export const absolutePath: Check = value =>
  value.startsWith('/') && !BLANK_OR_CONTROL.test(value)
    ? undefined
    : { wrong: 'is not an absolute path', right: 'a path such as /etc/kube-el7-install/registry-ca.crt' };

/** A login's name: a colon would end it in HTTP basic authentication. */
export const userName: Check = value =>
  value.includes(':') || BLANK_OR_CONTROL.test(value)
    ? { wrong: 'has a colon, blank or control character', right: 'the name of the login alone' }
    : undefined;

/** A value as it may be shown: without the login that a URL or address has before its last @, for a password may hold an @ or a slash. */
function withoutLogin(value: string): string {
  const [, scheme = '', login = '', rest = ''] =
    /^([a-z][a-z0-9+.-]{0,20}:\/\/)?([^]*)@(?!sha256:)([^]*)$/i.exec(value) ?? [];
  return scheme !== '' || login.includes(':') ? `${scheme}${MASK}@${rest}` : value;
}

/** A variable's value as it may be shown. What stands where the path of a password's file should is taken for the password. */
export function shownValue(name: string, value: string): string {
  if (name.endsWith('PASSWORD_FILE') && value !== '' && !value.startsWith('/')) return MASK;
  if (name.endsWith('_USER')) return value.replace(/:[^]*$/, `:${MASK}`);
  return withoutLogin(value);
}
