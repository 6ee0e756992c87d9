import { difference, observe } from '../../changes/desired';
import type { Desired, ObservedDesired } from '../../changes/desired';
import { Failure } from '../../engine/failure';
import type { Secret } from '../../engine/secret';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { DOCKER_IO, registryName } from '../../variables/images';
import type { Registry, Settings } from '../../variables/settings';
import { readText } from './ask';
import { object, parseObject } from './docker-info';

/** root's own, for docker's command line, and the first place that the kubelet looks in. */
const PATHS = ['/root/.docker/config.json', '/var/lib/kubelet/config.json'] as const;

type Login = NonNullable<Settings['registry']['login']>;

interface Observed {
  /** The first of the files that is no JSON object. */
  readonly unreadable: string | undefined;
  readonly desired: readonly Desired[];
  readonly files: ObservedDesired;
}

/** The registry's login for docker and for the kubelet; logins to other registries in these files stay. */
export function registryLogin(settings: Settings, login: Login): Step {
  const key = loginKey(settings.registry);
  return step<Observed>({
    id: 'registry-login',
    title: "Store the registry's login",
    after: [],
    probe: async host => {
      const texts = await Promise.all(PATHS.map(path => readText(host, path)));
      const desired = PATHS.map((path, at): Desired => ({
        kind: 'file',
        path,
        content: withLogin(texts[at] ?? '', key, login),
        mode: 0o600,
      }));
      return {
        unreadable: PATHS.find((_, at) => {
          const text = texts[at] ?? '';
          return text.trim() !== '' && parseObject(text) === undefined;
        }),
        desired,
        files: await observe(host, desired),
      };
    },
    plan: ({ unreadable, desired, files }) => {
      if (unreadable !== undefined) {
        throw new Failure({
          code: 'registry-login',
          message: `${unreadable} is not a JSON object, so the registry's login cannot be added to it.`,
          hint: `Mend ${unreadable}, or move it away.`,
        });
      }
      return difference(desired, files);
    },
  });
}

/** What docker and the kubelet look for (moby registry.GetAuthConfigKey, kubernetes credentialprovider/keyring.go): docker.io's is from the days of version 1. */
function loginKey(registry: Registry): string {
  const name = registryName(registry);
  return name === DOCKER_IO ? 'https://index.docker.io/v1/' : name;
}

/** The file's text with the login in it; as it is where it holds that login already. Secret as a whole: it may hold others' logins. */
function withLogin(text: string, key: string, login: Login): Secret {
  return login.password.derive(password => {
    const auth = Buffer.from(`${login.username}:${password}`).toString('base64');
    const present = parseObject(text) ?? {};
    const auths = object(present['auths']);
    const helpers = object(present['credHelpers']);
    // Where a program keeps logins, docker reads none of this file (docker/cli getConfiguredCredentialStore): an empty name is none.
    const helper = helpers[key] ?? present['credsStore'] ?? '';
    const entry = object(auths[key]);
    // A token that stands beside the login would be used in its place.
    const alone = entry['identitytoken'] === undefined && entry['registrytoken'] === undefined;
    if (entry['auth'] === auth && alone && helper === '') return text;
    const added = {
      auths: { ...auths, [key]: { auth } },
      ...(helper === '' ? {} : { credHelpers: { ...helpers, [key]: '' } }),
    };
    return `${JSON.stringify({ ...present, ...added }, null, 2)}\n`;
  });
}
