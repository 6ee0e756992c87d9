import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Look } from './looks';

/** What a pod wants of its cluster: a name's address, and a connection to a service. */
export interface PodLook extends Look {
  readonly what: 'name' | 'service';
}

export interface PodTask {
  readonly nameserver: string;
  readonly name: string;
  readonly service: { readonly address: string; readonly port: number };
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** A DNS query (RFC 1035) for the IPv4 addresses of a name. */
export function query(id: number, name: string): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.split('.').flatMap(label => [Buffer.from([label.length]), Buffer.from(label, 'ascii')]);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}

/** What a reply to such a query is: undefined where it answers another one, empty where it has an address. */
export function complaintOf(reply: Buffer, id: number): string | undefined {
  if (reply.length < 12 || reply.readUInt16BE(0) !== id) return undefined;
  const code = reply.readUInt16BE(2) & 0x000f;
  if (code !== 0) return `DNS says ${String(code)}`;
  return reply.readUInt16BE(6) > 0 ? '' : 'DNS knows no address';
}

function timed(what: PodLook['what'], attempt: (end: (detail: string) => void) => void): Promise<PodLook> {
  const at = Date.now();
  return new Promise(resolve => {
    attempt(detail => {
      resolve({ what, at, ms: Date.now() - at, answered: detail === '', detail });
    });
  });
}

/** Resolves a name once, from a port of its own. */
export function lookUp({ nameserver, name, timeoutMs }: PodTask, id: number): Promise<PodLook> {
  return timed('name', end => {
    const socket = createSocket('udp4');
    const finish = (detail: string): void => {
      clearTimeout(limit);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      end(detail);
    };
    const limit = setTimeout(finish, timeoutMs, `no answer in ${String(timeoutMs)} ms`);
    socket.on('error', problem => {
      finish(problem.message);
    });
    socket.on('message', reply => {
      const complaint = complaintOf(reply, id);
      if (complaint !== undefined) finish(complaint);
    });
    // Connected, so that a refusal by ICMP is told.
    socket.connect(53, nameserver, () => {
      socket.send(query(id, name));
    });
  });
}

/** Connects to a service once. */
export function reach({ service, timeoutMs }: PodTask): Promise<PodLook> {
  return timed('service', end => {
    const socket = connect(service.port, service.address);
    const finish = (detail: string): void => {
      clearTimeout(limit);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      end(detail);
    };
    const limit = setTimeout(finish, timeoutMs, `no answer in ${String(timeoutMs)} ms`);
    socket.on('connect', () => {
      finish('');
    });
    socket.on('error', problem => {
      finish(problem.message);
    });
  });
}

/** The longest time without an answer between two times, in milliseconds. */
export function longestWithout(looks: readonly Look[], from: number, to: number): number {
  const answers = looks
    .filter(({ answered }) => answered)
    .map(({ at, ms }) => at + ms)
    .filter(at => at > from && at < to)
    .sort((one, other) => one - other);
  let [longest, last] = [0, from];
  for (const at of [...answers, to]) {
    longest = Math.max(longest, at - last);
    last = at;
  }
  return longest;
}
