#!/bin/sh
# Lets the cluster pod of etcd take the init pod's place on the node that it runs on. It may be cut off anywhere and run again.
# Written for dash and busybox; of other programs it uses coreutils, grep and sed.
# MANIFESTS and NET say where the static pods and the lists of sockets are, for trying it out.
set -u

manifests=${MANIFESTS:-/etc/kubernetes/manifests}
net=${NET:-/proc/net}
init=$manifests/etcd-init.yaml
# The kubelet passes over names that begin with a dot.
hidden=$manifests/.etcd-init.yaml
cluster=$manifests/etcd-cluster.yaml
half=$manifests/.etcd-cluster.yaml

say() { echo "$(date -u +%H:%M:%S) $*"; }
fail() {
  say "$*"
  exit 1
}

# Whether somebody listens for clients or peers: 2379 is 094B, 2380 is 094C, and 0A is the state of who listens.
listening() { grep -q ':094[BC] [0:]* 0A' "$net/tcp" "$net/tcp6" 2>/dev/null; }

[ -s "$cluster" ] || fail "$cluster is not there: nothing is changed"
grep -q '^kind: Pod\(ERROR\)\{0,1\}$' "$cluster" || fail "$cluster is no manifest of a pod: nothing is changed"

if [ -e "$init" ]; then
  mv -f "$init" "$hidden" || fail "$init cannot be taken away"
  say 'the init pod ends'
fi

if grep -q '^kind: PodERROR$' "$cluster"; then
  while listening; do sleep 0.1 2>/dev/null || sleep 1; done
  sed 's/^kind: PodERROR$/kind: Pod/' "$cluster" >"$half" && chmod 600 "$half" || fail "$half cannot be written"
  sync
  mv -f "$half" "$cluster" || fail "$cluster cannot be replaced"
  say 'the cluster pod starts'
fi

rm -f "$hidden" "$half"
sync
say 'the cluster pod has the init pod'"'"'s place'
