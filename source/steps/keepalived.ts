import { randomInt } from 'node:crypto';
import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { Secret } from '../engine/secret';
import { step, type Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import { keepalivedFiles } from '../kubernetes/keepalived';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { withEvidence } from './diagnosis';
import { isFinished } from './finished';
import { KEEPALIVED, KEEPALIVED_PASSWORD } from './paths';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
/** VRRPv2 looks at eight characters and no more. */
const FORM = /^[A-Za-z0-9]{8}$/;

interface Observed {
  readonly desired: readonly Desired[];
  readonly found: ObservedDesired;
  /** How the VIP of a finished cluster of several masters was made that was made otherwise: "virtual_router_id 51". */
  readonly other: readonly string[];
}

/** keepalived as a static pod of this host. It starts before there is an apiserver, so that the VIP is there a second after that is. */
export function keepalived(settings: Settings, master: Master, after: readonly string[]): Step {
  const made = newPassword();
  const files = keepalivedFiles(settings, allMasters(settings, master), 0);
  return step<Observed>({
    id: 'keepalived',
    title: 'Start keepalived',
    after,
    probe: async host => {
      const desired: readonly Desired[] = [
        ...(await password(host, settings, made)),
        { kind: 'directory', path: KEEPALIVED, mode: 0o700 },
        ...files,
      ];
      return { desired, found: await observe(host, desired), other: await otherwise(host, settings) };
    },
    plan: ({ desired, found, other }) => {
      if (other.length > 0) throw new Failure(otherVip(other));
      return difference(desired, found);
    },
    diagnose: (host, failure) => withEvidence(host, failure, ['keepalived']),
  });
}

/** The configuration itself, which has the password too, in case its file is lost: another one would set the masters against each other. */
const CONFIGURATION = `${KEEPALIVED}/keepalived.conf.template`;

async function configuration(host: HostReader): Promise<string> {
  return (await host.read(CONFIGURATION))?.toString('utf8') ?? '';
}

async function password(host: HostReader, { vip }: Settings, made: string): Promise<readonly Desired[]> {
  if (vip?.vrrpVersion !== 2) return [];
  const kept = (await host.read(KEEPALIVED_PASSWORD))?.toString('utf8') ?? '';
  const used = /\bauth_pass (\S+)/.exec(await configuration(host))?.[1] ?? '';
  const text = [kept, used].find(one => FORM.test(one)) ?? made;
  return [{ kind: 'file', path: KEEPALIVED_PASSWORD, content: new Secret(text), mode: 0o600 }];
}

function newPassword(): string {
  return Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** Masters of two kinds do not hear each other, and each half would take the VIP until the last one is changed. */
async function otherwise(host: HostReader, { vip, others }: Settings): Promise<readonly string[]> {
  if (vip === undefined || others.length === 0 || !(await isFinished(host))) return [];
  const text = await configuration(host);
  const wanted = [`virtual_router_id ${vip.routerId}`, `vrrp_version ${vip.vrrpVersion}`];
  const has = wanted.map(line =>
    new RegExp(`^\\s*${line.split(' ')[0] ?? ''} \\d+$`, 'm').exec(text)?.[0].trim(),
  );
  return has.filter((line): line is string => line !== undefined && !wanted.includes(line));
}

function otherVip(other: readonly string[]): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'other-settings',
    message:
      "This cluster's masters share the VIP with other settings than those given now. Changed on one master after the other, two of them would have the VIP at once.",
    hint: `Give VIP_ROUTER_ID and VRRP_VERSION as they were; they stand in ${CONFIGURATION}.`,
    seen: other.map(line => `made with: ${line}`),
  };
}
