import { beforeAll, describe, expect, test } from 'vitest';
import { Lab, until } from '../lab';
import type { LabHost } from '../lab';
import { complaint, freshHost, home, install } from './support';

const token = 'e17e17.0123456789abcdef';
const everyKey =
  "find /etc/kubernetes /var/lib/kubelet/pki /root/.helm /var/lib/kube-el7-install -name '*.key' -o -name '*.pem'";

/** Every real secret of a host, and where it comes from: each line of each key, keys in base64, tokens, passwords. */
async function secretsOf(host: LabHost): Promise<readonly string[]> {
  const keys = (
    await host.succeed(
      `for file in $(${everyKey}); do sed -n '/BEGIN.*PRIVATE KEY/,/END/p' $file; echo; done`,
    )
  )
    .split(/-----(?:BEGIN|END)[^-]*-----/)
    .map(body => body.trim())
    .filter(body => body !== '');
  const encoded = await host.succeed(
    "grep -ho 'client-key-data: .*' /etc/kubernetes/*.conf /root/.kube/config | sort -u | cut -d' ' -f2",
  );
  const login = await host.succeed(
    'grep -ho \'"auth": *"[^"]*\' /root/.docker/config.json | cut -d\'"\' -f4',
  );
  const tokens = await host.succeed(
    "grep -hoE '[a-z0-9]{6}\\.[a-z0-9]{16}' /var/lib/kube-el7-install/join-worker /var/lib/kube-el7-install/bootstrap-token | sort -u",
  );
  const password = Buffer.from(login.trim(), 'base64').toString().split(':').slice(1).join(':');
  const whole = [...tokens.split('\n'), login, password].map(text => text.trim());
  return [
    ...keys.flatMap(body => body.split('\n')),
    // The beginning and the end of a PEM file in base64 are the same for all keys.
    ...encoded.split('\n').flatMap(text => text.slice(60, -60).match(/.{1,64}/g) ?? []),
    ...keys.flatMap(
      body =>
        Buffer.from(body)
          .toString('base64')
          .match(/.{1,64}/g) ?? [],
    ),
    ...whole.filter(text => text.length >= 6),
    ...whole
      .filter(text => text.length >= 9)
      .map(text => Buffer.from(text).toString('base64').replace(/=+$/, '')),
  ].filter(text => text.length >= 6);
}

/** Makes a bundle and unpacks it; what stands in it, and its index. */
async function bundleOf(
  host: LabHost,
  name: string,
): Promise<{ readonly text: string; readonly index: string }> {
  const made = await host.run(`cd ${home} && ./kube-el7-install support-bundle /root/${name}.tar.gz`, {
    timeoutMs: 300_000,
  });
  expect(made.stderr).toBe('');
  expect(made.code).toBe(0);
  expect(await host.succeed(`stat -c %a /root/${name}.tar.gz`)).toBe('600\n');
  await host.succeed(
    `mkdir /root/${name} && tar xzf /root/${name}.tar.gz -C /root/${name} --strip-components=1`,
  );
  return {
    text: await host.succeed(`find /root/${name} -type f -exec cat {} +`),
    index: await host.read(`/root/${name}/README.txt`),
  };
}

describe('a bundle of a real master', () => {
  let master: LabHost;

  beforeAll(async () => {
    const lab = await Lab.open(undefined, console.log);
    master = await freshHost(lab, 'master1', { registry: 'tls', variables: { TILLER: 'yes' } });
    await master.write('/root/token', `${token}\n`, 0o600);
    const run = await install(master, '--yes --output json --token-file /root/token');
    expect(complaint(run)).toBe('');
  });

  test('has everything and no secret', async () => {
    const { text, index } = await bundleOf(master, 'whole');
    const secrets = await secretsOf(master);
    expect(secrets.length).toBeGreaterThan(300);
    expect(secrets.filter(secret => text.includes(secret))).toEqual([]);
    for (const name of [
      'plan/values',
      'plan/plan',
      'journals/journal.jsonl',
      'manifests/kube-apiserver.yaml',
      'cluster/pods',
      'cluster/kubeadm-config.yaml',
      'cluster/nodes.yaml',
      'cluster/pods.yaml',
      'units/kubelet.journal',
      'host/iptables-counts',
      'certificates/ca.crt.txt',
      'names/state',
    ]) {
      expect(index).toMatch(new RegExp(`^ +\\d+  ${name}$`, 'm'));
    }
    expect(index).toMatch(/^ +\d+ {2}containers\/kube-apiserver-master1_kube-apiserver_\d+\.log$/m);
    expect(index).toMatch(/^ +\d+ {2}etcd\/10\.\S+-alarms$/m);
    expect(text).toContain('"version":"3.4.23"');
    for (const shown of ['kubernetesVersion: v1.20.2', '- --authorization-mode=Node,RBAC', 'type: Ready']) {
      expect(text).toContain(shown);
    }
  });

  test('is made with the apiserver stopped, too', async () => {
    await master.succeed('mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/');
    await until('the apiserver to be gone', 120_000, async () => {
      const { code } = await master.run('curl -sk --max-time 2 https://127.0.0.1:6443/healthz');
      if (code === 0) throw new Error('it still answers');
    });
    const { text, index } = await bundleOf(master, 'stopped');
    const secrets = await secretsOf(master);
    expect(secrets.filter(secret => text.includes(secret))).toEqual([]);
    expect(index).toMatch(/^ {2}cluster\/pods: .*(refused|connect|exit code)/m);
    expect(index).toMatch(/^ +\d+ {2}etcd\/10\.\S+-health$/m);
    expect(index).toMatch(/^ +\d+ {2}containers\/kube-apiserver-master1_kube-apiserver_\d+\.log$/m);
  });

  test('a journal of it is replayed on another machine, by anybody', async () => {
    const journal = await master.succeed('ls /var/lib/kube-el7-install/journal*.jsonl | tail -1');
    await master.succeed(
      `cp ${journal.trim()} /tmp/journal && chmod 644 /tmp/journal && cp -r ${home} /tmp/installer`,
    );
    const played = await master.succeed(
      'setpriv --reuid 65534 --regid 65534 --clear-groups /tmp/installer/kube-el7-install replay /tmp/journal',
    );
    expect(played).toContain('install on master1 by kube-el7-install');
    expect(played).toMatch(/succeeded after \d+:\d\d/);
  });
});
