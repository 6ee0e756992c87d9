import { createHash } from 'node:crypto';

/** What the value of a label holds. A Job's name is the value of a label of its pods (job-name, pkg/controller/job of Kubernetes), so it holds as much. */
const LABEL = 63;
/** What the name of any other object holds (a DNS-1123 subdomain). */
const OBJECT = 253;
/** Enough of the hash that two hosts of one cluster never share a name. */
const HASH = 10;

/** The name of an object that belongs to one host: "kube-el7-install-master-HOST". */
export function objectOf(what: string, hostname: string): string {
  return bounded(`kube-el7-install-${what}-${hostname}`, OBJECT);
}

/** The name of a Job that belongs to one host. */
export function jobOf(what: string, hostname: string): string {
  return bounded(`kube-el7-install-${what}-${hostname}`, LABEL);
}

/** The value of a label that names a host. */
export function labelOf(hostname: string): string {
  return bounded(hostname, LABEL);
}

/** The name that the kubelet gives to a static pod of a host (generatePodName in pkg/kubelet/config/common.go). */
export function staticPodOf(pod: string, hostname: string): string {
  return `${pod}-${hostname}`;
}

/** The name itself where it is short enough; else as much of it as there is room for, and a hash of all of it: the same in every run, and another one for every host. */
function bounded(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH);
  // A part of a name ends with a letter or a digit.
  const start = name.slice(0, longest - HASH - 1).replace(/[^a-z0-9]+$/, '');
  return `${start}-${hash}`;
}
