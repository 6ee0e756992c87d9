import { SecretBytes } from '../../../source/engine/secret';
import { putBack } from '../../../source/steps/undo/put-back';
import { describe, expect, it } from 'vitest';
import { nextToUndo, readUndoRuns } from '../../../source/changes/undo/read';
import { step, type Step } from '../../../source/engine/step';
import { UNDO } from '../../../source/steps/paths';
import { prepareSteps } from '../../../source/steps/prepare';
import { LOGIN, settingsWith } from '../prepare/el7';
import { applyRecorded, recordOn, Undoable, undoSteps } from './undoable';

const SWAPPING = {
  '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition\t2097148\t0\t-2\n',
  '/etc/fstab': '/dev/sda1 / xfs defaults 0 0\n/dev/sda2 swap swap defaults 0 0\n',
  '/root/.docker/config.json': { content: '{"auths":{"other":{"auth":"canary-of-another"}}}', mode: 0o640 },
};

function fresh(): Undoable {
  return new Undoable(SWAPPING)
    .unit('firewalld.service', 'active', 'enabled')
    .unit('NetworkManager.service', 'active', 'enabled');
}

async function steps(): Promise<readonly Step[]> {
  const base = await settingsWith({ yumRepository: 'http://10.0.0.5/el7' });
  return prepareSteps({ ...base, registry: { ...base.registry, login: LOGIN } });
}

/** Zones that were only looked at are in the stand-in's memory as empty ones. */
function comparable(host: Undoable): object {
  for (const [zone, { ports, rules, sources }] of host.firewall) {
    if (ports.length + rules.length + sources.length === 0) host.firewall.delete(zone);
  }
  return host.state;
}

describe('what a run has prepared', () => {
  it('is taken back wholly, and nothing else is', async () => {
    const host = fresh();
    const before = comparable(host);
    await applyRecorded(await steps(), host, recordOn(host, 'run1'));
    host.put('/etc/sysctl.d/site.conf', "somebody else's\n");
    await applyRecorded(await undoSteps(host), host, undefined);
    expect(host.text('/etc/sysctl.d/site.conf')).toBe("somebody else's\n");
    host.drop('/etc/sysctl.d/site.conf');
    expect(comparable(host)).toEqual(before);
    expect(nextToUndo(await readUndoRuns(host))).toBeUndefined();
    expect(host.modes().filter(([path]) => path.startsWith(`${UNDO}/run1/`))).toEqual([]);
  });

  it('is taken back wholly from wherever it was cut off, and an undo goes on from wherever it was', async () => {
    const all = await steps();
    const reference = fresh();
    const count = await applyRecorded(all, reference, recordOn(reference, 'run1'));
    expect(count).toBeGreaterThan(25);
    for (let cut = 1; cut < count; cut += 3) {
      const host = fresh();
      const before = comparable(host);
      await expect(applyRecorded(all, host, recordOn(host, 'run1'), killAfter(cut))).rejects.toThrow(
        'killed',
      );
      const back = await undoSteps(host);
      await expect(applyRecorded(back, host, undefined, killAfter(Math.ceil(cut / 2)))).rejects.toThrow(
        'killed',
      );
      await applyRecorded(await undoSteps(host), host, undefined);
      expect(comparable(host), `cut off after ${cut} changes`).toEqual(before);
    }
  });

  it('leaves a package that something else needs by now, and one that was there before', async () => {
    const host = fresh();
    host.needed = 'socat';
    await applyRecorded(await steps(), host, recordOn(host, 'run1'));
    await applyRecorded(await undoSteps(host), host, undefined);
    expect([...host.packages.keys()].sort()).toEqual(['iptables', 'kernel', 'socat']);
  });
});

function killAfter(changes: number): () => void {
  let made = 0;
  return () => {
    if (made >= changes) throw new Error('killed');
    made += 1;
  };
}

/** A step that writes one file. */
function fileStep(id: string, path: string, content: string): Step {
  return step<string | undefined>({
    id,
    title: id,
    after: [],
    probe: async host => (await host.read(path))?.toString(),
    plan: found => (found === content ? [] : [{ kind: 'write', path, content, mode: 0o644 }]),
  });
}

describe('several runs', () => {
  it('are taken back one after the other, each to the state before it', async () => {
    const host = new Undoable({ '/etc/a': { content: "the site's\n", mode: 0o640 } });
    await applyRecorded([fileStep('a', '/etc/a', 'one\n')], host, recordOn(host, 'run1'));
    await applyRecorded([fileStep('a', '/etc/a', 'one\n')], host, recordOn(host, 'run2'));
    await applyRecorded([fileStep('a', '/etc/a', 'two\n')], host, recordOn(host, 'run3'));
    await applyRecorded(await undoSteps(host), host, undefined);
    expect(host.text('/etc/a')).toBe('one\n');
    await applyRecorded(await undoSteps(host), host, undefined);
    expect(host.text('/etc/a')).toBe("the site's\n");
    expect((await host.stat('/etc/a'))?.mode).toBe(0o640);
    expect(await undoSteps(host)).toEqual([]);
  });

  it('of which one wrote a file twice are taken back to what was before it', async () => {
    const host = new Undoable();
    const record = recordOn(host, 'run1');
    await applyRecorded([fileStep('a', '/etc/new/a', 'one\n')], host, record);
    await applyRecorded([fileStep('b', '/etc/new/a', 'two\n')], host, record);
    host.put('/etc/new/theirs', '');
    await applyRecorded(await undoSteps(host), host, undefined);
    expect(host.text('/etc/new/a')).toBeUndefined();
    expect(host.text('/etc/new/theirs')).toBe('');
    expect(host.executed.filter(command => command.startsWith('install'))).toEqual([]);
  });

  it('put a file of another host back to the byte, text or not', () => {
    const bytes = Buffer.from([0x7f, 0x45, 0xff, 0xfe, 0x00, 0x80]);
    const former = { was: 'file', kept: '1', mode: 0o755 } as const;
    const wanted = { path: '/etc/x', former, bytes, wrote: [] };
    const [change, ...more] = putBack(wanted, { now: 'file', changedSince: false }, '/aside');
    expect(more).toEqual([]);
    expect(change).toMatchObject({ kind: 'write', path: '/etc/x', mode: 0o755 });
    const content = change?.kind === 'write' ? change.content : undefined;
    expect(content instanceof SecretBytes && content.reveal().equals(bytes)).toBe(true);
    expect(JSON.stringify(change)).toContain('[secret]');
  });

  it('keep aside what somebody else has made of a file since', async () => {
    const host = new Undoable({ '/etc/a': "the site's\n" });
    await applyRecorded([fileStep('a', '/etc/a', 'one\n')], host, recordOn(host, 'run1'));
    host.put('/etc/a', 'changed by hand\n');
    await applyRecorded(await undoSteps(host), host, undefined);
    expect(host.text('/etc/a')).toBe("the site's\n");
    expect(host.text('/var/lib/kube-el7-install/kept/run1-changed-since/etc.a')).toBe('changed by hand\n');
  });
});

describe('a cluster', () => {
  it('that was raised in several goes is taken back as a whole, and not beyond a reset', async () => {
    const manifest = fileStep('etcd', '/etc/kubernetes/manifests/etcd-init.yaml', 'kind: Pod\n');
    const host = new Undoable();
    await applyRecorded([fileStep('z', '/etc/z', 'z')], host, recordOn(host, 'run1'));
    await applyRecorded([manifest], host, recordOn(host, 'run2', 'reset'));
    host.drop('/etc/kubernetes/manifests/etcd-init.yaml');
    await applyRecorded([fileStep('y', '/etc/y', 'y')], host, recordOn(host, 'run3'));
    host.put('/etc/kubernetes/pki/ca.crt', "the site's");
    await applyRecorded([manifest], host, recordOn(host, 'run4'));
    host.put('/etc/kubernetes/pki/ca.key', 'made by kubeadm in run4');
    await applyRecorded([fileStep('x', '/etc/x', 'x')], host, recordOn(host, 'run5'));
    host.drop('/etc/kubernetes/manifests/etcd-init.yaml');
    await applyRecorded([manifest], host, recordOn(host, 'run6'));
    const runs = await readUndoRuns(host);
    expect(runs.map(({ run }) => run)).toEqual(['run6', 'run5', 'run4', 'run3', 'run2', 'run1']);
    const undoing = nextToUndo(runs);
    expect(undoing?.cluster).toBe(true);
    expect(undoing?.runs.map(({ run }) => run)).toEqual(['run6', 'run5', 'run4']);
    const former = undoing?.targets.filter(
      ({ inverse }) => inverse.kind === 'path' && inverse.former.was === 'file',
    );
    expect(former?.map(({ inverse }) => 'path' in inverse && inverse.path)).toEqual([
      '/etc/kubernetes/pki/ca.crt',
    ]);
  });
});
