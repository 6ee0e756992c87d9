import type { Stage, Step } from '../../engine/step';
import { kindsOf } from '../../kubernetes/etcd-alarms';
import { hasLearners } from '../../kubernetes/etcd-manifests';
import { clusterStatus } from '../cluster-status';
import { dnsApart } from '../dns-apart';
import { etcdSwap } from '../etcd-swap';
import { etcdctl } from '../etcdctl';
import { addSteps } from '../grow-steps';
import { otherMaster } from '../other-master';
import { ownEtcd } from '../own-etcd';
import { verifyCluster } from '../verify-cluster';
import { verifyEtcd } from '../verify-etcd';
import type { Master } from '../../variables/master';
import { readdConfiguration, readdOwnRecord } from './configuration';
import { expectedOf, growthFor, isCorrupt, type Due, type Readd } from './context';
import { clearCorrupt, makeRoom } from './alarms';
import { readdFiles } from './files';
import { readdLeftovers } from './leftovers';
import { readdOut, readdRemove } from './out';
import { readdProgram } from './program';
import { readdCopy, readdSave } from './save';
import { readdStore } from './store';
import { readdKeepalived, readdTell } from './tell';
import { readdVersion } from './version';

/**
 * How masters are put back, in order: etcd is saved; their old members are taken out, all of them, since etcd adds nobody
 * while a voter is silent; each is added, started and given its vote, with which its control plane starts; when all have
 * theirs each gets its cluster pod; then all masters are told of new addresses, one at a time; and the record of the cluster is changed last, so that a run
 * that was cut off finds what is left to do. Where none is due the members are all well: from the swap of their pods on all
 * is looked at, since a run may have been cut off in the midst of that.
 */
export function readdStages(readd: Readd): readonly Stage[] {
  const { due, settings, here, moves } = readd;
  const back = due.length === 0 ? inPlaceStages(readd) : backStages(readd);
  const tell = chain(last(back.flatMap(({ steps }) => steps)), [after => tellSteps(readd, after)]);
  const told = last(tell);
  // Those that were put back were waited for before their pods were swapped.
  const ready =
    due.length === 0 ? settings.others.map(master => otherMaster(settings, here, master, told, 'ready')) : [];
  const readyIds = ready.length === 0 ? told : ready.map(({ id }) => id);
  const record = moves.size === 0 ? [] : recordSteps(readd, readyIds);
  const settled = record.length === 0 ? readyIds : last(record);
  const present = { ...settings, others: settings.others.filter(one => !readd.away.includes(one)) };
  return [
    ...back,
    { id: 'tell', title: 'Tell all masters', steps: tell },
    {
      id: 'verify',
      title: 'Verify',
      steps: [
        ...ready,
        ...record,
        readdLeftovers([here, ...settings.others], settled),
        verifyEtcd(present, here, settled, expectedOf(readd)),
        dnsApart(present, here, settled),
        verifyCluster(present, here, [...settled, 'dns-apart']),
      ],
    },
  ];
}

function backStages(readd: Readd): readonly Stage[] {
  const { due, settings, here } = readd;
  const names = due.map(({ master }) => master.hostname).join(', ');
  const clear = clearStages(readd);
  const out = chain(last(clear.flatMap(({ steps }) => steps)), [
    after => [readdProgram(readd, after)],
    ...due.map(
      (one): Part =>
        after =>
          outSteps(readd, one, after),
    ),
  ]);
  // A cluster pod replaces the one that a member began with only once all have their votes, since of two voters none may
  // stop, and once the apiserver beside it has started, which asks this member alone.
  const add = chain(last(out), [
    ...due.map(
      (one): Part =>
        after =>
          backSteps(readd, one, after),
    ),
    ...due.map(({ master }): Part => after => [otherMaster(settings, here, master, after, 'ready')]),
    ...due.map(({ master }): Part => after => [swapStep(readd, master, after)]),
  ]);
  return [
    ...clear,
    { id: 'out', title: `Take out ${names}`, steps: out },
    { id: 'add', title: `Put back ${names}`, steps: add },
  ];
}

/** The stages where nobody is put back: alarms, and what a run that was cut off has left of a swap. A single master's etcd has nothing to swap. */
function inPlaceStages(readd: Readd): readonly Stage[] {
  const clear = readd.alarms.length === 0 ? [] : clearStages(readd);
  const [here, ...others] = readd.steady;
  if (here === undefined || others.length === 0) return clear;
  const parts = [...others, here].map((master): Part => after => [swapStep(readd, master, after)]);
  const steps = chain(last(clear.flatMap(one => one.steps)), parts);
  return [...clear, { id: 'swap', title: 'Swap init for cluster pods', steps }];
}

/** etcd is saved; then it is brought to take writes again. Only under CORRUPT members are taken out for that. */
function clearStages(readd: Readd): readonly Stage[] {
  const { alarms, due } = readd;
  const save = chain([], saveSteps(readd));
  const steps = chain(last(save), [
    ...(isCorrupt(readd)
      ? [
          ...due.map(
            (one): Part =>
              after =>
                removeSteps(readd, one, after),
          ),
          (after: readonly string[]) => [clearCorrupt(readd, after)],
        ]
      : []),
    ...(kindsOf(alarms).includes('NOSPACE') ? [(after: readonly string[]) => [makeRoom(readd, after)]] : []),
  ]);
  const title = `Clear the alarm ${kindsOf(alarms).join(', ')}`;
  return [
    { id: 'save', title: 'Save etcd', steps: save },
    ...(steps.length === 0 ? [] : [{ id: 'clear', title, steps }]),
  ];
}

type Part = (after: readonly string[]) => readonly Step[];

/** Parts one after the other. */
function chain(after: readonly string[], parts: readonly Part[]): readonly Step[] {
  return parts.reduce<readonly Step[]>(
    (steps, part) => [...steps, ...part(steps.length === 0 ? after : last(steps))],
    [],
  );
}

function last(steps: readonly Step[]): readonly string[] {
  return steps.slice(-1).map(({ id }) => id);
}

function saveSteps(readd: Readd): readonly Part[] {
  const [, second] = readd.steady;
  return [
    after => [readdVersion(readd, after)],
    after => [etcdctl(readd.settings, after)],
    after => [readdSave(readd, after)],
    ...(second === undefined ? [] : [(after: readonly string[]) => [readdCopy(readd, second, after)]]),
  ];
}

function outSteps(readd: Readd, due: Due, after: readonly string[]): readonly Step[] {
  return chain(after, [
    next => [readdOut(readd, due, next)],
    ...(isCorrupt(readd) ? [] : [(next: readonly string[]) => removeSteps(readd, due, next)]),
  ]);
}

function removeSteps(readd: Readd, due: Due, after: readonly string[]): readonly Step[] {
  return due.outgoing === undefined ? [] : [readdRemove(readd, due, after)];
}

function backSteps(readd: Readd, due: Due, after: readonly string[]): readonly Step[] {
  const { settings, here } = readd;
  const growth = growthFor(readd, due, hasLearners(settings));
  return chain(after, [
    next => [readdFiles(readd, due.master, next)],
    next => [readdStore(readd, due, next)],
    next => [otherMaster(settings, here, due.master, next, 'made')],
    next => addSteps(growth, next),
  ]);
}

function swapStep(readd: Readd, master: Master, after: readonly string[]): Step {
  const voters = [...readd.steady, ...readd.due.map(one => one.master)];
  return etcdSwap(readd.settings, voters, master, after, {
    leaving: expectedOf(readd),
    silent: readd.untouched.length,
  });
}

/** What others know of a master is its address alone: each apiserver asks the etcd beside it. */
function tellSteps(readd: Readd, after: readonly string[]): readonly Step[] {
  const { steady, away, due, settings, here, moves } = readd;
  const keepalived = settings.vip?.carrier === 'keepalived';
  return chain(after, [
    next => [ownEtcd(settings, here, next)],
    ...(moves.size === 0
      ? []
      : [
          ...[...steady, ...away].flatMap((master): readonly Part[] => [
            next => [readdFiles(readd, master, next)],
            next => [readdTell(readd, master, 'addresses', next)],
          ]),
          ...(keepalived
            ? due.map(({ master }): Part => next => [readdKeepalived(readd, master, next)])
            : []),
          (next: readonly string[]) => [readdConfiguration(readd, next)],
        ]),
  ]);
}

/** Only once all else is as it should be. */
function recordSteps(readd: Readd, after: readonly string[]): readonly Step[] {
  const { settings, here, steady, away, due } = readd;
  const all = [...steady, ...away, ...due.map(({ master }) => master)];
  return chain(after, [
    ...(settings.facts.clusterStatus
      ? [(next: readonly string[]) => [clusterStatus(settings, here, next)]]
      : []),
    next => [readdOwnRecord(readd, next)],
    // This host's own is the last: from its record the next run would begin.
    ...[...all.filter(one => one !== here), here].map((master): Part => next => [
      readdTell(readd, master, 'record', next),
    ]),
  ]);
}
