import type { HostReader, HttpOutcome } from '../engine/host';
import { Secret } from '../engine/secret';
import type { ImageReference } from '../variables/images';
import type { Registry } from '../variables/settings';
import { parseChallenge, tokenUrl } from './challenge';
import { answerReason, connectionReason } from './reasons';

type Answer = Exclude<HttpOutcome, { error: string }>;

/** Either an answer, or why there is none that could be used. */
type Asked = { readonly answer: Answer } | { readonly problem: string };

/** What is sent along, and to which host alone: a registry may answer with a way to another one. */
interface Authorization {
  readonly host: string;
  readonly value: Secret;
}

const TIMEOUT_MS = 15_000;
const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 5;

/** All forms that docker can pull: schema 2 and OCI, single and for several platforms. */
const MANIFESTS = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');

/** Docker Hub's API is not at the name that its images have. */
function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

/** Asks one registry over the docker registry API, from the host, with the site's CA and login where it is the site's registry. Keeps tokens only in memory. */
export class RegistryClient {
  readonly #base: string;
  readonly #site: Registry | undefined;
  readonly #tokens = new Map<string, Authorization>();

  constructor(
    private readonly host: HostReader,
    readonly registry: string,
    site: Registry,
  ) {
    const own = site.address.split('/')[0] === registry;
    this.#site = own ? site : undefined;
    this.#base = `${own && site.plainHttp ? 'http' : 'https'}://${apiHost(registry)}`;
  }

  /** What is wrong with the registry as such; undefined where it answers and takes the login. */
  async problem(): Promise<string | undefined> {
    const asked = await this.ask('GET', '/v2/', undefined);
    if ('problem' in asked) return asked.problem;
    const { status } = asked.answer;
    if (status === 200) return undefined;
    return answerReason(asked.answer) ?? `it answers ${status} to /v2/; it may be no docker registry`;
  }

  /** Whether an image is there: undefined where it is, else why not. */
  async missing(image: ImageReference): Promise<string | undefined> {
    const path = `/v2/${image.path}/manifests/${image.tag}`;
    const scope = `repository:${image.path}:pull`;
    let asked = await this.ask('HEAD', path, scope);
    if ('answer' in asked && (asked.answer.status === 405 || asked.answer.status === 501)) {
      asked = await this.ask('GET', path, scope);
    }
    if ('problem' in asked) return asked.problem;
    const { status } = asked.answer;
    if (status === 200) return undefined;
    if (status === 404) return 'is not in the registry';
    if (status === 403) return 'the registry answers 403: this login may not pull it';
    return answerReason(asked.answer) ?? `the registry answers ${status}`;
  }

  /** One request, and a second one with what is asked for where the first one is refused. */
  private async ask(method: 'GET' | 'HEAD', path: string, scope: string | undefined): Promise<Asked> {
    const first = await this.send(method, path, this.#tokens.get(scope ?? ''));
    if ('error' in first.outcome) return { problem: connectionReason(first.outcome.error) };
    if (first.outcome.status !== 401) return { answer: first.outcome };
    const challenge = parseChallenge(first.outcome.headers['www-authenticate']);
    if (challenge === undefined) return { problem: 'it answers 401 and does not say how to log in' };
    const login = first.host === new URL(this.#base).host ? this.login() : undefined;
    const value = challenge.scheme === 'basic' ? login : await this.token(tokenUrl(challenge, scope), login);
    if (value === undefined) return { problem: this.wantsLogin() };
    if (typeof value === 'string') return { problem: value };
    const authorization = { host: first.host, value };
    const { outcome } = await this.send(method, path, authorization);
    if ('error' in outcome) return { problem: connectionReason(outcome.error) };
    if (outcome.status === 401) {
      // A registry with tokens answers 401 also for what is not there, lest names be guessed.
      return scope === undefined || challenge.scheme === 'basic'
        ? { problem: this.refusesLogin() }
        : {
            problem: `it answers 401: there is no such image, or ${login === undefined ? 'it wants a login' : 'this login may not pull it'}`,
          };
    }
    this.#tokens.set(scope ?? '', authorization);
    return { answer: outcome };
  }

  private async token(url: string, login: Secret | undefined): Promise<Secret | string> {
    if (login !== undefined && !url.startsWith('https://') && this.#site?.plainHttp !== true) {
      return `it wants the login sent unencrypted to ${new URL(url).host}, which is not done`;
    }
    const answer = await this.host.request({
      url,
      headers: login === undefined ? {} : { authorization: login },
      timeoutMs: TIMEOUT_MS,
      ...(this.#site?.caFile === undefined ? {} : { caFile: this.#site.caFile }),
    });
    const from = `its token service ${new URL(url).host}`;
    if ('error' in answer) return `${from}: ${connectionReason(answer.error)}`;
    if (answer.status === 401) return login === undefined ? this.wantsLogin() : this.refusesLogin();
    if (answer.status !== 200) return `${from} answers ${answer.status}`;
    const token = tokenOf(answer.body);
    return token === undefined ? `${from} gives no token` : new Secret(`Bearer ${token}`);
  }

  /** Follows redirects as docker does; the host that answered in the end is returned with the answer. */
  private async send(
    method: 'GET' | 'HEAD',
    path: string,
    authorization: Authorization | undefined,
  ): Promise<{ readonly outcome: HttpOutcome; readonly host: string }> {
    let url = new URL(`${this.#base}${path}`);
    for (let left = MOST_REDIRECTS; ; left -= 1) {
      const { host } = url;
      const outcome = await this.host.request({
        url: url.href,
        method,
        headers: {
          accept: MANIFESTS,
          ...(authorization?.host === host ? { authorization: authorization.value } : {}),
        },
        timeoutMs: TIMEOUT_MS,
        ...this.certificates(host),
      });
      if ('error' in outcome || !REDIRECTS.includes(outcome.status)) return { outcome, host };
      const next = locationOf(outcome, url);
      if (left === 0) return { outcome: { error: 'it redirects again and again' }, host };
      if (next === undefined) return { outcome: { error: 'it redirects to no usable address' }, host };
      url = next;
    }
  }

  /** The site's CA is for the site's registry (and its token service) alone. */
  private certificates(host: string): { readonly caFile?: string } {
    const caFile = host === new URL(this.#base).host ? this.#site?.caFile : undefined;
    return caFile === undefined ? {} : { caFile };
  }

  private login(): Secret | undefined {
    const login = this.#site?.login;
    return login?.password.derive(
      password => `Basic ${Buffer.from(`${login.username}:${password}`).toString('base64')}`,
    );
  }

  private wantsLogin(): string {
    return this.#site === undefined
      ? 'it wants a login, and only DOCKER_REGISTRY can have one'
      : 'it wants a login; give DOCKER_REGISTRY_USER and DOCKER_REGISTRY_PASSWORD_FILE';
  }

  private refusesLogin(): string {
    return this.#site?.login === undefined
      ? this.wantsLogin()
      : `it refuses the login of ${this.#site.login.username}; look at DOCKER_REGISTRY_USER and the password in DOCKER_REGISTRY_PASSWORD_FILE`;
  }
}

/** Where a redirect leads; never from TLS to plain HTTP. */
function locationOf(answer: Answer, from: URL): URL | undefined {
  const location = answer.headers['location'];
  if (location === undefined) return undefined;
  try {
    const next = new URL(location, from);
    return next.protocol === 'https:' || (next.protocol === 'http:' && from.protocol === 'http:')
      ? next
      : undefined;
  } catch {
    return undefined;
  }
}

function tokenOf(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const fields = parsed as { readonly token?: unknown; readonly access_token?: unknown };
    const token = fields.token ?? fields.access_token;
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}
