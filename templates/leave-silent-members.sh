#!/bin/sh
# Lets this host's apiserver turn away from members of etcd that do not answer any more, as when their host has lost its power.
# An apiserver spreads its requests over all members, and up to 1.20 and longer it holds on to a connection for ten seconds after the
# other end has fallen silent (k8s.io/apiserver, storagebackend/factory/etcd3.go): what it asked there hangs, and much waits for that.
# A reset ends such a connection at once, so every packet to a silent member is answered with one here, for a while.
# Written for dash and busybox; of other programs it uses iptables, coreutils and grep.
# From outside: HOST_IP, MASTERS (addresses); NET, PAUSE and ABLE (the file that tells the kubelet that it can do its work) for trying it out.
set -u
net=${NET:-/proc/net}
pause=${PAUSE:-0.5}
able=${ABLE:-/tmp/able}
chain=KUBE-EL7-INSTALL-ETCD
# Rounds that a member is left alone for after the last sign of its silence.
rounds=30

say() { echo "$(date -u +%H:%M:%S) $*"; }
rules() { iptables -w "$@" 2>/dev/null; }

# How /proc/net/tcp spells an address.
spelled() {
  rest=$1
  hex=
  for _ in 1 2 3 4; do
    hex=$(printf '%02X' "${rest%%.*}")$hex
    rest=${rest#*.}
  done
}

# A connection to a member's 2379 (094B) whose packets were sent again twice without an answer. They are sent again at 0.2, 0.6, 1.4, 3 and
# 6.2 s (the kernel doubles the pause each time, TCP_RTO_MIN), and only one that is sent is answered with a reset: whoever is late by a
# moment at one of these waits for as long again.
is_silent() { grep -q " $1:094B 01 [0-9A-F]*:[0-9A-F]* 01:[0-9A-F]* 0000000[2-9A-F] " "$net/tcp" 2>/dev/null; }

# All of it anew: the chain is only there while somebody is silent.
apply() {
  while rules -D OUTPUT -p tcp --dport 2379 -j "$chain"; do :; done
  rules -F "$chain"
  rules -X "$chain"
  [ -n "$silent" ] || return 0
  rules -N "$chain" || complain
  for entry in $silent; do
    rules -A "$chain" -p tcp -d "${entry%=*}" --dport 2379 -j REJECT --reject-with tcp-reset || complain
  done
  rules -I OUTPUT -p tcp --dport 2379 -j "$chain" || complain
}

complain() {
  rm -f "$able"
  [ "$complained" = no ] || return 0
  complained=yes
  say "iptables cannot be used here: requests to a member that has fallen silent hang for ten seconds ($(iptables -w -L OUTPUT 2>&1 >/dev/null | tail -n 1))"
}

# Whether such rules are taken at all, before they are needed: the same one for an address that nobody has (RFC 5737), in a chain that nothing leads to.
try() {
  if rules -N "$chain" && rules -A "$chain" -p tcp -d 192.0.2.1 --dport 2379 -j REJECT --reject-with tcp-reset &&
    rules -F "$chain" && rules -X "$chain"; then
    : >"$able"
    [ "$complained" = no ] || say 'iptables can be used now'
    complained=no
  else
    rules -F "$chain"
    rules -X "$chain"
    complain
  fi
}

# One look at all others: who is silent now, and who was long enough ago to be tried again.
look() {
  before=$silent
  silent=
  changed=no
  for one in $MASTERS; do
    [ "$one" != "$HOST_IP" ] || continue
    spelled "$one"
    left=0
    for entry in $before; do [ "${entry%=*}" != "$one" ] || left=${entry#*=}; done
    was=$left
    if is_silent "$hex"; then left=$rounds; elif [ "$left" -gt 0 ]; then left=$((left - 1)); fi
    [ "$left" = 0 ] || silent="$silent $one=$left"
    if [ "$was" = 0 ] && [ "$left" != 0 ]; then
      changed=yes
      say "etcd at $one does not answer: the apiserver is turned away from it"
    elif [ "$was" != 0 ] && [ "$left" = 0 ]; then
      changed=yes
      say "etcd at $one may be asked again"
    fi
  done
  [ "$changed" = no ] || apply
}

silent=
complained=no
rm -f "$able"
apply
trap 'silent=; apply; exit 0' TERM INT
while :; do
  [ -e "$able" ] || [ -n "$silent" ] || try
  look
  sleep "$pause" &
  # A sleep that knows no parts of a second fails.
  wait $! || sleep 1
done
