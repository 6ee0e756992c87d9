import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogReader, type LogState } from '../../../source/recovery/wal/log';
import { Lab, until } from '../lab';
import type { LabHost } from '../lab';
import { complaint, eventsOfType, freshHost, install, kubectl } from './support';

const MEMBER = '/var/lib/etcd/member';
/** The data as etcd left it. */
const WHOLE = '/var/lib/etcd/as-it-was';
const MANIFESTS = '/etc/kubernetes/manifests';
const PODS = ['etcd-init.yaml', 'kube-apiserver.yaml'];
const SNAPSHOTS = '/var/lib/kube-el7-install/snapshots';
const TLS = ['cacert /etc/kubernetes/pki/etcd/ca.crt', 'cert /etc/kubernetes/pki/etcd/healthcheck-client.crt']
  .concat('key /etc/kubernetes/pki/etcd/healthcheck-client.key')
  .map(one => `--${one}`)
  .join(' ');

/** A real etcd damages nothing by itself: what a disk does to its data is done by hand here, and what is told is compared with what etcd does. */
describe('a single master whose etcd has damaged data', () => {
  let lab: Lab;
  let master: LabHost;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    master = await lab.original('master1');
    if (!(await hasCluster(master))) {
      master = await freshHost(lab, 'master1');
      expect(complaint(await install(master))).toBe('');
    }
    const container = (await master.succeed('docker ps --quiet --filter name=k8s_etcd_etcd-init')).trim();
    const client = TLS.replace('--cert ', '--cert=')
      .replace('--key ', '--key=')
      .replace('--cacert ', '--cacert=');
    await master.succeed(
      `docker exec --env ETCDCTL_API=3 ${container} etcdctl ${client} snapshot save /var/lib/etcd/nightly.db`,
    );
    await master.succeed(
      `mkdir -p -m 700 ${SNAPSHOTS} && mv /var/lib/etcd/nightly.db ${SNAPSHOTS}/nightly.db`,
    );
    await kubectl(master, 'create configmap --namespace default written-after-the-snapshot');
    await end(master);
    await master.succeed(`cp --archive --sparse=always ${MEMBER} ${WHOLE}`);
  });

  afterAll(async () => {
    await end(master);
    await master.succeed(`rm -rf ${MEMBER} && mv ${WHOLE} ${MEMBER} && rm -f ${SNAPSHOTS}/nightly.db`);
    await begin(master, PODS);
    await until('the API answers again', 180_000, () => master.succeed('kubectl get --raw /healthz'));
  });

  test.each<readonly [string, (log: LogState, file: string) => string]>([
    ['as it was', () => 'true'],
    ['with its last record torn', ({ end: at }, file) => `truncate --size=${at - 3} ${file}`],
  ])('is offered its own data %s, with the revision that etcd then has', async (_, damage) => {
    await damaged(master, damage);
    const told = await examined(master);
    expect(told).toContain('Nothing is lost that had reached its disk.');
    const [, revision] = /\bmember: revision (\d+)/.exec(told) ?? [];
    await begin(master, ['etcd-init.yaml']);
    expect(await outcome(master)).toBe('healthy');
    // A lease that has run out meanwhile takes its keys along, and each counts.
    expect(Number(await revisionOf(master))).toBeGreaterThanOrEqual(Number(revision));
    const written = await modifiedAt(master, '/registry/configmaps/default/written-after-the-snapshot');
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(Number(revision));
  });

  test.each<readonly [string, RegExp, (log: LogState, file: string) => string]>([
    [
      'a byte of its log is another one',
      /its log is damaged \(etcdmain: walpb: crc mismatch\)/,
      ({ end: at }, file) =>
        `printf x | dd of=${file} bs=1 seek=${Math.floor(at / 2)} conv=notrunc status=none`,
    ],
    [
      'the end of its database is lost',
      /its database is damaged/,
      () => `truncate --size=$(($(stat -c %s ${MEMBER}/snap/db) / 2)) ${MEMBER}/snap/db`,
    ],
    [
      'a page in three of its database is zeros',
      /its database is damaged \(panic: freepages/,
      () =>
        `for at in $(seq 2 3 $(($(stat -c %s ${MEMBER}/snap/db) / 4096 - 1))); do dd if=/dev/zero of=${MEMBER}/snap/db bs=4096 seek=$at count=1 conv=notrunc status=none; done`,
    ],
  ])(
    'is not offered its own data where %s, is told why, and is offered a snapshot',
    async (_, why, damage) => {
      await damaged(master, damage);
      await begin(master, ['etcd-init.yaml']);
      expect(await outcome(master)).toBe('ended');
      const told = await examined(master);
      expect(told).toMatch(why);
      expect(told).toMatch(/\bmember cannot be used: /);
      expect(told).not.toMatch(/\bmember: revision/);
      expect(told).not.toContain('Nothing is lost');
      expect(told).toContain(`${SNAPSHOTS}/nightly.db: revision`);
      await end(master);
    },
  );
});

async function hasCluster(host: LabHost): Promise<boolean> {
  if (!host.running) return false;
  return (
    (await host.run('kubectl get --raw /healthz && test -e /etc/kubernetes/manifests/etcd-init.yaml'))
      .code === 0
  );
}

/** Hides etcd and the apiserver from the kubelet, which passes over names with a dot, and waits until etcd has ended. */
async function end(host: LabHost): Promise<void> {
  for (const pod of PODS)
    await host.succeed(`cd ${MANIFESTS} && if [ -e ${pod} ]; then mv ${pod} .${pod}; fi`);
  await until('etcd to end', 60_000, () =>
    host.succeed('test -z "$(docker ps --quiet --filter name=k8s_.*_etcd-init)"'),
  );
  await host.succeed('docker ps --all --quiet --filter name=k8s_.*_etcd-init | xargs -r docker rm --force');
}

async function begin(host: LabHost, pods: readonly string[]): Promise<void> {
  for (const pod of pods) await host.succeed(`cd ${MANIFESTS} && mv .${pod} ${pod}`);
}

/** Puts the data back as it was, and does something to it; the log is read before. */
async function damaged(host: LabHost, damage: (log: LogState, file: string) => string): Promise<void> {
  await end(host);
  await host.succeed(`rm -rf ${MEMBER} && cp --archive --sparse=always ${WHOLE} ${MEMBER}`);
  const file = (await host.succeed(`ls -1 ${MEMBER}/wal/*-*.wal | tail -n 1`)).trim();
  const reader = new LogReader();
  reader.add(gunzipSync(Buffer.from(await host.succeed(`gzip -c ${file} | base64 -w 0`), 'base64')), true);
  const state = reader.result();
  if ('damage' in state) throw new Error(`the log cannot be read before it is damaged: ${state.damage}`);
  await host.succeed(damage(state, file));
}

/** What is found out before anything is done. */
async function examined(host: LabHost): Promise<string> {
  const run = await install(host, 'readd-member --yes --output json');
  expect(run.code).toBe(2);
  return eventsOfType(run.events, 'check-finished')
    .flatMap(({ findings }) => findings.map(({ message, fix = '' }) => `${message} ${fix}`))
    .join('\n');
}

/** What becomes of the real etcd with its real data. */
async function outcome(host: LabHost): Promise<string> {
  return until('etcd to be healthy, or to end', 90_000, async () => {
    const health = await host.run(`curl --silent --max-time 2 ${TLS} https://127.0.0.1:2379/health`);
    if (/"health":\s*"true"/.test(health.stdout)) return 'healthy';
    const state = await host.succeed(
      "docker ps --all --filter name=k8s_etcd_etcd-init --format '{{.Status}}' | head -n 1",
    );
    if (state.startsWith('Exited')) return 'ended';
    throw new Error(state);
  });
}

async function revisionOf(host: LabHost): Promise<string | undefined> {
  const status = await host.succeed(
    `curl --silent --fail ${TLS} --data '{}' https://127.0.0.1:2379/v3/maintenance/status`,
  );
  return /"revision":"(\d+)"/.exec(status)?.[1];
}

/** The revision of the newest write to a key, as etcd has it. */
async function modifiedAt(host: LabHost, key: string): Promise<number> {
  const body = JSON.stringify({ key: Buffer.from(key).toString('base64') });
  const answer = await host.succeed(
    `curl --silent --fail ${TLS} --data '${body}' https://127.0.0.1:2379/v3/kv/range`,
  );
  return Number(/"mod_revision":"(\d+)"/.exec(answer)?.[1] ?? 0);
}
