import { describe, expect, it } from 'vitest';
import { diagnosisLines } from '../../source/renderers/diagnosis-text';
import { lost, replaced, whole } from '../screens/support/diagnoses';

describe('a diagnosis as lines', () => {
  it('has every member, the quorum and what will be done', () => {
    expect(diagnosisLines(replaced)).toEqual([
      'etcd of the cluster 10.160.24.100, seen from master1: It can be mended now',
      '',
      'MEMBER   ROLE    ADDRESS       ID                CONDITION',
      'master1  leader  10.160.24.11  91bc3c398fb3c141  ok',
      'master2  voter   10.160.24.12  91bc3c398fb3c142  has another address: its node now has the address 10.160.24.32',
      'master3  voter   10.160.24.13  91bc3c398fb3c143  ok',
      '',
      'diagnosis  master2 was replaced: same name, new address 10.160.24.32.',
      'quorum     now 2 of 3 voters, quorum 2; after remove 2 of 2, quorum 2; after add 3 of 3, quorum 2, may lose 1',
      'will do    1 save a snapshot of etcd on master1 and master3, and verify it',
      '           2 take master2 (91bc3c398fb3c142) out of etcd',
      '           3 move old data on master2 aside',
      '           4 add master2 as a learner',
      '           5 start it, and give it its vote once it has caught up',
      '           6 tell all masters the new address: certificates, keepalived, one at a time',
    ]);
  });

  it('of a lost quorum names what it can be made again from, what that loses, and how it is asked for', () => {
    const text = diagnosisLines(lost).join('\n');
    expect(text).toContain("what this host's own etcd has (member): revision 5123, 2026-03-02T02:41:07Z");
    for (const { loss } of lost.sources ?? []) expect(text).toContain(loss);
    expect(text).toContain('--accept-data-loss --snapshot WHICH');
    expect(diagnosisLines({ ...lost, sources: [] }).join('\n')).toContain('Nothing is here');
  });

  it('of a whole cluster has nothing to do', () => {
    expect(diagnosisLines(whole).join('\n')).not.toMatch(/will do|to do|--accept/);
  });
});
