import { Secret } from '../engine/secret';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { toYaml } from './yaml';

/** How the kubelet speaks to docker, as kubeadm calls it up to 1.23. */
export const CRI_SOCKET = '/var/run/dockershim.sock';
/** Where a node says so; kubeadm writes it onto the node last of all. */
export const CRI_ANNOTATION = 'kubeadm.alpha.kubernetes.io/cri-socket';

/** What the command to join says. */
export interface JoinCommand {
  /** "https://k8s.site:6443". */
  readonly endpoint: string;
  readonly token: Secret;
  /** "sha256:…" of the cluster CA's public key. */
  readonly caHash: string;
}

/** Takes the command apart; undefined where it is none. */
export function parseJoinCommand(line: string): JoinCommand | undefined {
  const [, host, token, caHash] =
    /^kubeadm join (\S+) --token (\S+) --discovery-token-ca-cert-hash (sha256:[0-9a-f]{64})\s*$/.exec(line) ??
    [];
  if (host === undefined || token === undefined || caHash === undefined) return undefined;
  return { endpoint: `https://${host}`, token: new Secret(token), caHash };
}

/** The configuration of `kubeadm join` for a node that listens on one address of several; the cluster is known by its CA, so that no other can take its place. v1beta2 and v1beta3 agree in every field that is used here. */
export function joinConfiguration(settings: Settings, node: Master, command: JoinCommand): Secret {
  return command.token.derive(token =>
    toYaml({
      apiVersion: settings.facts.kubeadmApi,
      kind: 'JoinConfiguration',
      discovery: {
        bootstrapToken: {
          token,
          apiServerEndpoint: command.endpoint.replace('https://', ''),
          caCertHashes: [command.caHash],
        },
      },
      nodeRegistration: {
        name: node.hostname,
        criSocket: CRI_SOCKET,
        kubeletExtraArgs: { 'node-ip': node.address },
      },
    }),
  );
}
