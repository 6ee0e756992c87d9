import { describe, expect, it } from 'vitest';
import { describe as wording } from '../../../source/changes/describe';
import { dockerConfiguration } from '../../../source/steps/prepare/docker-configuration';
import { kubelet } from '../../../source/steps/prepare/kubelet';
import { swap } from '../../../source/steps/prepare/swap';
import { El7, apply, planOf, settingsWith } from './el7';

const settings = await settingsWith({ registry: { address: '10.0.0.5:5000', plainHttp: true } });

/** Files as a site has them, with logins of its own in them. */
function site(): El7 {
  return new El7({
    '/etc/docker/daemon.json': JSON.stringify({
      'log-driver': 'splunk',
      'log-opts': { 'splunk-token': 'Canary-1', odd: 'Canary-2' },
    }),
    '/etc/sysconfig/kubelet':
      'KUBELET_EXTRA_ARGS=--vault-token=Canary-3 --odd=Canary-4 --v=2\nODD=Canary-5\n',
    '/etc/fstab': '/dev/sdb2 swap swap sw 0 0\n//nas/a /mnt cifs password=Canary-6,_netdev 0 0\n# Canary-7\n',
    '/proc/swaps': 'Filename Type Size Used Priority\n/dev/sdb2 partition 1024 0 -1\n',
  })
    .unit('docker.service', 'active', 'enabled')
    .unit('kubelet.service', 'inactive', 'disabled');
}

describe("a file of the site's that gets our lines", () => {
  it.each([
    ['docker', dockerConfiguration(settings, []), '/etc/docker/daemon.json', '"10.0.0.5:5000"'],
    ['the kubelet', kubelet(settings, []), '/etc/sysconfig/kubelet', '--pod-infra-container-image='],
    ['swap', swap(), '/etc/fstab', '# switched off by kube-el7-install: /dev/sdb2 swap swap sw 0 0'],
  ])(
    'shows ours in the plan and nothing of its own that may be a secret: %s',
    async (_, step, path, ours) => {
      const host = site();
      const plan = (await planOf(step, host)).map(change => wording(change));
      const told = JSON.stringify(plan);
      expect(told).toContain(path);
      expect(plan.flatMap(({ detail }) => detail).join('\n')).toContain(ours);
      expect(told).not.toContain('Canary');
      await apply(step, host);
      expect(host.text(path)).toContain('Canary');
    },
  );
});
