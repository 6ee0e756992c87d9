#!/bin/sh
# Before each start of the kubelet: finds the address that the cluster knows this host by, and gives it to the kubelet as --node-ip.
# Written by kube-el7-install. kubelet-address.sh NODE_SUBNET SERVICE_SUBNET OUTPUT, where NODE_SUBNET may be empty.
# A --node-ip of kubeadm, or of the operator in /etc/sysconfig/kubelet, stands later on the kubelet's command line and wins.
# From outside: ROOT for trying it out.
set -u
umask 077
subnet=$1
services=$2
output=$3
kubernetes=/etc/kubernetes

say() { echo "kubelet-address.sh: $*" >&2; }

# An address as a number.
number() {
  rest=$1.
  number=0
  for _ in 1 2 3 4; do
    number=$((number * 256 + ${rest%%.*}))
    rest=${rest#*.}
  done
}

# in_subnet ADDRESS NETWORK/LENGTH
in_subnet() {
  number "$1"
  asked=$number
  number "${2%/*}"
  size=$((1 << (32 - ${2#*/})))
  [ $((asked / size)) = $((number / size)) ]
}

# "INTERFACE ADDRESS LENGTH REST" for each address that others may reach this host at: not those of pods, containers and virtual machines.
addresses() {
  ip -4 -o addr show scope global |
    sed -n 's|^[0-9]*: *\([^ :@]*\)[^ ]* *inet \([0-9.]*\)/\([0-9]*\) \(.*\)$|\1 \2 \3 \4|p' |
    grep -Ev '^(lo|cni[0-9]*|flannel[.-].*|docker[0-9]*|br-[0-9a-f]{12}|kube-ipvs.*|nodelocaldns|cali.*|tunl[0-9].*|vxlan\.calico|weave.*|vethwe.*|cilium.*|lxc.*|veth.*|virbr.*|vnet.*|podman.*) '
}

# The address that packets to another one leave from.
source_towards() { ip -4 -o route get "$1" 2>/dev/null | sed -n 's/^.* src \([0-9.]*\).*$/\1/p' | head -n 1; }

device_of() { printf '%s\n' "$own" | while read -r device address _; do [ "$address" != "$1" ] || echo "$device"; done | head -n 1; }
is_own() { [ -n "$1" ] && [ -n "$(device_of "$1")" ]; }

# Addresses that were put beside another one, such as a VIP, are not this host's for long.
settled() {
  printf '%s\n' "$own" | while read -r device address length rest; do
    case " $rest " in *' secondary '*) continue ;; esac
    if [ "$length" = 32 ] && printf '%s\n' "$own" | grep "^$device " | grep -qv "^$device [0-9.]* 32 "; then continue; fi
    echo "$device $address"
  done
}

# The addresses of the apiserver that this node joins or has joined.
server() {
  for file in "${ROOT:-}$kubernetes/kubelet.conf" "${ROOT:-}$kubernetes/bootstrap-kubelet.conf"; do
    name=$(sed -n 's|^ *server: *"\{0,1\}https://\([^:/"]*\).*$|\1|p' "$file" 2>/dev/null | head -n 1)
    [ -n "$name" ] || continue
    getent ahostsv4 "$name" | sed 's/ .*//' | uniq
    return
  done
}

find_address() {
  if [ -n "$subnet" ]; then
    for one in $(settled | sed 's/.* //') $(printf '%s\n' "$own" | sed 's/^[^ ]* \([^ ]*\).*$/\1/'); do
      if in_subnet "$one" "$subnet"; then
        echo "$one"
        return
      fi
    done
    say "this host has no address in NODE_SUBNET $subnet"
    return
  fi
  servers=$(server)
  # An apiserver of this host's own; a VIP that this master has now is another matter.
  for one in $servers; do
    settled | grep -q " $one\$" && echo "$one" && return
  done
  named=
  for one in $(getent ahostsv4 "$(hostname)" | sed 's/ .*//' | uniq); do
    printf '%s\n' "$servers" | grep -qxF "$one" && continue
    is_own "$one" && named="$named $one"
  done
  for one in $servers; do
    is_own "$one" && continue
    source=$(source_towards "$one")
    is_own "$source" || continue
    # The name says more than a route, unless it says several.
    case "${named:-" $source"} " in *" $source "*) echo "$source" && return ;; esac
  done
  for one in $named; do
    echo "$one"
    return
  done
  # 192.0.2.1 is reserved for documentation (RFC 5737): asking for its route sends nothing.
  source=$(source_towards 192.0.2.1)
  if is_own "$source"; then
    echo "$source"
  elif [ "$(settled | sed 's/ .*//' | sort -u | wc -l)" -eq 1 ]; then
    settled | sed -n '1s/.* //p'
  fi
}

own=$(addresses)
address=$(find_address)
mkdir -p "${output%/*}"
if [ -z "$address" ]; then
  rm -f "$output"
  say 'nothing tells which of its addresses the cluster knows this host by: the kubelet finds one by itself'
  exit 0
fi
# kubeadm's own words in front, for this stands in the place of the variable that they are in (10-kubeadm.conf).
echo "KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=$kubernetes/bootstrap-kubelet.conf --kubeconfig=$kubernetes/kubelet.conf --node-ip=$address" >"$output"

# What this host itself sends to a Service needs a route before kube-proxy rewrites it, and without a default route there is none.
if ! ip -4 -o route get "${services%/*}" >/dev/null 2>&1; then
  device=$(device_of "$address")
  ip -4 route add "$services" dev "$device" src "$address" && say "packets of this host to Services ($services) leave by $device: it has no default route"
fi
exit 0
