import { describe, expect, test } from 'vitest';
import { until } from '../lab';
import type { LabHost } from '../lab';
import { standing } from './replaced';
import { complaint, eventsOfType, install } from './support';
import type { InstallRun } from './support';

const manifest = '/etc/kubernetes/manifests/etcd-cluster.yaml';
const pki = '/etc/kubernetes/pki/etcd';
const pair = `--cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key`;

/** etcd's JSON API on a master. */
function askEtcd(host: LabHost, path: string, body: object): Promise<string> {
  const url = `https://${host.address}:2379/v3/${path}`;
  return host.succeed(`curl -sS --fail --max-time 10 ${pair} -d @- ${url}`, { input: JSON.stringify(body) });
}

interface Status {
  readonly header: { readonly member_id: string };
  readonly dbSize: string;
}

async function statusOf(host: LabHost): Promise<Status> {
  return JSON.parse(await askEtcd(host, 'maintenance/status', {})) as Status;
}

/** The id of etcd's container: another one once a probe has ended it. */
async function containerOf(host: LabHost): Promise<string> {
  return (await host.succeed("docker ps --quiet --no-trunc --filter 'name=^/k8s_etcd_'")).trim();
}

/** Writes another manifest in the place of etcd's, at once as a whole, and waits for the container that comes of it. */
async function runWith(host: LabHost, edit: string): Promise<void> {
  const before = await containerOf(host);
  await host.succeed(
    `sed '${edit}' ${manifest} >/etc/kubernetes/etcd.edited && mv /etc/kubernetes/etcd.edited ${manifest}`,
  );
  await until(`etcd on ${host.name} to run anew`, 180_000, async () => {
    const now = await containerOf(host);
    if (now === '' || now.includes('\n') || now === before)
      throw new Error(`its container is ${now || 'away'}`);
    const { stdout } = await host.run(`curl -sS --max-time 2 ${pair} https://${host.address}:2379/health`);
    if (!stdout.includes('"true"')) throw new Error(`it says ${stdout}`);
  });
}

/** One value of 1 MB again and again, until etcd has no room for another one: all but the last of them are history. */
const FILL = `
head -c 1000000 /dev/urandom | base64 -w 0 >/root/filler
printf '{"key":"ZmlsbGVy","value":"%s"}' "$(cat /root/filler)" >/root/put
for round in $(seq 60); do
  curl -sS --max-time 20 ${pair} -d @/root/put https://"$1":2379/v3/kv/put | grep -q 'space exceeded' && exit 0
done
exit 1
`;

describe('three masters whose etcd has raised an alarm', () => {
  const cluster = standing();
  /** Writes since then that etcd refused, as the apiserver passes it on. */
  const refused = (since: number): number =>
    cluster().writer.attempts.filter(
      ({ at, outcome, detail }) =>
        at > since && outcome !== 'acknowledged' && /space exceeded|corrupt cluster/.test(detail),
    ).length;
  const writesAreRefused = (since: number): Promise<void> =>
    until('a write to be refused', 60_000, () => {
      if (refused(since) === 0) throw new Error(JSON.stringify(cluster().writer.attempts.at(-1)));
    });
  const repaired = async (run: InstallRun, since: number): Promise<void> => {
    expect(complaint(run)).toBe('');
    await cluster().writer.writesAfter(Date.now());
    for (const { address } of cluster().masters) expect(await cluster().writer.lost({ address })).toEqual([]);
    console.log(
      `${String(refused(since))} writes refused, none for ${String(cluster().writer.longestPause(since).ms)} ms until it was repaired`,
    );
  };

  test('that is full, say so and how full; room is made, and no acknowledged write is lost', async () => {
    const { masters } = cluster();
    const [master] = masters;
    if (master === undefined) throw new Error('there is a master');
    const sizes = await Promise.all(masters.map(async host => Number((await statusOf(host)).dbSize)));
    const quota = Math.max(...sizes) + 12 * 1024 * 1024;
    for (const host of masters)
      await runWith(host, `s/^\\( *\\)- etcd$/&\\n\\1- --quota-backend-bytes=${String(quota)}/`);
    const since = Date.now();
    await master.succeed(`sh -s ${master.address}`, { input: FILL, timeoutMs: 300_000 });
    await writesAreRefused(since);
    const containers = await Promise.all(masters.map(containerOf));

    const plan = await install(master, 'readd-member --plan --output plain');
    expect(plan.stdout).toMatch(/NOSPACE/);
    expect(plan.stdout).toMatch(/quota/);
    expect(plan.stdout).not.toMatch(/have not agreed on a leader/);
    // Longer than the old probe needed to end a member: eight times ten seconds.
    await until('the alarm to last', 120_000, () => {
      if (Date.now() - since < 100_000) throw new Error('not long enough yet');
    });
    expect(await Promise.all(masters.map(containerOf))).toEqual(containers);

    const run = await install(master, 'readd-member --yes --output json');
    expect(eventsOfType(run.events, 'step-finished').map(({ step }) => step)).toContain('etcd-make-room');
    await repaired(run, since);
    expect(await askEtcd(master, 'maintenance/alarm', { action: 'GET' })).not.toContain('NOSPACE');
    for (const host of masters) expect(Number((await statusOf(host)).dbSize)).toBeLessThan(quota);
    expect(await Promise.all(masters.map(containerOf))).toEqual(containers);

    await askEtcd(master, 'kv/deleterange', { key: 'ZmlsbGVy' });
    for (const host of masters) await runWith(host, '/--quota-backend-bytes=/d');
  });

  test('that is about corrupt data have their data compared; where all agree it is cleared', async () => {
    const { masters } = cluster();
    const [master] = masters;
    if (master === undefined) throw new Error('there is a master');
    const since = Date.now();
    const { header } = await statusOf(master);
    await askEtcd(master, 'maintenance/alarm', {
      action: 'ACTIVATE',
      memberID: header.member_id,
      alarm: 'CORRUPT',
    });
    await writesAreRefused(since);
    const plan = await install(master, 'readd-member --plan --output plain');
    expect(plan.stdout).toMatch(/CORRUPT/);
    const run = await install(master, 'readd-member --yes --output json');
    expect(eventsOfType(run.events, 'step-finished').map(({ step }) => step)).toContain('etcd-clear-corrupt');
    await repaired(run, since);
    expect(await askEtcd(master, 'maintenance/alarm', { action: 'GET' })).not.toContain('CORRUPT');
  });
});
