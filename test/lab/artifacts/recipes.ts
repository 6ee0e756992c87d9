import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageRecipes, programsOf } from './images';
import { readLayer, storeImage } from './image';
import type { Part } from './part';

const here = dirname(fileURLToPath(import.meta.url));
const beside = (name: string): string => join(here, name);

/** The Kubernetes that is real in the lab; the other versions on offer are placeholders. */
export const kubernetesVersion = '1.20.2';
export const placeholderVersions: readonly string[] = ['1.18.20', '1.19.7', '1.21.2', '1.24.0'];

export const kubernetesSource: Part = {
  name: 'kubernetes-source',
  says: `fetching the source of Kubernetes ${kubernetesVersion} and generating its OpenAPI part`,
  seconds: 20,
  files: [beside('kubernetes-source.sh')],
  needs: [],
  build: (out, run) => run.execute('bash', [beside('kubernetes-source.sh'), out]),
};

export const kubernetes: Part = {
  name: 'kubernetes',
  says: `compiling the seven programs of Kubernetes ${kubernetesVersion}`,
  seconds: 240,
  files: [beside('kubernetes.sh')],
  needs: [kubernetesSource],
  build: (out, run) => run.execute('bash', [beside('kubernetes.sh'), run.of(kubernetesSource), out]),
};

/** Debian's programs, unpacked: of this machine's release, or of an older one. */
function unpacked(name: string, says: string, release: string, packages: readonly string[]): Part {
  return {
    ...{ name, says, seconds: 10, files: [beside('userland.sh')], words: [release, ...packages], needs: [] },
    build: (out, run) => run.execute('bash', [beside('userland.sh'), out, release, ...packages]),
  };
}

export const userland = unpacked(
  'userland',
  "unpacking Debian's etcd, keepalived, curl, iptables and CNI plugins, and what its own images begin with",
  'own',
  [
    ...['etcd-server', 'etcd-client', 'keepalived', 'curl', 'iptables', 'conntrack'],
    ...['containernetworking-plugins', 'busybox-static', 'bash-static'],
    ...['dash', 'coreutils', 'findutils', 'grep', 'sed', 'dpkg'],
  ],
);

/** Debian 11 has etcd 3.3.25. */
const olderUserland = unpacked('userland-older', "unpacking Debian 11's etcd", 'bullseye', [
  'etcd-server',
  'etcd-client',
]);

const standinFiles: Readonly<Record<string, readonly string[]>> = {
  coredns: [
    ...[
      'main',
      'corefile',
      'corefile_test',
      'forward',
      'forward_test',
      'health',
      'loop',
      'names',
      'names_test',
      'server',
      'setup',
    ].map(name => `coredns/${name}.go`),
    'cluster/cluster.go',
  ],
  flanneld: [
    ...['main', 'card', 'card_test', 'routes', 'routes_test'].map(name => `flanneld/${name}.go`),
    'cluster/cluster.go',
  ],
  flannel: ['flannel/main.go'],
  tiller: ['tiller/main.go'],
  'lab-probe': ['lab-probe/main.go'],
  'lab-disk': ['lab-disk/main.go', 'lab-disk/main_test.go'],
  'lab-runc': ['lab-runc/main.go', 'lab-runc/main_test.go'],
};

/** One part for each of the lab's own programs, so that an edited one rebuilds only itself. */
export const standins: ReadonlyMap<string, Part> = new Map(
  Object.entries(standinFiles).map(([program, files]) => [
    program,
    {
      name: `standin-${program}`,
      says: `compiling the lab's own ${program}`,
      seconds: 5,
      files: ['build.sh', ...files].map(file => beside(join('standins', file))),
      needs: [],
      build: (out, run) => run.execute('bash', [beside('standins/build.sh'), program, out]),
    },
  ]),
);

/** The part of one of the lab's own programs; its directory holds the program under its name. */
export function standin(program: string): Part {
  const found = standins.get(program);
  if (found === undefined) throw new Error(`the lab has no stand-in called ${program}`);
  return found;
}

/** A layer of programs of a userland, laid out by tree.sh as the kind says. */
function userlandLayer(name: string, kind = name, from = userland): Part {
  return {
    name: `layer-${name}`,
    says: `packing the image layer ${name}`,
    seconds: 2,
    files: ['tree.sh', 'layer.sh', 'iptables-wrapper'].map(beside),
    words: [kind],
    needs: [from],
    build: async (out, run) => {
      await run.execute('bash', [beside('tree.sh'), kind, run.of(from), join(out, 'tree')]);
      await run.execute('bash', [beside('layer.sh'), join(out, 'tree'), out]);
    },
  };
}

/** A layer that holds one program at one path. */
function programLayer(program: string, from: Part, path: string): Part {
  return {
    name: `layer-${program}`,
    says: `packing the image layer ${program}`,
    seconds: 3,
    files: [beside('layer.sh')],
    words: [program, path],
    needs: [from],
    build: async (out, run) => {
      const placed = join(out, 'tree', path);
      await mkdir(dirname(placed), { recursive: true });
      await copyFile(join(run.of(from), program), placed);
      await chmod(placed, 0o755);
      await run.execute('bash', [beside('layer.sh'), join(out, 'tree'), out]);
    },
  };
}

const userlandLayers = new Map([
  ...['distroless', 'shell', 'alpine', 'debian', 'netfilter', 'etcd', 'keepalived'].map(
    kind => [kind, userlandLayer(kind)] as const,
  ),
  ['etcd-without-learners', userlandLayer('etcd-without-learners', 'etcd', olderUserland)],
]);
const programLayers = new Map(
  programsOf(imageRecipes).map(({ program, path, origin }) => [
    program,
    programLayer(program, origin === 'kubernetes' ? kubernetes : standin(program), path),
  ]),
);

function layerPart(name: string): Part {
  const found = userlandLayers.get(name) ?? programLayers.get(name);
  if (found === undefined) throw new Error(`no image layer is called ${name}`);
  return found;
}

export const registry: Part = {
  name: 'registry',
  says: 'laying out the registry with every image',
  seconds: 1,
  files: [beside('image.ts')],
  words: [JSON.stringify(imageRecipes)],
  needs: [...userlandLayers.values(), ...programLayers.values()],
  build: (out, run) => {
    for (const recipe of imageRecipes) {
      const layers = recipe.layers.map(layer =>
        readLayer(run.of(layerPart(typeof layer === 'string' ? layer : layer.program))),
      );
      storeImage(out, recipe, layers, recipe.config);
    }
    return Promise.resolve();
  },
};

const rpmFiles = ['build.sh', 'kubernetes.spec', 'kubernetes-cni.spec', 'docker.spec', 'placeholder.spec'];

export const yumRepository: Part = {
  name: 'yum',
  says: 'building the RPMs and their repository',
  seconds: 25,
  files: [
    ...rpmFiles.map(file => beside(join('rpms', file))),
    ...['10-kubeadm.conf', 'kubelet.service', 'docker.service'].map(file => beside(join('rpms/files', file))),
  ],
  words: [kubernetesVersion, ...placeholderVersions],
  needs: [kubernetes, userland, standin('flannel'), standin('lab-runc')],
  build: (out, run) =>
    run.execute('bash', [
      beside('rpms/build.sh'),
      out,
      run.of(kubernetes),
      join(run.of(userland), 'usr/lib/cni'),
      join(run.of(standin('flannel')), 'flannel'),
      join(run.of(standin('lab-runc')), 'lab-runc'),
      kubernetesVersion,
      ...placeholderVersions,
    ]),
};

/** Every file that a recipe names, for the test that none is misspelt. */
export const missingFiles = (parts: readonly Part[]): readonly string[] =>
  parts.flatMap(part => part.files).filter(file => !existsSync(file));
