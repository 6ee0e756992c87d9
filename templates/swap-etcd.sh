#!/bin/sh
# Lets the cluster pod of etcd take the init pod's place on the node that it runs on. It may be cut off anywhere and run again.
# Where this host has the VIP, keepalived hands it over first: the apiserver here cannot answer while its member is away.
# Written for dash and busybox; of other programs it uses coreutils, grep and sed.
# VIP is the address that keepalived carries, none where nothing is to be handed over. MANIFESTS and NET say where the static pods and the kernel's lists are, for trying it out.
set -u

manifests=${MANIFESTS:-/etc/kubernetes/manifests}
net=${NET:-/proc/net}
vip=${VIP:-}
init=$manifests/etcd-init.yaml
# The kubelet passes over names that begin with a dot.
hidden=$manifests/.etcd-init.yaml
cluster=$manifests/etcd-cluster.yaml
half=$manifests/.etcd-cluster.yaml
keepalived=$manifests/keepalived.yaml
aside=$manifests/.keepalived.yaml
waited=0

say() { echo "$(date -u +%H:%M:%S) $*"; }
fail() {
  say "$*"
  put_back
  exit 1
}

# Counts tenths of a second in `waited`.
pause() {
  if sleep 0.1 2>/dev/null; then
    waited=$((waited + 1))
  else
    sleep 1
    waited=$((waited + 10))
  fi
}

# Whether somebody listens for clients or peers: 2379 is 094B, 2380 is 094C, and 0A is the state of who listens.
listening() { grep -q ":094[$1] [0:]* 0A" "$net/tcp" "$net/tcp6" 2>/dev/null; }

has_vip() { [ -n "$vip" ] && grep -q -e "-- $vip\$" "$net/fib_trie" 2>/dev/null; }

# keepalived that is ended says goodbye with priority 0, and another master takes the VIP within some hundredths of a second
# (vrrp_restore_interface and vrrp_state_backup of keepalived/vrrp/vrrp.c, 1.3.5 to 2.2). The kubelet gives it 30 s.
hand_over() {
  has_vip || return 0
  if [ -e "$keepalived" ]; then
    # How long it is aside is seen by its time.
    touch "$keepalived" && mv -f "$keepalived" "$aside" || fail "$keepalived cannot be taken away"
    say "keepalived ends, and another master takes $vip"
  fi
  [ -e "$aside" ] || return 0
  waited=0
  while has_vip && [ "$waited" -lt 400 ]; do pause; done
  has_vip || return 0
  say "$vip is still here: it goes on all the same"
}

# At its start keepalived leaves the VIP where it is, so there is nothing to wait for but that the kubelet has ended the former pod.
put_back() {
  [ -e "$aside" ] || return 0
  if [ -e "$keepalived" ]; then rm -f "$aside"; else mv -f "$aside" "$keepalived"; fi
  sync
  say 'keepalived is put back'
}
trap 'put_back; exit 143' TERM INT

[ -s "$cluster" ] || fail "$cluster is not there: nothing is changed"
grep -q '^kind: Pod\(ERROR\)\{0,1\}$' "$cluster" || fail "$cluster is no manifest of a pod: nothing is changed"

if [ -e "$init" ]; then
  hand_over
  mv -f "$init" "$hidden" || fail "$init cannot be taken away"
  say 'the init pod ends'
fi

if grep -q '^kind: PodERROR$' "$cluster"; then
  while listening BC; do pause; done
  sed 's/^kind: PodERROR$/kind: Pod/' "$cluster" >"$half" && chmod 600 "$half" || fail "$half cannot be written"
  sync
  mv -f "$half" "$cluster" || fail "$cluster cannot be replaced"
  say 'the cluster pod starts'
fi

rm -f "$hidden" "$half"
sync
say 'the cluster pod has the init pod'"'"'s place'

waited=0
while [ -e "$aside" ] && ! listening B && [ "$waited" -lt 600 ]; do pause; done
put_back
