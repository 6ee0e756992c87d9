import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute } from './execute';
import { imageRecipes } from './images';
import { Builder } from './part';
import {
  kubernetes,
  kubernetesSource,
  kubernetesVersion,
  placeholderVersions,
  registry,
  standin,
  yumRepository,
} from './recipes';

export { startRegistries, startYumRepository } from './servers';
export type { Registries, RegistriesOptions, YumRepositoryOptions } from './servers';
export { stopServers } from './server';

/** What is built once; every path is absolute. */
export interface Artifacts {
  /** Holds kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy, kubelet, kubeadm, kubectl and pause. */
  readonly binaries: string;
  readonly kubectl: string;
  /** The program that stands in for a slow disk. */
  readonly disk: string;
  /** RPMs and their repodata. */
  readonly yumRepository: string;
  /** The root directory of a docker-registry's filesystem storage. */
  readonly registryStorage: string;
  /** The tree that was compiled, to look things up in. */
  readonly kubernetesSource: string;
  /** Images by name and tag, below the registry's root. */
  readonly images: readonly string[];
  /** The Kubernetes versions in the RPM repository; only `kubernetesVersion` contains programs. */
  readonly versions: readonly string[];
  readonly kubernetesVersion: string;
}

/** Points a name at a directory, for people: programs use the path itself. */
function link(target: string, name: string): void {
  mkdirSync(dirname(name), { recursive: true });
  if (lstatSync(name, { throwIfNoEntry: false }) !== undefined) rmSync(name);
  symlinkSync(target, name);
}

/**
 * Builds everything that the lab's hosts need and that does not change between runs: the
 * programs, the RPM repository and the images. What is there already is kept.
 */
export async function buildArtifacts(options: {
  readonly cache: string;
  readonly report: (line: string) => void;
}): Promise<Artifacts> {
  const { cache, report } = options;
  const builder = new Builder({ cache, report });
  report('packages: looking at what this machine lacks for the build (up to 60 s where it lacks all)');
  const packages = join(dirname(fileURLToPath(import.meta.url)), 'packages.sh');
  await execute('bash', [packages], { log: join(cache, 'logs/packages.log') });

  const [source, binaries, storage, rpms, disk] = await Promise.all([
    builder.make(kubernetesSource),
    builder.make(kubernetes),
    builder.make(registry),
    builder.make(yumRepository),
    builder.make(standin('lab-disk')),
  ]);
  builder.prune();
  const tree = join(source, 'src/k8s.io/kubernetes');
  link(tree, join(cache, 'reference/kubernetes'));
  report(builder.kept > 0 ? `artifacts: ready; what had not changed was kept` : 'artifacts: ready');
  return {
    binaries,
    kubectl: join(binaries, 'kubectl'),
    disk: join(disk, 'lab-disk'),
    yumRepository: rpms,
    registryStorage: storage,
    kubernetesSource: tree,
    images: imageRecipes.map(({ name, tag }) => `${name}:${tag}`),
    versions: [...placeholderVersions, kubernetesVersion],
    kubernetesVersion,
  };
}
