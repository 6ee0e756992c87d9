import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { profileIn, recordProfile } from './profiles';

test('a machine boots with the profile that it was given last, and with none before', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kube-el7-install-'));
  try {
    expect(profileIn(directory)).toBe('quiet');
    recordProfile(directory, 'small');
    expect(profileIn(directory)).toBe('small');
    writeFileSync(join(directory, 'profile'), 'large');
    expect(() => profileIn(directory)).toThrow('large');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
