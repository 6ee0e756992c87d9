import type { Inverse } from '../changes/undo/inverse';
import { nextToUndo, readUndoRuns, type Undoing } from '../changes/undo/read';
import { readPlace } from '../cluster/place';
import { readRole } from '../cluster/role';
import { otherText } from '../cluster/words';
import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { askApi, items, type Node } from '../kubernetes/api';
import { apiAccess } from '../steps/access';
import { KEPT } from '../steps/paths';
import { findKeeping } from '../steps/reset/kept';
import { undoPurpose } from '../steps/undo/index';
import { fatal, ok, warning } from './finding';

/** Whether there is a run to take back, and whether that would break what others have. `reached` are the hosts that --ssh reaches. */
export function takingBack(reached: readonly string[]): Check {
  return {
    id: 'undo',
    title: 'What is taken back',
    run: async host => {
      const undoing = nextToUndo(await readUndoRuns(host));
      if (undoing === undefined) {
        return [
          fatal(
            'no run has changed anything here that was not taken back already',
            'Nothing is to be done. To take this host out of a cluster: kube-el7-install reset.',
          ),
        ];
      }
      const refused =
        refusal(undoing) ??
        (await notOurs(host, undoing)) ??
        (undoing.cluster ? await breaks(host, undoing) : undefined);
      return [refused ?? ok(told(undoing)), ...left(undoing, reached)];
    },
  };
}

function told({ runs, targets }: Undoing): string {
  const names = runs.map(({ run, command, time }) => `${command} of ${time.slice(0, 16)}Z, run ${run}`);
  return `${names.join('; ')}: ${targets.length} things are put back as they were, or told of`;
}

/** Runs whose way back is another one. */
function refusal({ runs, targets }: Undoing): Finding | undefined {
  const [newest] = runs;
  if (newest?.command === 'reset') {
    return fatal(
      `the last run here was a reset (${newest.run}), which cannot be taken back: the host has left its cluster`,
      `Let it join again, or install anew. What was kept is in ${KEPT}.`,
    );
  }
  if (newest?.command === 'readd-member') {
    return fatal(
      `the last run here has put a member of etcd back (${newest.run}), which is not taken back`,
      'To take a master out of the cluster, run kube-el7-install reset on that master.',
    );
  }
  const mended = targets.some(
    ({ host, inverse }) => host === undefined && inverse.kind === 'cluster' && inverse.finished,
  );
  if (!mended) return undefined;
  return fatal(
    `the last run here (${newest?.run ?? ''}) has mended a cluster that was finished before: taken back it would be broken again`,
    'To take this host out of its cluster: kube-el7-install reset.',
  );
}

/** What another tool has made since is not taken apart, nor are docker and the kubelet taken from under a node that nobody here has joined. */
async function notOurs(host: HostReader, { cluster, targets }: Undoing): Promise<Finding | undefined> {
  const role = await readRole(host);
  if (role.maker === 'other') {
    return fatal(
      `this host is ${otherText(role)}: what this installer changed before is under it now`,
      'Take that down first, with the tool that made it (kubeadm reset), then run this again. It is left as it is until then.',
    );
  }
  const takes = targets.some(({ host: there, inverse }) => there === undefined && isUnderNode(inverse));
  if (cluster || !takes || role.kind === 'nothing' || role.kind === 'prepared') return undefined;
  return fatal(
    `this host is a ${role.kind === 'worker' ? 'worker' : 'master'} of a cluster (${role.evidence[0] ?? ''}), which needs what would be taken back: docker, the kubelet, their settings`,
    `Take it out first: kubectl drain and kubectl delete node ${host.name} on a master, kubeadm reset here. Then run this again.`,
  );
}

/** Without these a node is none any more. */
function isUnderNode(inverse: Inverse): boolean {
  if (inverse.kind === 'packages') return true;
  return (
    inverse.kind === 'unit' && !inverse.active && ['docker.service', 'kubelet.service'].includes(inverse.unit)
  );
}

/** A cluster that others have joined is not taken from under them. */
async function breaks(host: HostReader, undoing: Undoing): Promise<Finding | undefined> {
  // An interrupted undo has passed here.
  const { begun } = await findKeeping(host, undoPurpose(undoing), { now: new Date(), keeps: true });
  if (begun) return undefined;
  const { own, role, members, others } = await readPlace(host);
  const masters = members === undefined ? [] : others.map(({ hostname }) => hostname);
  const answer = await askApi(host, apiAccess(own), '/api/v1/nodes');
  const nodes = (items(answer) as readonly Node[] | undefined)?.map(({ metadata }) => metadata.name);
  const joined = [...new Set([...masters, ...(nodes ?? [])])].filter(name => name !== own.hostname);
  if (joined.length > 0) {
    const names = joined.join(', ');
    return fatal(
      `${names} ${joined.length === 1 ? 'has' : 'have'} joined the cluster that would be taken away`,
      `First run kube-el7-install reset on ${names}, then here: kubectl delete node ${joined.join(' ')}. Or, to take only this host out: kube-el7-install reset.`,
    );
  }
  if (nodes === undefined && role.kind === 'master') {
    return fatal(
      'the apiserver here does not answer, so it is not known whether others have joined the cluster that would be taken away',
      'Start it (systemctl start docker kubelet) and look again. To end the cluster whatever it is: kube-el7-install reset --accept-data-loss.',
    );
  }
  return undefined;
}

function left({ targets }: Undoing, reached: readonly string[]): readonly Finding[] {
  const hosts = [...new Set(targets.flatMap(({ host }) => host ?? []))].filter(one => !reached.includes(one));
  return hosts.map(host =>
    warning(`what was changed on ${host} over ssh is left as it is`, 'Say --ssh to take that back too.'),
  );
}
