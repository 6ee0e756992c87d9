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
    trial = new MasterTrial(shell);
    trial.write('/cluster/node', 'label kubernetes.io/hostname\ntaint node.kubernetes.io/not-ready\n');
    trial.start();
    await trial.until(() => trial.report.complete === true && taints() === 1);
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
    trial.turn('out');
    await trial.until(() => trial.report.etcd === 'out');
    // Only what is new, and no second taint: whoever took it away meant to.
    expect(trial.done.slice(before)).toHaveLength(1);
  });
});
