import { changesOn } from '../../../source/changes';
import { nextToUndo, readUndoRuns } from '../../../source/changes/undo/read';
import { UndoRecord, type UndoStore } from '../../../source/changes/undo/record';
import type { Change } from '../../../source/engine/change';
import type { Step } from '../../../source/engine/step';
import { UNDO } from '../../../source/steps/paths';
import { undoStages } from '../../../source/steps/undo';
import type { Answer, FakeHost } from '../../support/fake-host';
import { El7, settingsWith } from '../prepare/el7';

/** Packages that come with others, and one of them that something else needs by the time of the undo. */
const WITH_THEM = ['socat', 'conntrack-tools'];

/** The stand-in for an EL7 host, with the programs that take things back, and a record of its own. */
export class Undoable extends El7 {
  /** By package, the transaction that it came in. */
  readonly transactions = new Map<string, string>();
  needed: string | undefined;

  constructor(files: ConstructorParameters<typeof El7>[0] = {}) {
    super(files);
    this.answer(/^rpm -qa --qf %\{NAME\}\\n$/, () =>
      [...this.packages.keys()].map(one => `${one}\n`).join(''),
    )
      .answer(/^rpm -qa? .*%\{INSTALLTID\}/, ({ args }) => this.#installed(args))
      .answer(/^rpm -e --test /, ({ args }) =>
        this.needed !== undefined && args.includes(this.needed)
          ? {
              code: 1,
              stderr: `error: Failed dependencies:\n\t${this.needed} is needed by (installed) other-1\n`,
            }
          : {},
      )
      .answer(/^rpm -q --whatprovides --qf /, ({ args }) => `${args.at(-1) ?? ''}\n`)
      .answer(/^rpm -e (?!--test)/, ({ args }) => this.#remove(args.slice(1)))
      .answer(/^install -D --mode=/, ({ args }) => {
        const [from = '', to = ''] = args.slice(-2);
        this.put(to, this.text(from) ?? '', parseInt(args[1]?.replace('--mode=', '') ?? '0', 8));
        return {};
      })
      .answer(/^mv --force --no-target-directory /, ({ args }) => this.#move(args))
      .answer(/^rmdir -- /, ({ args }) => (this.drop(args[1] ?? ''), {}))
      .answer(/^rm --recursive --force /, ({ args }) => (this.#removeTree(args.at(-1) ?? ''), {}))
      .answer('sync')
      .answer('systemctl reload NetworkManager.service')
      .answer(/^systemctl show --property=NeedDaemonReload /, 'NeedDaemonReload=no\n')
      .answer(/^systemctl (stop|disable) /, ({ args: [action, unit = ''] }) => {
        const found = this.units.get(unit);
        if (found === undefined) return { code: 5 };
        if (action === 'stop') found.active = 'inactive';
        else found.file = 'disabled';
        return {};
      })
      .answer('setenforce 1', () => (this.answer('getenforce', 'Enforcing\n'), {}))
      .answer('cat /proc/swaps', () => this.text('/proc/swaps') ?? '')
      .answer(/^swapon /, ({ args }) => {
        this.put(
          '/proc/swaps',
          `Filename\tType\tSize\tUsed\tPriority\n${args[0] ?? ''} partition\t2097148\t0\t-2\n`,
        );
        return {};
      })
      .answer(/^sysctl -n /, ({ args }) => this.text(sysctlPath(args[1] ?? '')) ?? { code: 255 })
      .answer(/^sysctl -w /, ({ args }) => {
        const [name = '', value = ''] = (args[1] ?? '').split('=');
        this.put(sysctlPath(name), `${value}\n`);
        return {};
      })
      .answer(/^firewall-cmd .*--(query|remove)-/, ({ args }) => this.#firewall(args))
      .answer(/^yum -y --disableexcludes=all install /, ({ args }) => installed(args, this));
    for (const name of this.packages.keys()) this.transactions.set(name, '100');
  }

  /** All that an undo has to bring back: files outside of the product's own, packages, units, firewall. */
  get state(): object {
    const files = this.modes().filter(
      ([path]) => !path.startsWith('/var/lib/kube-el7-install') && !isKernels(path),
    );
    return {
      files: files.map(([path, mode]) => [path, mode, this.text(path)]),
      packages: [...this.packages.keys()].sort(),
      units: [...this.units].map(([name, unit]) => [name, { ...unit }]),
      firewall: [...this.firewall].map(([zone, rules]) => [zone, JSON.stringify(rules)]),
      forward: this.text('/proc/sys/net/ipv4/ip_forward'),
      swaps: (this.text('/proc/swaps') ?? '').includes('/dev/sda2'),
    };
  }

  #installed(args: readonly string[]): Answer {
    const asked = args[0] === '-qa' ? [...this.packages.keys()] : args.slice(1, args.indexOf('--qf'));
    return asked
      .map(one => one.replace(/-\d[\d.]*$/, ''))
      .map(one =>
        this.packages.has(one)
          ? `${one} ${this.transactions.get(one) ?? ''}\n`
          : `package ${one} is not installed\n`,
      )
      .join('');
  }

  #remove(names: readonly string[]): Answer {
    for (const name of names) {
      this.packages.delete(name);
      this.units.delete(`${name}.service`);
      if (name === 'kubelet') this.drop('/etc/sysconfig/kubelet');
      if (name === 'kubernetes-cni') this.drop('/opt/cni/bin/flannel');
    }
    return {};
  }

  #move(args: readonly string[]): Answer {
    const [from = '', to = ''] = args.slice(-2);
    const mode = this.modes().find(([path]) => path === from)?.[1];
    this.put(to, this.text(from) ?? '', mode).drop(from);
    return {};
  }

  #removeTree(path: string): void {
    for (const [one] of this.modes()) if (one === path || one.startsWith(`${path}/`)) this.drop(one);
  }

  #firewall(args: readonly string[]): Answer {
    const key = `${args[0] === '--permanent' ? 'permanent' : 'runtime'} ${/--zone=(\S+)/.exec(args.join(' '))?.[1] ?? ''}`;
    const zone = this.firewall.get(key);
    const [, verb, what, value = ''] =
      /^--(query|remove)-(port|rich-rule|source)=(.*)$/.exec(args.at(-1) ?? '') ?? [];
    const list = what === 'port' ? zone?.ports : what === 'source' ? zone?.sources : zone?.rules;
    if (verb === 'query') return list?.includes(value) === true ? 'yes\n' : { code: 1, stdout: 'no\n' };
    list?.splice(list.indexOf(value), 1);
    return 'success\n';
  }
}

/** What the stand-in's yum does, with what comes along. */
function installed(args: readonly string[], host: Undoable): Answer {
  const names = args.slice(2).map(one => one.replace(/-\d[\d.]*$/, ''));
  for (const one of [...args.slice(2), ...WITH_THEM]) {
    const [, name = one, version = '1.13.1'] = /^(.*?)-(\d[\d.]*)$/.exec(one) ?? [];
    host.packages.set(name, version);
  }
  for (const name of [...names, ...WITH_THEM]) host.transactions.set(name, '200');
  host.unit('docker.service', 'inactive', 'disabled').unit('kubelet.service', 'inactive', 'disabled');
  host.put('/etc/sysconfig/kubelet', 'KUBELET_EXTRA_ARGS=\n').put('/opt/cni/bin/flannel', '');
  return {};
}

function sysctlPath(name: string): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`;
}

/** What is the kernel's own and stays: modules that are loaded. */
function isKernels(path: string): boolean {
  return path.startsWith('/proc/');
}

/** Keeps a record where the product would, in the stand-in's files. */
export class HostStore implements UndoStore {
  constructor(
    private readonly host: FakeHost,
    private readonly run: string,
  ) {}

  append(line: string): Promise<void> {
    const path = `${UNDO}/${this.run}.jsonl`;
    this.host.put(path, (this.host.text(path) ?? '') + line, 0o600);
    return Promise.resolve();
  }

  keep(name: string, bytes: Buffer): Promise<void> {
    this.host.put(`${UNDO}/${this.run}/${name}`, bytes, 0o600);
    return Promise.resolve();
  }

  async copy(name: string, path: string): Promise<void> {
    this.host.put(`${UNDO}/${this.run}/${name}`, (await this.host.read(path)) ?? Buffer.alloc(0), 0o600);
  }
}

/** A record on the stand-in of a run by that name. */
export function recordOn(host: FakeHost, run: string, command = 'install'): UndoRecord {
  const header = { v: 1, run, command, time: '2026-11-25T18:00:00.000Z', others: [] } as const;
  return new UndoRecord(new HostStore(host, run), header);
}

const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

/** Applies steps in their order as the engine does; `before` may throw, as a kill would, with the change written down or also made. */
export async function applyRecorded(
  steps: readonly Step[],
  host: FakeHost,
  record: UndoRecord | undefined,
  before: (change: Change) => void = () => undefined,
): Promise<number> {
  let made = 0;
  for (const step of steps) {
    for (const change of step.plan(await step.probe(host))) {
      if (change.kind === 'await') continue;
      before(change);
      const context = { ...silent, step: { id: step.id, title: step.title } };
      await changesOn(host, record === undefined ? {} : { record }).perform(change, context);
      made += 1;
    }
    const left = step.plan(await step.probe(host));
    if (left.length > 0) throw new Error(`${step.id} left: ${JSON.stringify(left)}`);
  }
  return made;
}

/** The steps of the undo that is next on a host, where no cluster was begun. */
export async function undoSteps(host: FakeHost): Promise<readonly Step[]> {
  const undoing = nextToUndo(await readUndoRuns(host));
  if (undoing === undefined) return [];
  const stages = await undoStages(host, await settingsWith(), undoing, [], undefined);
  return stages.flatMap(({ steps }) => steps);
}
