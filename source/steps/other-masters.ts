import type { Stage } from '../engine/step';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { clusterStatus } from './cluster-status';
import { growSteps } from './grow-steps';
import { joinOther } from './join-other';
import { otherMaster } from './other-master';
import { prepareOther } from './prepare-other';
import { swapSteps } from './swap-steps';

/** What is done on the other masters over ssh, a stage for each: with --ssh only. */
export function prepareOtherStages(settings: Settings): readonly Stage[] {
  if (settings.ssh === undefined) return [];
  return settings.others.map(other => {
    const steps = prepareOther(settings, other);
    const join = joinOther(settings, other, [...steps.map(({ id }) => id), 'join-command']);
    return {
      id: `prepare-${other.hostname}`,
      title: `Prepare and join ${other.hostname}`,
      steps: [...steps, join],
    };
  });
}

/** How the other masters come about, and etcd with them; nothing where there are none. */
export function otherMastersStages(settings: Settings, master: Master): readonly Stage[] {
  const { others, facts } = settings;
  if (others.length === 0) return [];
  const joins = others.map(other =>
    otherMaster(settings, master, other, ['store-masters', 'join-command'], 'made'),
  );
  const ready = others.map((other, index) =>
    otherMaster(settings, master, other, [joins[index]?.id ?? '', 'flannel'], 'ready'),
  );
  const readyIds = ready.map(({ id }) => id);
  // One member at a time, each as soon as its files are there: its apiserver may still be starting.
  const grow = others.reduce<readonly (readonly ReturnType<typeof growSteps>[number][])[]>(
    (grown, other, index) => {
      const last = grown.at(-1)?.at(-1)?.id ?? 'etcdctl';
      return [...grown, growSteps(settings, master, other, [joins[index]?.id ?? '', last])];
    },
    [],
  );
  const grown = grow.flat();
  const last = grown.at(-1)?.id ?? 'etcdctl';
  return [
    {
      id: 'masters',
      title: 'Masters',
      steps: [
        ...joins,
        ...ready,
        ...(facts.clusterStatus ? [clusterStatus(settings, master, readyIds)] : []),
      ],
    },
    { id: 'grow', title: 'Grow etcd', steps: grown },
    {
      id: 'swap',
      title: 'Swap init for cluster pods',
      steps: swapSteps(settings, master, [last, ...readyIds]),
    },
  ];
}
