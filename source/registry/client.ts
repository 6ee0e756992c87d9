import type { HostReader, HttpOutcome } from '../engine/host';
import { Secret } from '../engine/secret';
import type { ImageReference } from '../variables/images';
import type { Registry } from '../variables/settings';
import { parseChallenge, tokenUrl } from './challenge';
import { answerReason, connectionReason } from './reasons';

type Answer = Exclude<HttpOutcome, { error: string }>;

/** Either an answer, or why there is none that could be used. */
type Asked = { readonly answer: Answer } | { readonly problem: string };

const TIMEOUT_MS = 15_000;

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
  readonly #tokens = new Map<string, Secret>();

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

  /** One request, and a second one with what the registry asks for where the first one is refused. */
  private async ask(method: 'GET' | 'HEAD', path: string, scope: string | undefined): Promise<Asked> {
    const first = await this.send(method, path, this.#tokens.get(scope ?? ''));
    if ('error' in first) return { problem: connectionReason(first.error) };
    if (first.status !== 401) return { answer: first };
    const challenge = parseChallenge(first.headers['www-authenticate']);
    if (challenge === undefined) return { problem: 'it answers 401 and does not say how to log in' };
    const login = this.login();
    if (challenge.scheme === 'basic') {
      if (login === undefined) return { problem: this.wantsLogin() };
      const second = await this.send(method, path, login);
      if ('error' in second) return { problem: connectionReason(second.error) };
      if (second.status === 401) return { problem: this.refusesLogin() };
      this.#tokens.set(scope ?? '', login);
      return { answer: second };
    }
    const token = await this.token(tokenUrl(challenge, scope), login);
    if (typeof token === 'string') return { problem: token };
    const second = await this.send(method, path, token);
    if ('error' in second) return { problem: connectionReason(second.error) };
    if (second.status === 401) {
      // A registry with tokens answers 401 also for what is not there, lest names be guessed.
      return {
        problem:
          scope === undefined
            ? this.refusesLogin()
            : `it answers 401: there is no such image, or ${login === undefined ? 'it wants a login' : 'this login may not pull it'}`,
      };
    }
    this.#tokens.set(scope ?? '', token);
    return { answer: second };
  }

  private async token(url: string, login: Secret | undefined): Promise<Secret | string> {
    if (login !== undefined && !url.startsWith('https://') && this.#site?.plainHttp !== true) {
      return `it wants the login sent unencrypted to ${new URL(url).host}, which is not done`;
    }
    const answer = await this.host.request({
      url,
      headers: login === undefined ? {} : { authorization: login },
      timeoutMs: TIMEOUT_MS,
      ...this.certificates(),
    });
    const from = `its token service ${new URL(url).host}`;
    if ('error' in answer) return `${from}: ${connectionReason(answer.error)}`;
    if (answer.status === 401) return login === undefined ? this.wantsLogin() : this.refusesLogin();
    if (answer.status !== 200) return `${from} answers ${answer.status}`;
    const token = tokenOf(answer.body);
    return token === undefined ? `${from} gives no token` : new Secret(`Bearer ${token}`);
  }

  private send(
    method: 'GET' | 'HEAD',
    path: string,
    authorization: Secret | undefined,
  ): Promise<HttpOutcome> {
    return this.host.request({
      url: `${this.#base}${path}`,
      method,
      headers: { accept: MANIFESTS, ...(authorization === undefined ? {} : { authorization }) },
      timeoutMs: TIMEOUT_MS,
      ...this.certificates(),
    });
  }

  private certificates(): { readonly caFile?: string } {
    return this.#site?.caFile === undefined ? {} : { caFile: this.#site.caFile };
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
