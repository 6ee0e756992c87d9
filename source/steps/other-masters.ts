import type { Stage, Step } from '../engine/step';
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
  // One member at a time, each as soon as its files are there.
  const grow = others.reduce<readonly (readonly Step[])[]>((grown, other, index) => {
    const last = grown.at(-1)?.at(-1)?.id ?? 'etcdctl';
    return [...grown, growSteps(settings, master, other, [joins[index]?.id ?? '', last])];
  }, []);
  // An apiserver starts with its member's vote, while the next member grows.
  const ready = others.map((other, index) =>
    otherMaster(settings, master, other, [grow[index]?.at(-1)?.id ?? '', 'flannel'], 'ready'),
  );
  const readyIds = ready.map(({ id }) => id);
  const grown = grow.flat();
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
      steps: swapSteps(settings, master, [grown.at(-1)?.id ?? 'etcdctl'], readyIds),
    },
  ];
}
