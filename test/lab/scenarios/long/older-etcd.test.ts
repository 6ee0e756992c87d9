import { describe, expect, test } from 'vitest';
import { standing } from '../replaced';
import { complaint } from '../support';

/** The etcd that runs is a newer one; its tag says 3.3, and so the installer uses no learners. */
const variables = { ETCD_IMAGE: '${DOCKER_REGISTRY}/etcd:3.3.15-lab' };

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
});
