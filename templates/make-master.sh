#!/bin/sh
# Makes a master of the node that it runs on, and keeps it one: what a master needs lies in a Secret of its own.
# Written for dash and busybox; of other programs it uses kubectl, coreutils, grep and sed.
# From outside: NODE, HOST_IP, ENDPOINT (of the apiservers), MASTERS (addresses), LABELS and TAINTS (keys), CRI_SOCKET (as kubeadm writes it onto a node); ROOT, INTERVAL and WATCH_SECONDS for trying it out.
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
interval=${INTERVAL:-2}
newline='
'
# Words of the go-templates, so that they stay readable.
version='{{.metadata.resourceVersion}}'
turn_in_it='{{if .data}}{{with index .data "etcd-turn"}} {{.}}{{end}}{{end}}'

say() { echo "$(date -u +%H:%M:%S) $*"; }
# What was done last, for the log and for the annotation.
did() {
  deed=$*
  say "$*"
}
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
  while :; do
    within "${WATCH_SECONDS:-120}" get secret "$secret" --namespace kube-system --watch \
      -o go-template="secret $version$turn_in_it{{\"\\n\"}}" 2>"$work/watch-error" || sleep "${RETRY:-5}"
    echo ended
    sleep 1
  done
}

tick() {
  while :; do
    sleep "$interval"
    echo tick
  done
}

# The value of a key, as it is to be on the disk.
value() { sed -n "s|^$1 ||p" "$work/secret" | base64 -d; }

load() {
  ask get secret "$secret" --namespace kube-system \
    -o go-template='{{range $key, $value := .data}}{{$key}} {{$value}}{{"\n"}}{{end}}' >"$work/secret.new" 2>"$work/error" ||
    { complain 'the Secret cannot be read'; return 1; }
  [ -s "$work/secret.new" ] || { complain 'the Secret is empty'; return 1; }
  mv -f "$work/secret.new" "$work/secret"
  value files >"$work/files"
  address=$(value address)
  digest=$(sha256sum <"$work/files")
  digest=${digest%% *}
  paths=
  while read -r _ _ _ path; do paths="$paths ${ROOT:-}$path"; done <"$work/files"
  starts=no
  grep -q '^etcd-init.yaml ' "$work/secret" && starts=yes
  loaded=yes
  stale=no
  complained=
  before=
}

# newer A B: whether version A comes after B.
newer() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1)" = "$1" ]; }

# The newest version that an apiserver has said, kept for the day when none does.
see_version() {
  runs=$(cat "$own/version" 2>/dev/null)
  said_version=$(ask get --raw /version 2>/dev/null | sed -n 's/.*"gitVersion": *"v\([0-9.]*\).*/\1/p')
  [ -n "$said_version" ] && newer "$said_version" "${runs:-0}" || return 0
  runs=$said_version
  mkdir -p "$own" && echo "$runs" >"$own/.version" && mv -f "$own/.version" "$own/version" || cannot "$own/version"
}

# older KEY: whether the manifest in the Secret is older than what runs, as it is once kubeadm has upgraded the cluster.
older() {
  stored=$(value "$1" | sed -n 's/^[- ]*image: .*:v\([0-9.]*\).*/\1/p')
  [ -n "$runs" ] && [ -n "$stored" ] && newer "$runs" "$stored"
}

# An apiserver that is away is asked again some ticks later; the same complaint is made once until all is well again.
complain() {
  patience=5
  stale=yes
  complaint="$1: $(tail -n 1 "$work/error" 2>/dev/null)"
  case $complained in *"$complaint$newline"*) return ;; esac
  say "$complaint"
  complained=$complained$complaint$newline
}

# --- files -----------------------------------------------------------------------------------------------------------

# put KEY MODE FILE [KIND]: whole or not at all. It is tried again, since a directory may be on its way out.
put() { place "$@" || { sleep 1 && place "$@"; } || { sleep 1 && place "$@"; }; }

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

# Whether the swap of etcd's pods has keepalived's manifest aside, to hand the VIP over; for five minutes at most, since a swap that was cut off may never go on.
lent() {
  [ -e "$1" ] || [ ! -e "$manifests/.keepalived.yaml" ] && return 1
  [ $(($(date +%s) - $(date -r "$manifests/.keepalived.yaml" +%s))) -lt 300 ]
}

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
      *"$newline$now  $file$newline"*) ;;
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
  count=0
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
  elif [ ! -e "$data/member" ] && [ "$attempt" = "$(cat "$own/etcd-had-data" 2>/dev/null)" ]; then
    told="refused: etcd's data is gone; run kube-el7-install readd-member"
    return
  fi
  let_wait etcd-cluster.yaml "$cluster"
  kind_of "$init"
  if [ "$kind" != Pod ]; then
    put etcd-init.yaml 600 "$init" Pod || cannot "$init"
    did "started etcd, attempt $attempt"
  fi
  told="start $attempt"
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
  attempt=${turn#start }
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
  'start '*)
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

# Addresses as /proc/net/tcp spells them.
spell() {
  spellings=
  for one in $MASTERS; do
    rest=$one
    hex=
    for _ in 1 2 3 4; do
      hex=$(printf '%02X' "${rest%%.*}")$hex
      rest=${rest#*.}
    done
    spellings="$spellings $one=$hex"
  done
}

# Which masters' etcd all clients of this host have found (2379 is 094B). An apiserver has a client of its own for each kind
# of object, 75 in all, and each of them finds a member in its own time: one that has found none but the member that ends
# hangs for half a minute. So a member counts where there are as many connections to it as to any other, but for a stray one.
look_at_connections() {
  connections=$(grep -o ' [0-9A-F]*:094B 01 ' "${ROOT:-}/proc/net/tcp" 2>/dev/null)
  counts= most=0
  for one in $spellings; do
    count=$(echo "$connections" | grep -c "^ ${one#*=}:094B 01 ")
    counts="$counts ${one%=*}=$count"
    [ "$count" -le "$most" ] || most=$count
  done
  connected=
  for one in $counts; do
    [ "${one#*=}" -gt 0 ] && [ "$((${one#*=} + 1))" -ge "$most" ] && connected="$connected,\"${one%=*}\""
  done
}

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
  looks=$((looks + 1))
  if [ -n "$untainted" ]; then
    for one in $TAINTS; do
      ask taint node "$NODE" "$one=:NoSchedule" --overwrite >/dev/null 2>"$work/error" ||
        { complain 'the node cannot be tainted'; return 1; }
    done
    [ -n "$unlabelled" ] || did 'tainted the node once more'
    untainted= looks=0 seen=
  elif [ -z "$changing" ] && [ -n "$seen" ]; then
    unsettled=
    return 0
  fi
  [ "$looks" -lt 5 ] || known=no looks=0 seen=yes
}

# The taint before the label, so that a node with the label is one that has been tainted.
report() {
  complete=true why=${refusal:-$outdated}
  [ -z "$missing$refusal" ] || complete=false
  body="{\"digest\":\"$digest\",\"complete\":$complete,\"missing\":[${missing#,}],\"changed\":[${changed#,}],\"etcd\":\"$told\",\"apiserverEtcd\":[${connected#,}]${why:+,\"refused\":\"$why\"}"
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
  [ "$loaded" = yes ] || return 0
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
  see_version
  make_files
  make_etcd
}

main() {
  loaded=no stale=no known=no again=no aside= before= turn= said= refused= complained= patience=0
  digest= address= missing= changed= connected= told= refusal= outdated= runs= unlabelled= unfinished= untainted= changing= unsettled= seen= looks=0 deed=started
  kept=$(cat "$own/written" 2>/dev/null)
  [ -z "$kept" ] || kept=$kept$newline
  record=$kept
  spell
  while read -r what _ rest; do
    case $what in
    secret)
      turn=$(printf '%s' "$rest" | base64 -d)
      # etcd's turn needs nothing but what is here already.
      check
      load
      check
      ;;
    ended)
      # The node is looked at again now and then, in case that it was made anew.
      known=no
      grep -v 'Client.Timeout\|deadline exceeded\|unexpected EOF' "$work/watch-error" >"$work/error" && complain 'the Secret cannot be watched'
      continue
      ;;
    tick)
      check
      if [ "$patience" != 0 ]; then
        patience=$((patience - 1))
        continue
      fi
      [ "$stale" = no ] || { load && check; }
      ;;
    esac
    [ "$loaded" = yes ] || continue
    look_at_connections
    report
  done
}

mkdir -p "$work"
introduce
# Where older programs of its kind keep what they asked before.
export HOME="$work"
trap 'exit 0' TERM INT
say "makes a master of $NODE ($HOST_IP)"
{
  watch_secret &
  tick &
  wait
} | main &
wait $!
exit 1
