/** What a host is already, as far as a few looks at its files tell. */
export interface Standing {
  readonly host: string;
  readonly kind: 'nothing' | 'prepared' | 'begun' | 'master' | 'worker';
  /** What another tool has made of it, and what shows that: "a master of a cluster that kubeadm made …". */
  readonly other?: string;
  /** A run is at work here now. */
  readonly underWay: boolean;
  /** A run has left a record of what takes its changes back. */
  readonly undoable: boolean;
}

export type EntryId = 'attach' | 'recovery' | 'install' | 'undo' | 'reset' | 'support-bundle' | 'quit';

export interface MenuState {
  readonly standing: Standing;
  /** The entry that was moved to; absent until somebody moved. */
  readonly mark?: EntryId;
  /** The entries as they stood then. */
  readonly order?: readonly EntryId[];
  /** What the last key came to. */
  readonly said?: string;
}
