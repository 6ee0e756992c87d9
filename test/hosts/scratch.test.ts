import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../source/hosts/scratch';
import { homeOf } from '../../source/surroundings';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'scratch-'));
  writeFileSync(join(directory, 'file'), '');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('a directory for temporary files', () => {
  it('is in the first place that takes them, for its owner alone', async () => {
    const made = await scratchDirectory([join(directory, 'none'), join(directory, 'file'), directory]);
    expect(dirname(made)).toBe(directory);
    expect(statSync(made).mode & 0o777).toBe(0o700);
    expect(readdirSync(made)).toEqual([]);
  });

  it('that nothing takes is a failure with each reason', async () => {
    const places = [join(directory, 'none'), join(directory, 'file'), '/proc'];
    await expect(scratchDirectory(places)).rejects.toMatchObject({
      report: {
        code: 'file-not-written',
        message: expect.stringMatching(/none: ENOENT; .*file: ENOTDIR; \/proc: \w+\)\.$/) as string,
        hint: expect.stringContaining('df -h') as string,
      },
    });
  });

  it('does not depend on TMPDIR', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/none';
    try {
      const made = await scratchDirectory();
      expect(made.startsWith('/none')).toBe(false);
      rmSync(made, { recursive: true });
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});

describe('the home directory', () => {
  it.each([
    [{}, '/root'],
    [{ HOME: '' }, '/root'],
    [{ HOME: 'home' }, '/root'],
    [{ HOME: '/home/admin' }, '/home/admin'],
  ])('%j', (environment, home) => {
    expect(homeOf(environment)).toBe(home);
  });
});
