import { inspect } from 'node:util';

/** What stands wherever a secret would otherwise be seen. */
export const MASK = '[secret]';

/** The same for bytes, such as those of a file as it was: they need not be text. */
export class SecretBytes {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The bytes themselves; only source/changes may ask for them. */
  reveal(): Buffer {
    return this.#bytes;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** A value that must never reach a log, event, journal, argument list or frame: every way of printing it gives the mask. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; only source/hosts and source/changes may ask for it. */
  reveal(): string {
    return this.#value;
  }

  /** A secret made out of this one, such as a login's header, without revealing either. */
  derive(make: (value: string) => string): Secret {
    return new Secret(make(this.#value));
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
