import { OWN_TIMINGS, type Timings } from '../kubernetes/timings';
import type { Collector } from './collector';
import type { Check, Fault } from './fields';
import type { VariableName } from './table';

/** etcd refuses a longer one (embed/config.go, maxElectionMs). */
const LONGEST_ELECTION_MS = 50_000;
/** etcd refuses fewer heartbeats in an election timeout (embed/config.go, Validate). */
const LEAST_HEARTBEATS = 5;

interface Range {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
}

const HEARTBEAT = { least: 10, most: LONGEST_ELECTION_MS / LEAST_HEARTBEATS, unit: 'milliseconds' };
const ELECTION = { least: 50, most: LONGEST_ELECTION_MS, unit: 'milliseconds' };
const LEASE = { least: 15, most: 300, unit: 'seconds' };
const CONTROL_PLANE = { least: 240, most: 1800, unit: 'seconds' };

function within({ least, most, unit }: Range): Check {
  return value =>
    /^[1-9]\d{0,5}$/.test(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : {
          wrong: `is no whole number of ${unit} in the range that is supported`,
          right: `a number from ${least} to ${most}, without a unit`,
        };
}

/** The times that a slow site may need to be longer. What is left out is the programs' own, and not shown. */
export function timingsOf(collector: Collector): Timings {
  const take = (name: VariableName, own: number, range: Range): number => {
    const value = collector.optional(name, within(range));
    return value === undefined ? own : Number(value);
  };
  const heartbeatMs = take('ETCD_HEARTBEAT_INTERVAL', OWN_TIMINGS.etcd.heartbeatMs, HEARTBEAT);
  const electionMs = take('ETCD_ELECTION_TIMEOUT', OWN_TIMINGS.etcd.electionMs, ELECTION);
  if (collector.sound('ETCD_HEARTBEAT_INTERVAL', 'ETCD_ELECTION_TIMEOUT')) {
    related(collector, heartbeatMs, electionMs);
  }
  return {
    etcd: { heartbeatMs, electionMs },
    leaseSeconds: take('LEADER_ELECTION_LEASE', OWN_TIMINGS.leaseSeconds, LEASE),
    controlPlaneSeconds: take('CONTROL_PLANE_TIMEOUT', OWN_TIMINGS.controlPlaneSeconds, CONTROL_PLANE),
  };
}

/** The variable that was given is the one to change. */
function related(collector: Collector, heartbeatMs: number, electionMs: number): void {
  const least = LEAST_HEARTBEATS * heartbeatMs;
  if (electionMs >= least) return;
  const wrong = (name: VariableName, value: number, fault: Fault): void => {
    collector.wrong(name, String(value), fault);
  };
  if (collector.given('ETCD_ELECTION_TIMEOUT') === undefined) {
    wrong('ETCD_HEARTBEAT_INTERVAL', heartbeatMs, {
      wrong: `is more than a fifth of ETCD_ELECTION_TIMEOUT, which is ${electionMs}; etcd does not start with that`,
      right: `ETCD_ELECTION_TIMEOUT=${Math.min(10 * heartbeatMs, LONGEST_ELECTION_MS)} beside it, ten times as long`,
    });
  } else {
    wrong('ETCD_ELECTION_TIMEOUT', electionMs, {
      wrong: `is less than five times ETCD_HEARTBEAT_INTERVAL, which is ${heartbeatMs}; etcd does not start with that`,
      right: `at least ${least}, better ${Math.min(10 * heartbeatMs, LONGEST_ELECTION_MS)}`,
    });
  }
}
