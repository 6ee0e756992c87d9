/** Where a host of the lab has what its faults are made with. */
export const place = '/root/lab-faults';

/** What the installer's process on a host is to suffer; the file `order.json` of the place. */
export interface Order {
  readonly kill?: {
    /** In relation to the entry's writing; `within` leaves half a line. */
    readonly when: 'before' | 'after' | 'within';
    /** Entries to kill at, by name; each once, in the order that they come. All where absent. */
    readonly only?: readonly string[];
  };
  /** How far its clock is off. */
  readonly clockMs?: number;
}
