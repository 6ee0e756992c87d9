import { beforeAll, describe, expect, it } from 'vitest';
import type { ExaminedMember } from '../../source/recovery/diagnosis';
import type { ClusterRecord } from '../../source/recovery/record';
import { etcdAdd } from '../../source/steps/etcd-add';
import { etcdPromote } from '../../source/steps/etcd-promote';
import { growthFor } from '../../source/steps/readd/context';
import type { Readd } from '../../source/steps/readd/context';
import { readdFor } from './readd-for';
import { recordOf, recorded } from './recorded';

beforeAll(recorded);

/** What was found on masters of a record: the readd of those that are named. */
function readd(
  record: ClusterRecord,
  named: readonly string[],
  found: Readonly<Record<string, Partial<ExaminedMember>>>,
): Readd {
  return readdFor(record, found, named);
}

const names = (masters: readonly { readonly hostname: string }[]): string =>
  masters.map(({ hostname }) => hostname).join(' ');

describe('what the steps are made for', () => {
  it('is the one that moved, with what it was and what it is, and the others with this one first', () => {
    const moved = { condition: 'address-changed', newAddress: '10.0.0.11', outgoing: 'a1' } as const;
    const made = readd(recordOf(3, 1), ['master1'], { master1: moved });
    expect(names(made.steady)).toBe('master2 master3');
    expect(made.away).toEqual([]);
    expect(made.due).toEqual([
      {
        recorded: { hostname: 'master1', address: '10.0.0.1' },
        master: { hostname: 'master1', address: '10.0.0.11' },
        outgoing: 'a1',
      },
    ]);
    expect([...made.moves]).toEqual([['10.0.0.1', '10.0.0.11']]);
    expect(made.here).toEqual({ hostname: 'master2', address: '10.0.0.2' });
    expect(made.settings.others).toEqual([
      { hostname: 'master1', address: '10.0.0.11' },
      { hostname: 'master3', address: '10.0.0.3' },
    ]);
  });

  it('is nothing moved where the address is the same', () => {
    const made = readd(recordOf(3), ['master3'], { master3: { condition: 'wiped', outgoing: 'a3' } });
    expect(made.moves.size).toBe(0);
    expect(made.due[0]?.master).toBe(made.due[0]?.recorded);
  });

  it('goes by the order of the record, and knows two members that change places', () => {
    const made = readd(recordOf(3), ['master3', 'master2'], {
      master2: { condition: 'address-changed', newAddress: '10.0.0.3' },
      master3: { condition: 'address-changed', newAddress: '10.0.0.2' },
    });
    expect(made.due.map(({ master }) => `${master.hostname} ${master.address}`)).toEqual([
      'master2 10.0.0.3',
      'master3 10.0.0.2',
    ]);
    expect([...made.moves]).toEqual([
      ['10.0.0.2', '10.0.0.3'],
      ['10.0.0.3', '10.0.0.2'],
    ]);
  });

  it('leaves away who is neither well nor put back: at its old address', () => {
    const made = readd(recordOf(5), ['master2'], {
      master2: { condition: 'absent', role: 'none' },
      master3: { condition: 'clock-off' },
      master4: { condition: 'address-changed', newAddress: '10.0.0.14', id: 'a4', outgoing: 'a4' },
      master5: { condition: 'absent', role: 'none', id: undefined as never },
    });
    expect([names(made.steady), names(made.away), names(made.settings.others)]).toEqual([
      'master1 master3',
      'master4 master5',
      'master2 master3 master4 master5',
    ]);
    expect(made.moves.size).toBe(0);
    expect(made.untouched).toEqual(['a4']);
  });
});

describe('etcd grows again', () => {
  it('by one after the other: after those that are well, and those that came before, and counts a voter that stays away', () => {
    const made = readd(recordOf(5), ['master2', 'master4'], {
      master2: { condition: 'wiped', outgoing: 'a2' },
      master4: { condition: 'never-started', role: 'none' },
      master5: { condition: 'corrupt', id: 'a5' },
    });
    const [second, fourth] = made.due;
    if (second === undefined || fourth === undefined) throw new Error('nobody is due');
    expect(growthFor(made, fourth, true)).toMatchObject({
      master: { hostname: 'master1' },
      other: { hostname: 'master4' },
      before: [{ hostname: 'master1' }, { hostname: 'master3' }, { hostname: 'master2' }],
      leaving: ['a2', 'a5'],
    });
    expect(etcdAdd(growthFor(made, second, true), []).title).toContain('quorum 2 of 3 stays');
    expect(etcdPromote(growthFor(made, second, true), []).title).toContain('quorum 3 of 4, may lose 1');
    expect(growthFor(made, fourth, true).outgoing).toBeUndefined();
    expect(growthFor(made, second, false)).toMatchObject({ outgoing: 'a2', learners: false });
    expect(names(growthFor(made, second, true).before)).toBe('master1 master3');
    expect(names(growthFor(made, second, true).all)).toBe('master1 master3 master2 master4 master5');
  });
});
