import { crc32c, numbers, recordAt, SUM, type LogRecord } from './record';

/** What can still be read of records that etcd passes over. */
export interface Behind {
  /** The newest entry among them; 0 where only states are. */
  readonly last: bigint;
  /** The newest entry that they say a quorum has. */
  readonly committed: bigint;
}

const ENTRY = 2;
const STATE = 3;
const ALIGNED = 8;
const LIMIT = 10 * 1024 * 1024;

/**
 * Looks behind the place where etcd takes a log to end. A write that the power cut short leaves the rest of one batch there at most;
 * where a sector was lost later, whole batches that had reached the disk stand behind it.
 */
export function behind(file: Buffer, end: number): Behind | undefined {
  let found: Behind | undefined;
  let before: number | undefined;
  for (let at = end; at + ALIGNED <= file.length;) {
    if (before === undefined && isZero(file, at)) {
      at += ALIGNED;
      continue;
    }
    const record = unverified(file, at);
    if (record === undefined) {
      before = undefined;
      at += ALIGNED;
      continue;
    }
    // Each record's checksum goes on from that of the one before it, so two that follow each other show that they are whole.
    if (before !== undefined && crc32c(record.data, before) === record.sum) found = joined(found, record);
    before = record.sum;
    at = record.next;
  }
  return found;
}

function isZero(file: Buffer, at: number): boolean {
  return file.readUInt32LE(at) === 0 && file.readUInt32LE(at + 4) === 0;
}

/** A record by its form alone. */
function unverified(file: Buffer, offset: number): LogRecord | undefined {
  const record = recordAt({ file, offset, sum: 0, limit: LIMIT, unchecked: true });
  return typeof record === 'string' || record.type < 1 || record.type > SUM + 1 ? undefined : record;
}

function joined(found: Behind = { last: 0n, committed: 0n }, { type, data }: LogRecord): Behind {
  const [, , index] = numbers(data);
  if (type === ENTRY) return { ...found, last: index };
  if (type === STATE) return { ...found, committed: index };
  return found;
}
