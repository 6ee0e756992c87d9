import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundleArchive, bundleFolder, root } from '../../scripts/layout';
import { perform } from './hosts/command';
import type { LabHost } from './hosts/host';
import { withLock } from './hosts/lock';
import type { Lab } from './lab';

/** Where the installer lies on a host, as an operator would have unpacked it. */
export const installerDirectory = '/root/kube-el7-install';

const madeFrom = [
  'source',
  'scripts',
  'templates',
  'variables',
  'variables.external',
  'package.json',
  'package-lock.json',
];

function newest(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))));
}

function isCurrent(): boolean {
  if (!existsSync(bundleArchive)) return false;
  const made = statSync(bundleArchive).mtimeMs;
  return madeFrom.map(name => join(root, name)).every(path => !existsSync(path) || newest(path) <= made);
}

/** The path of the offline bundle, made anew when it is absent or older than what it is made from. */
export async function currentBundle(lab: Lab, report: (line: string) => void): Promise<string> {
  await withLock(
    join(lab.instance.cache, 'bundle.lock'),
    () => {
      report('another command is making the bundle: waiting until it is done');
    },
    async () => {
      if (isCurrent()) return;
      report('bundle: making the installer for closed hosts (about 20 s)');
      await perform('npm', ['run', '--silent', 'bundle'], { cwd: root });
    },
  );
  return bundleArchive;
}

/** Whether a host has the program of the current bundle, and its templates, where an operator would have unpacked them. */
export async function hasCurrentInstaller(lab: Lab, host: LabHost): Promise<boolean> {
  await currentBundle(lab, () => undefined);
  const there = join(host.rootPath, installerDirectory);
  return ['dist', 'templates'].every(part => isSame(join(bundleFolder, part), join(there, part)));
}

function isSame(one: string, other: string): boolean {
  if (!existsSync(other)) return false;
  if (!statSync(one).isDirectory()) return readFileSync(one).equals(readFileSync(other));
  return readdirSync(one).every(name => isSame(join(one, name), join(other, name)));
}

/** The variables of the lab's site: its registry, without TLS, and the images that have other tags there. */
export function siteVariables(lab: Lab): string {
  return [
    '# The lab is the site: its registry over plain HTTP, and the versions that it holds.',
    `KUBE_VERSION=${lab.kubernetesVersion}`,
    `DOCKER_REGISTRY=${lab.registry.plain}`,
    'DOCKER_REGISTRY_PLAIN_HTTP=yes',
    'ETCD_IMAGE="${DOCKER_REGISTRY}/etcd:3.4.23"',
    'KEEPALIVED_IMAGE="${DOCKER_REGISTRY}/keepalived:2.2.7"',
    '',
  ].join('\n');
}

/** Unpacks the bundle on a host that runs and writes the variables file of the lab's site beside it. */
export async function placeInstaller(
  lab: Lab,
  host: LabHost,
  report: (line: string) => void = () => undefined,
): Promise<void> {
  const archive = await currentBundle(lab, report);
  const packed = `/root/${basename(archive)}`;
  await host.copyIn(archive, packed);
  await host.succeed(
    `rm -rf ${installerDirectory} && mkdir ${installerDirectory} && ` +
      `tar -xzf ${packed} -C ${installerDirectory} --strip-components=1 && rm ${packed}`,
  );
  await host.write(`${installerDirectory}/variables`, siteVariables(lab));
}
