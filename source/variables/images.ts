import { addressNumber } from './network';
import type { Check, Fault } from './fields';
import { isDnsName } from './fields';

/** An image reference taken apart: "10.0.0.5:5000/kube/etcd:3.4.13-0". */
export interface ImageReference {
  /** "10.0.0.5:5000", or "docker.io" where the name has no registry. */
  readonly registry: string;
  /** "kube/etcd" */
  readonly path: string;
  readonly tag: string;
}

/** What docker calls the registry that names without one are of, also where it is written index.docker.io (distribution/reference splitDockerDomain). */
export const DOCKER_IO = 'docker.io';

/** The part of DOCKER_REGISTRY that is a registry, as docker knows it. */
export function registryName({ address }: { readonly address: string }): string {
  return known(address.split('/')[0] ?? address);
}

function known(registry: string): string {
  return registry === 'index.docker.io' ? DOCKER_IO : registry;
}

/** Grammar of github.com/distribution/reference. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^\w[\w.-]{0,127}$/;

function hostFault(host: string): string | undefined {
  const colon = host.lastIndexOf(':');
  const name = colon === -1 ? host : host.slice(0, colon);
  const port = colon === -1 ? undefined : host.slice(colon + 1);
  if (/^[\d.]+$/.test(name) ? addressNumber(name) === undefined : !isDnsName(name.toLowerCase())) {
    return `has "${name}", which is neither a host name nor an IPv4 address`;
  }
  if (port !== undefined && (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535)) {
    return `has "${port}", which is no port`;
  }
  return undefined;
}

/** Docker takes the first part of a name for a registry only where it has a dot or a port, or is localhost. */
function namesRegistry(first: string): boolean {
  return first.includes('.') || first.includes(':') || first === 'localhost';
}

/** host[:port][/path], as it stands before image names. */
export const registryAddress: Check = value => {
  const right = 'host[:port][/path], such as registry.example:5000 or 10.0.0.5:5000/kubernetes';
  const fault = (wrong: string): Fault => ({ wrong, right });
  if (value === '') return { wrong: 'is not set', right: `${right}: the registry that all images come from` };
  if (/^[a-z]+:\/\//i.test(value)) return fault('starts with a scheme; it is not a URL');
  if (value.includes('@')) return fault('has an @; a login goes in DOCKER_REGISTRY_USER and _PASSWORD_FILE');
  if (value.endsWith('/')) return fault('ends in a slash');
  const [host = '', ...path] = value.split('/');
  const wrong = hostFault(host);
  if (wrong !== undefined) return fault(wrong);
  if (!namesRegistry(host)) {
    return fault('has neither a dot nor a port, so docker would look for the images on docker.io');
  }
  if (path.length === 0) return undefined;
  const last = path.join('/');
  if (last.includes(':')) return fault('has a tag; it is the part that stands before image names');
  return PATH.test(last) ? undefined : fault(`has "${last}", which is no path of a registry`);
};

/** Takes a reference apart, or says what is wrong with it. */
export function parseImage(value: string): ImageReference | Fault {
  const right = 'a name with its tag, such as registry.example:5000/etcd:3.4.13-0';
  if (value.includes('@')) return { wrong: 'has a digest or a login', right };
  if (/^[a-z]+:\/\//i.test(value)) return { wrong: 'starts with a scheme', right };
  const slash = value.indexOf('/');
  const first = slash === -1 ? '' : value.slice(0, slash);
  const named = namesRegistry(first);
  const rest = named ? value.slice(slash + 1) : value;
  if (named) {
    const wrong = hostFault(first);
    if (wrong !== undefined) return { wrong, right };
  }
  const colon = rest.lastIndexOf(':');
  if (colon === -1) return { wrong: 'has no tag', right };
  const path = rest.slice(0, colon);
  const tag = rest.slice(colon + 1);
  if (!PATH.test(path)) return { wrong: `has "${path}", which is no image name`, right };
  if (!TAG.test(tag)) return { wrong: `has "${tag}", which is no tag`, right };
  const registry = named ? known(first) : DOCKER_IO;
  const official = registry === DOCKER_IO && !path.includes('/');
  return { registry, path: official ? `library/${path}` : path, tag };
}

/** Whether taking apart gave a fault. */
export function isFault(parsed: object): parsed is Fault {
  return 'wrong' in parsed;
}
