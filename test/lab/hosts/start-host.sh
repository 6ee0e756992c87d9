#!/bin/bash
# Runs a lab host until it is powered off; when it reboots itself, boots it again. All settings come in the environment:
#   CGROUPS   cgroup directories to enter, one a line    ROOT, MACHINE, NAME, BRIDGE, STATE
#   DISK      of a host with a slow disk: the program that stands in for it, and the milliseconds of each fsync
#   OTHER     of a host with a second card: the bridge that it is on, and the names of its two ends
set -euo pipefail

# Outside its cgroups: what holds up an fsync is none of its processes.
slow=()
read -r disk milliseconds <<<"$DISK" || true
if [ -n "$disk" ]; then
  rm -f "$STATE/disk.sock"
  "$disk" serve "$STATE/disk.sock" "$milliseconds" &
  server=$!
  trap 'kill $server' EXIT
  until [ -S "$STATE/disk.sock" ]; do sleep 0.02; done
  slow=("$disk" run "$STATE/disk.sock")
fi

while read -r cgroup; do
  echo $$ >"$cgroup/cgroup.procs"
done <<<"$CGROUPS"

modules=()
if [ -d "/lib/modules/$(uname -r)" ]; then modules=(--bind-ro="/lib/modules/$(uname -r)"); fi

# Another card, which systemd-nspawn makes and leaves lying about outside: hosts do not see each other over it, only the machine.
read -r other_bridge outside inside <<<"$OTHER" || true
other=()
if [ -n "$outside" ]; then other=(--network-veth-extra="$outside:$inside"); fi
plug_in() {
  for _ in {1..400}; do
    if ip link set "$outside" master "$other_bridge" up 2>/dev/null; then
      ip link set "$outside" type bridge_slave isolated on
      return
    fi
    sleep 0.05
  done
  echo "there is no $outside to put on $other_bridge"
}

# The clock belongs to the machine: no host may set it.
boot() {
  env -i PATH="$PATH" SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0 SYSTEMD_NSPAWN_TMPFS_TMP=0 \
    "${slow[@]}" systemd-nspawn --directory="$ROOT" --machine="$MACHINE" --hostname="$NAME" --boot --register=no --keep-unit \
    --network-bridge="$BRIDGE" "${other[@]}" --capability=all --resolv-conf=off --timezone=off --link-journal=no --console=pipe \
    --bind="$STATE/docker:/var/lib/docker" --bind="$STATE/etcd:/var/lib/etcd" --bind=/dev/kmsg "${modules[@]}" \
    --system-call-filter="@keyring bpf" --system-call-filter="~clock_settime settimeofday clock_adjtime adjtimex"
}

# With --keep-unit systemd-nspawn leaves the reboot to its caller, with this exit code.
reboot=133
code=$reboot
while [ "$code" -eq "$reboot" ]; do
  code=0
  if [ -n "$outside" ]; then plug_in & fi
  boot || code=$?
done
exit "$code"
