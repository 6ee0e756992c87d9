import type { Event } from '../../../source/engine/event';
import type { Running } from '../hosts/command';
import { argumentsOf, childrenOf, signal } from '../hosts/processes';
import { Hopeless, until } from '../hosts/until';
import type { LabHost } from '../lab';
import { eventsOf, home } from './support';
import type { InstallRun } from './support';

const said = '/root/installer-stderr';

/** The processes that do a run on a host, by their ids outside it. A program that one of them is just starting still has its arguments, and is none. */
export function enginesOf(host: LabHost): readonly number[] {
  const found = host
    .processes()
    .filter(({ arguments: words }) => words.includes(`${home}/dist/start.cjs`) && words.includes('engine'))
    .map(process => process.pid);
  const starting = new Set(found.flatMap(childrenOf));
  return found.filter(pid => !starting.has(pid) && argumentsOf(pid) !== undefined);
}

/** An installer at work on a host, for scenarios that act meanwhile, or kill it at a moment that its events tell. */
export class InstallUnderWay {
  readonly events: Event[] = [];
  private read = 0;

  private constructor(
    private readonly host: LabHost,
    private readonly running: Running,
  ) {}

  static start(host: LabHost, options = '--yes --output json'): InstallUnderWay {
    const command = `cd ${home} && exec ./kube-el7-install ${options} 2>${said}`;
    return new InstallUnderWay(host, host.start(command, { timeoutMs: 30 * 60_000 }));
  }

  /** Waits until an event of this run is such a one. */
  async reaches(what: string, moment: (event: Event) => boolean, withinMs = 15 * 60_000): Promise<void> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    this.running.result.then(end, end);
    let looked = 0;
    await until(what, withinMs, () => {
      const over = ended;
      this.take();
      for (; looked < this.events.length; looked += 1) {
        const event = this.events[looked];
        if (event !== undefined && moment(event)) return;
      }
      const last = JSON.stringify(this.events[this.events.length - 1]).slice(0, 2000);
      if (over) throw new Hopeless(`the installer ended before; its last event was ${last}`);
      throw new Error(`the installer is at ${last}`);
    });
  }

  /** kill -9, of the engine alone: what it has started goes on, as it would there, and whoever watches it ends by itself. */
  async kill(): Promise<void> {
    const own = enginesOf(this.host);
    if (own.length !== 1) throw new Error(`${String(own.length)} engines run on ${this.host.name}`);
    for (const pid of own) signal(pid, 'SIGKILL');
    await until('the killed installer to be gone', 20_000, () => {
      if (this.host.processes().some(process => own.includes(process.pid))) throw new Error('it is there');
    });
  }

  /** Waits for its end. */
  async ended(): Promise<InstallRun> {
    const { code, stdout } = await this.running.result;
    const stderr = await this.host.read(said);
    return { code, stdout, stderr, events: eventsOf(stdout) };
  }

  private take(): void {
    const text = this.running.output();
    const whole = text.lastIndexOf('\n') + 1;
    if (whole > this.read) this.events.push(...eventsOf(text.slice(this.read, whole)));
    this.read = Math.max(this.read, whole);
  }
}

/** The moment at which a step has ended. */
export function stepEnded(step: string): (event: Event) => boolean {
  return event => event.type === 'step-finished' && event.step === step;
}
