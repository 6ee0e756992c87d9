/** Set by `npm test` to how many times slower this machine is than a usual one, as scripts/speed.ts measures it. */
export const SLOWNESS = 'KUBE_EL7_LAB_SLOWNESS';

/** 1 on a usual machine and on a faster one; what limits a wait is multiplied by it. */
export function slowness(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const given = Number(environment[SLOWNESS]);
  return Number.isFinite(given) ? Math.min(Math.max(given, 1), 5) : 1;
}

/** A time limit in milliseconds as it stands on this machine. */
export function patiently(milliseconds: number): number {
  return Math.round(milliseconds * slowness());
}
