import { describe, expect, it } from 'vitest';
import { Failure } from '../../../source/engine/failure';
import { docker } from '../../../source/steps/prepare/docker';
import { dockerConfiguration } from '../../../source/steps/prepare/docker-configuration';
import { registryLogin } from '../../../source/steps/prepare/registry-login';
import { El7, LOGIN, apply, planOf, settingsWith } from './el7';

const JSON_FILE = '/etc/docker/daemon.json';
const plainHttp = await settingsWith();
const tls = await settingsWith({ registry: { address: '10.0.0.5:5443/kube', plainHttp: false } });
const withDocker = (files: ConstructorParameters<typeof El7>[0] = {}): El7 => {
  const host = new El7(files).unit('docker.service', 'inactive', 'disabled');
  host.packages.set('docker', '1.13.1');
  return host;
};
const json = (host: El7): unknown => JSON.parse(host.text(JSON_FILE) ?? 'null');

describe('docker-configuration', () => {
  it('adds the plain-HTTP registry and bounds for logs to what others wrote', async () => {
    const host = withDocker({
      [JSON_FILE]: '{"insecure-registries": ["a:1"], "storage-driver": "overlay2"}',
    });
    await apply(dockerConfiguration(plainHttp, []), host);
    expect(json(host)).toEqual({
      'insecure-registries': ['a:1', '10.0.0.5:5000'],
      'storage-driver': 'overlay2',
      'log-opts': { 'max-size': '50m', 'max-file': '3' },
    });
  });

  it('orders docker behind firewalld, and has systemd read that', async () => {
    const host = withDocker();
    await apply(dockerConfiguration(tls, []), host);
    expect(host.text('/etc/systemd/system/docker.service.d/10-kube-el7-install.conf')).toMatch(
      /^\[Unit\]\nAfter=firewalld\.service$/m,
    );
    expect(host.executed).toEqual(['systemctl daemon-reload']);
  });

  it('never lets a registry be unencrypted where nobody said so', async () => {
    const host = withDocker();
    await apply(dockerConfiguration(tls, []), host);
    expect(json(host)).not.toHaveProperty('insecure-registries');
  });

  it.each([
    ['the flags name a log driver', '--log-driver=journald', '{}'],
    ['daemon.json names another log driver', '', '{"log-driver": "journald"}'],
    ['daemon.json bounds them already', '', '{"log-opts": {"max-size": "1g"}}'],
  ])('leaves logs alone where %s, and the file as it is', async (_, flags, text) => {
    const host = withDocker({ [JSON_FILE]: text });
    host.dockerFlags = flags;
    await apply(dockerConfiguration(tls, []), host);
    expect(host.text(JSON_FILE)).toBe(text);
  });

  it('reads flags of /etc/sysconfig/docker, but not its comments', async () => {
    const options = "OPTIONS='--selinux-enabled --log-driver=journald'\n";
    const host = withDocker({ '/etc/sysconfig/docker': options });
    await apply(dockerConfiguration(tls, []), host);
    expect(host.text(JSON_FILE)).toBeUndefined();
    host.put('/etc/sysconfig/docker', `# ${options}`);
    await apply(dockerConfiguration(tls, []), host);
    expect(json(host)).toHaveProperty('log-opts');
  });

  it('refuses, with the fix, where flags and file would contradict each other', async () => {
    const host = withDocker();
    host.dockerFlags = '--insecure-registry 10.1.0.0/16';
    await expect(planOf(dockerConfiguration(plainHttp, []), host)).rejects.toThrow(Failure);
    host.dockerFlags = '--insecure-registry 10.0.0.5:5000';
    host.units.set('docker.service', { active: 'active', file: 'enabled' });
    host.insecure = ['10.0.0.5:5000'];
    await apply(dockerConfiguration(plainHttp, []), host);
    expect(json(host)).not.toHaveProperty('insecure-registries');
  });

  it('refuses to guess at a daemon.json that is no JSON', async () => {
    const host = withDocker({ [JSON_FILE]: '{"a": }' });
    await expect(planOf(dockerConfiguration(plainHttp, []), host)).rejects.toThrow(
      /daemon\.json is not a JSON/,
    );
  });

  it("lays the registry's CA where docker looks for it, and follows it when it changes", async () => {
    const settings = { ...tls, registry: { ...tls.registry, caFile: '/root/ca.pem' } };
    const host = withDocker({ '/root/ca.pem': 'PEM 1' });
    await apply(dockerConfiguration(settings, []), host);
    expect(host.text('/etc/docker/certs.d/10.0.0.5:5443/ca.crt')).toBe('PEM 1');
    host.put('/root/ca.pem', 'PEM 2');
    await apply(dockerConfiguration(settings, []), host);
    expect(host.text('/etc/docker/certs.d/10.0.0.5:5443/ca.crt')).toBe('PEM 2');
    host.drop('/root/ca.pem');
    await expect(planOf(dockerConfiguration(settings, []), host)).rejects.toThrow(/DOCKER_REGISTRY_CA/);
  });

  it("keeps daemon.json's permissions", async () => {
    const host = withDocker().put(JSON_FILE, '{}', 0o600);
    await apply(dockerConfiguration(plainHttp, []), host);
    expect((await host.stat(JSON_FILE))?.mode).toBe(0o600);
  });
});

describe('docker', () => {
  const actions = async (host: El7, settings = plainHttp) =>
    (await planOf(docker(settings, []), host)).map(change =>
      change.kind === 'service' ? change.action : change.kind,
    );

  it('is enabled, started, and waited for', async () => {
    const host = withDocker({ [JSON_FILE]: '{"insecure-registries": ["10.0.0.5:5000"]}' });
    expect(await actions(host)).toEqual(['enable', 'start', 'await']);
    await apply(docker(plainHttp, []), host);
  });

  it('is restarted only while it does not know the plain-HTTP registry', async () => {
    const host = withDocker({ [JSON_FILE]: '{"insecure-registries": ["10.0.0.5:5000"]}' });
    host.unit('docker.service', 'active', 'enabled');
    expect(await actions(host, tls)).toEqual([]);
    expect(await actions(host)).toEqual(['restart', 'await']);
    await apply(docker(plainHttp, []), host);
  });

  it('is waited for, and not restarted, where it runs and does not answer', async () => {
    const host = withDocker().unit('docker.service', 'active', 'enabled');
    host.dockerAnswers = false;
    expect(await actions(host)).toEqual(['await']);
  });

  it('is not taken for running by an exit code alone', async () => {
    const host = withDocker().unit('docker.service', 'active', 'enabled');
    host.answer(/^docker info/, '{"ServerErrors":["Cannot connect"],"ServerVersion":""}');
    expect(await actions(host)).toEqual(['await']);
  });

  it('shows what docker wrote to the journal when it does not start', async () => {
    const host = withDocker().answer(/^journalctl -u docker/, 'unable to configure the Docker daemon\n');
    const report = await docker(plainHttp, []).diagnose?.(host, { code: 'x', message: 'y' });
    expect(report?.seen).toEqual(['unable to configure the Docker daemon']);
  });
});

describe('registry-login', () => {
  const step = registryLogin(tls, LOGIN);
  const auth = Buffer.from('node:canary-password').toString('base64');

  it('writes both files for root alone, and keeps logins of other registries', async () => {
    const host = new El7({
      '/root/.docker/config.json': '{"auths":{"other":{"auth":"eA=="}},"HttpHeaders":{}}',
    });
    await apply(step, host);
    expect(JSON.parse(host.text('/root/.docker/config.json') ?? '')).toEqual({
      auths: { other: { auth: 'eA==' }, '10.0.0.5:5443': { auth } },
      HttpHeaders: {},
    });
    expect(JSON.parse(host.text('/var/lib/kubelet/config.json') ?? '')).toEqual({
      auths: { '10.0.0.5:5443': { auth } },
    });
    expect((await host.stat('/var/lib/kubelet/config.json'))?.mode).toBe(0o600);
  });

  it.each([
    ['docker.io/acme', 'https://index.docker.io/v1/'],
    ['index.docker.io/acme', 'https://index.docker.io/v1/'],
    ['registry-1.docker.io/acme', 'registry-1.docker.io'],
    ['reg.example:443/acme', 'reg.example:443'],
    ['1.dkr.ecr.eu-west-1.amazonaws.com', '1.dkr.ecr.eu-west-1.amazonaws.com'],
  ])('stores that of %s where docker looks for it: %s', async (address, key) => {
    const host = new El7();
    await apply(registryLogin({ ...tls, registry: { address, plainHttp: false } }, LOGIN), host);
    for (const path of ['/root/.docker/config.json', '/var/lib/kubelet/config.json']) {
      expect(JSON.parse(host.text(path) ?? '')).toEqual({ auths: { [key]: { auth } } });
    }
  });

  it.each([
    { credsStore: 'secretservice' },
    { credHelpers: { '10.0.0.5:5443': 'pass', other: 'pass' } },
    { auths: { '10.0.0.5:5443': { auth, identitytoken: 'old' } } },
  ])(
    'has docker read it from the file, and leaves other logins to the program that keeps them: %j',
    async given => {
      const host = new El7({ '/root/.docker/config.json': JSON.stringify(given) });
      await apply(step, host);
      const written = JSON.parse(host.text('/root/.docker/config.json') ?? '') as typeof given;
      expect(written).toMatchObject({ auths: { '10.0.0.5:5443': { auth } } });
      expect(JSON.stringify(written)).not.toContain('identitytoken');
      const { credsStore, credHelpers } = { credsStore: undefined, credHelpers: undefined, ...written };
      expect(credsStore).toBe((given as { credsStore?: string }).credsStore);
      if ('auths' in given) expect(credHelpers).toBeUndefined();
      else expect(credHelpers).toMatchObject({ '10.0.0.5:5443': '' });
      if ('credHelpers' in given) expect(credHelpers).toMatchObject({ other: 'pass' });
    },
  );

  it('takes the permissions of others away from a file that has the login already', async () => {
    const host = new El7();
    await apply(step, host);
    host.put('/var/lib/kubelet/config.json', host.text('/var/lib/kubelet/config.json') ?? '', 0o644);
    expect((await planOf(step, host)).map(change => change.kind)).toEqual(['write']);
  });

  it('refuses to write over a file that it cannot read', async () => {
    const host = new El7({ '/root/.docker/config.json': 'auths:' });
    await expect(planOf(step, host)).rejects.toThrow(/config\.json is not a JSON object/);
  });
});
