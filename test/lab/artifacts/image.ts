import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One layer as a part leaves it: layer.tar.gz beside layer.json. */
export interface Layer {
  readonly file: string;
  /** sha256 of the compressed file, by which the registry keeps it. */
  readonly digest: string;
  /** sha256 of the tar inside, by which the engine keeps it. */
  readonly diffId: string;
  readonly size: number;
}

export interface ImageConfiguration {
  readonly Entrypoint: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

const created = '2021-01-13T13:20:00Z';
const searchPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const mediaTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
};

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Reads the layer that a part has left in its directory. */
export function readLayer(directory: string): Layer {
  const described = JSON.parse(readFileSync(join(directory, 'layer.json'), 'utf8')) as Omit<Layer, 'file'>;
  return { ...described, file: join(directory, 'layer.tar.gz') };
}

/** The image's configuration as docker keeps it. */
export function configurationText(layers: readonly Layer[], config: ImageConfiguration): string {
  return JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created,
    config: { WorkingDir: '/', ...config, Env: [searchPath, ...(config.Env ?? [])] },
    rootfs: { type: 'layers', diff_ids: layers.map(layer => `sha256:${layer.diffId}`) },
    history: layers.map(() => ({ created, created_by: 'kube-el7-install test/lab' })),
  });
}

/**
 * Puts an image into the storage directory of a docker registry, in the layout that
 * docker-registry 2.x keeps on disk (its "filesystem" driver): blobs by digest, and a
 * repository's manifests, tags and layers as files that hold a digest.
 */
export function storeImage(
  storage: string,
  image: { readonly name: string; readonly tag: string },
  layers: readonly Layer[],
  config: ImageConfiguration,
): void {
  const root = join(storage, 'docker/registry/v2');
  const repository = join(root, 'repositories', image.name);
  const put = (path: string, write: (file: string) => void): void => {
    mkdirSync(dirname(path), { recursive: true });
    try {
      write(path);
    } catch (error) {
      // Images share layers: the same digest is the same content.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  };
  const text = (path: string, content: string): void => {
    put(path, file => {
      writeFileSync(file, content, { flag: 'wx' });
    });
  };
  const blob = (digest: string): string => join(root, 'blobs/sha256', digest.slice(0, 2), digest, 'data');
  const link = (folder: string, digest: string): void => {
    text(join(repository, folder, 'sha256', digest, 'link'), `sha256:${digest}`);
  };

  const configuration = configurationText(layers, config);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: {
      mediaType: mediaTypes.config,
      size: Buffer.byteLength(configuration),
      digest: `sha256:${digestOf(configuration)}`,
    },
    layers: layers.map(layer => ({
      mediaType: mediaTypes.layer,
      size: layer.size,
      digest: `sha256:${layer.digest}`,
    })),
  });

  for (const layer of layers) {
    put(blob(layer.digest), file => {
      linkSync(layer.file, file);
    });
    link('_layers', layer.digest);
  }
  text(blob(digestOf(configuration)), configuration);
  link('_layers', digestOf(configuration));
  text(blob(digestOf(manifest)), manifest);
  link('_manifests/revisions', digestOf(manifest));
  link(`_manifests/tags/${image.tag}/index`, digestOf(manifest));
  text(join(repository, `_manifests/tags/${image.tag}/current/link`), `sha256:${digestOf(manifest)}`);
}
