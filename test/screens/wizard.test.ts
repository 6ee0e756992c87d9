import { describe, expect, it } from 'vitest';
import { FakeInstaller } from './support/fake-installer';
import { Opened } from './support/opened';

describe('the wizard', () => {
  it('opens with the preset version marked among those that yum offers', async () => {
    const screens = await new Opened({}).sees('1.21.14');
    await expect(screens.frame).toMatchFileSnapshot('frames/wizard-open.txt');
  });

  it('shows its first frame before yum has answered', async () => {
    const installer = new FakeInstaller();
    installer.versions = new Promise(() => undefined);
    const screens = await new Opened({ installer }).sees('asking yum');
    expect(screens.frame).toContain('KUBE_VERSION     1.20.2');
  });

  it('lets the version be typed where yum offers none, and says what is wrong with it', async () => {
    const installer = new FakeInstaller();
    installer.versions = Promise.reject(new Error('yum: no repositories'));
    const screens = await new Opened({ installer }).sees('yum offers no version');
    screens.press('ctrl-u', '1.31.0');
    await screens.sees('is not a version that can be installed');
    expect(screens.frame).toContain('instead: a version from 1.16.0 to 1.23.17');
    screens.press('enter', 'home', '2');
    await screens.sees('2▏1.31.0');
    expect(screens.frame).toContain('question 1 of 4');
  });

  it('chooses a version with the arrows and gives it on', async () => {
    const screens = await new Opened({}).sees('1.21.14');
    screens.press('up', 'enter');
    await screens.sees('question 2 of 4');
    expect(screens.frame).toContain('KUBE_VERSION     1.20.15');
    expect(screens.installer.asked).toContainEqual({ KUBE_VERSION: '1.20.15' });
  });

  it('asks the registry for what was typed, once typing pauses', async () => {
    const screens = await new Opened({}).sees('1.21.14');
    screens.press('enter', 'registry.example.org:5000');
    await screens.sees('✔ reachable, 9 of 9 images found');
    expect(screens.installer.calls).toEqual(['registry registry.example.org:5000']);
    await expect(screens.frame).toMatchFileSnapshot('frames/wizard-registry.txt');
  });

  it('names the images that the registry lacks', async () => {
    const installer = new FakeInstaller();
    installer.registry = () =>
      Promise.resolve({ reachable: true, found: 7, total: 9, missing: ['coredns:1.7.0', 'flannel:v0.13.0'] });
    const screens = await new Opened({ installer }).sees('1.21.14');
    screens.press('enter', 'registry.example.org');
    await screens.sees('▲ reachable, 7 of 9 images found; not there:');
    expect(screens.frame).toContain('coredns:1.7.0, flannel:v0.13.0');
  });

  it('explains a registry that answers over plain HTTP, whole', async () => {
    const installer = new FakeInstaller();
    const problem =
      'answers over plain HTTP: nothing would prove that the images are the registry’s own; set DOCKER_REGISTRY_PLAIN_HTTP=yes in the variables file to accept that, or give it TLS';
    installer.registry = () =>
      Promise.resolve({ reachable: false, problem, found: 0, total: 9, missing: [] });
    const screens = await new Opened({ installer }).sees('1.21.14');
    screens.press('enter', 'registry.example.org');
    await screens.sees('✘ not usable: answers over plain HTTP');
    await expect(screens.frame).toMatchFileSnapshot('frames/wizard-plain-http.txt');
  });

  it('drops an answer about an address that was typed over meanwhile', async () => {
    const installer = new FakeInstaller();
    let answerFirst: () => void = () => undefined;
    installer.registry = address =>
      new Promise(resolve => {
        const answer = () => {
          resolve({ reachable: true, found: address === 'one' ? 1 : 9, total: 9, missing: ['x'] });
        };
        if (address === 'one') answerFirst = answer;
        else answer();
      });
    const screens = await new Opened({ installer }).sees('1.21.14');
    screens.press('enter', 'one');
    await screens.until(() => installer.calls.includes('registry one'));
    screens.press('ctrl-u', 'other');
    await screens.sees('9 of 9');
    answerFirst();
    screens.press('tab', 'tab');
    await screens.sees('question 4');
    expect(screens.frame).toContain('9 of 9');
  });

  it('says in place what is wrong with a VIP, keeps the answers when going back, and goes on without it', async () => {
    const screens = await new Opened({}).sees('1.21.14');
    screens.press('enter', 'registry.example.org', 'enter', '10.0.0.9');
    await screens.sees('is the own address of the master master2');
    await screens.sees('images found');
    await expect(screens.frame).toMatchFileSnapshot('frames/wizard-vip-refused.txt');
    screens.press('enter', 'backtab');
    await screens.sees('question 2 of 4');
    expect(screens.frame).toContain('10.0.0.9');
    screens.press('down', 'ctrl-u', 'enter', 'enter');
    await screens.sees('preflight');
    expect(screens.installer.asked[screens.installer.asked.length - 1]).toEqual({
      DOCKER_REGISTRY: 'registry.example.org',
    });
  });

  it('has a VIP looked up once typing pauses, and not every beginning of it', async () => {
    const screens = await new Opened({}).sees('1.21.14');
    screens.press('enter', 'r', 'enter', '10.160.24.100', 'enter', 'master1,master2');
    await screens.until(() => screens.installer.asked.some(({ masters }) => masters === 'master1,master2'));
    const lookedUp = screens.installer.asked.map(({ vip }) => vip ?? '').filter(vip => vip !== '');
    expect(new Set(lookedUp)).toEqual(new Set(['10.160.24.100']));
    screens.press('enter');
    await screens.sees('preflight');
  });

  it('names the part of an answer that is wrong', async () => {
    const screens = await new Opened({}).sees('1.21.14');
    screens.press('enter', 'r', 'enter', '10.160.24.100', 'enter', 'master1,nobody,master3');
    await screens.sees('✘ nobody does not resolve to an IPv4 address');
  });

  it('leads back to the first answer with a problem when all are given at once, as by pasting', async () => {
    const screens = await new Opened({}).sees('1.21.14');
    screens.press('\rregistry.example.org\r10.0.0.9\r\r');
    await screens.sees('question 3 of 4');
    expect(screens.frame).toContain('✘ is the own address of the master');
    expect(screens.installer.calls).not.toContain('preflight');
  });

  it('shows problems that it cannot ask about, and does not go on', async () => {
    const installer = new FakeInstaller();
    installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: 'r' };
    installer.otherProblems = [
      {
        field: 'CLUSTER_DNS',
        value: '10.9.0.10',
        where: 'variables:14',
        wrong: 'is outside SERVICE_SUBNET 10.96.0.0/12',
        right: 'an address such as 10.96.0.10',
      },
    ];
    const screens = await new Opened({ installer }).sees('CLUSTER_DNS=10.9.0.10 (variables:14)');
    screens.press('enter', 'enter', 'enter', 'enter');
    await screens.sees('question 4 of 4');
    expect(installer.calls).not.toContain('preflight');
  });

  it('is left by Ctrl-C with 130', async () => {
    const screens = await new Opened({}).sees('1.21.14');
    screens.press('ctrl-c');
    expect(await screens.exit).toBe(130);
  });
});
