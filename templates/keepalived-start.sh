#!/bin/sh
# Starts keepalived in its pod: start.sh VIP OWN TEMPLATE CONFIGURATION
# Written by kube-el7-install. The interfaces are looked for at each start, since their names may change with a new boot.
# It replaces the image's own start program, which would write a configuration of its own.
set -u
vip=$1
own=$2
template=$3
configuration=$4

say() {
  printf 'start.sh: %s\n' "$*" >&2
}

for program in ip curl keepalived; do
  command -v "$program" >/dev/null 2>&1 && continue
  say "the image has no $program, which is needed here: name another image with KEEPALIVED_IMAGE"
  exit 1
done

# "INTERFACE ADDRESS/LENGTH" for each address of this host
addresses() {
  ip -o -4 addr show | sed -n 's/^[0-9]*: *\([^ :@]*\)[^ ]* *inet \([^ ]*\) .*$/\1 \2/p'
}

# A keepalived that was killed left the VIP where it was, and another master may have it by now.
addresses | while read -r interface address; do
  [ "$address" = "$vip/32" ] || continue
  say "taking $vip off $interface, where an earlier keepalived left it"
  ip addr del "$vip/32" dev "$interface"
done

# The interface that the other masters are spoken to on, and the one whose network the VIP is in: mostly the same.
told=no
while :; do
  own_interface=$(addresses | sed -n "s|^\([^ ]*\) $own/.*\$|\1|p" | head -n 1)
  route=$(ip -o -4 route get "$vip" 2>/dev/null)
  interface=$(printf '%s\n' "$route" | sed -n 's/^.* dev \([^ ]*\).*$/\1/p' | head -n 1)
  [ -n "$own_interface" ] && [ -n "$interface" ] && break
  [ "$told" = yes ] || say "waiting until this host has the address $own and a route to $vip"
  told=yes
  sleep 1
done

case $route in
  local*)
    say "$vip is an address that $interface of this host has from elsewhere: take it off, it is the cluster's VIP"
    exit 1
    ;;
  *' via '*)
    say "the way to $vip leads over a router: it must be an address of the network that the masters are in"
    ;;
esac

tracked='/@tracked@/d'
[ "$interface" = "$own_interface" ] || tracked='s/@tracked@//'
umask 077
sed -e "$tracked" -e "s/@own@/$own_interface/" -e "s/@interface@/$interface/" "$template" >"$configuration" || exit 1
say "$vip goes to $interface while this master has it"
exec keepalived --vrrp --use-file="$configuration" --dont-fork --log-console
