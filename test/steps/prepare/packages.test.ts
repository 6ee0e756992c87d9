import { describe, expect, it } from 'vitest';
import { packages } from '../../../source/steps/prepare/packages';
import { El7, apply, planOf, settingsWith } from './el7';

const settings = await settingsWith();
const step = packages(settings, []);
const yum = (host: El7) => host.executed.filter(call => call.startsWith('yum'));

describe('packages', () => {
  it('installs only what is missing, the Kubernetes packages at their version', async () => {
    const host = new El7();
    await apply(step, host);
    expect(yum(host)).toEqual([
      'yum -y --disableexcludes=all install bind-utils docker kubelet-1.20.2 kubeadm-1.20.2 kubectl-1.20.2 kubernetes-cni-0.8.7',
    ]);
  });

  it('leaves docker out where docker-ce is there, because the two conflict', async () => {
    const host = new El7();
    host.packages.set('docker-ce', '20.10.24');
    await apply(step, host);
    expect(host.packages.has('docker')).toBe(false);
  });

  it('replaces an older version by installing and a newer one by a downgrade', async () => {
    const host = new El7();
    host.packages
      .set('kubelet', '1.19.16')
      .set('kubeadm', '1.20.10')
      .set('kubectl', '1.20.2')
      .set('docker', '1.13.1');
    await apply(step, host);
    expect(yum(host)).toEqual([
      'yum -y --disableexcludes=all install bind-utils kubelet-1.20.2 kubernetes-cni-0.8.7',
      'yum -y --disableexcludes=all downgrade kubeadm-1.20.2',
    ]);
  });

  it('takes kubernetes-cni 1.x back, unless the flannel program is there all the same', async () => {
    const host = new El7();
    host.packages.set('kubernetes-cni', '1.2.0');
    expect(JSON.stringify(await planOf(step, host))).toContain('downgrade kubernetes-cni-0.8.7');
    host.put('/opt/cni/bin/flannel', '');
    expect(JSON.stringify(await planOf(step, host))).not.toContain('kubernetes-cni');
  });

  it('asks for no flannel program where flannel brings its own', async () => {
    const { facts } = settings;
    const own = { ...facts, flannel: { ...facts.flannel, cniPluginImage: true } };
    const plan = await planOf(packages({ ...settings, facts: own }, []), new El7());
    expect(JSON.stringify(plan)).not.toContain('kubernetes-cni');
  });

  it('names what kubeadm and the kubelet call, because their packages no longer do', async () => {
    const host = new El7();
    for (const path of ['sbin/conntrack', 'bin/socat', 'sbin/ebtables', 'sbin/ethtool']) {
      host.drop(`/usr/${path}`);
    }
    await apply(step, host);
    expect(yum(host)[0]).toMatch(
      / install bind-utils conntrack-tools socat ebtables ethtool docker kubelet-/,
    );
  });

  it.each(['exclude=kube*', 'exclude: kubelet', 'exclude=httpd\n        kubelet', 'exclude=docker*', ''])(
    'installs with the same words whatever yum.conf excludes: %j',
    async line => {
      const host = new El7({ '/etc/yum.conf': `[main]\n${line}\n` });
      await apply(step, host);
      expect(yum(host)[0]).toMatch(/^yum -y --disableexcludes=all install /);
    },
  );
});
