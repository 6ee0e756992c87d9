import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonIn } from '../engine/answer';
import { Failure } from '../engine/failure';
import type { OwnProcess, OwnProgram } from './own-process';
import { runProgram } from './program';

/** Units that are gone with the next boot (systemd.unit(5)). */
const UNITS = '/run/systemd/system';
const PREFIX = 'kube-el7-install-';
const PATIENCE_MS = 60_000;

/** A word as systemd reads it in a command: quoted, and with nothing that it would replace. */
function quoted(word: string): string {
  const text = word.replace(/["\\]/g, '\\$&').replace(/\$/g, '$$$$').replace(/%/g, '%%');
  return `"${text.replace(/[\x00-\x1f]/g, code => `\\x${code.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}

/**
 * The unit of a program, for systemd 219. The program is started by a shell: with SELinux enforcing, systemd itself may
 * not execute what lies below /root. KillMode=process: what the program has started goes on to its end when the
 * program itself is killed. However it ends, the unit's file goes.
 */
export function unitText({ name, title, words, log, environment }: OwnProgram): string {
  return [
    '[Unit]',
    `Description=${title.replace(/%/g, '%%')}`,
    '',
    '[Service]',
    'Type=simple',
    ...Object.entries(environment).map(([key, value]) => `Environment=${quoted(`${key}=${value}`)}`),
    `ExecStart=/bin/sh -c ${[`exec "$@" 2>>"$0"`, log, ...words].map(quoted).join(' ')}`,
    `ExecStopPost=/bin/rm -f ${quoted(join(UNITS, unitName(name)))}`,
    'KillMode=process',
    'UMask=0022',
    '',
  ].join('\n');
}

function unitName(name: string): string {
  return `${PREFIX}${name}.service`;
}

async function systemctl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram({ file: 'systemctl', args }, { timeoutMs: PATIENCE_MS });
  if (code === 0) return stdout;
  const seen = stderr.split('\n').filter(line => line !== '');
  const why = reasonIn(seen) ?? `systemctl ${args[0] ?? ''} ended with exit code ${code}`;
  throw new Failure({
    code: 'engine-not-started',
    message: `systemd did not start the process that does the run: ${why}.`,
    hint: 'Nothing was changed. systemctl --failed and journalctl -b show what systemd lacks; docker and the kubelet need it as well.',
    seen,
  });
}

/** Starts a program as a unit of systemd that lasts until it ends: neither a terminal nor a login session is above it. */
export async function startUnit(program: OwnProgram): Promise<OwnProcess> {
  const unit = unitName(program.name);
  const path = join(UNITS, unit);
  await writeFile(path, unitText(program), { mode: 0o644 });
  try {
    await systemctl('daemon-reload');
    // A run that was killed stays listed as failed until then.
    await systemctl('reset-failed', `${PREFIX}*`).catch(() => '');
    await systemctl('start', unit);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return {
    async ended() {
      const state = await systemctl('show', unit, '-p', 'ActiveState', '-p', 'Result').catch(() => '');
      const [, active] = /^ActiveState=(.*)$/m.exec(state) ?? [];
      if (active === undefined || /^(active|activating|reloading)$/.test(active)) return undefined;
      return `${active}, ${/^Result=.*$/m.exec(state)?.[0] ?? ''}`;
    },
  };
}
