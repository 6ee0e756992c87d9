import { createHash } from 'node:crypto';
import { Agent } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';

/** What TLS is verified and answered with: the contents of PEM files. */
export interface Trust {
  readonly ca: Buffer | readonly string[];
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

/** What a request over TLS is made with. */
export interface Connections {
  readonly agent: Agent;
  readonly secureContext: SecureContext;
}

/** Longer than the pauses between two looks of one kind, shorter than any server here keeps a silent connection. */
const IDLE_MS = 15_000;
const AT_ONCE = 8;
const KEPT_IDLE = 2;
const KEPT_CONTENTS = 8;

const known = new Map<string, Connections>();

/**
 * Open connections are used again, because what is waited for is asked every second or two and a TLS handshake costs
 * more than all else of it. They belong to the contents that they were verified with: where a file has changed, others
 * are opened. Idle ones keep no process from ending (Node holds no reference to them).
 */
export function connectionsFor(trust: Trust): Connections {
  const key = digest(trust);
  const found = known.get(key) ?? opened(trust);
  // The newest of the map's entries stands last.
  known.delete(key);
  known.set(key, found);
  for (const oldest of known.keys()) {
    if (known.size <= KEPT_CONTENTS) break;
    // Its connections end by themselves: an open one after its answer, an idle one after its time.
    known.delete(oldest);
  }
  return found;
}

function opened({ ca, cert, key }: Trust): Connections {
  const secureContext = createSecureContext({
    ca: Buffer.isBuffer(ca) ? ca : [...ca],
    ...(cert && { cert }),
    ...(key && { key }),
  });
  // A session taken up again would pass without a look at the server's name.
  const agent = new Agent({
    keepAlive: true,
    maxSockets: AT_ONCE,
    maxFreeSockets: KEPT_IDLE,
    timeout: IDLE_MS,
    maxCachedSessions: 0,
  });
  return { agent, secureContext };
}

function digest({ ca, cert, key }: Trust): string {
  const hash = createHash('sha256');
  for (const part of [Buffer.isBuffer(ca) ? ca : ca.join('\n'), cert ?? '', key ?? '']) {
    hash.update(`${part.length}\n`).update(part);
  }
  return hash.digest('hex');
}
