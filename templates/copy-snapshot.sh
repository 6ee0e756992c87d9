#!/bin/sh
# Keeps a copy of a snapshot of etcd on another master: copy-snapshot.sh copy|check NODE SNAPSHOT (a path without its end)
# The program that makes masters has etcd's disk there at hand, so nothing has to be logged in to.
set -u
what=$1
node=$2
from=$3
name=${from##*/}
to=/var/lib/etcd/kube-el7-install-snapshots
namespace=kube-system
kubectl() {
  command kubectl --kubeconfig /etc/kubernetes/admin.conf --cache-dir /run/kube-el7-install/kubectl --namespace "$namespace" "$@"
}
there() { kubectl exec -i "$pod" --container make-master -- sh -c "$@"; }
fail() {
  echo "$*" >&2
  exit 1
}

pod=$(kubectl get pods --selector app=kube-el7-install-masters --field-selector "spec.nodeName=$node" --output name) || fail "the pods on $node cannot be listed"
pod=${pod%%
*}
pod=${pod#pod/}
[ -n "$pod" ] || fail "the program that makes masters does not run on $node"

if [ "$what" = copy ]; then
  for end in json db; do
    there 'umask 077; mkdir -p "$1" && cat >"$1/.$2.half" && mv -f "$1/.$2.half" "$1/$2"' sh "$to" "$name.$end" <"$from.$end" ||
      fail "$name.$end could not be copied to $node"
  done
  # What is removed must be a copy that was made by this, and still be what it was then: its checksum stands beside it.
  there 'cd "$1" && umask 077 && sha256sum <"$2.db" >"$2.sha256"' sh "$to" "$name" </dev/null
  # The newest three of those are kept, and this one.
  there 'cd "$1" && for sum in ????????T??????Z-before-*.sha256; do
    one=${sum%.sha256}
    if [ -f "$one.db" ] && [ ! -L "$one.db" ] && [ -f "$sum" ] && [ ! -L "$sum" ] && [ "$one" != "$2" ]; then echo "$one"; fi
  done | sort -r | sed 1,3d | while read -r old; do
    if [ "$(sha256sum <"$old.db")" = "$(cat "$old.sha256")" ]; then rm -f "$old.db" "$old.json" "$old.sha256"; fi
  done' sh "$to" "$name" </dev/null
fi

own=$(sha256sum <"$from.db") || fail "$from.db cannot be read"
copy=$(there 'sha256sum <"$1"' sh "$to/$name.db" </dev/null 2>/dev/null)
[ -n "$copy" ] && [ "${own%% *}" = "${copy%% *}" ] || fail "$name.db on $node is not the same as here"
echo "$node has $to/$name.db"
