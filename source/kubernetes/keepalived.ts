import { createHash } from 'node:crypto';
import type { Desired } from '../changes/desired';
import type { Composed, Content, Question } from '../engine/change';
import { CLUSTER_CA, KEEPALIVED, KEEPALIVED_MANIFEST, KEEPALIVED_PASSWORD } from '../steps/paths';
import { fillTemplate } from '../templates';
import type { Master } from '../variables/master';
import type { Settings, Vip } from '../variables/settings';
import type { ApiAccess } from './api';
import { podsRun } from './pods-run';
import { toYaml } from './yaml';

/** A file as a step desires it. */
export type KeepalivedFile = Extract<Desired, { kind: 'file' }>;

export const KEEPALIVED_CONFIGURATION = `${KEEPALIVED}/keepalived.conf.template`;
const CONFIGURATION = KEEPALIVED_CONFIGURATION;
const START = `${KEEPALIVED}/start.sh`;
const CHECK = `${KEEPALIVED}/check-apiserver.sh`;
/** The two scripts, in the order that the hash takes them in. */
export const KEEPALIVED_SCRIPTS = [START, CHECK] as const;
/** The annotation that the hash stands in. */
export const KEEPALIVED_HASH = 'kube-el7-install/configuration';
const PASSWORD = 'password';
/** Where the configuration goes that start.sh has completed: a volume of the pod's own, in memory. */
const COMPLETED = '/run/kube-el7-install';

/**
 * keepalived on one master, `all[index]`: its configuration, its two scripts and, last, its manifest; paths are those on that master.
 * None where another carrier brings the VIP's packets. Contents are filled from files of the host that the installer runs on.
 */
export function keepalivedFiles(
  settings: Settings,
  all: readonly Master[],
  index: number,
): readonly KeepalivedFile[] {
  const { vip, images } = settings;
  const master = all[index];
  if (vip?.carrier !== 'keepalived' || master === undefined) return [];
  const configuration = configurationOf(vip, all, index, master);
  const scripts = ['keepalived-start.sh', 'keepalived-check.sh'].map(name => fillTemplate(name, {}));
  const [start = '', check = ''] = scripts;
  const hash = configurationHash(configuration, scripts);
  const file = (path: string, content: Content, mode: number): KeepalivedFile => ({
    ...{ kind: 'file', path, content, mode },
  });
  return [
    file(CONFIGURATION, withPassword(configuration, vip), 0o600),
    file(START, start, 0o700),
    file(CHECK, check, 0o700),
    file(KEEPALIVED_MANIFEST, manifest(podOf(images.keepalived, address(vip), master, hash)), 0o600),
  ];
}

/** What the manifest knows its configuration by. Without the password: whoever may read a pod could find it out from its hash. */
export function configurationHash(configuration: string, scripts: readonly string[]): string {
  const text = configuration.replace(/^(\s*auth_pass ).*$/m, `$1{{${PASSWORD}}}`);
  return createHash('sha256')
    .update([text, ...scripts].join('\0'))
    .digest('hex');
}

/** The one address that keepalived carries: topology takes no VIP with several unless a load balancer carries it. */
function address({ addresses: [first], endpoint }: Vip): string {
  return first ?? endpoint;
}

/**
 * VRRPv3 has adverts every 0.3 s, so that a dead owner is missed within 0.9 s and (256-priority)/256 of 0.3 s; v2 knows whole seconds only.
 * Priorities are high, which keeps that last part small, and twenty apart, so that two do not take over in the same moment.
 */
function configurationOf(vip: Vip, all: readonly Master[], index: number, master: Master): string {
  const others = all.filter(other => other !== master).map(other => other.address);
  const signed = vip.vrrpVersion === 2;
  return fillTemplate('keepalived.conf.template', {
    hostname: master.hostname,
    version: String(vip.vrrpVersion),
    check: [CHECK, ...others].join(' '),
    routerId: String(vip.routerId),
    priority: String(Math.max(250 - 20 * index, 1)),
    interval: signed ? '1' : '0.3',
    authentication: signed
      ? block('authentication', ['auth_type PASS', `auth_pass {{${PASSWORD}}}`])
      : '# VRRPv3 knows no authentication (RFC 5798, 9).',
    neighbours:
      others.length === 0
        ? `mcast_src_ip ${master.address}`
        : `unicast_src_ip ${master.address}\n    ${block('unicast_peer', others)}`,
    vip: address(vip),
  });
}

function withPassword(configuration: string, vip: Vip): Content {
  if (vip.vrrpVersion === 3) return configuration;
  const file = { path: KEEPALIVED_PASSWORD, encoding: 'text', secret: true } as const;
  return { template: configuration, files: { [PASSWORD]: file } };
}

function block(name: string, lines: readonly string[]): string {
  return [`${name} {`, ...lines.map(line => `        ${line}`), '    }'].join('\n');
}

/** The CA's hash stands in the manifest too: the pod has the CA as it was at its start, and another one must start it anew. */
function manifest(pod: object): Composed {
  return {
    template: toYaml(pod),
    files: { ca: { path: CLUSTER_CA.certPath, encoding: 'sha256', secret: false } },
  };
}

function podOf(image: string, vip: string, master: Master, hash: string): object {
  const configuration = `${COMPLETED}/keepalived.conf`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'keepalived',
      namespace: 'kube-system',
      labels: { component: 'keepalived', tier: 'control-plane' },
      // The kubelet starts the pod anew when its manifest changes; so it does when the configuration has.
      annotations: { [KEEPALIVED_HASH]: hash, 'kube-el7-install/ca': '{{ca}}' },
    },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      containers: [
        {
          name: 'keepalived',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['/bin/sh', START, vip, master.address, CONFIGURATION, configuration],
          // Little of it is used; it is what lets an advert go out in time on a host that is busy.
          resources: { requests: { cpu: '100m', memory: '20Mi' } },
          securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_BROADCAST', 'NET_RAW'] } },
          volumeMounts: [
            { name: 'configuration', mountPath: KEEPALIVED, readOnly: true },
            { name: 'ca', mountPath: CLUSTER_CA.certPath, readOnly: true },
            { name: 'completed', mountPath: COMPLETED },
          ],
        },
      ],
      volumes: [
        { name: 'configuration', hostPath: { path: KEEPALIVED, type: 'Directory' } },
        { name: 'ca', hostPath: { path: CLUSTER_CA.certPath, type: 'File' } },
        { name: 'completed', emptyDir: { medium: 'Memory' } },
      ],
    },
  };
}

/** That its pod runs on one master: what the API still says of the pod of one that is away is not awaited. */
export function keepalivedRuns(access: ApiAccess, hostname: string): Question {
  const selection = { namespace: 'kube-system', labels: 'component=keepalived', node: hostname };
  return podsRun(`keepalived runs on ${hostname}`, access, selection, [
    { kind: 'static pod', name: `keepalived-${hostname}` },
  ]);
}
