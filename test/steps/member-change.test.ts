import { describe, expect, it } from 'vitest';
import { ETCDCTL_LONG, etcdctlCommand } from '../../source/steps/access';
import { saveSnapshot } from '../../source/steps/etcd-snapshot';
import { LEAD_MOVE, MEMBER_ADD, MEMBER_PROMOTE, MEMBER_REMOVE } from '../../source/steps/member-change';
import { MASTERS } from './etcd-host';

const [MASTER] = MASTERS;

/** As etcdctl 3.4.23 prints it on its standard error: first what gRPC says, then the same for people. */
function printed(code: string, words: string): string {
  const warning = {
    ...{ level: 'warn', caller: 'clientv3/retry_interceptor.go:62', msg: 'retrying of unary invoker failed' },
    ...{ attempt: 0, error: `rpc error: code = ${code} desc = ${words}` },
  };
  return `${JSON.stringify(warning)}\nError: ${words}\n`;
}

const DEADLINE = printed('DeadlineExceeded', 'context deadline exceeded');
const SERVER = printed('Unavailable', 'etcdserver: request timed out');
const SERVER_LOST = printed('Unavailable', 'etcdserver: request timed out, possibly due to connection lost');
const SETTLING = printed('Unavailable', 'etcdserver: unhealthy cluster');
const BEHIND = printed(
  'FailedPrecondition',
  'etcdserver: can only promote a learner member which is in sync with leader',
);
const VOTER = printed('FailedPrecondition', 'etcdserver: can only promote a learner member');
const THERE = printed('FailedPrecondition', 'etcdserver: Peer URLs already exists');
const GONE = printed('NotFound', 'etcdserver: member not found');
const NOT_LEADING = 'Error: no leader endpoint given at https://10.0.0.1:2379\n';
const OTHERS = [
  printed('FailedPrecondition', 'etcdserver: too many learner members in cluster'),
  printed('Unauthenticated', 'etcdserver: invalid auth token'),
  'Error: bad member ID arg (strconv.ParseUint: parsing "x": invalid syntax), expecting ID in Hex\n',
];

describe('what etcdctl prints of a change of members', () => {
  it.each([
    ['an addition', MEMBER_ADD, [SETTLING, DEADLINE, SERVER, SERVER_LOST], [THERE]],
    ['a removal', MEMBER_REMOVE, [SETTLING, DEADLINE, SERVER, SERVER_LOST], [GONE]],
    ['a promotion', MEMBER_PROMOTE, [BEHIND, DEADLINE, SERVER, SERVER_LOST], [VOTER]],
    ['a lead that is given', LEAD_MOVE, [DEADLINE, SERVER, SERVER_LOST], [NOT_LEADING]],
  ] as const)('of %s is asked for again, has come about, or is a failure', (_, change, later, done) => {
    const every = [DEADLINE, SERVER, SERVER_LOST, SETTLING, BEHIND, VOTER, THERE, GONE, NOT_LEADING];
    const again = new RegExp(change.again.while);
    const already = new RegExp(change.already);
    expect(every.filter(text => again.test(text)).sort()).toEqual([...later].sort());
    expect(every.filter(text => already.test(text))).toEqual(done);
    for (const text of OTHERS) {
      expect(again.test(text), text).toBe(false);
      expect(already.test(text), text).toBe(false);
    }
  });
});

describe('etcdctl', () => {
  const limitOf = (args: readonly string[]): string | undefined =>
    args.filter(arg => arg.startsWith('--command-timeout=')).at(-1);

  it('is given longer than etcd gives itself, to connect and to answer', () => {
    const { args } = etcdctlCommand(MASTER, 'member', 'list');
    expect(args).toContain('--dial-timeout=10s');
    expect(limitOf(args)).toBe('--command-timeout=30s');
  });

  it('saves a large etcd over a slow disk for a quarter of an hour, and is not ended before', () => {
    const [save] = saveSnapshot(MASTER, 'name', []).filter(({ kind }) => kind === 'run');
    if (save?.kind !== 'run') throw new Error('nothing is saved');
    expect(limitOf(save.command.args)).toBe('--command-timeout=900s');
    expect(save.command.args.at(-1)).toMatch(/\/name\.db$/);
    expect(save.timeoutMs).toBe(ETCDCTL_LONG.timeoutMs);
    expect(ETCDCTL_LONG.timeoutMs).toBeGreaterThan(900_000);
  });
});
