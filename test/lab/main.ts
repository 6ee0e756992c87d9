import { spawn } from 'node:child_process';
import { faces, isFace } from './hosts/faces';
import { hostNumbers } from './hosts/instance';
import { isProfile, profiles } from './hosts/profiles';
import { installerDirectory, placeInstaller } from './installer';
import { Lab } from './lab';
import type { Face, LabHost } from './lab';

const help = `The lab: hosts that behave as EL7 ones do, on this machine (Debian 12, root).

npm run lab                          build, boot master1 and open the installer there
npm run lab -- COMMAND

  build                  build what all hosts need; minutes the first time, then kept
  up                     build, then raise the bridge, the registries and the yum repository
  boot NAME              boot a host; one that does not exist yet is made
  reset NAME [FACE,...]  make a host as it was when new, and leave it off; with the faces that are named
  become NAME PROFILE    give a host another CPU and disk, until it is reset; one that is on is booted
  ssh NAME [COMMAND]     a terminal on a host, or one command
  replace NAME [ADDRESS] pull the plug and boot another machine of that name, at another address, known to all;
                         the old one keeps its disk, and is booted again by its address: boot 10.160.N.12
  original NAME          back to the first machine of that name; what took its place is removed
  wipe NAME              another machine at the same address: an empty disk and new keys, and leave it off
  power-cut NAME         pull the plug
  shutdown NAME          power off cleanly
  partition NAME         take it off the network;  heal NAME  puts it back
  faults [--short] [--only NAME] [--seed NUMBER]
                         try every fault on installs of its own (hours), or some of each kind; goes on where it was
  faults --document      put the table of what was tried into docs/reliability.md
  status                 what is up
  down                   power everything off; hosts keep their disks
  remove                 remove this lab wholly: hosts, servers, bridge, mounts, cgroups, state

Hosts: ${Object.keys(hostNumbers).join(', ')}.
Faces:
${Object.entries(faces)
  .map(([name, { says }]) => `  ${name.padEnd(21)} ${says}`)
  .join('\n')}
Profiles:
${Object.entries(profiles)
  .map(([name, { says }]) => `  ${name.padEnd(21)} ${says}`)
  .join('\n')}
KUBE_EL7_LAB names the lab (several can stand side by side; default: lab).
KUBE_EL7_LAB_CACHE is where built things are kept (default: /var/cache/kube-el7-install/lab).
`;

/** A mistake in the command line: told without a stack, with exit code 2. */
class Misuse extends Error {}

const started = Date.now();

function report(line: string): void {
  process.stderr.write(`[${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s] ${line}\n`);
}

/** Runs ssh in the caller's terminal and returns how it ended. */
function inTerminal(host: LabHost, command?: string): Promise<number> {
  const terminal = process.stdin.isTTY;
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', host.terminal(command, terminal), { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', code => {
      resolve(code ?? 1);
    });
  });
}

/** Says what is being done and, after it, how long it took. */
async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const from = Date.now();
  await work();
  report(`${what}: ${((Date.now() - from) / 1000).toFixed(1)} s`);
}

async function openInstaller(): Promise<number> {
  const lab = await Lab.open(undefined, report);
  report(
    `registries ${lab.registry.plain} (plain HTTP) and ${lab.registry.tls} (TLS and login), packages ${lab.yumRepository}`,
  );
  const master = lab.host('master1');
  await timed('master1 booted', () => master.boot());
  await timed('installer placed on master1', () => placeInstaller(lab, master, report));
  report(
    `opening it; master1 stays as it is afterwards: npm run lab -- ssh master1, … -- reset master1, … -- remove`,
  );
  return inTerminal(master, `cd ${installerDirectory} && ./kube-el7-install`);
}

async function status(): Promise<void> {
  const lab = await Lab.attach();
  const { name, bridge, gateway, state } = lab.instance;
  const lines = [
    `lab ${name}: bridge ${bridge}, ${gateway}/24, ${lab.isUp ? 'up' : 'down'}; state in ${state}`,
    ...(lab.isUp
      ? [
          `registry, plain HTTP   ${lab.registry.plain}`,
          `registry, TLS + login  ${lab.registry.tls}  (CA ${lab.registry.caFile}, user ${lab.registry.username}, password in ${lab.registry.passwordFile})`,
          `yum repository         ${lab.yumRepository}`,
        ]
      : []),
    ...lab.made.map(
      host =>
        `${host.id.padEnd(11)} ${host.address.padEnd(13)} ${host.running ? 'running' : 'off'}` +
        (host.name === host.role ? '' : `, ${host.name}`) +
        (host === lab.host(host.role) ? '' : `, replaced by ${lab.host(host.role).address}`),
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function named(lab: Lab, name: string | undefined): LabHost {
  if (name === undefined) throw new Misuse(`which host? one of ${Object.keys(hostNumbers).join(', ')}`);
  if (name in hostNumbers) return lab.host(name);
  // The first machine of a name that was replaced is called by its address too.
  const made = lab.made.find(host => host.id === name || host.address === name);
  if (made !== undefined) return made;
  throw new Misuse(`there is no host ${name}; the lab has ${Object.keys(hostNumbers).join(', ')}`);
}

function facesOf(words: string | undefined): { readonly faces?: readonly Face[] } {
  if (words === undefined) return {};
  return {
    faces: words.split(',').map(word => {
      if (isFace(word)) return word;
      throw new Misuse(`there is no face ${word}; a host can be ${Object.keys(faces).join(', ')}`);
    }),
  };
}

/** The commands about one host, by name. */
const hostCommands: Readonly<
  Record<string, (host: LabHost, words: readonly string[], lab: Lab) => Promise<unknown>>
> = {
  boot: host => host.boot(),
  replace: async (host, [address], lab) =>
    (await lab.replace(host.role, address === undefined ? {} : { address })).boot(),
  original: (host, _, lab) => lab.original(host.role),
  wipe: host => host.wipe(),
  become: (host, [word = '']) => {
    if (isProfile(word)) return host.become(word);
    throw new Misuse(`there is no profile ${word}; a host can be ${Object.keys(profiles).join(', ')}`);
  },
  reset: (host, [words]) => host.reset(facesOf(words)),
  'power-cut': host => host.powerCut(),
  shutdown: host => host.shutdown(),
  partition: host => host.partition(),
  heal: host => host.heal(),
};

/** What makes a host, and so needs the lab up. */
const making = ['boot', 'reset', 'replace', 'wipe'];

async function main([command, ...words]: readonly string[]): Promise<number> {
  if (command === '--help' || command === '-h' || command === 'help') {
    process.stdout.write(help);
    return 0;
  }
  if (command === undefined) return openInstaller();
  const aboutHost = hostCommands[command];
  if (aboutHost !== undefined) {
    const [name, ...rest] = words;
    const lab = await Lab.attach();
    const host = named(lab, name);
    if (making.includes(command) && !lab.isUp) await lab.up(report);
    await timed(`${command} ${host.id}`, () => aboutHost(host, rest, lab));
    return 0;
  }
  switch (command) {
    case 'build':
      await (await Lab.attach()).build(report);
      return 0;
    case 'up':
      await Lab.open(undefined, report);
      await status();
      return 0;
    case 'ssh': {
      const [name, ...rest] = words;
      return inTerminal(named(await Lab.attach(), name), rest.length > 0 ? rest.join(' ') : undefined);
    }
    case 'faults':
      return (await (await import('./faults/main')).faults(words, report)) ? 0 : 1;
    case 'status':
      await status();
      return 0;
    case 'down':
      await (await Lab.attach()).down();
      return 0;
    case 'remove':
      await timed('removed', async () => (await Lab.attach()).remove());
      return 0;
    default:
      throw new Misuse(`there is no command ${command}; see npm run lab -- --help`);
  }
}

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  (problem: unknown) => {
    process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
    process.exitCode = problem instanceof Misuse ? 2 : 1;
  },
);
