/** An alarm as etcd keeps it for the whole cluster. */
export interface EtcdAlarm {
  /** The member that it is about, hexadecimal; "0" where etcd cannot tell which (etcd#14852). */
  readonly member: string;
  /** NOSPACE, CORRUPT, or one that a later etcd has. */
  readonly kind: string;
}

/** The share of its quota from which a member's database is told of. */
const NEARLY = 0.8;

/** The answer of etcd's JSON gateway to a question for its alarms; undefined where it is none. A number stands there for a kind that the gateway has no name for. */
export function parseAlarms(body: string): readonly EtcdAlarm[] | undefined {
  try {
    const { alarms = [] } = JSON.parse(body.replace(/"memberID":\s*(\d+)/g, '"memberID":"$1"')) as {
      readonly alarms?: readonly { readonly memberID?: string; readonly alarm?: string | number }[];
    };
    return alarms
      .map(({ memberID = '0', alarm = 'NONE' }) => ({
        member: BigInt(memberID).toString(16),
        kind: typeof alarm === 'number' ? `number ${alarm}` : alarm,
      }))
      .filter(({ kind }) => kind !== 'NONE');
  } catch {
    return undefined;
  }
}

/** The kinds, each once: "NOSPACE", "CORRUPT and NOSPACE". */
export function kindsOf(alarms: readonly EtcdAlarm[]): readonly string[] {
  return [...new Set(alarms.map(({ kind }) => kind))].sort();
}

/** How full a member's database is. */
export interface Fullness {
  readonly databaseBytes?: number;
  readonly quotaBytes?: number;
  /** What of the database is in use: the rest is free once it is defragmented. */
  readonly usedBytes?: number;
}

/** Whether a database has come so near to its quota that somebody should know. */
export function isNearlyFull({ databaseBytes, quotaBytes }: Fullness): boolean {
  return (
    databaseBytes !== undefined &&
    quotaBytes !== undefined &&
    quotaBytes > 0 &&
    databaseBytes >= NEARLY * quotaBytes
  );
}

/** "1.9 GiB of 2.0 GiB, 0.4 GiB in use" */
export function fullnessText({ databaseBytes, quotaBytes, usedBytes }: Fullness): string {
  if (databaseBytes === undefined) return 'it is not known how full its database is';
  const quota = quotaBytes === undefined || quotaBytes <= 0 ? '' : ` of a quota of ${sizeText(quotaBytes)}`;
  const used = usedBytes === undefined ? '' : `, ${sizeText(usedBytes)} of it in use`;
  return `its database has ${sizeText(databaseBytes)}${quota}${used}`;
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`;
}
