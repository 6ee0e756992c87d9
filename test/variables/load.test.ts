import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lookedUpHost, problems, settings } from './told';

const R = 'DOCKER_REGISTRY=10.0.0.5:5000\n';

describe('defaults', () => {
  it('needs nothing but a registry', async () => {
    const made = await settings({});
    expect(made).toMatchObject({
      kubeVersion: '1.20.2',
      registry: { address: '10.0.0.5:5000', plainHttp: false },
      imageRepository: '10.0.0.5:5000',
      clusterDomain: 'cluster.local',
      clusterDns: '10.96.0.10',
      podSubnet: '10.244.0.0/16',
      serviceSubnet: '10.96.0.0/12',
      systemReserved: '',
      tiller: false,
    });
    expect(made.images.etcd).toBe('10.0.0.5:5000/etcd:3.4.13-0');
    expect(made.images['kube-proxy']).toBe('10.0.0.5:5000/kube-proxy:v1.20.2');
    expect(made.images.coredns).toBe('10.0.0.5:5000/coredns:1.7.0');
  });

  it('takes the tenth address of another service subnet for the DNS', async () => {
    expect((await settings({ text: `${R}SERVICE_SUBNET=172.20.0.0/16` })).clusterDns).toBe('172.20.0.10');
  });

  it('says plainly that the registry is missing, and nothing that only follows from it', async () => {
    const found = await problems({ text: readFileSync('variables', 'utf8') });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ field: 'DOCKER_REGISTRY', wrong: 'is not set' });
    expect(found[0]?.right).toContain('host[:port]');
  });
});

describe('the shipped files', () => {
  it('have every image from DOCKER_REGISTRY', async () => {
    const made = await settings({
      text: readFileSync('variables', 'utf8'),
      environment: { DOCKER_REGISTRY: 'reg.example:5000/k8s' },
    });
    for (const image of Object.values(made.images))
      expect(image).toMatch(/^reg\.example:5000\/k8s\/[a-z-]+:/);
    expect(made.tiller).toBe(true);
  });

  it('follow another version and registry that flags give', async () => {
    const made = await settings({
      text: readFileSync('variables', 'utf8'),
      flags: { DOCKER_REGISTRY: 'reg.example', KUBE_VERSION: '1.21.14' },
    });
    expect(made.images['kube-apiserver']).toBe('reg.example/kube-apiserver:v1.21.14');
    expect(made.images.coredns).toBe('reg.example/coredns:v1.8.0');
    expect(made.images.pause).toBe('reg.example/pause:3.4.1');
  });

  it('name the public images where they are external', async () => {
    const made = await settings({ text: readFileSync('variables.external', 'utf8') });
    expect(made.imageRepository).toBe('registry.k8s.io');
    expect(made.images.tiller).toBe('ghcr.io/helm/tiller:v2.17.0');
  });
});

describe('where a value comes from', () => {
  const shown = async (short: Parameters<typeof settings>[0], name: string) =>
    (await settings(short)).values.find(value => value.name === name);

  it('is a flag before the environment before the file before the default', async () => {
    const text = `${R}HELM_REPO=http://file/\n`;
    const environment = { HELM_REPO: 'http://environment/' };
    expect(await shown({ text, environment, flags: { HELM_REPO: 'http://flag/' } }, 'HELM_REPO')).toEqual({
      name: 'HELM_REPO',
      value: 'http://flag/',
      source: 'flag --helm-repo',
    });
    expect(await shown({ text, environment }, 'HELM_REPO')).toMatchObject({ source: 'environment' });
    expect(await shown({ text }, 'HELM_REPO')).toMatchObject({ source: 'variables:2' });
    expect(await shown({}, 'HELM_REPO')).toMatchObject({ source: 'default' });
    expect(
      await shown({ answers: { KUBE_VERSION: '1.19.0' }, flags: { KUBE_VERSION: '1.18.0' } }, 'KUBE_VERSION'),
    ).toMatchObject({ value: '1.19.0', source: 'answer' });
  });

  it('points out and does not use another variable of the environment', async () => {
    const made = { text: `${R}POD_SUBNET=10.32.0.0/16\n`, environment: { POD_SUBNET: '10.64.0.0/16' } };
    expect(await shown(made, 'POD_SUBNET')).toEqual({
      name: 'POD_SUBNET',
      value: '10.32.0.0/16',
      source: "variables:2; the environment's value is not used",
    });
  });

  it('masks a token', async () => {
    const made = await settings({ token: 'abcdef.0123456789abcdef' });
    expect(JSON.stringify(made)).not.toContain('0123456789abcdef');
    expect(made.token?.reveal()).toBe('abcdef.0123456789abcdef');
  });
});

describe('one thing wrong', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['KUBE_VERSION=v1.20.2', 'KUBE_VERSION', /leading v/],
    ['KUBE_VERSION=1.24.0', 'KUBE_VERSION', /not a version that this product installs/],
    ['KUBE_VERSION=1.20', 'KUBE_VERSION', /not a full version/],
    ['CLUSTER_DOMAIN=Cluster.local', 'CLUSTER_DOMAIN', /lower case/],
    ['CLUSTER_DNS=10.96.0.300', 'CLUSTER_DNS', /not an IPv4 address/],
    ['CLUSTER_DNS=10.95.255.255', 'CLUSTER_DNS', /outside of the service subnet/],
    ['CLUSTER_DNS=10.96.0.0', 'CLUSTER_DNS', /network address/],
    ['CLUSTER_DNS=10.96.0.1', 'CLUSTER_DNS', /first service address/],
    ['CLUSTER_DNS=10.111.255.255', 'CLUSTER_DNS', /last address/],
    ['SERVICE_SUBNET=10.96.0.0', 'SERVICE_SUBNET', /not an IPv4 network/],
    ['SERVICE_SUBNET=10.96.0.0/8', 'SERVICE_SUBNET', /network address/],
    ['SERVICE_SUBNET=10.0.0.0/8', 'SERVICE_SUBNET', /prefix of \/8/],
    ['SERVICE_SUBNET=127.0.0.0/12', 'SERVICE_SUBNET', /overlaps with 127/],
    ['POD_SUBNET=10.244.0.0/24', 'POD_SUBNET', /prefix of \/24/],
    ['POD_SUBNET=10.244.010.0/16', 'POD_SUBNET', /not an IPv4 network/],
    ['POD_SUBNET=10.100.0.0/16', 'POD_SUBNET', /overlaps with SERVICE_SUBNET/],
    ['KUBELET_SYSTEM_RESERVED=cpu:200m', 'KUBELET_SYSTEM_RESERVED', /not resource=quantity/],
    ['KUBELET_SYSTEM_RESERVED=cpu=200x', 'KUBELET_SYSTEM_RESERVED', /no quantity/],
    ['KUBELET_SYSTEM_RESERVED=cpu=-1', 'KUBELET_SYSTEM_RESERVED', /no quantity/],
    ['KUBELET_SYSTEM_RESERVED=disk=1Gi', 'KUBELET_SYSTEM_RESERVED', /does not reserve/],
    ['KUBELET_SYSTEM_RESERVED=cpu=1,cpu=2', 'KUBELET_SYSTEM_RESERVED', /twice/],
    ['TILLER=true', 'TILLER', /neither yes nor no/],
    ['HELM_REPO=ftp://x/', 'HELM_REPO', /not a URL of/],
    ['YUM_REPOSITORY=http://u:hunter2@mirror/', 'YUM_REPOSITORY', /login/],
    ['YUM_REPOSITORY_GPGKEY=http://mirror/key', 'YUM_REPOSITORY_GPGKEY', /without YUM_REPOSITORY/],
    ['YUM_REPOSITORY_UNSIGNED=1', 'YUM_REPOSITORY_UNSIGNED', /neither yes nor no/],
    ['YUM_REPOSITORY_UNSIGNED=yes\nYUM_REPOSITORY_GPGKEY=/key', 'YUM_REPOSITORY_GPGKEY', /not a URL/],
    ['ETCD_IMAGE=10.0.0.5:5000/etcd', 'ETCD_IMAGE', /no tag/],
    ['ETCD_IMAGE=10.0.0.5:5000/Etcd:1', 'ETCD_IMAGE', /no image name/],
    ['ETCD_IMAGE=10.0.0.5:70000/etcd:1', 'ETCD_IMAGE', /no port/],
    ['KUBE_PROXY_IMAGE=10.0.0.5:5000/kube-proxy:v1.20.3', 'KUBE_PROXY_IMAGE', /kubeadm uses/],
    ['KUBE_PROXY_IMAGE=10.0.0.6:5000/kube-proxy:v1.20.2', 'KUBE_PROXY_IMAGE', /another repository/],
    ['COREDNS_IMAGE=10.0.0.5:5000/dns:1', 'COREDNS_IMAGE', /kubeadm uses/],
    ['DOCKER_REGISTRY_CA=/none.crt', 'DOCKER_REGISTRY_CA', /is not on master1/],
    ['DOCKER_REGISTRY_CA=none.crt', 'DOCKER_REGISTRY_CA', /absolute/],
    ['DOCKER_REGISTRY_USER=puller', 'DOCKER_REGISTRY_USER', /without DOCKER_REGISTRY_PASSWORD_FILE/],
    ['KUBE_VERSIN=1.20.2', 'KUBE_VERSIN', /not a variable/],
    ['HELM_REPO=http://a/\nHELM_REPO=http://b/', 'HELM_REPO', /another value in line 2/],
  ];
  it.each(cases)('%s', async (line, field, wrong) => {
    const found = await problems({ text: `${R}${line}\n` });
    expect(found.map(problem => problem.field)).toEqual([field]);
    expect(found[0]?.wrong).toMatch(wrong);
    expect(found[0]?.where).toMatch(/^variables:[23]$/);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it.each([
    ['http://reg.example', /scheme/],
    ['reg.example/', /slash/],
    ['registry', /docker\.io/],
    ['reg.example:0', /no port/],
    ['reg.example:5000:1', /neither a host name/],
    ['reg.example:5000/k8s:v1', /tag/],
    ['reg.example:5000/K8s', /no path/],
    ['u:hunter2@reg.example', /@/],
    ['10.0.0.256:5000', /IPv4/],
    ['reg example', /host name/],
  ])('a registry %s', async (value, wrong) => {
    const found = await problems({ flags: { DOCKER_REGISTRY: value } });
    expect(found).toHaveLength(1);
    expect(found[0]?.wrong).toMatch(wrong);
    expect(found[0]?.where).toBe('flag --docker-registry');
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it.each(['abc.def', 'ABCDEF.0123456789abcdef', 'abcdef.0123456789abcde', 'abcdef.0123456789abcdef\n'])(
    'a token, without repeating it',
    async token => {
      const found = await problems({ token });
      expect(found.map(problem => [problem.field, problem.value])).toEqual([['--token', '[secret]']]);
      expect(JSON.stringify(found)).not.toContain(token);
    },
  );

  it('suggests the nearest known name', async () => {
    const found = await problems({
      text: `${R}CLUSTER_DNSS=1\nDOCKER_REGISTRY_PASSWORD=hunter2\nWHATEVER_ELSE=1\n`,
    });
    expect(found[0]?.right).toContain('CLUSTER_DNS,');
    expect(found[1]).toMatchObject({ value: '[secret]' });
    expect(found[2]?.right).toContain('one of KUBE_VERSION');
  });
});

describe('a password in the wrong place', () => {
  it.each([
    ['DOCKER_REGISTRY_PASS=', /DOCKER_REGISTRY_PASSWORD_FILE/],
    ['REGISTRY_PWD=', /DOCKER_REGISTRY_PASSWORD_FILE/],
    ['DOCKER_REGISTRY_AUTH=', /DOCKER_REGISTRY_PASSWORD_FILE/],
    ['BOOTSTRAP_TOKEN=', /--token-file/],
    ['DOCKER_REGISTRY_CAA=', /DOCKER_REGISTRY_CA/],
    ['DOCKER_REGISTRY_PASSWORD_FILE=', /absolute|a path such as/],
    ['DOCKER_REGISTRY_USER=puller:', /the name of the login alone|both or neither/],
    ['DOCKER_REGISTRY_PASS = ', /without blanks/],
    ['MY_PROXY=http://a:b@c:', /./],
  ])('is not repeated, and what would be right is named: %s', async (before, right) => {
    for (const secret of ['Gx7kQ9p2', 'P@ss/w0rd@x', 'a;b']) {
      const found = await problems({ text: `${R}${before}${secret}\n` });
      expect(JSON.stringify(found)).not.toMatch(/Gx7kQ9p2|w0rd|a;b/);
      if (!secret.includes(';')) expect(found.map(problem => problem.right).join()).toMatch(right);
    }
  });
});

it('a login in a URL ends at its last @', async () => {
  const found = await problems({ text: `${R}YUM_REPOSITORY=ftp://svc:P@ss/w0rd@mirror.example/el7\n` });
  expect(found[0]).toMatchObject({ field: 'YUM_REPOSITORY', value: 'ftp://[secret]@mirror.example/el7' });
});

it('reports all problems at once', async () => {
  const found = await problems({
    text: 'KUBE_VERSION=2\nPOD_SUBNET=x\nreboot\nFOO=1\nTILLER=maybe\n',
    token: 'x',
    vip: 'nowhere',
  });
  expect(found.map(problem => problem.field).sort()).toEqual(
    ['--token', '--vip', 'DOCKER_REGISTRY', 'FOO', 'KUBE_VERSION', 'POD_SUBNET', 'TILLER', 'line'].sort(),
  );
});

describe('the registry’s login', () => {
  const text = `${R}DOCKER_REGISTRY_USER=puller\nDOCKER_REGISTRY_PASSWORD_FILE=/etc/pw\n`;
  const withMode = (mode: number, content = 'hunter2\n') => lookedUpHost({ '/etc/pw': { content, mode } });

  it('becomes a secret at once', async () => {
    const made = await settings({ text, host: withMode(0o600) });
    expect(made.registry.login?.password.reveal()).toBe('hunter2');
    expect(JSON.stringify(made)).not.toContain('hunter2');
  });

  it.each([
    [0o644, 'hunter2', /read or written by others \(mode 0644\)/],
    [0o660, 'hunter2', /written by others/],
    [0o600, '\n', /is empty/],
  ])('is refused with mode %o and %j', async (mode, content, wrong) => {
    const found = await problems({ text, host: withMode(mode, content) });
    expect(found).toHaveLength(1);
    expect(found[0]?.wrong).toMatch(wrong);
  });

  it('is refused with a reason where the file cannot be read', async () => {
    const host = withMode(0o600);
    host.read = () => Promise.reject(new Error('EACCES: permission denied'));
    const found = await problems({ text, host });
    expect(found[0]?.wrong).toContain('EACCES');
  });
});
