import { describe, expect, it } from 'vitest';
import { optionsOf } from './options';

describe('what the bench is asked for', () => {
  it('is everything usual, three times, on hosts as fast as the machine', () => {
    const options = optionsOf([]);
    expect(options).toMatchObject({ profile: 'quiet', runs: 3, minutes: 60 });
    expect(options?.isWanted('masters')).toBe(true);
    expect(options?.isWanted('takeovers')).toBe(false);
  });

  it('is what is named, in any order', () => {
    const options = optionsOf(['--runs', '1', 'masters', '--profile', 'small', 'takeovers']);
    expect(options).toMatchObject({ profile: 'small', runs: 1 });
    const wanted = (['masters', 'takeovers', 'waiting'] as const).map(part => options?.isWanted(part));
    expect(wanted).toEqual([true, true, false]);
  });

  it.each([['mastres'], ['--profile', 'large'], ['--runs', '0'], ['--minutes', '1.5'], ['--runs']])(
    'is refused where it is none of what there is: %s %s',
    (...words: readonly string[]) => {
      expect(optionsOf(words)).toBeUndefined();
    },
  );
});
