import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { Standing } from './replaced';
import { complaint, install } from './support';

const snapshots = '/var/lib/kube-el7-install/snapshots';

/** The revision that a restored cluster says it goes back to; on the namespace kube-system. */
async function reportedRevision(master: LabHost): Promise<number> {
  const note = await master.succeed(
    "kubectl --kubeconfig /etc/kubernetes/admin.conf get namespace kube-system -o jsonpath='{.metadata.annotations.kube-el7-install/restored}'",
  );
  const [, revision] = /revision (\d+)/.exec(note) ?? [];
  expect(revision, note).toBeDefined();
  return Number(revision);
}

describe('a cluster that has lost two of three masters', () => {
  let lab: Lab;
  let cluster: Standing;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    cluster = await Standing.raise(lab);
  });

  afterAll(async () => {
    await cluster.stop();
  });

  /** Loses all masters but one at once, while writes go on, and returns when that was. */
  const loseOthers = async (survivor: string): Promise<number> => {
    await cluster.writer.writesAfter(Date.now());
    const at = Date.now();
    await Promise.all(cluster.masters.filter(({ name }) => name !== survivor).map(host => host.powerCut()));
    return at;
  };

  /** Asserts that of what was acknowledged until then exactly that is lost which has a later revision than the one reported. */
  const expectReportedLoss = async (master: LabHost, until: number): Promise<number> => {
    await cluster.writer.writesAfter(Date.now());
    const revision = await reportedRevision(master);
    const lost = await cluster.writer.lost({ address: master.address });
    console.log(
      `restored to revision ${String(revision)}: ${String(lost.length)} of ${String(cluster.writer.counts.acknowledged)} acknowledged writes are lost`,
    );
    expect(lost).toEqual(cluster.writer.newerThan(revision, until));
    return lost.length;
  };

  /** Sets up the two that are gone anew, joins them and puts them back: three voters that take writes. */
  const growAgain = async (survivor: LabHost): Promise<void> => {
    const since = Date.now();
    await cluster.writeAnew();
    for (const { name } of cluster.masters.filter(({ name }) => name !== survivor.name)) {
      await cluster.lose(name, 'replaced');
      await cluster.join(name, survivor);
      expect(complaint(await install(survivor, `readd-member --yes --output json ${name}`))).toBe('');
    }
    await cluster.expectWhole(`grown again from ${survivor.name}`, since);
  };

  let lostAt = 0;

  test('is not restored by --yes alone', async () => {
    lostAt = await loseOthers('master2');
    const run = await install(lab.host('master2'), 'readd-member --yes --output json');
    expect(run.code).toBe(2);
    expect(run.stdout).toContain('--accept-data-loss');
  });

  test("is restored from the survivor's own data, with the loss that was reported", async () => {
    const survivor = lab.host('master2');
    const run = await install(survivor, 'readd-member --yes --accept-data-loss --output json');
    expect(complaint(run)).toBe('');
    await expectReportedLoss(survivor, lostAt);
  });

  test('grows again to three voters', async () => {
    await growAgain(lab.host('master2'));
  });

  test('is restored from a snapshot, with the loss that was reported, and grows again', async () => {
    const survivor = lab.host('master2');
    const [snapshot] = (await survivor.succeed(`ls -t ${snapshots}/*.db`)).trim().split('\n');
    expect(snapshot).toMatch(/\.db$/);
    lostAt = await loseOthers('master2');
    const from = `--snapshot ${String(snapshot)}`;
    const run = await install(survivor, `readd-member --yes --accept-data-loss ${from} --output json`);
    expect(complaint(run)).toBe('');
    expect(await expectReportedLoss(survivor, lostAt)).toBeGreaterThan(0);
    await growAgain(survivor);
  });
});
