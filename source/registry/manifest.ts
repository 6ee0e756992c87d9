import type { Abilities } from './docker';

const TYPES = {
  signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  image: 'application/vnd.docker.distribution.manifest.v2+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  ociImage: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
} as const;
const OCI: readonly string[] = [TYPES.ociImage, TYPES.ociIndex];
/** What docker takes for the configuration of an image (moby distribution.ImageTypes). */
const CONFIGURATIONS = [
  'application/vnd.docker.container.image.v1+json',
  'application/vnd.oci.image.config.v1+json',
  ...['application/octet-stream', 'application/json', 'text/html', ''],
];
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const ARCHITECTURE = 'amd64';

/** What a manifest leads to: an image's configuration, or one platform's manifest. Undefined where it names none. */
export type Manifest =
  | { readonly kind: 'image'; readonly configuration: string | undefined }
  | { readonly kind: 'list'; readonly digest: string }
  | { readonly kind: 'none'; readonly reason: string; readonly fix?: string };

/** The media types that docker asks for (docker/distribution ManifestMediaTypes). */
export function acceptedBy({ oci }: Pick<Abilities, 'oci'>): readonly string[] {
  const types = [TYPES.image, TYPES.list, TYPES.signed, 'application/json'];
  return oci ? [...types, ...OCI] : types;
}

/** Reads what a registry answered as docker would (docker/distribution UnmarshalManifest, moby pullV2Tag). */
export function readManifest(
  answer: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  docker: Abilities,
): Manifest {
  const type = mediaType(answer.headers);
  const content = parse(answer.body);
  if (OCI.includes(type) && !docker.oci) return ociFor(docker);
  if (content === undefined) return notJson(answer.body, type);
  switch (type) {
    case TYPES.image:
    case TYPES.ociImage:
      return image(content, type, docker);
    case TYPES.list:
    case TYPES.ociIndex:
      return list(content, type);
    default:
      return signed(content, type, docker);
  }
}

/** Whether an answer is of a kind that only a newer docker pulls. */
export function isOci(headers: Readonly<Record<string, string>>): boolean {
  return OCI.includes(mediaType(headers));
}

export function ociFor({ name }: Abilities): Manifest {
  return {
    kind: 'none',
    reason: `is there as an OCI image, which ${name} cannot pull (19.03 and later can)`,
    fix: 'Convert it in the registry with skopeo copy --format v2s2, or install docker-ce 19.03 or later first.',
  };
}

function image(content: Content, type: string, docker: Abilities): Manifest {
  const configuration = object(content['config']);
  const inside = text(content['mediaType']);
  // An empty one is let pass for OCI; for docker's own form newer ones refuse it.
  const wanted = inside !== '' || (type === TYPES.image && docker.typed && content['config'] !== undefined);
  if (wanted && inside !== type) {
    return none(`its manifest comes as ${type} and says "${inside}" of itself, which docker refuses`);
  }
  const kind = text(configuration['mediaType']);
  if (type === TYPES.image && !CONFIGURATIONS.includes(kind)) {
    return none(`is no image but something else that is kept in registries (${kind})`);
  }
  const digest = text(configuration['digest']);
  return { kind: 'image', configuration: DIGEST.test(digest) ? digest : undefined };
}

function list(content: Content, type: string): Manifest {
  const inside = text(content['mediaType']);
  if (inside !== '' && inside !== type) {
    return none(`its manifest comes as ${type} and says "${inside}" of itself, which docker refuses`);
  }
  const platforms = array(content['manifests']).map(one => {
    const { os, architecture } = object(object(one)['platform']);
    return { digest: text(object(one)['digest']), os: text(os), architecture: text(architecture) };
  });
  const fit = platforms.find(one => one.os === 'linux' && one.architecture === ARCHITECTURE);
  if (fit !== undefined) return { kind: 'list', digest: fit.digest };
  const others = platforms.map(one => `${one.os || '?'}/${one.architecture || '?'}`).join(', ');
  return none(`is there for ${others || 'no platform'}, but not for linux/${ARCHITECTURE}`);
}

/** Whatever has another type, or none, is taken for schema 1, which is signed. */
function signed(content: Content, type: string, { name, schema1 }: Abilities): Manifest {
  if (content['schemaVersion'] === 1 && array(content['signatures']).length > 0) {
    if (schema1) return { kind: 'image', configuration: undefined };
    return none(`is there in the old form of schema 1, which ${name} does not pull any more`, PUSH_ANEW);
  }
  return none(
    type === ''
      ? 'the registry does not say what form its manifest has (Content-Type is missing)'
      : `the registry sends it as ${type}, which is no form that ${name} pulls`,
  );
}

const PUSH_ANEW = 'Pull it with an older docker, or build it, and push it anew.';

function notJson(body: string, type: string): Manifest {
  if (/^\s*<(!doctype|html|\?xml)/i.test(body) || type === 'text/html') {
    return none(
      'a web page is answered for it: what answers is no docker registry, or a login page or a proxy in front of one',
      'Look at DOCKER_REGISTRY, and ask it from this host with curl -v at its path /v2/.',
    );
  }
  return none('what is answered for it is no manifest (no JSON)');
}

function none(reason: string, fix?: string): Manifest {
  return { kind: 'none', reason, ...(fix === undefined ? {} : { fix }) };
}

/** Of several headers the first one counts, in Go. */
function mediaType(headers: Readonly<Record<string, string>>): string {
  const [first = ''] = (headers['content-type'] ?? '').split('\n');
  return (first.split(';')[0] ?? '').trim().toLowerCase();
}

type Content = Readonly<Record<string, unknown>>;

/** A JSON object; undefined for anything else. */
export function parse(body: string): Content | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Content)
      : undefined;
  } catch {
    return undefined;
  }
}

function object(value: unknown): Content {
  return typeof value === 'object' && value !== null ? (value as Content) : {};
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
