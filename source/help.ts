/** What --help prints: enough to work from without any other page. */
export const HELP = `Raises a Kubernetes cluster on this EL7 host, from a registry of the site's own.

Usage
  kube-el7-install [flags]          ask in the terminal, show the plan, install
  kube-el7-install --yes [flags]    install without any question
  kube-el7-install plan [flags]     show every step and change; change nothing
  kube-el7-install prepare [flags]  only prepare the host: for the machine image
                                    that all nodes are cloned from
  kube-el7-install join-command     print the command that joins a worker, with
                                    its token
  kube-el7-install attach           show the run that is under way, from its
                                    start; in a terminal also answer and stop it
  kube-el7-install status           print once how it stands, else how the last
                                    run ended
  kube-el7-install readd-member [MASTER ...]
                                    put masters back whose etcd is gone, on a
                                    master that is well; without names, all
  kube-el7-install undo [flags]     take back what the last run here has
                                    changed, as a plan first
  kube-el7-install reset [flags]    take this host out of its cluster, back to
                                    what prepare left
  kube-el7-install replay FILE      play the journal of a run on its screens, on
                                    any machine
  kube-el7-install support-bundle [FILE]
                                    write one archive with all that helps from
                                    afar, secrets removed

Flags
  --variables FILE     the variables file; without it ./variables, else the one
                       beside this program
  --external           use the public registries: the file variables.external
                       beside this program
  --kube-version X.Y.Z instead of KUBE_VERSION
  --docker-registry HOST[:PORT][/PATH]
                       instead of DOCKER_REGISTRY
  --vip ADDRESS|NAME   where the API is reached, whichever master answers: an
                       address that nobody has yet and keepalived carries; on
                       AWS the name of the load balancer that is there
  --masters A,B,C      all masters, by the names that "hostname" prints on them;
                       this host is one, and becomes the first. Needs --vip
  --platform aws|vmware|other
                       what the hosts run on, where it is not recognized rightly
  --ssh                prepare and join the other masters from here; their host
                       keys must be known
  --ssh-user USER      the user there: root, or one with sudo; root if left out
  --ssh-key FILE       the private key to use; ssh's own choice if left out
  --token TOKEN        a bootstrap token of your own; other users of this host
                       may see it in the process list for a moment
  --token-file FILE    the same, from a file that only root can read
  -y, --yes            ask nothing; a fatal preflight finding still stops
  --output plain|json  with --yes, --plan, plan, prepare, attach and replay: as
                       lines to read, or one JSON event a line; with status: one
                       JSON object
  --plan               with readd-member, undo or reset: show what would be
                       done, and do nothing
  --accept-data-loss   with --yes: reset the only master, whose cluster ends,
                       or make a cluster anew that has lost most of its masters
  --snapshot PATH|member
                       with that: from this snapshot, or from what this host's
                       own etcd has; without it, from the newest of all
  --give-up-restore    with readd-member: put back what a restore that was begun
                       has hidden, while it has replaced nothing
  --keep-nothing       with reset: keep neither a snapshot of etcd nor the keys
  --speed N            with replay: so many times as fast as it was
  --step               with replay: event by event, at a key
  -h, --help           this text
  --version            the version of this program

A run goes on when its terminal is closed or its connection lost: attach again.
The first Ctrl-C with --yes stops it after the current change, a second one now.

Values come from a flag, else from the environment (DOCKER_REGISTRY, HELM_REPO
and KUBELET_SYSTEM_RESERVED only), else from the variables file, else from a
default.
"plan" shows each value with where it came from.

Examples
  kube-el7-install --docker-registry registry.example:5000
  kube-el7-install plan --docker-registry registry.example:5000
  kube-el7-install --vip 10.0.0.100 --masters master1,master2,master3
  kube-el7-install --yes --output json --variables site.variables > events.json
  DOCKER_REGISTRY=registry.example:5000 kube-el7-install prepare

Exit codes
  0  done (also where there was nothing to do)
  1  a step failed; run the same command again once the cause is gone: it goes
     on where it stopped
  2  a preflight check found something fatal; nothing was changed
  3  a flag or variable is wrong; nothing was changed
  129  the terminal was closed; the run goes on
  130  interrupted; run the same command again to go on

Files
  /var/log/kube-el7-install/RUN/           what every command of a run printed
  /var/lib/kube-el7-install/journal.jsonl  what was changed, and when
  /var/lib/kube-el7-install/kept/          what reset and undo have kept
  /var/lib/kube-el7-install/join-worker    the join command, for root only
  /root/.kube/config                       the administrator's kubeconfig
`;
