import { describe, expect, it } from 'vitest';
import {
  memberOf,
  parseMembers,
  parseMetrics,
  quorumText,
  spare,
} from '../../source/kubernetes/etcd-cluster';

describe("etcd's list of members", () => {
  // As etcd 3.4.23 answers GET /members; `etcdctl member list` says 5f306230e18445e0 and 64dfc7f482960527 of them.
  const body =
    '[{"id":6859090194566759904,"peerURLs":["https://10.77.7.11:2380"],"name":"m1","clientURLs":["https://10.77.7.11:2379"]},' +
    '{"id":7268748176576087335,"peerURLs":["https://10.77.7.12:2380"],"isLearner":true}]\n';

  it('has ids that are larger than a number holds, as etcdctl writes them', () => {
    expect(parseMembers(body)?.map(({ id }) => id)).toEqual(['5f306230e18445e0', '64dfc7f482960527']);
  });

  it('knows a member that never ran by where it is spoken to', () => {
    const members = parseMembers(body) ?? [];
    expect(memberOf(members, { hostname: 'm2', address: '10.77.7.12' })).toMatchObject({
      name: '',
      learner: true,
    });
    expect(memberOf(members, { hostname: 'm3', address: '10.77.7.13' })).toBeUndefined();
  });

  it.each(['', 'not found', '{"message":"no"}', '[{"id":1,'])('is none in %j', text => {
    expect(parseMembers(text)).toBeUndefined();
  });
});

it('counts quorums', () => {
  expect([1, 2, 3, 4, 5].map(quorumText)).toEqual(['1 of 1', '2 of 2', '2 of 3', '3 of 4', '3 of 5']);
  expect([1, 2, 3, 4, 5].map(spare)).toEqual([0, 0, 1, 1, 2]);
});

it('reads the metrics of a member, and of one before 3.4', () => {
  expect(
    parseMetrics(
      'etcd_mvcc_db_total_size_in_bytes 20480\netcd_server_has_leader 1\netcd_server_is_leader 1\netcd_server_is_learner 0\netcd_server_proposals_applied_total 7\netcd_server_proposals_committed_total 7\n',
    ),
  ).toEqual({
    leader: true,
    hasLeader: true,
    learner: false,
    databaseBytes: 20480,
    applied: 7,
    committed: 7,
  });
  expect(
    parseMetrics('etcd_debugging_mvcc_db_total_size_in_bytes 2.048e+04\netcd_server_has_leader 0\n'),
  ).toEqual({
    leader: false,
    hasLeader: false,
    learner: false,
    databaseBytes: 20480,
  });
});
