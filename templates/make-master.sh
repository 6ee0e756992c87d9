#!/bin/sh
# Makes a master of the node that it runs on, and keeps it one: what a master needs lies in a Secret of its own.
# Written for dash and busybox; of other programs it uses kubectl, coreutils, grep and sed.
# While nothing happens it starts nothing: kubectl watches the Secret, GNU tail the files (by inotify), and it waits for what they say.
# From outside: NODE, HOST_IP, ENDPOINT (of the apiservers), LABELS and TAINTS (keys), CRI_SOCKET (as kubeadm writes it onto a node); ROOT and the times below for trying it out.
set -u
umask 077

kubernetes=${ROOT:-}/etc/kubernetes
manifests=$kubernetes/manifests
init=$manifests/etcd-init.yaml
cluster=$manifests/etcd-cluster.yaml
data=${ROOT:-}/var/lib/etcd
attempts=$data/kube-el7-install-attempt
own=$kubernetes/kube-el7-install
work=${WORK:-/run/kube-el7-install}
secret=kube-el7-install-master-$NODE
annotation=kube-el7-install/master
socket=kubeadm.alpha.kubernetes.io/cri-socket
# Seconds: between looks while something is pending; until a taint is looked at again; between looks where tail has no inotify; that a watch of the Secret lasts, after which all is looked at in any case; between tries.
interval=${INTERVAL:-1}
settling=${SETTLING:-5}
slow=${SLOW:-5}
watch_seconds=${WATCH_SECONDS:-300}
all_pauses=${PAUSES:-1 2 4 8 16 30}
newline='
'
# Words of the go-templates, so that they stay readable.
version='{{.metadata.resourceVersion}}'
turn_in_it='{{if .data}}{{with index .data "etcd-turn"}} {{.}}{{end}}{{end}}'

say() { echo "$(date -u +%H:%M:%S) $*"; }
# What was done last, for the log and for the annotation.
did() {
  deed=$*
  look_again
  say "$*"
}
# What was just done may be undone at once, and then all is as it was at the last look.
look_again() { before=; }
ask() { within 5 "$@"; }
within() {
  seconds=$1
  shift
  kubectl --kubeconfig="$work/kubeconfig" --cache-dir="$work/kubectl" --request-timeout="${seconds}s" "$@"
}

# What kubectl would find out by itself, were it not told how long to wait.
account=${ROOT:-}/var/run/secrets/kubernetes.io/serviceaccount
introduce() {
  cat >"$work/kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: it, cluster: {server: "$ENDPOINT", certificate-authority: $account/ca.crt}}]
users: [{name: own, user: {tokenFile: $account/token}}]
contexts: [{name: own, context: {cluster: it, user: own}}]
current-context: own
END
}

# --- what is in the Secret -------------------------------------------------------------------------------------------

# A line at each change of the Secret, for as long as the apiserver talks; then from the beginning.
watch_secret() {
  pauses=$all_pauses
  while :; do
    : >"$work/heard"
    # kubectl writes a line in pieces, and others write into the same pipe.
    {
      kubectl --kubeconfig="$work/kubeconfig" --cache-dir="$work/kubectl" --request-timeout="${watch_seconds}s" \
        get secret "$secret" --namespace kube-system --watch \
        -o go-template="secret $version$turn_in_it{{\"\\n\"}}" 2>"$work/watch-error" &
      echo $! >"$work/watching"
      wait $!
      : >"$work/watching"
    } 2>/dev/null |
      while read -r line; do
        echo "$line"
        echo yes >"$work/heard"
      done
    [ ! -s "$work/heard" ] || pauses=$all_pauses
    echo ended
    sleep "${pauses%% *}"
    pauses=${pauses#* }
  done
}

# Where this host had the VIP itself and has handed it over, nobody tells the watch that its connection leads nowhere any more.
watch_anew() { kill "$(cat "$work/watching")" 2>/dev/null; }

# The value of a key, as it is to be on the disk.
value() { sed -n "s|^$1 ||p" "$work/secret" | base64 -d; }

load() {
  ask get secret "$secret" --namespace kube-system \
    -o go-template='{{range $key, $value := .data}}{{$key}} {{$value}}{{"\n"}}{{end}}' >"$work/secret.new" 2>"$work/error" ||
    { complain 'the Secret cannot be read'; return 1; }
  [ -s "$work/secret.new" ] || { complain 'the Secret is empty'; return 1; }
  mv -f "$work/secret.new" "$work/secret"
  value files >"$work/listed"
  address=$(value address)
  digest=$(sha256sum <"$work/listed")
  digest=${digest%% *}
  # The apiserver takes longest to start, so its manifest is the first of those that wait for etcd.
  {
    grep -v '/manifests/kube-' "$work/listed"
    grep '/manifests/kube-apiserver' "$work/listed"
    grep '/manifests/kube-' "$work/listed" | grep -v '/manifests/kube-apiserver'
  } >"$work/files"
  paths=
  while read -r _ _ _ path; do paths="$paths ${ROOT:-}$path"; done <"$work/files"
  starts=no
  grep -q '^etcd-init.yaml ' "$work/secret" && starts=yes
  loaded=$latest
  stale=no
  before=
}

# newer A B: whether version A comes after B.
newer() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1)" = "$1" ]; }

# The newest version that an apiserver has said, kept for the day when none does.
see_version() {
  runs_known=yes
  runs=$(cat "$own/version" 2>/dev/null)
  said_version=$(ask get --raw /version 2>/dev/null | sed -n 's/.*"gitVersion": *"v\([0-9.]*\).*/\1/p')
  [ -n "$said_version" ] && newer "$said_version" "${runs:-0}" || return 0
  runs=$said_version
  mkdir -p "$own" && echo "$runs" >"$own/.version" && mv -f "$own/.version" "$own/version" || cannot "$own/version"
}

# older KEY: whether the manifest in the Secret is older than what runs, as it is once kubeadm has upgraded the cluster.
older() {
  [ -n "$runs_known" ] || see_version
  stored=$(value "$1" | sed -n 's/^[- ]*image: .*:v\([0-9.]*\).*/\1/p')
  [ -n "$runs" ] && [ -n "$stored" ] && newer "$runs" "$stored"
}

# An apiserver that is away is asked again after a pause; the same complaint is made once until all is well again.
complain() {
  stale=yes
  complaint="$1: $(tail -n 1 "$work/error" 2>/dev/null)"
  case $complained in *"$complaint$newline"*) return ;; esac
  say "$complaint"
  complained=$complained$complaint$newline
}

# --- files -----------------------------------------------------------------------------------------------------------

# put KEY MODE FILE [KIND]: whole or not at all. It is tried again, since a directory may be on its way out.
put() {
  look_again
  place "$@" || { sleep 1 && place "$@"; } || { sleep 1 && place "$@"; }
}

# The kubelet passes over names that begin with a dot.
place() {
  folder=${3%/*}
  half=$folder/.kube-el7-install.${3##*/}
  [ -d "$folder" ] || mkdir -p "$folder" || return 1
  if [ -n "${4:-}" ]; then value "$1" | sed "s/^kind: Pod.*/kind: $4/" >"$half"; else value "$1" >"$half"; fi || return 1
  [ -s "$half" ] && chmod "$2" "$half" && mv -f "$half" "$3"
}

# A `kubeadm join` that was cut off leaves the token that it joined with. Once the kubelet has its own certificate nobody reads it.
forget_token() {
  [ -s "$kubernetes/kubelet.conf" ] && [ -e "$kubernetes/bootstrap-kubelet.conf" ] || return 0
  rm -f "$kubernetes/bootstrap-kubelet.conf" && say 'removed bootstrap-kubelet.conf, which holds the token of an interrupted join'
}

# Where nothing can be written any more, perhaps because /etc/kubernetes was removed and is not the one that is mounted here, a new container helps.
cannot() {
  say "$1 cannot be written: ending, to be started anew"
  exit 1
}

# Whether the swap of etcd's pods has keepalived's manifest aside, to hand the VIP over; for five minutes at most, since a swap that was cut off may never go on. After a power cut the clock may be behind.
lent() {
  [ -e "$1" ] || [ ! -e "$manifests/.keepalived.yaml" ] && return 1
  lent_for=$(($(date +%s) - $(date -r "$manifests/.keepalived.yaml" +%s)))
  [ "$lent_for" -gt -60 ] && [ "$lent_for" -lt 300 ]
}

# Whether the control plane waits: it starts once the etcd beside it, which alone it asks, has its vote.
gated() { case $starts/$turn in no/* | yes/cluster | yes/'vote '[A-Za-z0-9]*) return 1 ;; esac }

# now FILE: its sum, of those that were just made.
now() {
  now=${sums%%"  $1$newline"*}
  now=${now##*"$newline"}
}

keep_record() {
  [ "$record" = "$kept" ] && return
  mkdir -p "$own" && printf '%s' "$record" >"$own/.written" && mv -f "$own/.written" "$own/written" || cannot "$own/written"
  kept=$record
}

make_files() {
  due= missing= changed= next= intended= outdated= aside=
  while read -r sum mode key path; do
    file=${ROOT:-}$path
    case $newline$sums in
    *"$newline$sum  $file$newline"*)
      next="$next$sum  $file$newline"
      continue
      ;;
    esac
    if [ -s "$file" ]; then
      now "$file"
      case $newline$record in
      *"$newline$now  $file$newline"*)
        case $path in
        */manifests/kube-*)
          if gated; then
            # As it is, and still known as ours.
            next="$next$now  $file$newline"
            continue
          fi
          ;;
        esac
        ;;
      *)
        changed="$changed,\"$path\""
        continue
        ;;
      esac
    fi
    case $path in
    */manifests/keepalived.yaml)
      if lent "$file"; then
        aside=yes
        continue
      fi
      ;;
    */manifests/kube-*)
      gated && continue
      if older "$key"; then
        outdated="$path is stored as v$stored, and the control plane runs v$runs"
        missing="$missing,\"$path\""
        say "nothing is written: $outdated"
        continue
      fi
      ;;
    esac
    due="$due $path "
    intended="$intended$sum  $file$newline"
    next="$next$sum  $file$newline"
  done <"$work/files"
  if [ -n "$due" ]; then
    # The intent first: after a kill in between, what was written is still known as ours.
    record=$record$intended
    keep_record
    write_due
  fi
  # Of a file that somebody else changed nothing is remembered: it is theirs until it is as the Secret has it, or gone.
  record=$next
  keep_record
}

write_due() {
  count=0 moved=yes
  while read -r sum mode key path; do
    case $due in
    *" $path "*) ;;
    *) continue ;;
    esac
    put "$key" "$mode" "${ROOT:-}$path" || cannot "$path"
    count=$((count + 1))
    last=$path
  done <"$work/files"
  if [ "$count" = 1 ]; then did "wrote $last"; else did "wrote $count files, the last $last"; fi
  sums=$(sum_up)$newline
  while read -r sum _ _ path; do
    case $due in *" $path "*) ;; *) continue ;; esac
    case $newline$sums in
    *"$newline$sum  ${ROOT:-}$path$newline"*) ;;
    *) missing="$missing,\"$path\"" ;;
    esac
  done <"$work/files"
}

# shellcheck disable=SC2086 # The paths are words.
sum_up() { sha256sum $paths "$init" "$cluster" 2>/dev/null; }

# What GNU tail says of the files: that one is replaced, gone, cut short or new (tail_forever_inotify and recheck in coreutils src/tail.c).
# It says nothing of one that is overwritten where it is, nor of a directory that is moved away: that waits for the look in any case.
watch_files() {
  [ -z "$refusal" ] || return 0
  moved=no
  [ -n "$inotify" ] || return 0
  # Begun anew: it goes on with a directory that was there when it began.
  [ -z "$tail" ] || { kill "$tail" && wait "$tail"; } 2>/dev/null
  # Where inotify does not serve (overlayfs, symbolic links) it looks itself: by its defaults at a name only each fifth time.
  # shellcheck disable=SC2086 # The paths are words.
  LC_ALL=C tail -F -n 0 -s 1 --max-unchanged-stats=0 "$work/kubeconfig" $paths "$init" "$cluster" "$data/member" "$manifests/.etcd-init.yaml" "$manifests/.keepalived.yaml" \
    "$kubernetes/kubelet.conf" "$kubernetes/bootstrap-kubelet.conf" >/dev/null 2>&4 4>&- 3>&- &
  tail=$!
  # What happened until it had begun.
  later tick "$interval"
}

hear_files() {
  gone=
  while read -r note <&4; do
    case $note in
    # As it begins.
    *'cannot open '* | *'cannot watch parent '* | *'error reading '* | *'cannot follow '*) ;;
    *'directory containing '*)
      gone=yes
      echo changed
      ;;
    *'reverting to polling'*)
      [ -n "$gone" ] || echo polls
      gone=
      ;;
    *) echo changed ;;
    esac
  done
}

# --- etcd ------------------------------------------------------------------------------------------------------------

kind_of() {
  if [ ! -s "$1" ]; then
    kind=none
  elif grep -q '^kind: Pod$' "$1"; then
    kind=Pod
  else
    kind=waiting
  fi
}

# Whether somebody still listens for peers (2380 is 094C).
listening() { grep -q ':094C [0:]* 0A' "${ROOT:-}/proc/net/tcp" "${ROOT:-}/proc/net/tcp6" 2>/dev/null; }

# A manifest that is not there, or is another one that the kubelet ignores, is put there to wait.
let_wait() {
  kind_of "$2"
  case $kind in
  Pod) return ;;
  waiting) [ "$(cat "$2")" = "$(value "$1")" ] && return ;;
  esac
  put "$1" 600 "$2" PodERROR || cannot "$2"
  say "${2##*/} waits for its turn"
}

start() {
  # A member that has its vote has begun, and one that had data had it with this attempt.
  if [ ! -e "$data/member" ] && [ "$attempt" = "$(cat "$own/etcd-had-data" 2>/dev/null)" ] ||
    { [ "${turn%% *}" = vote ] && { [ ! -e "$data/member" ] || [ "$began" != "$attempt" ]; }; }; then
    told="refused: etcd's data is gone; run kube-el7-install readd-member"
    return
  fi
  if [ "$began" != "$attempt" ]; then
    if [ "$init_kind" = Pod ]; then
      # Gone first: a kubelet keeps the pod of a manifest that it no longer understands for up to twenty seconds.
      rm -f "$init"
      say 'etcd of an earlier attempt is ended'
    fi
    if listening; then
      told='wait, etcd of an earlier attempt is still ending'
      again=yes
      return
    fi
    if [ -e "$data/member" ]; then
      aside=$data/member.before-$attempt
      [ -e "$aside" ] && aside=$aside.$(date +%s)
      mv "$data/member" "$aside" || cannot "$aside"
      did "moved etcd's earlier data to ${aside##*/}"
    fi
    mkdir -p "$data" && chmod 700 "$data" && echo "$attempt" >"$attempts.new" && mv -f "$attempts.new" "$attempts" || cannot "$attempts"
  fi
  let_wait etcd-cluster.yaml "$cluster"
  kind_of "$init"
  if [ "$kind" != Pod ]; then
    put etcd-init.yaml 600 "$init" Pod || cannot "$init"
    did "started etcd, attempt $attempt"
  fi
  told=$turn
}

# A member that came back without its data could lose what it had acknowledged, so it is remembered that there was data.
remember_data() {
  [ "$starts" = yes ] && [ -n "$began" ] && [ -e "$data/member" ] || return 0
  [ "$began" = "$(cat "$own/etcd-had-data" 2>/dev/null)" ] && return 0
  mkdir -p "$own" && echo "$began" >"$own/etcd-had-data"
  # Data that came after the look, and is gone before the next one, must not look as if nothing had been there.
  before=
}

# Taken out of etcd: nothing of it runs here, whatever ran before. A kubelet that sees no manifest ends the pod.
leave() {
  if [ "$init_kind" = Pod ] || [ "$kind" = Pod ] || [ -e "$manifests/.etcd-init.yaml" ]; then
    rm -f "$init" "$cluster" "$manifests/.etcd-init.yaml" "$manifests/.etcd-cluster.yaml"
    did 'ended etcd, which is taken out of the cluster'
  fi
  if listening; then
    told='wait, etcd is still ending'
    again=yes
    return
  fi
  told=out
}

make_etcd() {
  again=no
  began=$(cat "$attempts" 2>/dev/null)
  remember_data
  kind_of "$init"
  init_kind=$kind
  kind_of "$cluster"
  told=wait
  attempt=${turn#* }
  if [ "$turn" = out ]; then
    leave
    return
  fi
  # The cluster's pod runs, or a swap is at work and has hidden the other's manifest: nothing is touched.
  if [ "$kind" = Pod ] || [ -e "$manifests/.etcd-init.yaml" ]; then
    told=cluster
    # Its pod does not start without data: a member that had a vote must not come back empty.
    [ -e "$data/member" ] || [ -e "$manifests/.etcd-init.yaml" ] ||
      told="refused: etcd's data is gone; run kube-el7-install readd-member"
    return
  fi
  case $turn in
  cluster)
    told=cluster
    [ "$init_kind$kind" = nonenone ] || return 0
    if [ ! -e "$data/member" ]; then
      told="refused: etcd's data is gone; run kube-el7-install readd-member"
      return
    fi
    put etcd-cluster.yaml 600 "$cluster" Pod || cannot "$cluster"
    did 'put back etcd-cluster.yaml'
    ;;
  'start '* | 'vote '*)
    if [ "$starts" = no ]; then
      let_wait etcd-cluster.yaml "$cluster"
      return
    fi
    case $attempt in
    '' | *[!A-Za-z0-9._-]*) told='refused: the attempt has no name' ;;
    *) start ;;
    esac
    ;;
  *)
    let_wait etcd-cluster.yaml "$cluster"
    [ "$starts" = yes ] || return 0
    # Without a word what runs goes on: the Secret may have been lost and made anew.
    if [ "$init_kind" = Pod ] && [ "$turn" = wait ]; then
      rm -f "$init"
      did 'ended etcd, which waits again'
    fi
    let_wait etcd-init.yaml "$init"
    ;;
  esac
}

# --- the node --------------------------------------------------------------------------------------------------------

read_node() {
  ask get node "$NODE" -o go-template='{{range $key, $value := .metadata.labels}}label {{$key}}{{"\n"}}{{end}}{{range .spec.taints}}taint {{.key}}{{"\n"}}{{end}}{{if .metadata.annotations}}{{with index .metadata.annotations "'$annotation'"}}said {{.}}{{"\n"}}{{end}}{{with index .metadata.annotations "'$socket'"}}socket {{.}}{{"\n"}}{{end}}{{end}}' \
    >"$work/node" 2>"$work/error" || { complain 'the node cannot be read'; return 1; }
  unlabelled=
  for one in $LABELS; do grep -qx "label $one" "$work/node" || unlabelled=yes; done
  # kubeadm's last deed on a node; a join that was cut off lacks it, and `kubeadm upgrade` asks for it.
  unfinished=
  grep -q '^socket ' "$work/node" || unfinished=yes
  said=$(sed -n 's/^said //p' "$work/node")
  untainted=
  for one in $TAINTS; do grep -qx "taint $one" "$work/node" || untainted=yes; done
  # The cluster writes its own taints over all that are there, some by what it saw a moment ago (PatchNodeTaints in pkg/controller/controller_utils.go, up to 1.25).
  changing=
  grep -qx -e 'taint node.kubernetes.io/not-ready' -e 'taint node.kubernetes.io/unreachable' "$work/node" && changing=yes
  unsettled=yes
  case $unlabelled$said in *'"tainted":true'*) [ -n "$unlabelled" ] || unsettled= ;; esac
  known=yes
}

# Taints the node until the taint is seen to stay once the cluster has taken its own away. Whoever takes it away from then on means to.
taint() {
  [ -z "$refusal" ] && [ -n "$unsettled" ] || return 0
  if [ -n "$untainted" ]; then
    for one in $TAINTS; do
      ask taint node "$NODE" "$one=:NoSchedule" --overwrite >/dev/null 2>"$work/error" ||
        { complain 'the node cannot be tainted'; return 1; }
    done
    [ -n "$unlabelled" ] || did 'tainted the node once more'
    untainted= seen=
    # One that is due already would come too early.
    case $timers in *' node '*) fresh=yes ;; esac
  elif [ -z "$changing" ] && [ -n "$seen" ]; then
    unsettled=
    return 0
  fi
  later node "$settling"
}

# The taint before the label, so that a node with the label is one that has been tainted.
report() {
  complete=true why=${refusal:-$outdated}
  [ -z "$missing$refusal" ] || complete=false
  body="{\"digest\":\"$digest\",\"complete\":$complete,\"missing\":[${missing#,}],\"changed\":[${changed#,}],\"etcd\":\"$told\"${why:+,\"refused\":\"$why\"}"
  [ "$known" = yes ] || read_node || return 0
  taint || return 0
  [ -n "$unsettled" ] || body="$body,\"tainted\":true"
  labels=
  if [ -z "$refusal" ]; then
    for one in $LABELS; do labels="$labels,\"$one\":\"\""; done
  fi
  case $unlabelled$unfinished$said in "$body,"*) return ;; esac
  [ -z "$unlabelled" ] || [ -z "$labels" ] || did 'labelled the node a master'
  # One line, for it is compared with what the node says of itself.
  text="$body,\"did\":\"$deed\",\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"}"
  escaped=$(printf '%s' "$text" | sed 's/"/\\"/g')
  annotations="\"$annotation\":\"$escaped\""
  [ -z "$unfinished" ] || annotations="$annotations,\"$socket\":\"$CRI_SOCKET\""
  ask patch node "$NODE" --type merge \
    --patch "{\"metadata\":{\"labels\":{${labels#,}},\"annotations\":{$annotations}}}" \
    >/dev/null 2>"$work/error" || { complain 'the node cannot be patched'; return; }
  said=$text
  unfinished=
  [ -n "$refusal" ] || unlabelled=
}

# --- all of it -------------------------------------------------------------------------------------------------------

check() {
  [ -n "$loaded" ] || return 0
  refusal=
  if [ "$HOST_IP" != "$address" ]; then
    refusal="this node has the address $HOST_IP, and $NODE is to be the master at $address"
    told="refused: another address" missing= changed=
    [ "$refused" = "$refusal" ] || say "nothing is written: $refusal"
    refused=$refusal
    return
  fi
  forget_token
  sums=$(sum_up)$newline
  there=
  for one in "$data/member" "$manifests/.etcd-init.yaml"; do [ -e "$one" ] && there="$there $one"; done
  # An empty file has a sum too, which none of ours has.
  state="$digest $turn $there $sums"
  [ "$again$aside" = no ] && [ "$state" = "$before" ] && return
  # As it was looked at: what changes from here on is a reason to look again.
  before=$state
  runs_known= unasked=yes
  was_aside=$aside
  make_files
  [ -z "$was_aside" ] || [ -n "$aside" ] || watch_anew
  make_etcd
}

# later NAME SECONDS: one such event then, unless one is due. Of grandchildren the shell keeps no list.
later() {
  case $timers in *" $1 "*) return ;; esac
  timers="$timers $1 "
  ({
    sleep "$2"
    echo "$1"
  } >&3 &)
}

came() {
  case $timers in *" $1 "*) timers=${timers%%" $1 "*}${timers#*" $1 "} ;; esac
}

main() {
  loaded= latest= stale=no known=no again=no aside= before= turn= said= refused= complained= pauses=$all_pauses timers= moved=yes polling= tail=
  digest= address= missing= changed= told= refusal= outdated= runs= runs_known= unasked= unlabelled= unfinished= untainted= changing= unsettled= seen= fresh= deed=started
  kept=$(cat "$own/written" 2>/dev/null)
  [ -z "$kept" ] || kept=$kept$newline
  record=$kept
  while read -r what version rest <&3; do
    came "$what"
    case $what in
    changed)
      # Whoever writes a file may not have done so wholly, and one change seldom comes alone.
      moved=yes
      later tick "$interval"
      continue
      ;;
    polls)
      [ -n "$polling" ] || say 'tail cannot use inotify here, so it looks at the files itself, every second'
      polling=yes
      continue
      ;;
    secret)
      turn=$(printf '%s' "$rest" | base64 -d)
      latest=$version
      # A turn needs nothing but what is here already, and whoever gave it waits for the answer.
      check
      [ -z "$loaded" ] || report
      if [ "$latest" != "$loaded" ] || [ "$stale" = yes ]; then load && check; fi
      ;;
    ended)
      # All files are looked at in any case, and watched anew.
      moved=yes
      if grep -v 'Client.Timeout\|deadline exceeded\|unexpected EOF' "$work/watch-error" >"$work/error"; then
        complain 'the Secret cannot be watched'
      else
        # The node is looked at again now and then, in case that it was made anew.
        known=no unasked=yes
      fi
      ;;
    retry) [ "$stale" = no ] || { load && check; } ;;
    node) if [ -n "$fresh" ]; then fresh=; else known=no seen=yes; fi ;;
    *) check ;;
    esac
    if [ -n "$loaded" ]; then
      # While an apiserver is away it is asked when that is due, not at each look.
      case $stale$what in yestick | yeslook) ;; *) report ;; esac
      [ "$moved" = no ] || watch_files
      [ "$unasked$stale" != yesno ] || see_version
      unasked=
    fi
    settle
  done
}

# What is pending is looked at again.
settle() {
  [ "$again$aside" = no ] || later tick "$interval"
  if [ "$stale" = no ]; then
    pauses=$all_pauses complained=
    return
  fi
  case $timers in *' retry '*) return ;; esac
  later retry "${pauses%% *}"
  pauses=${pauses#* }
}

mkdir -p "$work"
introduce
# Where older programs of its kind keep what they asked before.
export HOME="$work"
# A host that has lost its power ends no connection: from 1.20 on kubectl finds that out by itself, in 45 s if not told otherwise (k8s.io/apimachinery, pkg/util/net/http.go).
export HTTP2_READ_IDLE_TIMEOUT_SECONDS=5 HTTP2_PING_TIMEOUT_SECONDS=10
trap 'exit 0' TERM INT
say "makes a master of $NODE ($HOST_IP)"
rm -f "$work/events" "$work/notes"
mkfifo "$work/events" "$work/notes"
exec 3<>"$work/events" 4<>"$work/notes"
watch_secret >&3 &
inotify=
# Kubernetes' images up to 1.25 are Debian's with dash and GNU coreutils (kubernetes/release, images/build/debian-base and debian-iptables).
if tail --version 2>/dev/null | grep -q coreutils; then
  inotify=yes
  say 'files: tail says when one changes (inotify)'
  hear_files >&3 &
else
  say "files: this image's tail has no inotify, so they are looked at every $slow s"
  while sleep "$slow"; do echo look; done >&3 &
fi
main &
wait $!
exit 1
