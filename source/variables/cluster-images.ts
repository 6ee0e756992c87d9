import type { VersionFacts } from '../kubernetes/versions';
import type { Collector } from './collector';
import { isFault, parseImage } from './images';
import type { ImageName } from './settings';
import { IMAGE_NAMES, IMAGE_VARIABLES, KUBE_IMAGES } from './table';

interface ClusterImages {
  readonly images: Readonly<Record<ImageName, string>>;
  readonly imageRepository: string;
}

function defaultTag(name: ImageName, kubeVersion: string, facts: VersionFacts): string {
  switch (name) {
    case 'kube-apiserver':
    case 'kube-controller-manager':
    case 'kube-scheduler':
    case 'kube-proxy':
      return `v${kubeVersion}`;
    default:
      return facts.tags[name];
  }
}

function repositoryOf(image: string): string {
  return image.slice(0, Math.max(0, image.lastIndexOf('/')));
}

/** kubeadm composes the names of the four itself: imageRepository/NAME:vVERSION, with one repository for all. */
function kubeNames(collector: Collector, images: Record<ImageName, string>, kubeVersion: string): void {
  const repository = repositoryOf(images['kube-apiserver']);
  for (const name of KUBE_IMAGES) {
    const image = images[name];
    const variable = IMAGE_VARIABLES[name];
    const right = `${repository}/${name}:v${kubeVersion}`;
    if (image === right || !collector.sound(variable)) continue;
    if (!image.endsWith(`/${name}:v${kubeVersion}`)) {
      collector.wrong(variable, image, {
        wrong: `is not the name that kubeadm uses: it ends in /${name}:v${kubeVersion}`,
        right: `${repositoryOf(image)}/${name}:v${kubeVersion}`,
      });
    } else if (collector.sound('KUBE_APISERVER_IMAGE')) {
      collector.wrong(variable, image, {
        wrong: 'is in another repository than KUBE_APISERVER_IMAGE; kubeadm takes all four from one',
        right,
      });
    }
  }
}

/** Every image by name. Where the registry or version is itself a problem, what follows from it is not reported too. */
export function clusterImages(
  collector: Collector,
  registry: string,
  kubeVersion: string,
  facts: VersionFacts | undefined,
): ClusterImages {
  const registrySound = collector.sound('DOCKER_REGISTRY');
  const images = Object.fromEntries(
    IMAGE_NAMES.map(name => {
      const variable = IMAGE_VARIABLES[name];
      const tag = facts === undefined ? 'unknown' : defaultTag(name, kubeVersion, facts);
      const fallback = `${registrySound ? registry : 'registry.invalid'}/${name}:${tag}`;
      const image = collector.take(variable, fallback, value => {
        if (!registrySound && (value.startsWith('/') || value.startsWith(`${registry}/`))) return undefined;
        const parsed = parseImage(value);
        return isFault(parsed) ? parsed : undefined;
      });
      return [name, image];
    }),
  ) as Record<ImageName, string>;
  if (registrySound && facts !== undefined) kubeNames(collector, images, kubeVersion);
  if (collector.sound('COREDNS_IMAGE') && registrySound && !/\/coredns:[^/]*$/.test(images.coredns)) {
    collector.wrong('COREDNS_IMAGE', images.coredns, {
      wrong: 'is not the name that kubeadm uses: its last part is coredns',
      right: `${repositoryOf(images.coredns)}/coredns:${facts?.tags.coredns ?? '1.7.0'}`,
    });
  }
  return { images, imageRepository: repositoryOf(images['kube-apiserver']) };
}
