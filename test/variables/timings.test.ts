import { describe, expect, it } from 'vitest';
import { etcdTimingFlags, leaderElectionArgs, OWN_TIMINGS } from '../../source/kubernetes/timings';
import { problems, settings } from './told';

const REGISTRY = 'DOCKER_REGISTRY=10.0.0.5:5000\n';
const NAMES = [
  ...['ETCD_HEARTBEAT_INTERVAL', 'ETCD_ELECTION_TIMEOUT'],
  ...['LEADER_ELECTION_LEASE', 'CONTROL_PLANE_TIMEOUT'],
];

const told = (...lines: readonly string[]) => settings({ text: `${REGISTRY}${lines.join('\n')}\n` });
const wrong = (...lines: readonly string[]) => problems({ text: `${REGISTRY}${lines.join('\n')}\n` });

describe('the times', () => {
  it('are the programs’ own where none is given, and nothing to show', async () => {
    const made = await told();
    expect(made.timings).toEqual(OWN_TIMINGS);
    expect(made.values.filter(({ name }) => NAMES.includes(name))).toEqual([]);
  });

  it('are those that are given, and shown with where they come from', async () => {
    const made = await told(
      ...['ETCD_HEARTBEAT_INTERVAL=500', 'ETCD_ELECTION_TIMEOUT=2500'],
      ...['LEADER_ELECTION_LEASE=60', 'CONTROL_PLANE_TIMEOUT=600'],
    );
    expect(made.timings).toEqual({
      etcd: { heartbeatMs: 500, electionMs: 2500 },
      ...{ leaseSeconds: 60, controlPlaneSeconds: 600 },
    });
    expect(made.values).toContainEqual({
      ...{ name: 'ETCD_HEARTBEAT_INTERVAL', value: '500', source: 'variables:2' },
    });
  });

  it.each([
    ...['ETCD_HEARTBEAT_INTERVAL=0', 'ETCD_HEARTBEAT_INTERVAL=9', 'ETCD_HEARTBEAT_INTERVAL=500ms'],
    ...['ETCD_HEARTBEAT_INTERVAL=10001', 'ETCD_ELECTION_TIMEOUT=50001', 'ETCD_ELECTION_TIMEOUT=-1'],
    ...['ETCD_ELECTION_TIMEOUT=2.5', 'ETCD_ELECTION_TIMEOUT=02500', 'LEADER_ELECTION_LEASE=14'],
    ...['LEADER_ELECTION_LEASE=60s', 'LEADER_ELECTION_LEASE=301', 'CONTROL_PLANE_TIMEOUT=4m0s'],
    ...['CONTROL_PLANE_TIMEOUT=239', 'CONTROL_PLANE_TIMEOUT=1801', 'CONTROL_PLANE_TIMEOUT=1e3'],
  ])('cannot be %s', async line => {
    const [name = '', value = ''] = line.split('=');
    const found = await wrong(line);
    expect(found).toEqual([
      {
        ...{ field: name, value, where: 'variables:2' },
        wrong: expect.stringMatching(/^is no whole number of (milli)?seconds in the range/) as unknown,
        right: expect.stringMatching(/^a number from \d+ to \d+, without a unit$/) as unknown,
      },
    ]);
  });

  it.each([
    [['ETCD_ELECTION_TIMEOUT=499'], 'ETCD_ELECTION_TIMEOUT', /less than five times .* which is 100;/],
    [['ETCD_HEARTBEAT_INTERVAL=201'], 'ETCD_HEARTBEAT_INTERVAL', /a fifth of .* which is 1000;/],
    [
      ['ETCD_HEARTBEAT_INTERVAL=500', 'ETCD_ELECTION_TIMEOUT=2499'],
      ...(['ETCD_ELECTION_TIMEOUT', /less than five times .* which is 500;/] as const),
    ],
  ] as const)('of etcd must agree with each other: %j', async (lines, field, text) => {
    const found = await wrong(...lines);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ field });
    expect(found[0]?.wrong).toMatch(text);
  });

  it.each([
    ['ETCD_HEARTBEAT_INTERVAL=201', 'ETCD_ELECTION_TIMEOUT=2010 beside it, ten times as long'],
    ['ETCD_HEARTBEAT_INTERVAL=9000', 'ETCD_ELECTION_TIMEOUT=50000 beside it, ten times as long'],
    ['ETCD_ELECTION_TIMEOUT=300', 'at least 500, better 1000'],
  ])('say what would be right: %s', async (line, right) => {
    expect((await wrong(line))[0]?.right).toBe(right);
  });

  it.each([
    ['ETCD_HEARTBEAT_INTERVAL=200'],
    ['ETCD_HEARTBEAT_INTERVAL=10000', 'ETCD_ELECTION_TIMEOUT=50000'],
    ['ETCD_ELECTION_TIMEOUT=500'],
  ])('may be at the edge of what etcd starts with: %s %s', async (...lines) => {
    const { heartbeatMs, electionMs } = (await told(...lines)).timings.etcd;
    expect(electionMs).toBe(5 * heartbeatMs);
    expect(etcdTimingFlags({ heartbeatMs, electionMs })).toHaveLength(2);
  });

  it('of a lease leave time to renew it, whatever they are', () => {
    for (let leaseSeconds = 16; leaseSeconds <= 300; leaseSeconds += 1) {
      const args = leaderElectionArgs({ ...OWN_TIMINGS, leaseSeconds });
      const [lease = 0, renew = 0, retry = 0] = Object.values(args).map(text => Number.parseInt(text, 10));
      // client-go refuses others (tools/leaderelection/leaderelection.go, NewLeaderElector).
      expect(lease).toBeGreaterThan(renew);
      expect(renew).toBeGreaterThan(1.2 * retry);
      expect(retry).toBeGreaterThanOrEqual(2);
    }
  });
});
