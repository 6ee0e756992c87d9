import { ETCD_DATA, STATE } from '../../steps/paths';

/** What this host's etcd has. */
export const MEMBER = `${ETCD_DATA}/member`;
/** Where readd-member puts copies of snapshots that another master has taken. */
export const COPIED_SNAPSHOTS = `${ETCD_DATA}/kube-el7-install-snapshots`;
/** Which restore is under way; gone once it is done. */
export const RESTORE = `${STATE}/restore.json`;
/** In the data of etcd that was made anew: by which attempt. It comes and goes with the data, so it is where the truth is. */
export const MARK = 'kube-el7-install-restored';

/** Where all attempts work. */
export const WORK = `${ETCD_DATA}/kube-el7-install-restore`;

/** Where an attempt keeps what it works on: in the file system of etcd's data, so that moving is renaming. */
export interface Places {
  readonly work: string;
  /** What the log is completed in; the original is only moved. */
  readonly copy: string;
  /** What etcd has made of the copy: a snapshot, and its revision and hash. */
  readonly snapshot: string;
  readonly verdict: string;
  /** The new data, and what is known of it. */
  readonly data: string;
  readonly dataVerdict: string;
  /** Where the data of before stays. */
  readonly aside: string;
}

export function placesOf(attempt: string): Places {
  const work = `${WORK}/${attempt}`;
  return {
    work,
    copy: `${work}/copy`,
    snapshot: `${work}/snapshot.db`,
    verdict: `${work}/snapshot.json`,
    data: `${work}/data`,
    dataVerdict: `${work}/data.json`,
    aside: `${MEMBER}.before-restore-${attempt}`,
  };
}
