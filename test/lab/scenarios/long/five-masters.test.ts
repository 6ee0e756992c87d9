import { describe, expect, test } from 'vitest';
import { standing } from '../replaced';
import { complaint } from '../support';

describe('five masters', () => {
  const cluster = standing({ names: ['master1', 'master2', 'master3', 'master4', 'master5'] });

  test('get two back that were lost at once, one of them at its old address', async () => {
    const since = Date.now();
    await cluster().lose({ master2: 'replaced', master4: 'wiped' });
    for (const name of ['master2', 'master4'])
      await cluster().join(name, cluster().survivor('master2', 'master4'));
    expect(complaint(await cluster().putBack('master2', 'master4'))).toBe('');
    await cluster().expectWhole('master2 and master4 of five', since);
  });
});
