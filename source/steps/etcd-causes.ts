/** What etcd says, and what it means. */
export interface EtcdCause {
  readonly pattern: RegExp;
  readonly code: string;
  readonly what: string;
  readonly hint: string;
  readonly damaged?: boolean;
  /** Other programs say it too: it is told of etcd only where etcd has said it. */
  readonly common?: boolean;
}

const REPAIR =
  'Run `kube-el7-install readd-member`: on another master, which puts this member back; where no other is left, here, which shows what can still be opened.';

/** Sources: etcd's wal, snap, mvcc/backend, etcdserver, raft and embed packages of 3.3 to 3.5, bbolt's db.go, page.go and freelist.go, Go's runtime. */
export const CAUSES: readonly EtcdCause[] = [
  {
    pattern: /has been permanently removed from the cluster|member has been removed/,
    code: 'etcd-removed',
    what: 'it was taken out of the cluster, and its data is of no use there any more',
    hint: 'Run `kube-el7-install readd-member` on another master: it puts this one back.',
  },
  {
    pattern: /cannot be downgraded|invalid downgrade|lower than determined cluster version/,
    code: 'etcd-too-old',
    what: 'it is older than the etcd that wrote its data, and etcd does not go back',
    hint: 'Name the newer etcd again (ETCD_IMAGE in the variables file; the line tells both versions), and run again.',
  },
  {
    // etcdserver/corrupt.go: it compares its data with the others' as it starts. Either side may be the wrong one.
    pattern: /found data inconsistency with peers/,
    code: 'etcd-differs',
    what: "its data and another member's differ",
    hint: 'Run `kube-el7-install readd-member` on another master: it compares the data of all members, and puts back the one that differs from the majority.',
  },
  {
    pattern: /snapshot file doesn't exist|failed to find database snapshot file|of the backend is missing/,
    code: 'etcd-database-missing',
    what: 'its database is not there, or is older than its log',
    hint: REPAIR,
    damaged: true,
  },
  {
    pattern: /tocommit\(\d+\) is out of range/,
    code: 'etcd-log-shortened',
    what: 'its log has lost entries that the cluster had agreed on',
    hint: REPAIR,
    damaged: true,
  },
  {
    pattern:
      /wal(?:pb)?: (?:crc mismatch|max entry size|slice bounds|conflicting metadata|file not found|snapshot mismatch)|unexpected block type|(?:read|open) wal error|WAL error \(|failed to (?:open|read|repair) WAL|\[wal\] max entry size|state\.commit \d+ is out of range/i,
    code: 'etcd-log-damaged',
    what: 'its log is damaged',
    hint: REPAIR,
    damaged: true,
  },
  {
    pattern:
      /proto: (?:Record|HardState|Entry|Snapshot|Metadata)\b|proto: (?:wrong wireType|illegal tag|integer overflow|illegal wireType)|slice bounds out of range/i,
    code: 'etcd-log-damaged',
    common: true,
    what: 'its log is damaged',
    hint: REPAIR,
    damaged: true,
  },
  {
    pattern: /cannot allocate memory|out of memory/i,
    code: 'etcd-no-memory',
    common: true,
    what: 'it gets no memory, or no address space, for its database',
    hint: 'See `free -m`, and the limits of memory of its pod and of this host (`ulimit -v`, vm.overcommit_memory); then it starts by itself.',
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'etcd-disk-full',
    common: true,
    what: 'the disk of its data is full',
    hint: 'See `df -h /var/lib/etcd` and `df -i /var/lib/etcd`, and make room; then it starts by itself.',
  },
  {
    pattern: /input\/output error|read-only file system|structure needs cleaning/i,
    code: 'etcd-disk-broken',
    common: true,
    what: 'the disk of its data fails, or takes no writes',
    hint: 'See `dmesg` and `findmnt -T /var/lib/etcd`. Mend the file system, or replace the disk, before anything else is tried.',
  },
  {
    pattern:
      /freepages|unexpected fault address|SIGBUS|invalid database|invalid page|invalid type: unknown|identifies as|already freed|free a double|freelist|meta0 error|file size too small|page \d+: |assertion failed|cannot open database|failed to open database|unmarshal (?:event|mvccpb|member|lease)|file corruption|range cannot find rev|revision .* is not found/i,
    code: 'etcd-database-damaged',
    common: true,
    what: 'its database is damaged',
    hint: REPAIR,
    damaged: true,
  },
  {
    pattern:
      /recovering backend|failed to recover v3 backend|recovered store from snapshot error|snap: |snappb/,
    code: 'etcd-snapshot-damaged',
    what: "its snapshot of raft's state is damaged",
    hint: REPAIR,
    damaged: true,
  },
  {
    pattern:
      /file already locked|is flocked by another|holds the file lock|waiting for the lock|database file is locked/,
    code: 'etcd-locked',
    what: 'another etcd has its data open',
    hint: 'See `ps -C etcd -o pid,args` and `fuser -v /var/lib/etcd/member/snap/db`, and end the one that is not meant.',
  },
  {
    pattern:
      /permission denied|operation not permitted|cannot (?:access|write to) (?:data|member|WAL) directory/,
    code: 'etcd-no-permission',
    common: true,
    what: 'it may not read or write its data',
    hint: 'See `ls -lZ /var/lib/etcd /etc/kubernetes/pki/etcd`: root must own both, and SELinux must let a container in.',
  },
  {
    pattern: /: (?:not|is) a directory/,
    code: 'etcd-place-taken',
    common: true,
    what: 'a file stands where a directory of its data must be, or the other way round',
    hint: 'See `ls -la /var/lib/etcd /var/lib/etcd/member`: the line names it. Move it away.',
  },
  {
    pattern: /has already been bootstrapped/,
    code: 'etcd-data-gone',
    what: 'the cluster knows it as a member, and its own data is gone',
    hint: 'If its disk can be brought back, do that. Else run `kube-el7-install readd-member` on another master. For a new cluster: Move /var/lib/etcd away on every master that has an old one, and run again.',
  },
  {
    pattern: /cluster ID mismatch/i,
    code: 'etcd-other-cluster',
    what: 'its data is of another cluster than that of the members around it',
    hint: 'In a cluster that is to stay, run `kube-el7-install readd-member` on a master of it. For a new one: Move /var/lib/etcd away if its data is not needed any more, and run again.',
  },
  {
    pattern:
      /cannot fetch cluster info|could not retrieve cluster information|could not get cluster response/,
    code: 'etcd-no-company',
    what: 'it has no data yet, and no other member answers it',
    hint: 'See that the other masters run, and that port 2380 is open between them.',
  },
  {
    pattern:
      /error validating peerURLs|unmatched member|member count is unequal|couldn't find local name|incompatible with current running cluster/,
    code: 'etcd-not-a-member',
    what: 'the cluster does not have it as a member under this name and address',
    hint: 'Run `kube-el7-install readd-member` on another master: it compares both.',
  },
  {
    pattern: /address already in use/,
    code: 'etcd-port-taken',
    common: true,
    what: 'a port of it is taken by another program',
    hint: 'See `ss -ltnp` for 2379, 2380 and 2381, and stop that program.',
  },
  {
    pattern: /cannot assign requested address/,
    code: 'etcd-address-gone',
    common: true,
    what: 'this host does not have the address that it is to listen at',
    hint: 'See `ip address`: give this host the address back that its manifest names.',
  },
  {
    pattern:
      /x509: |remote error: tls|tls: |bad certificate|private key does not match|failed to find any PEM|\.(?:crt|key|pem): no such file/,
    code: 'etcd-certificate',
    common: true,
    what: 'a certificate is missing, has expired, or is not the right one',
    hint: 'The line says which. See `openssl x509 -noout -dates -ext subjectAltName -in /etc/kubernetes/pki/etcd/server.crt` and the clocks of the masters.',
  },
  {
    pattern:
      /flag provided but not defined|invalid value .* for flag|conflicting environment variable|error verifying flags/,
    code: 'etcd-flag',
    common: true,
    what: 'it does not know a flag of its manifest',
    hint: 'The image holds another version of etcd than its tag says. Compare what `etcd --version` says in it with the tag.',
  },
];
