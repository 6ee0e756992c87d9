import { describe, expect, test } from 'vitest';
import { expectReportedLoss, loseOthers } from '../lost-quorum';
import { standing } from '../replaced';
import { complaint, install } from '../support';

/** etcd 3.3.25 itself: without learners, and with its JSON API under v3beta. */
const variables = { ETCD_IMAGE: '${DOCKER_REGISTRY}/etcd:3.3.25' };

describe('three masters, with an etcd that has no learners', () => {
  const cluster = standing({ variables });

  test.each([
    ['master2', 'wiped'],
    ['master1', 'replaced'],
  ] as const)('get one back: %s, %s', async (name, how) => {
    const since = Date.now();
    await cluster().lose({ [name]: how });
    await cluster().join(name);
    const run = await cluster().putBack(name);
    expect(complaint(run)).toBe('');
    expect(run.stdout).not.toContain('learner');
    await cluster().expectWhole(`${name}, ${how}, without learners`, since);
  });

  test("of which two are lost are restored from the survivor's own data, and grow again one by one", async () => {
    const survivor = cluster().lab.host('master3');
    const lostAt = await loseOthers(cluster(), survivor);
    const run = await install(survivor, 'readd-member --yes --accept-data-loss --output json');
    expect(complaint(run)).toBe('');
    await expectReportedLoss(cluster(), survivor, lostAt);
    const since = Date.now();
    await cluster().writeAnew();
    for (const role of ['master1', 'master2']) {
      await cluster().lose({ [role]: 'wiped' });
      await cluster().join(role, survivor);
      const { name } = cluster().lab.host(role);
      expect(complaint(await install(survivor, `readd-member --yes --output json ${name}`))).toBe('');
    }
    await cluster().expectWhole('grown again from master3, without learners', since, {
      withoutRedundancy: true,
    });
  });
});
