import { crc32c, frameOf } from '../../../source/recovery/wal/record';

/** The first eight records of a member's log, as etcd 3.4 wrote them: checksum, metadata, snapshot, state (term 2), and four entries, none of which it knows to be agreed on. */
export const LOG = Buffer.from(
  [
    'BAAAAAAAAIQIBBAAAAAAACAAAAAAAAAACAEQicHokgMaFgjbrauv+ue4pq4BEJa/8euDn9HWxQEOAAAAAAAAgggFEMC+45ILGgQI',
    'ABAAAAAQAAAAAAAAAAgDELqs3sIFGgYIAhAAGAB1AAAAAAAAgwgCEJ7Z1+QEGmsIARABGAEiYwgAEAAY386RjKiLpfYeIlN7Imlk',
    'IjoyMjI4MzE5MDMyMDgyNDU4NDYzLCJwZWVyVVJMcyI6WyJodHRwczovLzEwLjE2MC4yLjExOjIzODAiXSwibmFtZSI6Im1hc3Rl',
    'cjEifQAAABAAAAAAAAAACAIQ45ea5AEaBggAEAIYAqAAAAAAAAAACAIQitL2vwYalQEIABACGAMijAEIgu7spb3C6K9nEgNQVVQa',
    'Ji8wL21lbWJlcnMvMWVlYzk0NWE4MTg0Njc1Zi9hdHRyaWJ1dGVzIjx7Im5hbWUiOiJtYXN0ZXIxIiwiY2xpZW50VVJMcyI6WyJo',
    'dHRwczovLzEwLjE2MC4yLjExOjIzNzkiXX0oADIAOABIAFAAWABgAGgAcAB4AIABAEsAAAAAAACFCAIQjImM1gsaQQgAEAIYBCI5',
    'CITu7KW9wuivZxIDUFVUGgovMC92ZXJzaW9uIgUzLjQuMCgAMgA4AEgAUABYAGAAaABwAHgAgAEAAAAAAAA=',
  ].join(''),
  'base64',
);

/** A log as etcd writes it, record by record: each goes on from the checksum of the one before it. */
export class WrittenLog {
  readonly #frames: Buffer[] = [];
  #sum: number;
  #length = 0;

  /** A later file begins with the checksum at the end of the one before it. */
  constructor(before = 0) {
    this.#sum = before;
    this.#push(frameOf(4, before, Buffer.alloc(0)));
    this.add(1, Buffer.from([0x08, 0x01, 0x10, 0x02]));
    if (before === 0) this.add(5, message(0, 0));
  }

  get sum(): number {
    return this.#sum;
  }

  /** Where the next record will stand. */
  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#frames);
  }

  add(type: number, data: Buffer): this {
    this.#sum = crc32c(data, this.#sum);
    return this.#push(frameOf(type, this.#sum, data));
  }

  entry(index: number, size = 40, term = 2): this {
    const content = Buffer.alloc(size, 0x41 + (index % 26));
    return this.add(
      2,
      Buffer.concat([message(0, term, index), Buffer.from([0x22, ...number(size)]), content]),
    );
  }

  state(committed: number, term = 2): this {
    return this.add(3, message(term, 1, committed));
  }

  #push(frame: Buffer): this {
    this.#frames.push(frame);
    this.#length += frame.length;
    return this;
  }
}

function message(...values: readonly number[]): Buffer {
  return Buffer.from(values.flatMap((value, at) => [(at + 1) * 8, ...number(value)]));
}

function number(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))];
}
