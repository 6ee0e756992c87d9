import { afterEach, describe, expect, it } from 'vitest';
import { MasterTrial, shells } from './master-trial';

const ADMIN = '/etc/kubernetes/admin.conf';

let trial: MasterTrial;
afterEach(() => trial.remove());

function begun(shell: string): MasterTrial {
  trial = new MasterTrial(shell);
  trial.start();
  return trial;
}

describe.each(shells)('what the script that makes masters does to its node, in %s', shell => {
  it('taints a node until the taint is seen to stay, and then leaves it to whoever takes it away', async () => {
    const node = (...lines: string[]): void => {
      trial.write('/cluster/node', ['label role/master', 'label role/control-plane', ...lines, ''].join('\n'));
    };
    const taints = (): number => trial.done.filter(line => line.startsWith('taint ')).length;
    begun(shell);
    await trial.until(() => trial.report.complete === true && taints() === 1);
    node('taint node.kubernetes.io/not-ready', 'taint role/master');
    await trial.until(() => trial.report.complete === true);
    // The cluster takes its own taint away, and writes over ours.
    node();
    await trial.until(() => trial.output.includes('tainted the node once more'));
    expect(taints()).toBe(2);
    await trial.until(() => trial.report.tainted === true);
    await trial.kill();
    node('said {"digest":"of another time","tainted":true}');
    trial.start();
    await trial.until(() => trial.report.digest !== undefined && trial.done.length > 4);
    expect(taints()).toBe(2);
  });

  it('says how the kubelet reaches its containers, where a join was cut off before it did, and else leaves that alone', async () => {
    begun(shell);
    await trial.until(() => trial.report.complete === true);
    expect(trial.patch?.socket).toBe('/run/cri.sock');
    await trial.remove();
    trial = new MasterTrial(shell);
    trial.write('/cluster/node', 'label kubernetes.io/hostname\nsocket /run/other.sock\n');
    trial.start();
    await trial.until(() => trial.report.complete === true);
    expect(trial.done.join('')).not.toContain('cri.sock');
  });

  it('tells to which etcd the host has connections', async () => {
    begun(shell);
    const line = (remote: string, state: string): string => `  0: 0200000A:C350 ${remote} ${state} 00000000:0\n`;
    // To the third, to itself; one that is being closed; one that another host has to this one.
    trial.write('/proc/net/tcp', `${line('1E00000A:094B', '01')}${line('0200000A:094B', '01')}${line('0100000A:094B', '06')}`);
    await trial.until(() => trial.report.apiserverEtcd?.length === 2);
    expect(trial.report.apiserverEtcd).toEqual(['10.0.0.2', '10.0.0.30']);
    // An apiserver has many clients: as long as some of them know one member only, the other one does not count.
    const many = (remote: string, count: number): string => line(remote, '01').repeat(count);
    trial.write('/proc/net/tcp', many('0200000A:094B', 75) + many('1E00000A:094B', 60));
    await trial.until(() => trial.report.apiserverEtcd?.length === 1);
    expect(trial.report.apiserverEtcd).toEqual(['10.0.0.2']);
    trial.write('/proc/net/tcp', many('0200000A:094B', 76) + many('1E00000A:094B', 75));
    await trial.until(() => trial.report.apiserverEtcd?.length === 2);
  });

  it('says nothing new of a node that has not changed', async () => {
    begun(shell);
    await trial.until(() => trial.report.tainted === true);
    const said = JSON.stringify(trial.report).replace(/"did".*/, '');
    await trial.kill();
    const before = trial.done.length;
    trial.write('/cluster/node', `label role/master\nlabel role/control-plane\nsocket /run/cri.sock\nsaid ${said}"at":"then"}\n`);
    trial.output = '';
    trial.start();
    trial.write(ADMIN, '');
    await trial.until(() => trial.output.includes('wrote'));
    trial.write('/proc/net/tcp', ' 0: 0200000A:C350 0100000A:094B 01 0\n');
    await trial.until(() => trial.report.apiserverEtcd?.length === 1);
    // Only what is new, and no second taint: whoever took it away meant to.
    expect(trial.done.slice(before)).toHaveLength(1);
  });
});
