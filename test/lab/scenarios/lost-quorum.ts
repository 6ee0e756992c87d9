import { expect } from 'vitest';
import type { LabHost } from '../lab';
import type { Standing } from './replaced';

/** Loses all masters but one at once, while writes go on, and returns when that was done: until then a write may still be acknowledged. */
export async function loseOthers(cluster: Standing, survivor: LabHost): Promise<number> {
  await cluster.writer.writesAfter(Date.now());
  await Promise.all(cluster.masters.filter(host => host !== survivor).map(host => host.powerCut()));
  return Date.now();
}

/** Asserts that of what was acknowledged until then exactly that is lost which has a later revision than the one reported; how much that is. */
export async function expectReportedLoss(cluster: Standing, master: LabHost, until: number): Promise<number> {
  await cluster.writer.writesAfter(Date.now());
  const revision = await reportedRevision(master);
  const lost = await cluster.writer.lost({ address: master.address });
  console.log(
    `restored to revision ${String(revision)}: ${String(lost.length)} of ${String(cluster.writer.counts.acknowledged)} acknowledged writes are lost`,
  );
  expect(lost).toEqual(cluster.writer.newerThan(revision, until));
  return lost.length;
}

/** The revision that a restored cluster says it goes back to; on the namespace kube-system. */
async function reportedRevision(master: LabHost): Promise<number> {
  const note = await master.succeed(
    "kubectl --kubeconfig /etc/kubernetes/admin.conf get namespace kube-system -o jsonpath='{.metadata.annotations.kube-el7-install/restored}'",
  );
  const [, revision] = /revision (\d+)/.exec(note) ?? [];
  expect(revision, note).toBeDefined();
  return Number(revision);
}
