#!/bin/bash
# Runs a lab host until it is powered off; when it reboots itself, boots it again. All settings come in the environment:
#   CGROUPS   cgroup directories to enter, one a line    ROOT, MACHINE, NAME, BRIDGE, STATE
set -euo pipefail

while read -r cgroup; do
  echo $$ >"$cgroup/cgroup.procs"
done <<<"$CGROUPS"

modules=()
if [ -d "/lib/modules/$(uname -r)" ]; then modules=(--bind-ro="/lib/modules/$(uname -r)"); fi

# The clock belongs to the machine: no host may set it.
boot() {
  env -i PATH="$PATH" SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0 SYSTEMD_NSPAWN_TMPFS_TMP=0 \
    systemd-nspawn --directory="$ROOT" --machine="$MACHINE" --hostname="$NAME" --boot --register=no --keep-unit \
    --network-bridge="$BRIDGE" --capability=all --resolv-conf=off --timezone=off --link-journal=no --console=pipe \
    --bind="$STATE/docker:/var/lib/docker" --bind="$STATE/etcd:/var/lib/etcd" --bind=/dev/kmsg "${modules[@]}" \
    --system-call-filter="@keyring bpf" --system-call-filter="~clock_settime settimeofday clock_adjtime adjtimex"
}

# With --keep-unit systemd-nspawn leaves the reboot to its caller, with this exit code.
reboot=133
code=$reboot
while [ "$code" -eq "$reboot" ]; do
  code=0
  boot || code=$?
done
exit "$code"
