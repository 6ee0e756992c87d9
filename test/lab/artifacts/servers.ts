import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { get as getTls } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { execute } from './execute';
import { startServer } from './server';

/** What the servers need of the built artifacts. */
export interface Served {
  readonly registryStorage: string;
  readonly yumRepository: string;
}

export interface RegistriesOptions {
  readonly artifacts: Served;
  /** The address to listen on, which the certificate names: the bridge's. */
  readonly address: string;
  readonly stateDirectory: string;
  readonly plainPort?: number;
  readonly tlsPort?: number;
}

export interface Registries {
  /** host:port of the registry over plain HTTP, without a login. */
  readonly plain: string;
  /** host:port of the same images over TLS, with a CA of its own and a login. */
  readonly tls: string;
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
  readonly passwordFile: string;
  readonly pids: readonly number[];
}

const username = 'lab';

/** Writes a file as a whole and for its owner only. */
function writePrivate(path: string, content: string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The CA and the server's pair, made once per instance and anew when the address changes. */
async function makeCertificates(directory: string, address: string): Promise<void> {
  const named = join(directory, 'address');
  if (existsSync(named) && readFileSync(named, 'utf8') === address) return;
  const log = join(directory, 'openssl.log');
  const openssl = (...parameters: string[]): Promise<void> => execute('openssl', parameters, { log });
  const at = (name: string): string => join(directory, name);
  writePrivate(
    at('extensions'),
    `subjectAltName=IP:${address}\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n`,
  );
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
    '-days',
    '3650',
    '-subj',
    '/CN=lab registry CA',
  );
  await openssl(
    'req',
    ...key,
    '-keyout',
    at('server.key'),
    '-out',
    at('server.csr'),
    '-subj',
    `/CN=${address}`,
  );
  await openssl(
    ...[
      'x509',
      '-req',
      '-in',
      at('server.csr'),
      '-CA',
      at('ca.crt'),
      '-CAkey',
      at('ca.key'),
      '-CAcreateserial',
    ],
    ...['-extfile', at('extensions'), '-days', '825', '-out', at('server.crt')],
  );
  chmodSync(at('ca.key'), 0o600);
  chmodSync(at('server.key'), 0o600);
  writeFileSync(named, address);
}

/** The login, made once per instance; docker-registry wants bcrypt. The password is in no command line. */
async function makeLogin(directory: string): Promise<string> {
  const passwordFile = join(directory, 'password');
  const htpasswd = join(directory, 'htpasswd');
  if (!existsSync(passwordFile)) writePrivate(passwordFile, randomBytes(18).toString('base64url'));
  const password = readFileSync(passwordFile, 'utf8');
  if (!existsSync(htpasswd)) {
    writePrivate(htpasswd, '');
    await execute('htpasswd', ['-i', '-B', htpasswd, username], {
      log: join(directory, 'htpasswd.log'),
      input: password,
    });
  }
  return password;
}

/** Asks a URL and returns the status; a certificate is checked against the given CA. */
export function statusOf(
  url: string,
  options: { readonly ca?: string; readonly login?: string } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const settings = {
      timeout: 5000,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(options.login === undefined ? {} : { auth: options.login }),
    };
    const answered = (response: IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode ?? 0);
    };
    const request = url.startsWith('https:')
      ? getTls(url, settings, answered)
      : getPlain(url, settings, answered);
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer in 5 s`)));
    request.on('error', reject);
  });
}

async function expectOk(url: string, options: Parameters<typeof statusOf>[1] = {}): Promise<void> {
  const status = await statusOf(url, options);
  if (status !== 200) throw new Error(`${url} answered ${status}`);
}

/** A docker-registry configuration: the storage is read only, so every instance shares the cached one. */
function registryConfiguration(storage: string, rest: object): string {
  return JSON.stringify(
    {
      version: '0.1',
      log: { level: 'info', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: storage }, maintenance: { readonly: { enabled: true } } },
      ...rest,
    },
    null,
    1,
  );
}

/** Starts both registries over the same images; those that run already and match are kept. */
export async function startRegistries(options: RegistriesOptions): Promise<Registries> {
  const { artifacts, address, stateDirectory, plainPort = 5000, tlsPort = 5443 } = options;
  const directory = join(stateDirectory, 'registry');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await makeCertificates(directory, address);
  const password = await makeLogin(directory);
  const plain = `${address}:${plainPort}`;
  const tls = `${address}:${tlsPort}`;
  const caFile = join(directory, 'ca.crt');

  const start = (name: string, http: object, rest: object, answers: () => Promise<void>): Promise<number> => {
    const configuration = join(directory, `${name}.json`);
    // JSON is YAML: no serializer is needed for docker-registry's configuration.
    const content = registryConfiguration(artifacts.registryStorage, { http, ...rest });
    writeFileSync(configuration, content, { mode: 0o600 });
    return startServer(stateDirectory, {
      name,
      program: 'docker-registry',
      parameters: ['serve', configuration],
      // The certificate is read once, at the start.
      content: content + readFileSync(caFile, 'utf8'),
      answers,
    });
  };

  const pids = await Promise.all([
    start('registry-plain', { addr: plain }, {}, () => expectOk(`http://${plain}/v2/`)),
    start(
      'registry-tls',
      { addr: tls, tls: { certificate: join(directory, 'server.crt'), key: join(directory, 'server.key') } },
      { auth: { htpasswd: { realm: 'lab', path: join(directory, 'htpasswd') } } },
      () =>
        expectOk(`https://${tls}/v2/`, {
          ca: readFileSync(caFile, 'utf8'),
          login: `${username}:${password}`,
        }),
    ),
  ]);
  return { plain, tls, caFile, username, password, passwordFile: join(directory, 'password'), pids };
}

export interface YumRepositoryOptions {
  readonly artifacts: Served;
  readonly address: string;
  readonly stateDirectory: string;
  readonly port?: number;
}

/** Serves the RPM repository over plain HTTP with busybox's httpd. */
export async function startYumRepository(
  options: YumRepositoryOptions,
): Promise<{ readonly baseUrl: string; readonly repoFile: string; readonly pid: number }> {
  const { artifacts, address, stateDirectory, port = 8080 } = options;
  const baseUrl = `http://${address}:${port}/`;
  const pid = await startServer(stateDirectory, {
    name: 'yum',
    program: 'busybox',
    parameters: ['httpd', '-f', '-p', `${address}:${port}`, '-h', artifacts.yumRepository],
    content: '',
    answers: () => expectOk(`${baseUrl}repodata/repomd.xml`),
  });
  const repoFile = `[lab]\nname=Packages of the lab\nbaseurl=${baseUrl}\nenabled=1\ngpgcheck=0\nrepo_gpgcheck=0\n`;
  return { baseUrl, repoFile, pid };
}
