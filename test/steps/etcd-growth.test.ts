import { beforeAll, describe, expect, it } from 'vitest';
import { growSteps } from '../../source/steps/grow-steps';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { apply, everything, failing, growth, of } from './etcd-apply';
import { EtcdHost, MASTERS } from './etcd-host';

const [MASTER, SECOND, THIRD] = MASTERS;
const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const OLD = { ...TOLD, text: 'DOCKER_REGISTRY=10.0.0.5:5000\nETCD_IMAGE=10.0.0.5:5000/etcd:3.3.15-0\n' };

let settings: Settings;
let old: Settings;

beforeAll(async () => {
  settings = await settingsOf(TOLD);
  old = await settingsOf(OLD);
});

describe('etcd', () => {
  it.each([
    ['with learners', () => settings],
    ['without learners', () => old],
  ])('grows from one member to three %s, and a second time there is nothing to do', async (_, told) => {
    const host = new EtcdHost();
    host.behind = 2;
    host.settling = 2;
    await apply(everything(told()), host);
    expect(host.who).toEqual(['master1', 'master2', 'master3']);
    expect([...host.pods.values()]).toEqual(['etcd-cluster', 'etcd-cluster', 'etcd-cluster']);
    expect([...host.turns.values()]).toEqual(['cluster', 'cluster', 'cluster']);
    expect(host.jobs.size).toBe(0);
    const calls = host.changes.length;
    expect(await apply(everything(told()), host)).toEqual([]);
    expect(host.changes.length).toBe(calls);
  });

  it.each([
    ['with learners', 40, () => settings],
    ['without learners', 40, () => old],
  ])(
    'comes to the same end %s when it is killed before any of its %d changes and run again',
    async (_, count, told) => {
      const moments: { readonly host: EtcdHost; readonly at: string }[] = [];
      const whole = new EtcdHost();
      await apply(everything(told()), whole, (change, step) => {
        moments.push({ host: whole.copy(), at: `${step.id}: ${change.kind}` });
      });
      expect(moments.length).toBe(count);
      for (const { host, at } of moments) {
        await apply(everything(told()), host);
        expect(host.who, at).toEqual(whole.who);
        expect([...host.pods].sort(), at).toEqual([...whole.pods].sort());
        const adds = host.executed.filter(command => / member add /.test(command));
        expect(adds.length, at).toBeLessThanOrEqual(2);
      }
    },
  );

  it('never has a member that counts before it runs', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host, () => {
      for (const member of host.members) expect(member.name !== '' || member.learner).toBe(true);
    });
  });

  it.each([
    ['with learners', () => settings],
    ['without learners', () => old],
  ])(
    'lets a control plane start %s once its member runs and has its vote, and not before',
    async (_, told) => {
      const host = new EtcdHost();
      const voted: string[] = [];
      await apply(growth(told()), host, change => {
        const name =
          change.kind === 'run' ? /^Let the control plane on (\S+) start/.exec(change.title)?.[1] : '';
        if (!name) return;
        expect(host.who).toContain(name);
        expect(host.runs(name)).toBe(true);
        voted.push(name);
      });
      expect(voted).toEqual(['master2', 'master3']);
      const attempts = [...host.turns].map(([name, turn]) => [name, turn.replace(/^vote \w+$/, 'vote')]);
      expect(attempts).toEqual([
        ['master2', 'vote'],
        ['master3', 'vote'],
      ]);
    },
  );

  it.each([
    ['was told to start, as where a run was cut off after the promotion', 'start a', 'vote a'],
    ['has what is left of a turn that was lost', '', 'cluster'],
    ['is past it', 'cluster', 'cluster'],
    ['has it', 'vote a', 'vote a'],
  ])('gives a voter that %s the turn %j -> %j', async (_, before, after) => {
    const host = new EtcdHost();
    await apply(growth(settings).slice(0, 4), host);
    host.turns.set('master2', before);
    await apply([of(growth(settings), 'etcd-promote-master2')], host);
    expect(host.turns.get('master2')).toBe(after);
    expect(host.who).toEqual(['master1', 'master2']);
  });

  it('starts a member no second time with another attempt when it has its vote', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    const attempt = (turn = ''): string => turn.replace(/^\w+ /, '');
    const started = host.executed.flatMap(line => /"etcd-turn":"start (\w+)"/.exec(line)?.[1] ?? []);
    expect(started).toEqual(['master2', 'master3'].map(name => attempt(host.turns.get(name))));
  });

  it('tells the arithmetic of the quorum', () => {
    expect(growth(settings).map(({ title }) => title)).toEqual([
      'Save a snapshot of etcd before master2 is added',
      'Add master2 to etcd as a learner (quorum 1 of 1 stays)',
      'Start etcd on master2 (quorum 1 of 1 stays)',
      'Give master2 its vote in etcd (quorum 2 of 2, may lose 0)',
      'Save a snapshot of etcd before master3 is added',
      'Add master3 to etcd as a learner (quorum 2 of 2 stays)',
      'Start etcd on master3 (quorum 2 of 2 stays)',
      'Give master3 its vote in etcd (quorum 2 of 3, may lose 1)',
    ]);
    expect(of(growth(old), 'etcd-add-master2').title).toBe(
      'Add master2 to etcd (quorum 1 of 1 becomes 2 of 2; writes stop for a second or two)',
    );
  });

  it('is planned before it is there, without a word to anybody', async () => {
    const host = new EtcdHost();
    host.pods.clear();
    host.drop('/etc/kubernetes/manifests/etcd-init.yaml');
    for (const step of everything(settings)) {
      expect(step.plan(await step.probe(host)).length, step.id).toBeGreaterThan(0);
    }
    expect(host.changes).toEqual([]);
  });

  it('is only waited for where it was begun and does not answer', async () => {
    const host = new EtcdHost();
    host.broken.add('master1');
    for (const id of [
      'etcd-add-master2',
      'etcd-start-master2',
      'etcd-promote-master2',
      'etcd-swap-master1',
    ]) {
      const step = of(everything(settings), id);
      expect(
        step.plan(await step.probe(host)).map(({ kind }) => kind),
        id,
      ).toEqual(['await']);
    }
  });
});

describe('a member that does not start', () => {
  it('is taken out again, and the next try has another attempt', async () => {
    const host = new EtcdHost();
    host.broken.add('master2');
    const [snapshot, add, start] = growSteps(settings, MASTER, SECOND, []);
    if (!snapshot || !add || !start) throw new Error('no steps');
    await apply([snapshot, add], host);
    await failing(start, host);
    expect(host.who).toEqual(['master1']);
    expect(host.turns.get('master2')).toBe('wait');
    const attempts = host.executed.flatMap(command => /start ([0-9a-f]+)/.exec(command)?.[1] ?? []);
    host.broken.clear();
    await apply(growth(settings), host);
    attempts.push(/start (\S+)/.exec(host.turns.get('master2') ?? '')?.[1] ?? '');
    expect(new Set(attempts).size).toBe(2);
  });

  it('is told of with the last words of its container, and what it means', async () => {
    const host = new EtcdHost();
    host.broken.add('master2');
    const [, add, start] = growSteps(settings, MASTER, SECOND, []);
    if (!add || !start) throw new Error('no steps');
    await apply([add], host);
    await expect(apply([start], host)).rejects.toThrow();
    const report = await start.diagnose?.(host, { code: 'timed-out', message: 'Waited 180 s.' });
    expect(report).toMatchObject({ code: 'etcd-member-not-started' });
    expect(report?.message).toMatch(/The others are as they were before/);
    expect(report?.seen?.join('\n')).toContain('the last words of etcd-init-master2');
  });

  it('stays where it counts and there is no quorum without it, which is said', async () => {
    const host = new EtcdHost();
    host.broken.add('master2');
    const [, add, start] = growSteps(old, MASTER, SECOND, []);
    if (!add || !start) throw new Error('no steps');
    await apply([add], host);
    await failing(start, host);
    expect(host.who).toEqual(['master1', 'unstarted']);
    expect(host.turns.get('master2')).toMatch(/^start /);
    const report = await start.diagnose?.(host, { code: 'timed-out', message: 'Waited 180 s.' });
    expect(report?.message).toMatch(/nothing can be written until it runs/);
    host.broken.clear();
    host.members.forEach(member => (member.name = member.url.replace(/^.*\.(\d):2380$/, 'master$1')));
    await apply(growth(old), host);
    expect(host.who).toEqual(['master1', 'master2', 'master3']);
  });

  it('is taken out without learners, too, where the others are a quorum', async () => {
    const host = new EtcdHost();
    await apply(growSteps(old, MASTER, SECOND, []), host);
    host.broken.add('master3');
    const [, add, start] = growSteps(old, MASTER, THIRD, []);
    if (!add || !start) throw new Error('no steps');
    await apply([add], host);
    await failing(start, host);
    expect(host.who).toEqual(['master1', 'master2']);
    expect(host.turns.get('master3')).toBe('wait');
  });

  it('keeps its data where it has had a vote: its pod is told nothing', async () => {
    const host = new EtcdHost();
    await apply(growth(settings), host);
    host.turns.delete('master2');
    host.broken.add('master2');
    const start = of(growth(settings), 'etcd-start-master2');
    expect(start.plan(await start.probe(host))).toEqual([]);
    expect(start.withdraw?.(await start.probe(host))).toEqual([]);
  });
});

describe('adding a member', () => {
  it('waits for those that are there, and says which one is ill and what that means', async () => {
    const host = new EtcdHost();
    await apply(growSteps(settings, MASTER, SECOND, []), host);
    host.broken.add('master2');
    const add = of(growth(settings), 'etcd-add-master3');
    const failure = { code: 'timed-out', message: '' };
    await expect(apply([add], host)).rejects.toThrow();
    expect(host.who).toEqual(['master1', 'master2']);
    expect(await add.diagnose?.(host, failure)).toMatchObject({
      code: 'etcd-not-healthy',
      message:
        'etcd on master2 is not healthy: 1 of 2 voters are left, and the quorum is 2, so nothing can be written until one more answers.',
    });
  });

  it('is refused while a member is none of the masters', async () => {
    const host = new EtcdHost();
    host.members.push({ id: '255', url: 'https://10.0.0.9:2380', name: '', learner: true });
    const add = of(growth(settings), 'etcd-add-master2');
    await expect(apply([add], host)).rejects.toThrow(
      /has never run at https:\/\/10\.0\.0\.9:2380, which is none of/,
    );
    expect(host.changes).toEqual([]);
  });

  it('is refused for one that was a member before: its manifest would not name all that are', async () => {
    const host = new EtcdHost();
    host.members.push({ id: '255', url: 'https://10.0.0.3:2380', name: 'master3', learner: false });
    const add = of(growth(settings), 'etcd-add-master2');
    await expect(apply([add], host)).rejects.toMatchObject({
      report: {
        code: 'etcd-out-of-order',
        hint: 'A master that was one before is put back: kube-el7-install readd-member master2',
      },
    });
    expect(host.changes).toEqual([]);
  });

  it('puts back without learners what it staged, where it comes to nothing', async () => {
    const host = new EtcdHost();
    host.answer(/etcdctl .* member add /, { code: 1, stderr: 'Error: context deadline exceeded\n' });
    await failing(of(growth(old), 'etcd-add-master2'), host);
    expect(host.turns.get('master2')).toBe('wait');
  });
});
