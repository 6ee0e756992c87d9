import type { FileStat, HostReader } from '../engine/host';
import { Secret } from '../engine/secret';
import type { Collector } from './collector';
import type { Fault } from './fields';
import { absolutePath, userName, yesOrNo } from './fields';
import { certificatesIn } from '../pki/pem';
import { DOCKER_IO, registryAddress, registryName } from './images';
import type { Registry, Settings } from './settings';

const OTHERS = 0o007;
const OTHERS_OR_GROUP_WRITE = 0o022;

interface Looked {
  readonly stat: FileStat | undefined;
  readonly text: string | undefined;
  readonly error?: string;
}

async function look(host: HostReader, path: string): Promise<Looked> {
  try {
    return { stat: await host.stat(path), text: (await host.read(path))?.toString('utf8') };
  } catch (error) {
    return {
      stat: undefined,
      text: undefined,
      error: error instanceof Error ? error.message : String(error),
    };
  }
}

function unreadable(looked: Looked, host: HostReader, what: string): Fault | undefined {
  if (looked.error !== undefined) {
    return { wrong: `cannot be read on ${host.name}: ${looked.error}`, right: `${what} that root can read` };
  }
  if (looked.text === undefined) return { wrong: `is not on ${host.name}`, right: `${what} that is there` };
  return undefined;
}

function certificateFault(looked: Looked, host: HostReader): Fault | undefined {
  const right = 'the PEM file of the CA that signed the certificate of the registry';
  const fault = unreadable(looked, host, 'a PEM file');
  if (fault !== undefined) return fault;
  const text = looked.text ?? '';
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    return { wrong: 'holds a private key, and everybody may read what docker is given', right };
  }
  if (certificatesIn(text).length > 0) return undefined;
  return text.includes('-----BEGIN ')
    ? { wrong: 'has no certificate in it that docker would read', right }
    : { wrong: 'has no certificate in it in PEM form', right };
}

/** What docker.io cannot have: docker takes its certificate by the system's authorities alone, and has no plain HTTP for it. */
function onlyOwn(
  collector: Collector,
  name: 'DOCKER_REGISTRY_CA' | 'DOCKER_REGISTRY_PLAIN_HTTP',
  value: string,
): void {
  collector.wrong(name, value, {
    wrong: 'is given for docker.io, where docker does not use it',
    right: `no ${name}, or another registry in DOCKER_REGISTRY`,
  });
}

function passwordFault(looked: Looked, host: HostReader): Fault | undefined {
  const fault = unreadable(looked, host, 'a file with the password on its only line');
  if (fault !== undefined) return fault;
  const { stat } = looked;
  if (stat?.kind === 'link') return { wrong: 'is a link', right: 'the file itself, with mode 0600' };
  if (stat !== undefined && ((stat.mode & OTHERS) !== 0 || (stat.mode & OTHERS_OR_GROUP_WRITE) !== 0)) {
    return {
      wrong: `can be read or written by others (mode 0${stat.mode.toString(8)})`,
      right: 'mode 0600 (chmod 600)',
    };
  }
  const password = firstLine(looked.text ?? '');
  if (password === '') return { wrong: 'is empty', right: 'the password on its first line' };
  return undefined;
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** The registry of settings that were made without one: a name that exists nowhere (RFC 2606). */
const NOWHERE = 'registry.invalid';

/** Whether a registry was given: without one nothing can be set up to pull from it. */
export function hasRegistry({ registry }: Pick<Settings, 'registry'>): boolean {
  return registry.address !== NOWHERE;
}

/** The registry and how it is reached. Looks at the files that it names on the host; the password becomes a Secret at once. */
export async function registryAccess(
  collector: Collector,
  host: HostReader,
  need?: 'optional',
): Promise<Registry> {
  const without = need === 'optional' ? NOWHERE : '';
  const address = collector.take('DOCKER_REGISTRY', without, registryAddress);
  const plainHttp = collector.take('DOCKER_REGISTRY_PLAIN_HTTP', 'no', yesOrNo) === 'yes';
  const caFile = collector.optional('DOCKER_REGISTRY_CA', absolutePath);
  const username = collector.optional('DOCKER_REGISTRY_USER', userName);
  const passwordFile = collector.optional('DOCKER_REGISTRY_PASSWORD_FILE', absolutePath);
  let password: string | undefined;
  if (registryName({ address }) === DOCKER_IO) {
    if (caFile !== undefined) onlyOwn(collector, 'DOCKER_REGISTRY_CA', caFile);
    if (plainHttp) onlyOwn(collector, 'DOCKER_REGISTRY_PLAIN_HTTP', 'yes');
  }
  if (caFile !== undefined && collector.sound('DOCKER_REGISTRY_CA')) {
    const fault = certificateFault(await look(host, caFile), host);
    if (fault !== undefined) collector.wrong('DOCKER_REGISTRY_CA', caFile, fault);
    else if (plainHttp) {
      collector.wrong('DOCKER_REGISTRY_CA', caFile, {
        wrong: 'is given for a registry that DOCKER_REGISTRY_PLAIN_HTTP says to have no certificate',
        right: 'one of the two',
      });
    }
  }
  if (passwordFile !== undefined && collector.sound('DOCKER_REGISTRY_PASSWORD_FILE')) {
    const looked = await look(host, passwordFile);
    const fault = passwordFault(looked, host);
    if (fault !== undefined) collector.wrong('DOCKER_REGISTRY_PASSWORD_FILE', passwordFile, fault);
    else password = firstLine(looked.text ?? '');
  }
  if (username !== undefined && passwordFile === undefined) {
    collector.wrong('DOCKER_REGISTRY_USER', username, {
      wrong: 'is given without DOCKER_REGISTRY_PASSWORD_FILE',
      right: 'both or neither',
    });
  }
  if (passwordFile !== undefined && username === undefined) {
    collector.wrong('DOCKER_REGISTRY_PASSWORD_FILE', passwordFile, {
      wrong: 'is given without DOCKER_REGISTRY_USER',
      right: 'both or neither',
    });
  }
  return {
    address,
    plainHttp,
    ...(caFile === undefined ? {} : { caFile }),
    ...(username === undefined || password === undefined
      ? {}
      : { login: { username, password: new Secret(password) } }),
  };
}
