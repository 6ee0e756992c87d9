#!/bin/sh
# Gives the Deployment of CoreDNS the rule that keeps its replicas on different hosts, as soon as enough nodes can hold one, and ends.
# Written for dash and busybox; of other programs it uses kubectl, cat, date, grep and sleep.
# From outside: PATCH (with the rule), SPARE (nodes beside one for each replica), SELECTOR (labels of nodes), TOLERATED (keys of taints, or "all"); WORK and RETRY for trying it out.
set -u

work=${WORK:-/work}
retry=${RETRY:-10}
# Words of the go-templates, so that they stay readable.
rules='{{with .spec.template.spec}}{{with .affinity}}{{with .podAntiAffinity}}{{range .requiredDuringSchedulingIgnoredDuringExecution}}rule {{end}}{{end}}{{with .nodeAffinity}}{{with .requiredDuringSchedulingIgnoredDuringExecution}}rule {{end}}{{end}}{{end}}{{range .topologySpreadConstraints}}rule {{end}}{{end}}'
state='{{range .status.conditions}}{{if eq .type "Ready"}}{{.status}}{{end}}{{end}}'
taints='{{range .spec.taints}}{{if ne .effect "PreferNoSchedule"}} {{.key}}{{end}}{{end}}'
node="{{.metadata.name}} $state$taints{{\"\\n\"}}"

say() { echo "$(date -u +%H:%M:%S) $*"; }
# Told nothing of the cluster, kubectl finds it out by itself.
ask() { kubectl --cache-dir="$work/kubectl" --namespace kube-system "$@"; }
end() {
  say "$*"
  exit 0
}

# Of lines with a node, whether it is Ready, and its taints: the names of those that can hold a replica.
usable() {
  while read -r name ready keys; do
    [ "$ready" = True ] || continue
    for key in $keys; do
      [ "$TOLERATED" = all ] && break
      case " $TOLERATED " in *" $key "*) ;; *) continue 2 ;; esac
    done
    echo "$name"
  done
}

# Sleeps in the API's watch until a node can hold a replica that could not before; not when the watch ends first.
another() {
  {
    kubectl --cache-dir="$work/kubectl" get nodes --selector "$SELECTOR" --watch -o go-template="$node" &
    echo "watcher= $!"
    wait
  } 2>/dev/null | {
    watcher=
    while read -r line; do
      case $line in 'watcher= '*) watcher=${line#* } && continue ;; esac
      name=$(echo "$line" | usable)
      [ -n "$name" ] && ! grep -qxF -e "$name" "$work/usable" || continue
      [ -n "$watcher" ] && kill "$watcher"
      exit 0
    done
    exit 1
  }
}

said=
while :; do
  if ! found=$(ask get deployment coredns -o go-template="$rules{{.spec.replicas}}" 2>"$work/error"); then
    grep -q NotFound "$work/error" && end 'There is no Deployment coredns.'
    say "coredns cannot be read: $(cat "$work/error")"
    sleep "$retry"
    continue
  fi
  case $found in rule*) end 'coredns has a rule for where its replicas go.' ;; esac
  [ "$found" -ge 2 ] || end "coredns has $found replicas: there is nothing to keep apart."
  needed=$((found + SPARE))
  if ! ask get nodes --selector "$SELECTOR" -o go-template="{{range .items}}$node{{end}}" >"$work/nodes" 2>"$work/error"; then
    say "the nodes cannot be read: $(cat "$work/error")"
    sleep "$retry"
    continue
  fi
  usable <"$work/nodes" >"$work/usable"
  count=$(grep -c . "$work/usable")
  if [ "$count" -ge "$needed" ]; then
    ask patch deployment coredns --type strategic --patch "$PATCH" && end "$count nodes can hold a replica: they are moved apart."
    sleep "$retry"
    continue
  fi
  [ "$said" = "$count" ] || say "$count of $needed nodes can hold a replica: another one is awaited."
  said=$count
  another || sleep "$retry"
done
