import { describe, expect, it } from 'vitest';
import type { Arguments } from '../../source/arguments';
import { gather, withAnswers } from '../../source/installation/told';
import { FakeHost } from '../support/fake-host';
import { given } from './ports';

const around = { environment: {}, workingDirectory: '/site', packageRoot: '/package' };

async function topology(more: Partial<Arguments>) {
  return (await gather(new FakeHost(), { ...given, ...more }, around)).told.topology;
}

describe('VIP and masters', () => {
  it('are nothing where nothing is said', async () => {
    expect(await topology({})).toEqual({ vip: '', masters: '', where: { vip: 'flag', masters: 'flag' } });
  });

  it('keep their own source where the wizard changes only one', async () => {
    const said = await gather(new FakeHost(), { ...given, answers: { vip: 'a', masters: 'b' } }, around);
    const told = withAnswers(said.told, { masters: 'c', KUBE_VERSION: '1.19.16' });
    expect(told.topology).toEqual({ vip: 'a', masters: 'c', where: { vip: 'flag', masters: 'answer' } });
    expect(told.answers).toEqual({ KUBE_VERSION: '1.19.16' });
    expect(withAnswers(told, {}).topology).toEqual(told.topology);
  });

  it('keep platform and ssh beside what the wizard answers', async () => {
    const said = await gather(
      new FakeHost(),
      { ...given, platform: 'aws', ssh: { user: 'admin', keyFile: 'key' } },
      around,
    );
    expect(withAnswers(said.told, { vip: 'a' }).topology).toMatchObject({
      vip: 'a',
      platform: 'aws',
      ssh: { user: 'admin', keyFile: { given: 'key', path: '/site/key' } },
    });
  });

  it('take a key’s path from the working directory, unless it is absolute', async () => {
    expect((await topology({ ssh: { keyFile: '/root/key' } })).ssh).toEqual({
      keyFile: { given: '/root/key', path: '/root/key' },
    });
    expect((await topology({ ssh: {} })).ssh).toEqual({});
  });
});
