import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SshHost } from '../../source/hosts/ssh';
import { SshConnection } from '../../source/hosts/ssh-connection';
import { FakeHost } from '../support/fake-host';
import { FakeSsh } from './fake-ssh';

let ssh: FakeSsh;
let connection: SshConnection;
let host: SshHost;
let directory: string;

beforeEach(() => {
  ssh = new FakeSsh();
  directory = mkdtempSync(join(tmpdir(), 'ssh-host-'));
  connection = new SshConnection({ name: 'master2', address: '10.0.0.2', user: 'root' }, ssh.program);
  host = new SshHost(connection);
});

afterEach(async () => {
  await connection.close();
  ssh.remove();
  rmSync(directory, { recursive: true });
});

function path(name: string): string {
  return join(directory, name);
}

describe('files on another host', () => {
  it('are read as they are, whatever is in them', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7) % 256));
    writeFileSync(path("it's"), bytes);
    expect(await host.read(path("it's"))).toEqual(bytes);
    writeFileSync(path('empty'), '');
    expect(await host.read(path('empty'))).toEqual(Buffer.alloc(0));
    expect((await host.read('/proc/filesystems'))?.toString()).toContain('proc');
  });

  it('that are absent are undefined, also below a file', async () => {
    writeFileSync(path('plain'), '');
    for (const one of [path('none'), path('plain/below')]) {
      expect(await host.read(one)).toBeUndefined();
      expect(await host.stat(one)).toBeUndefined();
      expect(await host.list(one)).toBeUndefined();
      await host.remove(one);
    }
    expect(await host.list(path('plain'))).toBeUndefined();
  });

  it('have kind, mode and size, and are not followed', async () => {
    writeFileSync(path('file'), 'four');
    chmodSync(path('file'), 0o4750);
    mkdirSync(path('directory'));
    chmodSync(path('directory'), 0o1777);
    symlinkSync('file', path('link'));
    expect(await host.stat(path('file'))).toEqual({ kind: 'file', mode: 0o4750, size: 4 });
    expect(await host.stat(path('directory'))).toMatchObject({ kind: 'directory', mode: 0o1777 });
    expect(await host.stat(path('link'))).toMatchObject({ kind: 'link' });
    expect(await host.stat('/dev/null')).toMatchObject({ kind: 'other' });
    expect(await host.list(directory)).toEqual(['directory', 'file', 'link']);
    await host.makeDirectory(path('no/names'), 0o755);
    expect(await host.list(path('no/names'))).toEqual([]);
  });

  it('are written whole with their mode, parents included, and nothing is left beside them', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 11) % 256));
    await host.write(path('a/b/config'), bytes, 0o640);
    expect(readFileSync(path('a/b/config'))).toEqual(bytes);
    expect(lstatSync(path('a/b/config')).mode & 0o7777).toBe(0o640);
    expect(lstatSync(path('a/b')).mode & 0o7777).toBe(0o755);
    writeFileSync(path('a/b/.config.0123456789ab.new'), 'half');
    writeFileSync(path('a/b/.config.notours.new'), 'other');
    await host.write(path('a/b/config'), Buffer.alloc(0), 0o600);
    expect(readdirSync(path('a/b')).sort()).toEqual(['.config.notours.new', 'config']);
    expect(readFileSync(path('a/b/config'), 'utf8')).toBe('');
    expect(ssh.calls.flat().join('\n')).not.toContain(bytes.toString('base64').slice(0, 20));
  });

  it('replace a link rather than what it points at, and never a directory', async () => {
    writeFileSync(path('target'), 'kept');
    symlinkSync(path('target'), path('link'));
    await host.write(path('link'), Buffer.from('new'), 0o644);
    expect(readFileSync(path('target'), 'utf8')).toBe('kept');
    expect(readFileSync(path('link'), 'utf8')).toBe('new');
    await host.link(path('link'), '/d');
    await host.link(path('link'), "/it's");
    expect(readlinkSync(path('link'))).toBe("/it's");
    mkdirSync(path('directory'));
    const write = host.write(path('directory'), Buffer.from('x'), 0o600);
    await expect(write).rejects.toMatchObject({ code: 'EISDIR', path: path('directory') });
    expect(readdirSync(directory).sort()).toEqual(['directory', 'link', 'target']);
  });

  it('are removed, and directories get their mode', async () => {
    writeFileSync(path('file'), '');
    await host.remove(path('file'));
    expect(existsSync(path('file'))).toBe(false);
    await host.makeDirectory(path('x/y'), 0o700);
    expect(lstatSync(path('x/y')).mode & 0o7777).toBe(0o700);
    expect(lstatSync(path('x')).mode & 0o7777).toBe(0o755);
  });

  it('that are named as files of this host are read here', async () => {
    const here = new FakeHost({ '/ca.crt': 'the CA' });
    const other = new SshHost(connection, {
      here: { host: here, files: new Map([['/lent/ca.crt', '/ca.crt']]) },
    });
    expect((await other.read('/lent/ca.crt'))?.toString()).toBe('the CA');
    expect(await other.stat('/lent/ca.crt')).toMatchObject({ kind: 'file', size: 6 });
    expect(ssh.calls).toEqual([]);
    // At its own path it is the other host's, where nothing may be there.
    expect(await other.stat('/ca.crt')).toBeUndefined();
    expect(ssh.calls).not.toEqual([]);
  });

  it('are not asked for over HTTP', async () => {
    expect(await host.request({ url: 'https://a/' })).toMatchObject({
      error: expect.stringContaining('master2') as string,
    });
  });
});
