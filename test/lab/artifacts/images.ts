import type { ImageConfiguration } from './image';

/** One program that is a layer of its own, and where the image has it. */
export interface ProgramLayer {
  readonly program: string;
  readonly path: string;
  readonly origin: 'kubernetes' | 'standin';
}

export interface ImageRecipe {
  readonly name: string;
  readonly tag: string;
  /** Lowest first: a layer of the userland by name, or a program. */
  readonly layers: readonly (string | ProgramLayer)[];
  readonly config: ImageConfiguration;
}

const standsIn = (what: string): Readonly<Record<string, string>> => ({
  'kube-el7-install.lab': `a stand-in of the lab for ${what}; it is not the real program`,
});

function kubernetesImage(program: string, below: readonly string[]): ImageRecipe {
  const path = `usr/local/bin/${program}`;
  return {
    name: program,
    tag: 'v1.20.2',
    layers: [...below, { program, path, origin: 'kubernetes' }],
    config: { Entrypoint: [`/${path}`] },
  };
}

/** Every image of the lab's registry, by the names that a site's registry has them under, with no program that the real one lacks (lab/README.md). */
export const imageRecipes: readonly ImageRecipe[] = [
  kubernetesImage('kube-apiserver', ['distroless']),
  kubernetesImage('kube-controller-manager', ['distroless']),
  kubernetesImage('kube-scheduler', ['distroless']),
  kubernetesImage('kube-proxy', ['debian', 'netfilter']),
  {
    name: 'pause',
    tag: '3.2',
    layers: [{ program: 'pause', path: 'pause', origin: 'kubernetes' }],
    config: { Entrypoint: ['/pause'] },
  },
  {
    name: 'etcd',
    tag: '3.4.23',
    layers: ['shell', 'etcd'],
    config: { Entrypoint: ['/usr/local/bin/etcd'] },
  },
  {
    // Before 3.4 etcd has no learners.
    name: 'etcd',
    tag: '3.3.25',
    layers: ['shell', 'etcd-without-learners'],
    config: { Entrypoint: ['/usr/local/bin/etcd'] },
  },
  {
    name: 'keepalived',
    tag: '2.2.7',
    layers: ['alpine', 'keepalived'],
    config: { Entrypoint: ['/usr/sbin/keepalived', '--dont-fork', '--log-console'] },
  },
  {
    name: 'coredns',
    tag: '1.7.0',
    layers: [{ program: 'coredns', path: 'coredns', origin: 'standin' }],
    config: { Entrypoint: ['/coredns'], Labels: standsIn('CoreDNS') },
  },
  {
    name: 'flannel',
    tag: 'v0.14.0',
    layers: ['alpine', 'netfilter', { program: 'flanneld', path: 'opt/bin/flanneld', origin: 'standin' }],
    config: { Entrypoint: ['/opt/bin/flanneld'], Labels: standsIn('flannel') },
  },
  {
    name: 'tiller',
    tag: 'v2.17.0',
    layers: ['alpine', { program: 'tiller', path: 'tiller', origin: 'standin' }],
    // The user of the real image: a key that only root may read fails here as it does there.
    config: { Entrypoint: ['/tiller'], User: '65534', Env: ['HOME=/tmp'], Labels: standsIn('Tiller') },
  },
  {
    name: 'lab-probe',
    tag: '1',
    layers: ['alpine', { program: 'lab-probe', path: 'usr/local/bin/lab-probe', origin: 'standin' }],
    config: { Entrypoint: ['/usr/local/bin/lab-probe'] },
  },
];

/** The program layers of some images. */
export function programsOf(recipes: readonly ImageRecipe[]): readonly ProgramLayer[] {
  return recipes.flatMap(recipe =>
    recipe.layers.flatMap(layer => (typeof layer === 'string' ? [] : [layer])),
  );
}
