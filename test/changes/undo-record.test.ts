import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { changesOn } from '../../source/changes';
import { inversesOf } from '../../source/changes/undo/look';
import { readUndoRuns } from '../../source/changes/undo/read';
import { UndoFiles, UndoRecord } from '../../source/changes/undo/record';
import type { PerformableChange } from '../../source/engine/apply';
import { LocalHost } from '../../source/hosts/local';
import { UNDO } from '../../source/steps/paths';
import { differs, putBack } from '../../source/steps/undo/put-back';
import { FakeHost } from '../support/fake-host';
import { recordOn } from '../steps/undo/undoable';

const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };
const header = { v: 1, run: 'run1', command: 'install', time: '2026-11-25T18:00:00Z', others: [] } as const;
const write: PerformableChange = { kind: 'write', path: '/etc/x/a', content: 'new\n', mode: 0o600 };

async function inverses(host: FakeHost, change: PerformableChange) {
  return (await inversesOf(host, change)).map(({ inverse }) => inverse);
}

describe('what takes a change back', () => {
  it('of a write: the directories and the file are absent, or the file has its former bytes and mode', async () => {
    const host = new FakeHost();
    expect(await inverses(host, write)).toMatchObject([
      { kind: 'path', path: '/etc', former: { was: 'absent' } },
      { kind: 'path', path: '/etc/x', former: { was: 'absent' } },
      { kind: 'path', path: '/etc/x/a', former: { was: 'absent' } },
    ]);
    host.put('/etc/x/a', 'old\n', 0o640);
    const [found] = await inversesOf(host, write);
    expect(found).toMatchObject({ inverse: { former: { was: 'file', mode: 0o640 } } });
    expect(found?.bytes?.toString()).toBe('old\n');
  });

  it('of a service: what it did and whether it starts at boot', async () => {
    const host = new FakeHost().answer(
      /^systemctl show /,
      'LoadState=loaded\nActiveState=activating\nUnitFileState=disabled\nMainPID=0\n',
    );
    expect(await inverses(host, { kind: 'service', unit: 'kubelet.service', action: 'restart' })).toEqual([
      { kind: 'unit', unit: 'kubelet.service', active: true, file: 'disabled' },
    ]);
  });

  it('of a command that says nothing about it: it stays, and is named', async () => {
    const command = { file: 'true', args: [] };
    const run = { kind: 'run', title: 'Do it', command, timeoutMs: 1 } as const;
    expect(await inverses(new FakeHost(), run)).toEqual([{ kind: 'stays', what: 'Do it', implied: true }]);
    expect(await inverses(new FakeHost(), { ...run, undo: [] })).toEqual([]);
  });

  it("of a new cluster: all of it goes, and the site's own files come back", async () => {
    const files = { '/etc/kubernetes/pki/ca.crt': "the site's", '/var/lib/kubelet/config.json': '{}' };
    const host = new FakeHost(files);
    const manifest = { ...write, path: '/etc/kubernetes/manifests/etcd-init.yaml' };
    const found = await inverses(host, manifest);
    expect(found[0]).toEqual({ kind: 'cluster', finished: false });
    for (const path of Object.keys(files)) {
      expect(found).toContainEqual({ kind: 'path', path, former: { was: 'file', kept: '', mode: 0o644 } });
    }
    host.put('/var/lib/kube-el7-install/join-worker', 'kubeadm join');
    expect(await inverses(host, manifest)).toContainEqual({ kind: 'cluster', finished: true });
  });
});

describe('a record', () => {
  it('is written before the change is made, and once about the same thing', async () => {
    const host = new FakeHost({ '/etc/x/a': 'old\n' });
    const record = recordOn(host, 'run1');
    const fails = new FakeHost();
    fails.adopt(host);
    host.write = () => Promise.reject(new Error('killed'));
    const changes = changesOn(host, { record });
    await expect(changes.perform(write, silent)).rejects.toThrow('killed');
    const [run] = await readUndoRuns(host);
    expect(run?.entries).toMatchObject([{ n: 1, inverse: { path: '/etc/x/a', former: { kept: '1' } } }]);
    expect(host.text(`${UNDO}/run1/1`)).toBe('old\n');
    await expect(changes.perform(write, silent)).rejects.toThrow('killed');
    expect((await readUndoRuns(host))[0]?.entries).toHaveLength(1);
  });

  it("of a cluster has the site's files as they were before it was begun, and not those that kubeadm has made since", async () => {
    const host = new FakeHost({ '/etc/kubernetes/pki/ca.crt': "the site's" });
    const changes = changesOn(host, { record: recordOn(host, 'run1') });
    host.answer('kubeadm init phase certs all', () => (host.put('/etc/kubernetes/pki/ca.key', 'made'), {}));
    const command = { file: 'kubeadm', args: ['init', 'phase', 'certs', 'all'] };
    const run = { kind: 'run', title: 'Make', command, timeoutMs: 1, undo: [{ kind: 'cluster' }] } as const;
    await changes.perform(run, silent);
    await changes.perform({ ...write, path: '/etc/kubernetes/manifests/etcd-init.yaml' }, silent);
    const [found] = await readUndoRuns(host);
    const files = found?.entries.filter(
      ({ inverse }) => inverse.kind === 'path' && inverse.former.was === 'file',
    );
    expect(files?.map(({ inverse }) => 'path' in inverse && inverse.path)).toEqual([
      '/etc/kubernetes/pki/ca.crt',
    ]);
  });

  it('that cannot be written keeps the change from being made', async () => {
    const host = new FakeHost();
    const full = () => Promise.reject(new Error('ENOSPC'));
    const record = new UndoRecord({ append: full, keep: full, copy: full }, header);
    await expect(changesOn(host, { record }).perform(write, silent)).rejects.toMatchObject({
      report: { code: 'undo-not-written' },
    });
    expect(host.changes).toEqual([]);
  });

  it('of a reset says only that it was', async () => {
    const host = new FakeHost({ '/etc/x/a': 'canary\n' });
    await changesOn(host, { record: recordOn(host, 'run1', 'reset') }).perform(write, silent);
    const [run] = await readUndoRuns(host);
    expect(run).toMatchObject({ command: 'reset', entries: [] });
    expect(host.modes().map(([path]) => path)).not.toContain(`${UNDO}/run1/1`);
  });

  it('keeps a large file without reading it, and puts it back to the byte', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'undo-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const path = join(directory, 'large');
    const size = 40 * 2 ** 20;
    const file = openSync(path, 'w', 0o640);
    ftruncateSync(file, size);
    writeSync(file, 'the end', size - 7);
    closeSync(file);
    const host = new LocalHost();
    const read = vi.spyOn(host, 'read');
    const undo = join(directory, 'undo');
    const record = new UndoRecord(new UndoFiles(undo, 'run1'), header);
    await changesOn(host, { record }).perform({ ...write, path }, silent);
    expect(read).not.toHaveBeenCalled();
    const kept = join(undo, 'run1/1');
    expect(statSync(kept)).toMatchObject({ size, mode: 0o100600 });

    const wrote = [createHash('sha256').update('new\n').digest('hex')];
    const wanted = { path, former: { was: 'file', kept: '1', mode: 0o640 }, kept, wrote } as const;
    const difference = await differs(host, wanted);
    expect(difference).toEqual({ now: 'file', changedSince: false });
    if (difference === undefined) throw new Error('no difference');
    for (const change of putBack(wanted, difference, join(directory, 'aside')))
      await changesOn(host).perform(change as PerformableChange, silent);
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect(await differs(host, wanted)).toBeUndefined();
    expect(read.mock.calls.flat()).not.toContain(kept);
  });

  it("does not take a large file of another host through this one's memory", async () => {
    const host = new FakeHost({ '/etc/x/a': Buffer.alloc(2 ** 20 + 1) });
    await expect(
      changesOn(host, { record: recordOn(host, 'run1'), place: 'worker1' }).perform(write, silent),
    ).rejects.toMatchObject({
      report: {
        code: 'undo-not-written',
        seen: ['/etc/x/a on worker1 has 2 MiB, which is too much to be kept here. Move it away there first.'],
      },
    });
    expect(host.changes).toEqual([]);
  });

  it('is for root only, and a line that was cut short is passed over', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'undo-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const files = new UndoFiles(join(directory, 'undo'), 'run1');
    const host = new FakeHost({ '/etc/x/a': 'secret\n' });
    await changesOn(host, { record: new UndoRecord(files, header) }).perform(write, silent);
    await files.close();
    const path = join(directory, 'undo/run1.jsonl');
    expect([path, join(directory, 'undo/run1/1')].map(one => statSync(one).mode & 0o777)).toEqual([
      0o600, 0o600,
    ]);
    expect(statSync(join(directory, 'undo')).mode & 0o777).toBe(0o700);
    appendFileSync(path, '{"n":2,"step":"cut sh');
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('secret');
    const read = new FakeHost({ [`${UNDO}/run1.jsonl`]: text, [`${UNDO}/nonsense.jsonl`]: 'not json\n' });
    expect(await readUndoRuns(read)).toMatchObject([{ run: 'run1', undone: false, entries: [{ n: 1 }] }]);
  });
});
