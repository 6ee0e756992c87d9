import type { HostReader } from '../engine/host';
import type { ImageReference } from '../variables/images';
import { parseChallenges } from './challenge';
import type { Challenge } from './challenge';
import type { Abilities } from './docker';
import { acceptedBy, isOci, ociFor, parse, readManifest } from './manifest';
import type { Manifest } from './manifest';
import { answerReason, said } from './reasons';
import { Refusal, refusal } from './refusal';
import { basic, refusesLogin, tokenFor } from './token';
import type { Login } from './token';
import { get } from './transport';
import type { Answer, Headers, Manner } from './transport';

export interface EndpointOptions {
  /** "https://registry.example:5000" */
  readonly base: string;
  readonly manner: Manner;
  readonly login: Login | undefined;
  /** Whether the login may be sent unencrypted. */
  readonly plainHttp: boolean;
  /** What to say where a login is wanted and there is none. */
  readonly wantsLogin: string;
  readonly docker: Abilities;
}

interface Ping {
  readonly answer: Answer;
  /** Where the answer came from in the end. */
  readonly url: URL;
  readonly challenges: readonly Challenge[];
}

const UNKNOWN = ['DENIED', 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN'];

/** One address that docker tries for a registry, asked as docker asks it (moby distribution.NewV2Repository, pullV2Tag). Throws Refusals. */
export class Endpoint {
  #ping: Promise<Ping> | undefined;
  readonly #tokens = new Map<string, ReturnType<typeof tokenFor>>();

  constructor(
    private readonly host: HostReader,
    private readonly options: EndpointOptions,
  ) {}

  /** The first request, whose challenges hold for all others. Its status decides nothing: docker goes on whatever it is. */
  ping(): Promise<Ping> {
    this.#ping ??= get(this.host, this.options.manner, this.#url('/v2/'), () => ({})).then(found => ({
      ...found,
      challenges:
        found.answer.status === 401 ? parseChallenges(found.answer.headers['www-authenticate']) : [],
    }));
    return this.#ping;
  }

  /** Ends where docker could pull the image: its manifest can be had in a form that docker knows, and its configuration, too. */
  async offers(image: ImageReference): Promise<void> {
    const { docker } = this.options;
    let manifest = await this.#manifest(image, image.tag);
    if (manifest.kind === 'list') {
      manifest = await this.#manifest(image, manifest.digest);
      if (manifest.kind === 'list')
        throw refusal('image', `is a list of lists, which ${docker.name} cannot pull`);
    }
    if (manifest.kind === 'none') throw refusal('image', manifest.reason, manifest.fix);
    if (manifest.configuration === undefined) return;
    const path = `blobs/${manifest.configuration}`;
    const answer = await this.#get(image, path, []);
    const problem = isSuccess(answer) ? undefined : `answers ${answer.status}${said(answer)} to ${path}`;
    if (problem !== undefined || parse(answer.body) === undefined) {
      throw refusal(
        'image',
        `its manifest is in the registry, but its data cannot be had: the registry ${problem ?? `sends something else for ${path}`}`,
        'Push it to the registry anew; if that does not help, look at the storage behind the registry.',
      );
    }
  }

  async #manifest(image: ImageReference, tag: string): Promise<Manifest> {
    const { docker } = this.options;
    const answer = await this.#answerFor(image, tag);
    if (isSuccess(answer)) return readManifest(answer, docker);
    if (answer.status === 404 && !docker.oci) {
      // Newer registries say 404 where all that they have is of a form that was not asked for.
      const any = await this.#get(image, `manifests/${tag}`, acceptedBy({ oci: true }));
      if (isSuccess(any) && isOci(any.headers)) return ociFor(docker);
    }
    throw await this.#refused(answer);
  }

  /** HEAD counts only where it brings a digest; what cannot be had by that is asked for by its tag again. */
  async #answerFor(image: ImageReference, tag: string): Promise<Answer> {
    const { docker } = this.options;
    const ask = (what: string, method?: 'HEAD') =>
      this.#get(image, `manifests/${what}`, acceptedBy(docker), method);
    if (!docker.byDigest || tag.includes(':')) return ask(tag);
    const head = await ask(tag, 'HEAD');
    const described = isSuccess(head) && digestIn(head) !== undefined ? head : await ask(tag);
    const digest = digestIn(described);
    if (!isSuccess(described) || digest === undefined) return described;
    const missing = ['Content-Type', 'Content-Length'].find(
      name => (described.headers[name.toLowerCase()] ?? '') === '',
    );
    if (missing !== undefined) {
      throw refusal(
        'image',
        `the registry answers for its manifest without ${missing}, which ${docker.name} wants`,
        'Look at the proxy in front of the registry: one that compresses answers takes their length away.',
      );
    }
    const found = await ask(digest);
    return isSuccess(found) || !isUnknown(found) ? found : ask(tag);
  }

  async #get(
    image: ImageReference,
    path: string,
    accept: readonly string[],
    method?: 'HEAD',
  ): Promise<Answer> {
    await this.ping();
    const url = this.#url(`/v2/${image.path}/${path}`);
    const headers = async (at: URL): Promise<Headers> => ({
      ...(accept.length === 0 ? {} : { accept }),
      ...(await this.#authorization(at, image.path)),
    });
    return (await get(this.host, this.options.manner, url, headers, method)).answer;
  }

  /** Tokens come first, and a login by Basic is put over them (docker/distribution endpointAuthorizer); another address than the challenge's gets neither. */
  async #authorization(at: URL, repository: string): Promise<Headers> {
    const { url, challenges } = await this.ping();
    const root = /^.*?\/v2\//.exec(at.pathname)?.[0];
    if (at.origin !== url.origin || root !== url.pathname) return {};
    const { login, plainHttp, manner, wantsLogin } = this.options;
    let authorization: Headers = {};
    const challenge = challenges.find(({ scheme }) => scheme === 'bearer');
    if (challenge !== undefined) {
      const token =
        this.#tokens.get(repository) ??
        tokenFor({ host: this.host, manner, challenge, repository, login, plainHttp });
      this.#tokens.set(repository, token);
      authorization = { authorization: await token };
    }
    if (challenges.some(({ scheme }) => scheme === 'basic')) {
      if (login === undefined) throw refusal('registry', wantsLogin);
      if (at.protocol === 'http:' && !plainHttp) {
        throw refusal('registry', `it wants the login sent unencrypted to ${at.host}, which is not done`);
      }
      authorization = { authorization: basic(login) };
    }
    return authorization;
  }

  async #refused(answer: Answer): Promise<Refusal> {
    const { status } = answer;
    const ping = await this.ping();
    const { login } = this.options;
    if (status === 404) {
      if (isRegistry(ping.answer) || parse(answer.body)?.['errors'] !== undefined) {
        return refusal('image', 'is not in the registry');
      }
      return refusal(
        'registry',
        ping.answer.status === 404
          ? 'it is no docker registry: /v2/ is not there'
          : `it is no docker registry: it answers ${ping.answer.status} to /v2/, with a page of its own`,
      );
    }
    if (status === 401) return this.#unauthorized(ping, answer);
    if (status === 403) {
      const who = login === undefined ? 'it wants a login' : 'this login may not pull it';
      return refusal('access', `the registry answers 403${said(answer)}: ${who}`);
    }
    const reason = answerReason(answer);
    if (reason !== undefined) return refusal('registry', reason);
    return refusal('image', `the registry answers ${status}${said(answer)}`);
  }

  #unauthorized({ answer: { status }, challenges }: Ping, answer: Answer): Refusal {
    const { login } = this.options;
    const schemes = challenges.map(({ scheme }) => scheme);
    if (schemes.includes('basic') && login !== undefined) return refusesLogin(login);
    if (schemes.includes('bearer')) {
      const who = login === undefined ? 'it wants a login' : 'this login may not pull it';
      return refusal('access', `it answers 401${said(answer)}: there is no such image, or ${who}`);
    }
    return status === 401
      ? refusal('registry', 'it answers 401 and does not say how to log in')
      : refusal('access', 'it answers 401, but asks for no login at /v2/, so docker sends none');
  }

  #url(path: string): URL {
    return new URL(`${this.options.base.replace(/\/+$/, '')}${path}`);
  }
}

/** Errors without details are of another type in docker, for which it does not go back to the tag (moby isNotFound; errcode.Errors UnmarshalJSON). */
function isUnknown({ body }: Answer): boolean {
  const errors = parse(body)?.['errors'];
  return (Array.isArray(errors) ? (errors as readonly unknown[]) : []).some(one => {
    const { code, detail } = Object(one) as { readonly code?: unknown; readonly detail?: unknown };
    return UNKNOWN.includes(String(code)) && detail !== undefined && detail !== null;
  });
}

function digestIn({ headers }: Answer): string | undefined {
  return headers['docker-content-digest']?.split('\n')[0];
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status <= 299;
}

/** A registry has a header of its own, or asks for a login, or has an empty answer. */
function isRegistry({ status, headers, body }: Answer): boolean {
  const empty = body.trim() === '' || parse(body) !== undefined;
  return (
    status === 401 || headers['docker-distribution-api-version'] !== undefined || (status < 300 && empty)
  );
}
