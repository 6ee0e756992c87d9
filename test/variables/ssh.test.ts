import { describe, expect, it } from 'vitest';
import { lookedUpHost, problems, settings } from './told';

describe('ssh', () => {
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n';
  const withKey = (content: string, mode: number) =>
    lookedUpHost({ '/root/key': { content, mode }, '/root/key.pub': 'ssh-ed25519 AAAA root\n' });
  const keyFile = { given: 'key', path: '/root/key' };

  it('goes as root with a key of its own choice, unless told otherwise', async () => {
    expect((await settings({ ssh: {} })).ssh).toEqual({ user: 'root' });
    const made = await settings({ ssh: { user: 'admin', keyFile }, host: withKey(key, 0o600) });
    expect(made.ssh).toEqual({ user: 'admin', keyFile: '/root/key' });
    expect(made.values).toContainEqual({
      name: '--ssh',
      value: 'as admin, with the key /root/key',
      source: 'flag --ssh',
    });
  });

  it.each([
    [{ user: '-oProxyCommand=x' }, '--ssh-user', /no name/],
    [{ user: 'a b' }, '--ssh-user', /no name/],
    [{ keyFile: { given: 'none', path: '/root/none' } }, '--ssh-key', /is not on master1/],
    [{ keyFile: { given: 'key.pub', path: '/root/key.pub' } }, '--ssh-key', /no private key/],
  ])('refuses %j', async (ssh, field, wrong) => {
    const found = await problems({ ssh, host: withKey(key, 0o600) });
    expect(found.map(problem => problem.field)).toEqual([field]);
    expect(found[0]?.wrong).toMatch(wrong);
  });

  it('refuses a key that others may read, since ssh does', async () => {
    const found = await problems({ ssh: { keyFile }, host: withKey(key, 0o640) });
    expect(found).toMatchObject([{ field: '--ssh-key', value: 'key' }]);
    expect(found[0]?.wrong).toContain('mode 0640');
  });
});
