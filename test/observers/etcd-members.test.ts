import { describe, expect, it } from 'vitest';
import type { HttpOutcome } from '../../source/engine/host';
import { etcdMembers, observeMember } from '../../source/observers/etcd-members';
import { FakeHost } from '../support/fake-host';

const MEMBER = { hostname: 'master1', address: '10.0.0.1' };
const MANIFEST = '/etc/kubernetes/manifests/etcd-init.yaml';
const answer = (body: string, status = 200): HttpOutcome => ({
  status,
  headers: {},
  body,
  roundTripMs: 1.234,
});
const metrics = (lines: Readonly<Record<string, string>>): string =>
  `# HELP etcd_server_is_leader Whether or not this member is a leader. 1 if is, 0 otherwise.\n${Object.entries(
    lines,
  )
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')}`;

function host(health: HttpOutcome, text = ''): FakeHost {
  return new FakeHost().respond(/\/health$/, health).respond(/\/metrics$/, answer(text));
}

describe('a member of etcd', () => {
  it.each([
    ['leader', { etcd_server_is_leader: '1', etcd_server_is_learner: '0' }],
    ['voter', { etcd_server_is_leader: '0', etcd_server_is_learner: '0' }],
    ['learner', { etcd_server_is_leader: '0', etcd_server_is_learner: '1' }],
    ['voter', { etcd_server_is_leader: '0' }],
  ])('is seen as %s by its metrics', async (role, lines) => {
    const text = metrics({ ...lines, etcd_mvcc_db_total_size_in_bytes: '2.0992e+06' });
    const status = await observeMember(host(answer('{"health":"true"}'), text), MEMBER, true);
    expect(status).toEqual({
      name: 'master1',
      address: '10.0.0.1',
      role,
      healthy: true,
      roundTripMs: 1.2,
      databaseBytes: 2_099_200,
    });
  });

  it('is not healthy when it says so itself', async () => {
    const status = await observeMember(host(answer('{"health":"false"}', 503)), MEMBER, true);
    expect(status).toMatchObject({ healthy: false, lastError: '{"health":"false"}' });
  });

  it('is absent before its manifest is there, and starting after', async () => {
    const silent = host({ error: 'connect ECONNREFUSED 10.0.0.1:2379' });
    expect(await observeMember(silent, MEMBER, true)).toMatchObject({ role: 'absent', healthy: false });
    expect(await observeMember(silent.put(MANIFEST, 'kind: Pod'), MEMBER, true)).toMatchObject({
      role: 'starting',
      lastError: 'connect ECONNREFUSED 10.0.0.1:2379',
    });
  });

  it('is told of in an event', async () => {
    const observer = etcdMembers([MEMBER]);
    const bodies = await observer.observe(host(answer('{"health":"true"}')));
    expect(bodies).toMatchObject([{ type: 'member', member: { name: 'master1', healthy: true } }]);
  });
});
