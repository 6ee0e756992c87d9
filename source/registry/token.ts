import type { HostReader } from '../engine/host';
import { Secret } from '../engine/secret';
import type { Registry } from '../variables/settings';
import type { Challenge } from './challenge';
import { parse } from './manifest';
import { said } from './reasons';
import { Refusal, refusal } from './refusal';
import { get } from './transport';
import type { Answer, Manner } from './transport';

export type Login = NonNullable<Registry['login']>;

interface Asked {
  readonly host: HostReader;
  readonly manner: Manner;
  readonly challenge: Challenge;
  /** "kube/etcd" */
  readonly repository: string;
  readonly login: Login | undefined;
  /** Whether the login may be sent unencrypted. */
  readonly plainHttp: boolean;
}

/** Gets a token as docker does (docker/distribution auth/session.go, fetchTokenWithBasicAuth): the scope is its own, whatever the challenge says. */
export async function tokenFor(asked: Asked): Promise<Secret> {
  const { login, repository } = asked;
  const url = realmOf(asked.challenge);
  const service = asked.challenge.parameters.get('service');
  if (service !== undefined) url.searchParams.append('service', service);
  url.searchParams.append('scope', `repository:${repository}:pull`);
  if (login !== undefined) url.searchParams.append('account', login.username);
  const encrypted = (at: URL): boolean => at.protocol === 'https:' || asked.plainHttp;
  if (login !== undefined && !encrypted(url)) {
    throw refusal('registry', `it wants the login sent unencrypted to ${url.host}, which is not done`);
  }
  const from = `its token service ${url.host}`;
  const { answer } = await get(asked.host, asked.manner, url, at =>
    login !== undefined && at.host === url.host && encrypted(at) ? { authorization: basic(login) } : {},
  ).catch((error: unknown) => {
    throw error instanceof Refusal ? refusal('registry', `${from}: ${error.problem.reason}`) : error;
  });
  if (answer.status < 200 || answer.status > 299) throw refused(answer, login, from);
  const token = tokenOf(answer.body);
  if (token === undefined) throw refusal('registry', `${from} gives no token`);
  return new Secret(`Bearer ${token}`);
}

/** The header that a login is sent with. */
export function basic({ username, password }: Login): Secret {
  return password.derive(value => `Basic ${Buffer.from(`${username}:${value}`).toString('base64')}`);
}

export function refusesLogin({ username }: Login): Refusal {
  return refusal(
    'registry',
    `it refuses the login of ${username}; look at DOCKER_REGISTRY_USER and the password in DOCKER_REGISTRY_PASSWORD_FILE`,
  );
}

function realmOf({ parameters }: Challenge): URL {
  const realm = parameters.get('realm');
  if (realm !== undefined && /^https?:\/\//i.test(realm)) {
    try {
      return new URL(realm);
    } catch {
      // Told below.
    }
  }
  const named = realm === undefined ? 'without one' : `"${realm}"`;
  throw refusal('registry', `it names no address that tokens could be had from (Bearer realm: ${named})`);
}

function refused(answer: Answer, login: Login | undefined, from: string): Refusal {
  const { status } = answer;
  if (status === 401 && login !== undefined) return refusesLogin(login);
  if (status === 401 || status === 403) {
    return refusal(
      'access',
      login === undefined
        ? `${from} answers ${status}${said(answer)}: there is no such image, or it wants a login`
        : `${from} answers ${status}${said(answer)}: ${login.username} may not pull it`,
    );
  }
  return refusal('registry', `${from} answers ${status}${said(answer)}`);
}

/** The fields that docker decodes; a value of another type in one of them makes it give up. */
function tokenOf(body: string): string | undefined {
  const fields = parse(body);
  if (fields === undefined) return undefined;
  const { token, access_token: access, expires_in: seconds } = fields;
  const texts = [token, access, fields['issued_at'], fields['refresh_token']].map(value => value ?? '');
  if (texts.some(value => typeof value !== 'string') || !Number.isInteger(seconds ?? 0)) return undefined;
  const [first, second] = texts.map(String);
  const found = second === '' ? first : second;
  return found !== undefined && /^[\x20-\x7e]+$/.test(found) ? found : undefined;
}
