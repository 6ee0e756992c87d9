import type { Lab } from '../lab';
import type { Shape } from './cluster';
import { killAtEntries } from './kills';
import { clockOff, fullDisk } from './own';
import { cutPower, dropSsh, namesAway, networkAway, registryAway } from './strikes';
import type { Strike } from './strikes';
import { strikeStages } from './struck';
import type { Verdict } from './verdict';

/** One line of the table. */
export interface Trial {
  readonly name: string;
  /** Under which name it is recorded, where that is another one. */
  readonly recordedAs?: string;
  /** What befalls, for the table. */
  readonly fault: string;
  readonly perform: (lab: Lab, report: (line: string) => void) => Promise<Verdict>;
}

const hour = 3_600_000;
const minute = 60_000;

function kill(
  name: string,
  fault: string,
  kills: Pick<Parameters<typeof killAtEntries>[1], 'shape' | 'when'>,
  some: Partial<Parameters<typeof killAtEntries>[1]> = {},
): Trial {
  return {
    name,
    fault,
    perform: (lab, report) =>
      killAtEntries(lab, { trial: name, every: 1, from: 0, until: Infinity, ...some, ...kills }, report),
  };
}

/** Faults that follow each other within each stage of one install. */
function strikeEach(
  name: string,
  fault: string,
  strikes: Readonly<Record<string, Strike>>,
  { until, matching }: { readonly until: number; readonly matching: string | undefined },
): Trial {
  const perform: Trial['perform'] = (lab, report) =>
    strikeStages(
      lab,
      { shape: 'three masters', strikes, until, matching: new RegExp(matching ?? '') },
      report,
    );
  if (matching === undefined) return { name, fault, perform };
  return {
    name,
    fault: `${fault}: those that match ${matching}`,
    recordedAs: `${name} ${matching}`,
    perform,
  };
}

const fullDisks: readonly (readonly [string, string, string])[] = [
  ['disk-state', '/var/lib/kube-el7-install', '64k'],
  ['disk-kubernetes', '/etc/kubernetes', '48k'],
  ['disk-etcd', '/var/lib/etcd', '16m'],
  ['disk-docker', '/var/lib/docker', '300m'],
];

function full(name: string, path: string, size: string): Trial {
  return { name, fault: `${path} is full`, perform: (lab, report) => fullDisk(lab, path, size, report) };
}

function clock(name: string, fault: string, byMs: number): Trial {
  return { name, fault, perform: (lab, report) => clockOff(lab, byMs, report) };
}

/**
 * Everything that is tried. Hours; `until` (milliseconds since 1970) ends the killing at entries and the striking in stages
 * before all had their turn, and `matching` limits the killing to those whose names match,
 * and the striking to those ("clients: DNS away").
 */
export function allTrials(until = Infinity, matching?: string): readonly Trial[] {
  const kills = (
    name: string,
    when: string,
    what: string,
    shape: Shape,
    how: 'before' | 'after' | 'within',
  ): Trial => {
    const fault = `kill -9 ${when} entry of the journal, ${what}`;
    if (matching === undefined) return kill(name, fault, { shape, when: how }, { until });
    const recordedAs = `${name} ${matching}`;
    const some = { until, matching: new RegExp(matching) };
    const one = kill(recordedAs, `${fault}: those that match ${matching}`, { shape, when: how }, some);
    return { ...one, name, recordedAs };
  };
  return [
    kills('kill-one', 'right after each', 'one master', 'one master', 'after'),
    kills('kill-three', 'right after each', 'three masters', 'three masters', 'after'),
    kills('kill-before', 'right before each', 'one master', 'one master', 'before'),
    kills('kill-within', 'in the middle of writing each', 'one master', 'one master', 'within'),
    kills('kill-readd', 'right after each', 'putting a master back', 'readd', 'after'),
    strikeEach(
      'power',
      'ssh dropped, and power cut of each of three masters',
      {
        'ssh dropped': dropSsh,
        ...Object.fromEntries(
          ['master2', 'master3', 'master1'].map(host => [`power cut of ${host}`, cutPower(host)]),
        ),
      },
      { until, matching },
    ),
    strikeEach(
      'away',
      'registry, DNS, network away for 60 s each',
      {
        'registry away': registryAway(minute),
        'DNS away': namesAway(minute),
        'network of all hosts away': networkAway(minute),
      },
      { until, matching },
    ),
    ...fullDisks.map(([name, path, size]) => full(name, path, size)),
    clock('clock-ahead', 'clock an hour ahead', hour),
    clock('clock-behind', 'clock an hour behind', -hour),
  ];
}

/** Some, for every change of the program; at which entries it is killed depends on the seed. */
export function shortTrials(seed: number): readonly Trial[] {
  const also = /^change-started packages: |^wait-started etcd: /;
  const outputs = [
    'output cluster-certificates: [kubeconfig] Writing',
    'output kubeadm-init: [upload-config] Storing',
  ];
  const some = { every: 40, from: seed % 40, also, outputs };
  return [
    kill(
      'short-kill',
      `kill -9 right after each 40th entry, one master (from entry ${String(some.from)}), while packages are installed, while etcd is awaited, and in the midst of kubeadm`,
      { shape: 'one master', when: 'after' },
      some,
    ),
    full('short-disk', '/var/lib/kube-el7-install', '64k'),
  ];
}
