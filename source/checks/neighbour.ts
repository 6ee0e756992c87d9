import { setTimeout as delay } from 'node:timers/promises';
import type { HostReader } from '../engine/host';
import { ask } from '../steps/prepare/ask';
import { knock } from './knock';

/** Who has an address on the link: nobody, somebody by a hardware address, or it is not known. */
export type Owner =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'somebody'; readonly hardware: string; readonly forOthers: boolean }
  | { readonly kind: 'unknown'; readonly hardware: string };

/** An old entry is believed for 5 s after it is used (delay_first_probe_time) and asked about for 3 s; then it is asked anew, for 3 s. */
const LOOKS = 16;

interface Entry {
  readonly address: string;
  readonly hardware: string;
  readonly state: string;
}

/**
 * Asks by ARP, which a host answers that drops everything else. The kernel asks where a packet is to be sent; what it knew
 * before says nothing (STALE), nor does what it is about to find out (DELAY, PROBE, INCOMPLETE; net/core/neighbour.c of Linux):
 * packets are sent until it has an answer. An old entry that fails was asked of its old owner alone, so it is asked once more, of all.
 */
export async function ownerOf(host: HostReader, address: string, pauseMs: number): Promise<Owner> {
  let before: string | undefined;
  for (let look = 1; ; look += 1) {
    const entries = await neighbours(host);
    const entry = entries.find(one => one.address === address);
    // What is never in the table is reached over a router.
    if (entry === undefined) return { kind: 'nobody' };
    const { hardware, state } = entry;
    if (['REACHABLE', 'PERMANENT', 'NOARP'].includes(state)) {
      return {
        ...{ kind: 'somebody', hardware },
        forOthers: entries.some(one => one.address !== address && one.hardware === hardware),
      };
    }
    if (state === 'FAILED' && (before === 'FAILED' || before === 'INCOMPLETE')) return { kind: 'nobody' };
    if (look === LOOKS) return hardware === '' ? { kind: 'nobody' } : { kind: 'unknown', hardware };
    before = state;
    await delay(pauseMs);
    // Not a ping: not every host has the program.
    await knock(host, address, 6443);
  }
}

async function neighbours(host: HostReader): Promise<readonly Entry[]> {
  const { stdout } = await ask(host, 'ip', ['-4', 'neigh', 'show']);
  return [...stdout.matchAll(/^(\S+) dev \S+(?: lladdr (\S+))?.* (\S+) *$/gm)].map(
    ([, address = '', hardware = '', state = '']) => ({ address, hardware, state }),
  );
}
