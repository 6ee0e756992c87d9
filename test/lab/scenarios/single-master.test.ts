import { beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../lab';
import type { LabHost } from '../lab';
import { expectServiceReachable, expectWorkingMaster } from './cluster';
import { dnsComesApart } from './dns-hosts';
import { expectNoSecrets, watchArguments } from './secrets';
import {
  complaint,
  eventsOfType,
  fileTimes,
  freshHost,
  furtherHost,
  home,
  install,
  kubectl,
} from './support';
import type { InstallRun } from './support';

const token = 'e17e17.0123456789abcdef';

describe('a single master, with --yes --output json and a token of the operator', () => {
  let lab: Lab;
  let master: LabHost;
  let run: InstallRun;
  let argumentsSeen: string;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    master = await freshHost(lab, 'master1', { variables: { TILLER: 'yes' } });
    await master.write('/root/token', `${token}\n`, 0o600);
    const watch = await watchArguments(master);
    run = await install(master, '--yes --output json --token-file /root/token');
    argumentsSeen = await watch.stop();
  });

  test('ends with exit code 0 and nothing but events on stdout', () => {
    expect(complaint(run)).toBe('');
    expect(run.events[0]).toMatchObject({ v: 1, seq: 1 });
    expect(run.events.map(event => event.seq)).toEqual(run.events.map((_, index) => index + 1));
    expect(run.events[run.events.length - 1]).toMatchObject({ type: 'run-finished', outcome: 'succeeded' });
  });

  test('leaves a Ready node, etcd and tiller that answer over TLS to whom they should only', async () => {
    await expectWorkingMaster(master, { tiller: true });
  });

  test('shows no key and no token in events, journal, logs or the argument list of any process', async () => {
    await expectNoSecrets(master, {
      'the events': run.stdout,
      stderr: run.stderr,
      'the arguments of processes': argumentsSeen,
    });
  });

  test('keeps every key to root alone', async () => {
    const open = await master.succeed(
      'find /etc/kubernetes /root/.helm /root/.kube /root/.docker /var/lib/kube-el7-install /var/log/kube-el7-install ' +
        '-type f \\( -name "*.key" -o -name "*key.pem" -o -name "*.conf" -o -name config -o -name "join*" -o -name "*.log" -o -name "journal*" -o -name "config.json" \\) -perm /077 2>/dev/null; true',
    );
    expect(open).toBe('');
  });

  test('a second run finds every step unchanged and moves no file', async () => {
    const before = await fileTimes(master);
    const second = await install(master);
    expect(complaint(second)).toBe('');
    const steps = eventsOfType(second.events, 'step-finished');
    expect(steps.length).toBeGreaterThan(10);
    expect(steps.filter(event => event.outcome !== 'unchanged').map(event => event.step)).toEqual([]);
    expect(eventsOfType(second.events, 'change-started')).toEqual([]);
    expect(await fileTimes(master)).toBe(before);
  });

  test('a worker joins with the printed command, and a pod on it reaches a service on the master', async () => {
    const worker = await furtherHost(lab, 'worker1');
    const prepared = await install(worker, 'prepare --yes --output json');
    expect(complaint(prepared)).toBe('');
    const command = (await master.succeed(`${home}/kube-el7-install join-command`)).trim();
    expect(command).toMatch(
      /^kubeadm join 10\.\S+:6443 --token \S+ --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}$/,
    );
    expect(command).toContain(` --token ${token} `);
    await worker.succeed(command, { timeoutMs: 180_000 });
    await kubectl(master, 'wait --for=condition=Ready node/worker1 --timeout=120s');
    await expectServiceReachable(master, worker, lab.registry.plain);
    expect(await worker.succeed('ls /etc/kubernetes/manifests')).toBe('');
  });

  test('CoreDNS runs on both hosts then, moved by a Job that has ended', async () => {
    await dnsComesApart(master);
    const ended = await kubectl(
      master,
      "get job kube-el7-install-dns -n kube-system -o jsonpath='{.status.succeeded}'",
    );
    expect(ended).toBe('1');
  });
});
