import type * as crypto from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../source/engine/change';
import type { Step } from '../../source/engine/step';
import { stages } from '../../source/steps';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { applyAll, ordered } from './apply';
import { ClusterHost, MASTER } from './cluster-host';
import { initObjects } from './kubeadm-stand-in';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const TEXT = 'DOCKER_REGISTRY=10.0.0.5:5000\nTILLER=yes\n';
const CANARY = 'abcdef.0123456789abcdef';

let settings: Settings;
let finished: ClusterHost;
/** The host before each change of a run, with what that change was. */
const moments: { readonly host: ClusterHost; readonly change: Change; readonly step: string }[] = [];

beforeAll(async () => {
  settings = await settingsOf({ text: TEXT, token: CANARY });
  finished = new ClusterHost();
  await applyAll(ordered(stages(settings, MASTER)), finished, {
    before: (change, step) => {
      moments.push({ host: finished.copy(), change, step: step.id });
    },
  });
}, 60_000);

describe('an installation', () => {
  it('leaves nothing to do for a second one, which changes nothing', async () => {
    const host = finished.copy();
    expect(await applyAll(ordered(stages(settings, MASTER)), host)).toEqual([]);
    expect(host.changes).toEqual([]);
  });

  it('keeps what is secret from everybody but root', () => {
    for (const [path, mode] of finished.modes()) {
      const text = finished.text(path) ?? '';
      const secret = text.includes('PRIVATE KEY') || text.includes(CANARY) || /key-data|tls\.key/.test(text);
      if (secret) expect([path, mode]).toEqual([path, 0o600]);
    }
  });

  it('never names the token in an argument', () => {
    expect(finished.calls.filter(call => call.what.includes(CANARY))).toEqual([]);
    expect(finished.text('/var/lib/kube-el7-install/kubeadm-init.yaml')).toContain(CANARY);
    expect(finished.text('/var/lib/kube-el7-install/join-worker')).toMatch(
      new RegExp(
        `^kubeadm join 10\\.0\\.0\\.1:6443 --token ${CANARY} --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}\\n$`,
      ),
    );
  });

  it('ends no kubectl before the apiserver would say that a request took too long', () => {
    const runs = moments.flatMap(({ change }) =>
      change.kind === 'run' && change.command.file === 'kubectl' ? [change] : [],
    );
    expect(runs.length).toBeGreaterThan(3);
    // --request-timeout of the apiserver.
    for (const { title, timeoutMs } of runs) expect(timeoutMs, title).toBeGreaterThan(60_000);
  });

  it('comes to the same end when it is killed before any change and run again', async () => {
    // One pull is like the other.
    const told = moments.filter(
      ({ step }, at) => !step.startsWith('pull-') || moments[at - 1]?.step !== step,
    );
    expect(told.length).toBeGreaterThan(35);
    for (const { host: before, change, step } of told) {
      const host = before.copy();
      const where = `killed before ${change.kind} of ${step}`;
      await applyAll(ordered(stages(settings, MASTER)), host);
      expect([...host.state.objects.keys()].sort(), where).toEqual([...finished.state.objects.keys()].sort());
      expect(host.modes(), where).toEqual(finished.modes());
      expect(await applyAll(ordered(stages(settings, MASTER)), host), where).toEqual([]);
    }
  }, 120_000);
});

describe('kubeadm init', () => {
  it.each(initObjects.map((_, count) => count))(
    'is gone on with when it was cut off after %i objects',
    async count => {
      const host = momentOf('kubeadm-init');
      host.initObjects = count;
      const steps = ordered(stages(settings, MASTER));
      await expect(applyAll(steps, host)).rejects.toThrow(/kubeadm init/);
      host.initObjects = Infinity;
      await applyAll(steps, host);
      expect(await applyAll(steps, host)).toEqual([]);
    },
  );

  it('is not run again for a finished control plane that does not answer', async () => {
    const host = finished.copy();
    host.state.apiserver = false;
    host.answer('systemctl start kubelet.service', () => {
      host.state.apiserver = true;
      return {};
    });
    await applyAll(ordered(stages(settings, MASTER)), host);
    expect(host.executed).toContain('systemctl start kubelet.service');
    expect(host.executed.filter(command => command.startsWith('kubeadm'))).toEqual([]);
  });

  it.each([
    ['/etc/kubernetes/pki/apiserver.key', 'a key cut short'],
    ['/etc/kubernetes/pki/apiserver.crt', 'a certificate cut short'],
    ['/etc/kubernetes/pki/ca.key', 'a CA cut short before anything ran with it'],
    ['/etc/kubernetes/pki/sa.key', 'the service accounts’ key cut short before anything ran with it'],
    ['/etc/kubernetes/pki/sa.pub', 'their public key cut short'],
    ['/etc/kubernetes/admin.conf', 'a kubeconfig cut short'],
  ])('recovers from a power cut that left %s empty: %s', async path => {
    const host = momentOf('kubeadm-init');
    host.put(path, '', 0o600);
    const steps = ordered(stages(settings, MASTER));
    await applyAll(steps, host);
    expect(host.text(path)).not.toBe('');
    expect(await applyAll(steps, host)).toEqual([]);
  });

  it.each(['/var/lib/kubelet/config.yaml', '/etc/kubernetes/manifests/kube-scheduler.yaml'])(
    'recovers from a power cut that left %s empty',
    async path => {
      const host = momentOf('kubeadm-init');
      const steps = ordered(stages(settings, MASTER));
      host.initObjects = 2;
      await expect(applyAll(steps, host)).rejects.toThrow();
      host.initObjects = Infinity;
      host.put(path, '');
      host.state.etcd = false;
      host.state.apiserver = false;
      await applyAll(steps, host);
      expect(host.text(path)).toContain('kind');
    },
  );

  it('does not replace the CA of a control plane that has run', async () => {
    const host = finished.copy();
    host.put('/etc/kubernetes/pki/ca.key', '', 0o600);
    await expect(applyAll(ordered(stages(settings, MASTER)), host)).rejects.toThrow(
      /cannot be used any more/,
    );
    expect(host.changes).toEqual([]);
  });
});

describe('a finished cluster', () => {
  it('is not made over with other settings', async () => {
    const other = { ...settings, podSubnet: '10.99.0.0/16' };
    const host = finished.copy();
    await expect(applyAll(ordered(stages(other, MASTER)), host)).rejects.toThrow(/made with other settings/);
    expect(host.changes).toEqual([]);
  });

  it('that an earlier version made is no other one for the list of etcd that its apiserver goes by', async () => {
    const path = '/var/lib/kube-el7-install/kubeadm-init.yaml';
    const host = finished.copy();
    const own = host.text(path) ?? '';
    host.put(path, own.replace('https://127.0.0.1:2379', 'https://10.0.0.1:2379'), 0o600);
    await applyAll(ordered(stages(settings, MASTER)), host);
    expect(host.changes.map(({ what }) => what)).toEqual([path]);
    expect(host.text(path)).toBe(own);
  });

  it.each([{ leaseSeconds: 60 }, { controlPlaneSeconds: 600 }])(
    'is not made over with other times: %j',
    async other => {
      const slow = { ...settings, timings: { ...settings.timings, ...other } };
      const host = finished.copy();
      await expect(applyAll(ordered(stages(slow, MASTER)), host)).rejects.toThrow(/made with other settings/);
      expect(host.changes).toEqual([]);
    },
  );

  it('is not made over where it has times of its own and none are given any more', async () => {
    const path = '/var/lib/kube-el7-install/kubeadm-init.yaml';
    const host = finished.copy();
    const args = 'controllerManager:\n  extraArgs:\n    leader-elect-lease-duration: 60s\ndns:\n';
    host.put(path, (host.text(path) ?? '').replace(/^dns:\n/m, args), 0o600);
    await expect(applyAll(ordered(stages(settings, MASTER)), host)).rejects.toMatchObject({
      report: { seen: ['given now: without leader-elect-lease-duration: 60s'] },
    });
  });

  it('gets back what was changed in it by hand', async () => {
    const host = finished.copy();
    const path = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-flannel-ds';
    const daemon = host.state.objects.get(path) as { spec: { template: { spec: object } } };
    host.state.objects.set(path, {
      ...daemon,
      spec: {
        ...daemon.spec,
        template: { ...daemon.spec.template, spec: { ...daemon.spec.template.spec, hostNetwork: false } },
      },
    });
    expect(await applyAll(ordered(stages(settings, MASTER)), host)).toEqual(['flannel']);
    expect(host.state.objects.get(path)).toEqual(daemon);
  });

  it.each([
    ['etcd', /etcd at 10\.0\.0\.1:2379 answers clients without a certificate/],
    ['tiller', /lets in clients without a certificate/],
  ])('is not called good when %s lets in anybody', async (open, message) => {
    const host = finished.copy();
    if (open === 'etcd') {
      host.respond(/:2379\/health$/, { status: 200, headers: {}, body: '{"health":"true"}', roundTripMs: 1 });
    } else host.answer(/^openssl s_client /, 'Verify return code: 0 (ok)');
    await expect(applyAll(ordered(stages(settings, MASTER)), host)).rejects.toThrow(message);
  });
});

describe('a master with a VIP', () => {
  const VIP_TEXT = `${TEXT}VRRP_VERSION=2\n`;
  const withVip = (given: Settings): readonly Step[] => ordered(stages(given, MASTER));

  it.each(['10.0.0.100', 'vip.lab'])('is reached at %s by everything but its own controllers', async vip => {
    const given = await settingsOf({ text: VIP_TEXT, vip, token: CANARY });
    const host = new ClusterHost();
    await applyAll(withVip(given), host);
    const server = (path: string): string => /server: (\S+)/.exec(host.text(path) ?? '')?.[1] ?? '';
    expect(['admin', 'kubelet'].map(name => server(`/etc/kubernetes/${name}.conf`))).toEqual([
      `https://${vip}:6443`,
      `https://${vip}:6443`,
    ]);
    expect(server('/root/.kube/config')).toBe(`https://${vip}:6443`);
    expect(server('/etc/kubernetes/scheduler.conf')).toBe('https://10.0.0.1:6443');
    expect(host.text('/var/lib/kube-el7-install/join-worker')).toContain(`kubeadm join ${vip}:6443 `);
    const changes = host.changes.length;
    expect(await applyAll(withVip(given), host)).toEqual([]);
    expect(host.changes.length).toBe(changes);
  });

  it('keeps the password of VRRP from everybody but root, and gets it back from where it is used', async () => {
    const given = await settingsOf({ text: VIP_TEXT, vip: '10.0.0.100', token: CANARY });
    const host = new ClusterHost();
    await applyAll(withVip(given), host);
    const path = '/var/lib/kube-el7-install/keepalived-password';
    const password = host.text(path) ?? '';
    expect(password).toMatch(/^[A-Za-z0-9]{8}$/);
    for (const [file, mode] of host.modes()) {
      if (host.text(file)?.includes(password) === true) expect([file, mode]).toEqual([file, 0o600]);
    }
    expect(host.calls.filter(call => call.what.includes(password))).toEqual([]);
    host.drop(path);
    expect(await applyAll(withVip(given), host)).toEqual(['keepalived']);
    expect(host.text(path)).toBe(password);
  });

  it('makes the certificate anew that was made for another VIP, before anything runs with it', async () => {
    const host = new ClusterHost();
    const before = await settingsOf({ text: TEXT, vip: '10.0.0.100', token: CANARY });
    await expect(
      applyAll(withVip(before), host, {
        before: (_, step) => {
          if (step.id === 'kubeadm-init') throw new Error('killed');
        },
      }),
    ).rejects.toThrow('killed');
    const given = await settingsOf({ text: TEXT, vip: 'vip.lab', token: CANARY });
    const changed = await applyAll(withVip(given), host);
    expect(changed).toEqual(
      expect.arrayContaining(['kubeadm-config', 'cluster-certificates', 'kubeadm-init']),
    );
    expect(host.text('/etc/kubernetes/admin.conf')).toContain('https://vip.lab:6443');
  });
});

function momentOf(step: string): ClusterHost {
  const moment = moments.find(one => one.step === step);
  if (moment === undefined) throw new Error(`${step} changed nothing`);
  return moment.host.copy();
}
