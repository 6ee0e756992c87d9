import type { HostReader } from '../engine/host';
import type { ImageReference } from '../variables/images';
import { DOCKER_IO, registryName } from '../variables/images';
import type { Registry } from '../variables/settings';
import { certificatesFor } from './certs-d';
import { abilities } from './docker';
import type { Docker } from './docker';
import { Endpoint } from './endpoint';
import type { EndpointOptions } from './endpoint';
import { proxyFor } from './proxy';
import { Refusal } from './refusal';
import type { Problem } from './refusal';

/** Docker Hub's API is not at the name that its images have. */
const HUB = 'https://registry-1.docker.io';

/** One registry, by way of every address that docker would try in turn, from the host. Keeps tokens only in memory. */
export class RegistryClient {
  readonly #site: Registry | undefined;
  #endpoints: Promise<readonly Endpoint[]> | undefined;
  #first: Promise<Problem | undefined> | undefined;

  constructor(
    private readonly host: HostReader,
    readonly registry: string,
    site: Registry,
    private readonly docker: Docker,
  ) {
    this.#site = registryName(site) === registry ? site : undefined;
  }

  /**
   * Why docker could not pull an image; undefined where it could. What is wrong with the registry as such is asked once,
   * so that a wrong password is not sent time and again.
   */
  async missing(image: ImageReference): Promise<Problem | undefined> {
    if (this.#first === undefined) {
      this.#first = this.#look(image);
      return this.#first;
    }
    const first = await this.#first;
    return first?.whole === true ? first : this.#look(image);
  }

  /** The next address is tried where the last one was not reached; after a mirror always (moby distribution.Pull). */
  async #look(image: ImageReference): Promise<Problem | undefined> {
    const failed: Problem[] = [];
    try {
      this.#endpoints ??= this.#addresses();
      for (const endpoint of await this.#endpoints) {
        const problem = await problemOf(endpoint.offers(image));
        if (problem === undefined) return undefined;
        failed.push(problem);
        if (this.registry !== DOCKER_IO && (await problemOf(endpoint.ping())) === undefined) break;
      }
    } catch (error) {
      if (error instanceof Refusal) return error.problem;
      throw error;
    }
    const last = failed.pop();
    const mirrors = this.registry === DOCKER_IO ? failed.map(({ reason }) => reason) : [];
    if (last === undefined || mirrors.length === 0) return last;
    return { ...last, reason: `${last.reason}; from its mirrors: ${mirrors.join('; ')}` };
  }

  async #addresses(): Promise<readonly Endpoint[]> {
    if (this.registry === DOCKER_IO) {
      const { mirrors: urls } = this.docker;
      const mirrors = urls.map(url => this.#mirror(url));
      // No file in certs.d counts for it (moby registry.lookupV2Endpoints).
      return [...(await Promise.all(mirrors)), this.#endpoint(HUB, { trust: { ...this.#rules, files: [] } })];
    }
    if (this.#site?.plainHttp === true) {
      return ['https', 'http'].map(scheme =>
        this.#endpoint(`${scheme}://${this.registry}`, { trust: 'anyone' }),
      );
    }
    return [
      this.#endpoint(`https://${this.registry}`, await this.#verified(this.registry, this.#site?.caFile)),
    ];
  }

  async #mirror(url: string): Promise<Endpoint> {
    const base = /^https?:\/\//.test(url) ? url : `https://${url}`;
    const { host } = new URL(base);
    return this.#endpoint(
      base,
      this.docker.insecure.includes(host) ? { trust: 'anyone' } : await this.#verified(host, undefined),
    );
  }

  async #verified(registry: string, ca: string | undefined): Promise<EndpointOptions['manner']> {
    const { files, ...pair } = await certificatesFor(this.host, registry, ca);
    return { trust: { ...this.#rules, files }, ...pair };
  }

  #endpoint(base: string, manner: EndpointOptions['manner']): Endpoint {
    const { proxies } = this.docker;
    const able = abilities(this.docker);
    return new Endpoint(this.host, {
      base,
      manner: { ...manner, proxyTo: url => proxyFor(url, proxies, able.go) },
      login: this.#site?.login,
      plainHttp: this.#site?.plainHttp === true,
      wantsLogin:
        this.#site === undefined
          ? 'it wants a login, and only DOCKER_REGISTRY can have one'
          : 'it wants a login; give DOCKER_REGISTRY_USER and DOCKER_REGISTRY_PASSWORD_FILE',
      docker: able,
    });
  }

  get #rules() {
    return abilities(this.docker).rules;
  }
}

async function problemOf(asked: Promise<unknown>): Promise<Problem | undefined> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    throw error;
  }
}
