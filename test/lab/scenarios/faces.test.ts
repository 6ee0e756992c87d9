import { beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../../source/engine/check';
import { Lab } from '../lab';
import type { Face, LabHost } from '../lab';
import { eventsOfType, fileTimes, furtherHost, install, powerOffOthers } from './support';
import type { InstallRun } from './support';

/** A host as sites have them, and what the preflight says of it: findings by check and level. */
interface Case {
  readonly faces: readonly Face[];
  readonly says: readonly (readonly [check: string, level: Finding['level'], message: RegExp])[];
}

const cases: readonly Case[] = [
  {
    faces: ['long-name', 'two-cards'],
    says: [
      [
        'hostname',
        'ok',
        /^ip-172-31-100-2\d\d\.eu-central-1\.compute\.internal is 10\.160\.\d+\.\d+, on host0$/,
      ],
    ],
  },
  { faces: ['no-default-route'], says: [['hostname', 'ok', /^\w+ is 10\.160\.\d+\.\d+, on host0$/]] },
  {
    faces: ['yum-excludes'],
    says: [
      ['packages', 'ok', /^yum can install kernel, /],
      [
        'packages',
        'warning',
        /^yum's configuration excludes kernel, docker, kubelet-1\.20\.2, kubernetes-cni-/,
      ],
    ],
  },
  { faces: ['kubelet-file'], says: [['kubelet', 'fatal', /--hostname-override=node\.example/]] },
];

/** What a run says beside what is right; how busy this machine's disk is, is no matter of the host. */
function complaints(run: InstallRun): readonly string[] {
  const finished = eventsOfType(run.events, 'check-finished').filter(({ id }) => id !== 'disk-latency');
  return finished.flatMap(({ id, findings }) =>
    findings.filter(({ level }) => level !== 'ok').map(({ level, message }) => `${id} ${level}: ${message}`),
  );
}

/** A finding as a line: its level, and what it says. */
function said(level: string, { source }: RegExp): RegExp {
  return new RegExp(`^${level}: ${source.startsWith('^') ? source.slice(1) : `.*${source}`}`);
}

describe('the preflight on hosts as sites have them', () => {
  let lab: Lab;
  let plain: readonly string[];
  const roles = ['master1', 'master2', 'master3', 'worker1'];
  const missing = { variables: { FLANNEL_IMAGE: '${DOCKER_REGISTRY}/flannel:v9' } };

  const onHost = async (
    role: string,
    faces: readonly Face[],
  ): Promise<{ host: LabHost; run: InstallRun }> => {
    const host = await furtherHost(lab, role, { ...missing, faces });
    const before = await fileTimes(host);
    const run = await install(host);
    expect(run.code).toBe(2);
    expect(run.stderr).not.toMatch(/^\s+at /m);
    expect(eventsOfType(run.events, 'change-started')).toEqual([]);
    expect(await fileTimes(host)).toBe(before);
    return { host, run };
  };

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    await powerOffOthers(lab, []);
    plain = complaints((await onHost('master1', [])).run);
  });

  cases.forEach(({ faces, says }, index) => {
    test(`${faces.join(' and ')}: ${says.map(([check, level]) => `${check} ${level}`).join(', ')}`, async () => {
      const { host, run } = await onHost(roles[index % roles.length] ?? '', faces);
      const found = eventsOfType(run.events, 'check-finished');
      for (const [check, level, message] of says) {
        const findings = found.find(({ id }) => id === check)?.findings ?? [];
        expect(findings.map(one => `${one.level}: ${one.message}`)).toContainEqual(
          expect.stringMatching(said(level, message)),
        );
      }
      // Of a host that is otherwise plain nothing else is said.
      const expected = says.filter(([, level]) => level !== 'ok').map(([check]) => check);
      const more = complaints(run).filter(
        line => !plain.includes(line) && !expected.includes(line.split(' ')[0] ?? ''),
      );
      expect(more).toEqual([]);
      await host.powerCut();
    });
  });
});
