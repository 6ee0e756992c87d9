import { describe, expect, it } from 'vitest';
import { quorumNote } from '../../source/variables/quorum';

describe('an even number of masters', () => {
  it.each([
    [2, '2 masters: quorum 2, may lose 0, no more than a single master; 3 would survive the loss of 1.'],
    [4, '4 masters: quorum 3, may lose 1, no more than 3 masters; 5 would survive the loss of 2.'],
    [6, '6 masters: quorum 4, may lose 2, no more than 5 masters; 7 would survive the loss of 3.'],
  ])('%d', (count, note) => {
    expect(quorumNote(count)).toBe(note);
  });

  it.each([1, 3, 5, 7])('is not %d', count => {
    expect(quorumNote(count)).toBeUndefined();
  });
});
