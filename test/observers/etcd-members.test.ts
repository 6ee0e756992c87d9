import { describe, expect, it } from 'vitest';
import type { MemberStatus } from '../../source/engine/event';
import type { HttpOutcome } from '../../source/engine/host';
import { etcdMembers } from '../../source/observers/etcd-members';
import { FakeHost } from '../support/fake-host';

const MASTERS = [
  { hostname: 'master1', address: '10.0.0.1' },
  { hostname: 'master2', address: '10.0.0.2' },
  { hostname: 'master3', address: '10.0.0.3' },
] as const;
const MANIFEST = '/etc/kubernetes/manifests/etcd-init.yaml';
const REFUSED = 'connect ECONNREFUSED';
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
/** As etcd 3.4.23 answers it: ids are numbers too large for a number of JavaScript, what is false or empty is left out. */
const listed = (name: string, number: number, learner = false): string =>
  `{"id":685909019456675990${number},"peerURLs":["https://10.0.0.${number}:2380"]${
    learner ? ',"isLearner":true' : ''
  }${name === '' ? '' : `,"name":"${name}","clientURLs":["https://10.0.0.${number}:2379"]`}}`;

/** A host that etcd was begun on, and on which nothing answers but what is told. */
function host(told: {
  readonly health?: Readonly<Record<number, HttpOutcome>>;
  readonly metrics?: Readonly<Record<number, Readonly<Record<string, string>>>>;
  readonly members?: readonly string[];
}): FakeHost {
  return new FakeHost({ [MANIFEST]: 'kind: Pod' }).respond(
    /^https:\/\/10\.0\.0\.\d:238[01]\//,
    ({ url, certFile }) => {
      expect(certFile, url).toBe('/etc/kubernetes/pki/etcd/healthcheck-client.crt');
      const number = Number(/10\.0\.0\.(\d)/.exec(url)?.[1]);
      const health = told.health?.[number];
      if (health === undefined) return { error: REFUSED };
      if (url.endsWith(':2381/health')) return health;
      if (url.endsWith(':2381/metrics')) return answer(metrics(told.metrics?.[number] ?? {}));
      return url.endsWith(':2380/members') && told.members !== undefined
        ? answer(`[${told.members.join(',')}]\n`)
        : { error: REFUSED };
    },
  );
}

async function observed(
  on: FakeHost,
  masters: readonly (typeof MASTERS)[number][] = MASTERS,
): Promise<readonly MemberStatus[]> {
  const bodies = await etcdMembers(masters).observe(on);
  return bodies.flatMap(body => (body.type === 'member' ? [body.member] : []));
}

const HEALTHY = answer('{"health":"true"}');

describe('a member of etcd', () => {
  it.each([
    ['leader', { etcd_server_is_leader: '1', etcd_server_is_learner: '0' }],
    ['voter', { etcd_server_is_leader: '0', etcd_server_is_learner: '0' }],
    ['learner', { etcd_server_is_leader: '0', etcd_server_is_learner: '1' }],
    ['voter', { etcd_server_is_leader: '0' }],
  ])('is seen as %s by its metrics', async (role, lines) => {
    const told = { ...lines, etcd_mvcc_db_total_size_in_bytes: '2.0992e+06' };
    const [status] = await observed(host({ health: { 1: HEALTHY }, metrics: { 1: told } }), [MASTERS[0]]);
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
    const [status] = await observed(host({ health: { 1: answer('{"health":"false"}', 503) } }), [MASTERS[0]]);
    expect(status).toMatchObject({
      healthy: false,
      lastError: 'it has no leader',
    });
  });

  it('is absent before its manifest is there, and starting after', async () => {
    expect(await observed(new FakeHost().respond(/./, { error: REFUSED }), [MASTERS[0]])).toEqual([
      { name: 'master1', address: '10.0.0.1', role: 'absent', healthy: false },
    ]);
    expect(await observed(host({}), [MASTERS[0]])).toMatchObject([{ role: 'starting', lastError: REFUSED }]);
  });
});

describe('members on other masters', () => {
  const first = { 1: HEALTHY };

  it('are absent until etcd lists them, and starting from then until they have run', async () => {
    const members = [listed('master1', 1), listed('', 2, true)];
    expect(await observed(host({ health: first, members }))).toMatchObject([
      { name: 'master1', role: 'voter' },
      { name: 'master2', role: 'starting', healthy: false, lastError: REFUSED },
      { name: 'master3', role: 'absent', healthy: false },
    ]);
  });

  it('keep their part while they do not answer', async () => {
    const members = [listed('master1', 1), listed('master2', 2), listed('master3', 3, true)];
    expect(
      (await observed(host({ health: first, members }))).map(({ role, healthy }) => [role, healthy]),
    ).toEqual([
      ['voter', true],
      ['voter', false],
      ['learner', false],
    ]);
  });

  it('are listed by another one where this host is the one that fails', async () => {
    const members = [listed('master1', 1), listed('master2', 2)];
    const statuses = await observed(host({ health: { 2: HEALTHY }, members }));
    expect(statuses.map(({ role }) => role)).toEqual(['voter', 'voter', 'absent']);
  });

  it('tell how far a learner is behind the leader', async () => {
    const statuses = await observed(
      host({
        health: { 1: HEALTHY, 2: HEALTHY },
        metrics: {
          1: {
            etcd_server_is_leader: '1',
            etcd_server_proposals_committed_total: '1.2345e+04',
            etcd_server_is_learner: '0',
          },
          2: {
            etcd_server_is_learner: '1',
            etcd_server_proposals_applied_total: '12000',
            etcd_server_is_leader: '0',
          },
        },
      }),
    );
    expect(statuses.map(({ lag }) => lag)).toEqual([undefined, 345, undefined]);
  });
});
