import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isElf, missingOnEl7, neededVersions } from '../../scripts/elf';
import { nodeRuntime } from '../../scripts/runtimes';

describe('versions that a program needs of its libraries', () => {
  it('are all on EL7 for the Node that the bundle carries', async () => {
    const needed = neededVersions(await readFile(join(await nodeRuntime('16.20.2'), 'bin', 'node')));
    expect(needed).toContainEqual({ library: 'libc.so.6', version: 'GLIBC_2.17' });
    expect(needed).toContainEqual({ library: 'libstdc++.so.6', version: 'GLIBCXX_3.4.18' });
    expect(missingOnEl7(needed)).toEqual([]);
  });

  it('are not all on EL7 for a newer Node', async () => {
    const needed = neededVersions(await readFile(join(await nodeRuntime('20.20.2'), 'bin', 'node')));
    expect(missingOnEl7(needed)).toContainEqual({ library: 'libc.so.6', version: 'GLIBC_2.28' });
  });

  it('are missing where their family is unknown, or number by number newer', () => {
    const library = 'libx.so';
    const versions = [
      'GLIBC_2.9',
      'GLIBC_2.17',
      'GLIBC_2.17.1',
      'GLIBC_PRIVATE',
      'CXXABI_1.3.8',
      'OPENSSL_1.1.0',
    ];
    const missing = missingOnEl7(versions.map(version => ({ library, version })));
    expect(missing.map(({ version }) => version)).toEqual([
      'GLIBC_2.17.1',
      'GLIBC_PRIVATE',
      'CXXABI_1.3.8',
      'OPENSSL_1.1.0',
    ]);
  });

  it('are read from 64-bit ELF files only', () => {
    expect(isElf(Buffer.from('#!/bin/sh\n'))).toBe(false);
    expect(() => neededVersions(Buffer.from('\x7fELF\x01\x01', 'latin1'))).toThrow('not a 64-bit');
  });
});
