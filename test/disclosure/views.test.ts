import { describe, expect, it } from 'vitest';
import {
  fstabView,
  jsonView,
  keepalivedView,
  namesView,
  objectsView,
  variablesView,
  yamlView,
} from '../../source/disclosure/files';
import { shownText } from '../../source/disclosure/words';

/** Each in a form that no program's documentation calls a secret's: only by being unknown are they kept back. */
const canary = (at: number): string => `Cn${at}q-Zx81`;

function withoutCanaries(text: string): string {
  expect(text).not.toMatch(/Cn\d+q|Zx81/);
  return text;
}

describe("an operator's files", () => {
  it('fstab shows devices, places and known options; logins of every file system stay behind', () => {
    const shown = fstabView(
      [
        '/dev/mapper/centos-root / xfs defaults,inode64 0 0',
        'UUID=0a1b-2c3d /boot ext4 defaults 1 2',
        '/swapfile none swap sw,pri=5 0 0',
        `# switched off by kube-el7-install: /dev/sdb2 swap swap x-login=${canary(1)} 0 0`,
        `# the old password was ${canary(2)}`,
        `//nas/a /mnt/a cifs username=svc,password=${canary(3)},vers=3.0,_netdev 0 0`,
        `//nas/b /mnt/b cifs user=svc%${canary(4)},pass=x${canary(5)},ro 0 0`,
        `//nas/c /mnt/c cifs password=comma,${canary(6)},credentials=/etc/smb 0 0`,
        `https://svc:${canary(7)}@dav/x /mnt/d davfs rw 0 0`,
        `sshfs#svc:${canary(8)}@h:/x /mnt/e fuse ssh_command=sshpass\\040-p\\040${canary(9)} 0 0`,
        `s3fs#bucket /mnt/f fuse passwd=${canary(10)},url=https://s3 0 0`,
        `nas:/export /mnt/g nfs4 rw,hard,timeo=600 0 0`,
      ].join('\n'),
    );
    expect(withoutCanaries(shown).split('\n')).toEqual([
      '/dev/mapper/centos-root / xfs defaults,inode64 0 0',
      'UUID=0a1b-2c3d /boot ext4 defaults 1 2',
      '/swapfile none swap sw,pri=5 0 0',
      '# switched off by kube-el7-install: /dev/sdb2 swap swap x-login=[hidden] 0 0',
      '# [comment]',
      '//nas/a /mnt/a cifs username=[hidden],password=[hidden],vers=3.0,_netdev 0 0',
      '//nas/b /mnt/b cifs user=[hidden],pass=[hidden],ro 0 0',
      '//nas/c /mnt/c cifs password=[hidden],[hidden],credentials=[hidden] 0 0',
      '[hidden] /mnt/d davfs rw 0 0',
      '[hidden] /mnt/e fuse ssh_command=[hidden] 0 0',
      '[hidden] /mnt/f fuse passwd=[hidden],url=[hidden] 0 0',
      'nas:/export /mnt/g nfs4 rw,hard,timeo=600 0 0',
    ]);
  });

  it('daemon.json shows what docker is known to take, whatever drivers and plugins want beside it', () => {
    const shown = jsonView(
      JSON.stringify({
        'log-driver': 'splunk',
        'log-opts': {
          'splunk-token': canary(1),
          'splunk-url': 'https://splunk.example:8088',
          'gelf-thing': canary(2),
          'max-size': '50m',
        },
        'insecure-registries': ['10.0.0.5:5000'],
        proxies: { 'http-proxy': `http://svc:P@${canary(3)}@proxy.example:3128` },
        'cluster-store-opts': { 'kv.password': canary(4), 'kv.cacertfile': '/etc/ssl/ca.pem' },
        'registry-mirrors': [`https://u:${canary(5)}@mirror.example`, `https://mirror/${canary(6)}`],
        labels: [`owner=${canary(7)}`],
        'kv.pin': 12345678,
        'exec-opts': ['native.cgroupdriver=systemd'],
        'live-restore': true,
        authz: { code: { secret: 12345678 } },
      }),
    );
    const told = JSON.parse(withoutCanaries(shown)) as Record<string, Record<string, unknown>>;
    expect(told).toMatchObject({
      'log-driver': 'splunk',
      'log-opts': {
        'splunk-token': '[secret]',
        'splunk-url': 'https://splunk.example:8088',
        'max-size': '50m',
      },
      'insecure-registries': ['10.0.0.5:5000'],
      proxies: { 'http-proxy': 'http://svc:[secret]@proxy.example:3128' },
      'cluster-store-opts': { 'kv.password': '[secret]', 'kv.cacertfile': '/etc/ssl/ca.pem' },
      'exec-opts': ['native.cgroupdriver=systemd'],
      'live-restore': true,
      authz: { code: { secret: '[secret]' } },
    });
  });

  it('variables of units show flags by their names, and values by their form', () => {
    const shown = variablesView(
      [
        `KUBELET_EXTRA_ARGS="--node-ip=10.0.0.1 --node-labels=a=b --vault-token=${canary(1)} \\`,
        `  --odd ${canary(2)} --v=2"`,
        `export HTTP_PROXY=http://svc:${canary(3)}@proxy:3128`,
        `PGPASS=${canary(4)}`,
        `SOMETHING=${canary(5)}`,
        `# token ${canary(6)}`,
        canary(7),
      ].join('\n'),
    );
    expect(withoutCanaries(shown).split('\n')).toEqual([
      'KUBELET_EXTRA_ARGS="--node-ip=10.0.0.1 --node-labels=a=b --vault-token=[secret] --odd [hidden] --v=2"',
      'export HTTP_PROXY=http://svc:[secret]@proxy:3128',
      'PGPASS=[secret]',
      'SOMETHING=[hidden]',
      '# [comment]',
      '[hidden]',
    ]);
  });

  it('a manifest shows what a pod is made of; flags, variables, headers and annotations only where they are known', () => {
    const shown = yamlView(
      `
apiVersion: v1
kind: PodERROR
metadata:
  name: kube-apiserver
  labels: {component: kube-apiserver, team: ${canary(1)}}
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"x":"${canary(2)}"}'
    kubernetes.io/config.hash: abcdef
spec:
  containers:
  - image: 10.0.0.5:5000/k8s/kube-apiserver:v1.20.2
    command:
    - kube-apiserver
    - --oidc-client-secret=${canary(3)}
    - --authorization-mode=Node,RBAC
    - --odd-plugin=${canary(4)}
    - --etcd-servers=https://10.0.0.1:2379
    args: [sh, -c, "curl -H ${canary(5)} x"]
    env:
    - {name: HTTPS_PROXY, value: 'http://CORP\\svc:Dom@${canary(6)}@proxy:3128'}
    - {name: ODD, value: ${canary(7)}}
    livenessProbe: {httpGet: {port: 6443, httpHeaders: [{name: X, value: ${canary(8)}}]}}
  imagePullSecrets: [{name: regcred}]
# ${canary(9)}
`,
    );
    withoutCanaries(shown);
    for (const line of [
      'kind: PodERROR',
      'component: kube-apiserver',
      'image: 10.0.0.5:5000/k8s/kube-apiserver:v1.20.2',
      '- --oidc-client-secret=[secret]',
      '- --authorization-mode=Node,RBAC',
      '- --odd-plugin=[hidden]',
      '- --etcd-servers=https://10.0.0.1:2379',
      'port: 6443',
    ]) {
      expect(shown).toContain(line);
    }
    expect(yamlView(`a: [${canary(1)}`)).toBe('[1 line that cannot be read as YAML: left out]\n');
  });

  it("objects of the API show their state; a Secret's data, managed fields and embedded texts stay behind", () => {
    const shown = objectsView(
      JSON.stringify({
        items: [
          {
            kind: 'Pod',
            metadata: { name: 'a', managedFields: [{ manager: canary(1) }] },
            spec: { containers: [{ image: 'r/x:1', env: [{ name: 'A', value: canary(2) }] }] },
            status: {
              phase: 'Failed',
              containerStatuses: [
                { state: { terminated: { exitCode: 1, message: `--odd=${canary(3)} failed` } } },
              ],
            },
          },
          {
            kind: 'Secret',
            metadata: { name: 's' },
            data: { 'ca.crt': canary(4), n: 5 },
            stringData: { a: canary(5) },
          },
          {
            kind: 'ConfigMap',
            metadata: { name: 'kubeadm-config' },
            data: {
              ClusterConfiguration: `kubernetesVersion: v1.20.2\napiServer:\n  extraArgs:\n    oidc-client-secret: ${canary(6)}\n    odd: ${canary(7)}\n    v: "2"\n`,
              other: canary(8),
            },
          },
        ],
      }),
    );
    withoutCanaries(shown);
    for (const text of ['phase: Failed', 'exitCode: 1', 'failed', 'kubernetesVersion: v1.20.2', "v: '2'"]) {
      expect(shown).toContain(text);
    }
    expect(shown).not.toContain('managedFields');
  });

  it('keepalived.conf, hosts and resolv.conf show what they are for', () => {
    const conf = keepalivedView(
      [
        'vrrp_instance V {',
        '  state BACKUP',
        `  auth_pass ${canary(1)}`,
        `  odd ${canary(2)}`,
        '  10.0.0.100/32 dev eth0',
        '}',
      ].join('\n'),
    );
    expect(withoutCanaries(conf)).toBe(
      'vrrp_instance V {\n  state BACKUP\n  [hidden]\n  [hidden]\n  10.0.0.100/32 dev eth0\n}',
    );
    const hosts = namesView(
      `127.0.0.1 localhost\n10.0.0.1\tmaster1 # ${canary(3)}\n# ${canary(4)}\nx=${canary(5)}=\n`,
    );
    expect(withoutCanaries(hosts)).toBe('127.0.0.1 localhost\n10.0.0.1 master1\n# [comment]\n[hidden]\n');
  });
});

describe('output of programs', () => {
  it('shows flags only where their values are known to be harmless', () => {
    const shown = shownText(
      [
        `flags.go:33] FLAG: --oidc-client-secret="${canary(1)}"`,
        `flags.go:33] FLAG: --odd="${canary(2)}"`,
        `{"argv":"--odd=\\"${canary(3)} x\\" --v=2"}`,
        `started kube-apiserver --vault-token=${canary(4)} --secure-port=6443 --tls-cipher-suites=TLS_A,TLS_B`,
      ].join('\n'),
    );
    expect(withoutCanaries(shown)).toContain('--secure-port=6443 --tls-cipher-suites=TLS_A,TLS_B');
    expect(shown).toContain('--v=2');
  });
});
