import { createHash } from 'node:crypto';

/** What a registry keeps: a manifest by tag or digest, or data by digest. */
export interface Stored {
  readonly type: string;
  readonly body: string;
}

export const TYPES = {
  signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  image: 'application/vnd.docker.distribution.manifest.v2+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  ociImage: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
} as const;

export function digestOf(body: string): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

/** A configuration that an image has. */
export const CONFIGURATION = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  config: {},
  rootfs: { type: 'layers', diff_ids: [] },
});

/** An image's manifest in docker's form. */
export function image(type: string = TYPES.image): Stored {
  const oci = type === TYPES.ociImage;
  const config = {
    mediaType: oci
      ? 'application/vnd.oci.image.config.v1+json'
      : 'application/vnd.docker.container.image.v1+json',
    size: CONFIGURATION.length,
    digest: digestOf(CONFIGURATION),
  };
  return {
    type,
    body: JSON.stringify({ schemaVersion: 2, ...(oci ? {} : { mediaType: type }), config, layers: [] }),
  };
}

/** A list of images for several platforms, with those images. */
export function list(
  platforms: readonly string[],
  given: { readonly type?: string; readonly of?: Stored } = {},
): readonly [Stored, Stored] {
  const { type = TYPES.list, of = image() } = given;
  const manifests = platforms.map(platform => {
    const [os, architecture] = platform.split('/');
    return {
      mediaType: of.type,
      size: of.body.length,
      digest: digestOf(of.body),
      platform: { os, architecture },
    };
  });
  return [{ type, body: JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }) }, of];
}

/** In the form of before 2016. */
export const SIGNED: Stored = {
  type: TYPES.signed,
  body: JSON.stringify({ schemaVersion: 1, name: 'k8s/etcd', fsLayers: [], signatures: [{}] }),
};
