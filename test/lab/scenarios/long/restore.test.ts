import { describe, expect, test } from 'vitest';
import { expectReportedLoss, loseOthers } from '../lost-quorum';
import { standing } from '../replaced';
import { complaint, install } from '../support';

const snapshots = '/var/lib/kube-el7-install/snapshots';

describe('a cluster that has lost two of three masters', () => {
  const cluster = standing();

  test('is restored from a snapshot, with the loss that was reported, and grows again one by one', async () => {
    // Of the masters the first has the snapshots of its install.
    const survivor = cluster().lab.host('master1');
    const [snapshot] = (await survivor.succeed(`ls -t ${snapshots}/*.db`)).trim().split('\n');
    expect(snapshot).toMatch(/\.db$/);
    const lostAt = await loseOthers(cluster(), survivor);
    const from = `--snapshot ${String(snapshot)}`;
    const run = await install(survivor, `readd-member --yes --accept-data-loss ${from} --output json`);
    expect(complaint(run)).toBe('');
    expect(await expectReportedLoss(cluster(), survivor, lostAt)).toBeGreaterThan(0);

    const since = Date.now();
    await cluster().writeAnew();
    for (const name of ['master2', 'master3']) {
      await cluster().lose({ [name]: 'replaced' });
      await cluster().join(name, survivor);
      expect(
        complaint(
          await install(survivor, `readd-member --yes --output json ${cluster().lab.host(name).name}`),
        ),
      ).toBe('');
    }
    await cluster().expectWhole(`grown again from ${survivor.name}`, since, { withoutRedundancy: true });
  });
});
