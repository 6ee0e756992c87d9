#!/bin/bash
# Makes a root file system of Debian 12 with the programs that an EL7 host has.
# Usage: debian.sh TARGET PACKAGES (a file: one package a line)
set -euo pipefail
target=$1

packages=$(grep -v '^#' "$2" | paste -sd, -)
mirror=$(awk '/^URIs:/ && /debian\/?$/ { print $2; exit } /^deb .*bookworm main/ { print $2; exit }' \
  /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)

# A build that is interrupted is thrown away whole: syncing each file as it is unpacked is for nothing.
mkdir -p "$target/etc/dpkg/dpkg.cfg.d"
echo force-unsafe-io >"$target/etc/dpkg/dpkg.cfg.d/lab"

debootstrap --variant=minbase --include="$packages" bookworm "$target" "${mirror:-http://deb.debian.org/debian}"

# dpkg --audit says nothing when every package is configured.
audit=$(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$target" dpkg --audit)
if [ -n "$audit" ]; then
  echo "packages are left unconfigured:" "$audit" >&2
  exit 1
fi
rm -rf "$target"/var/cache/apt/archives/*.deb "$target"/var/lib/apt/lists/* "$target/debootstrap"
