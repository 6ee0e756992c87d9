#!/bin/bash
# Unpacks the Debian programs that go into the lab's images and RPMs, with every library
# they need, without installing anything on this machine. Usage: userland.sh OUT
set -euo pipefail
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=(etcd-server etcd-client keepalived curl iptables conntrack containernetworking-plugins busybox-static)

# With an empty status file apt names the whole closure, libc included.
mkdir -p "$work/archives/partial" "$out"
: >"$work/status"
[ -n "$(apt-cache policy etcd-server | grep Candidate)" ] || apt-get -o DPkg::Lock::Timeout=600 update -qq
apt-get -qq -y --no-install-recommends --download-only -o APT::Sandbox::User=root -o Debug::NoLocking=1 \
  -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" install "${packages[@]}"
for file in "$work"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$file" |
    tar -x -C "$out" --exclude=./usr/share/{doc,man,locale,info,perl,i18n,lintian,bug,zoneinfo} --keep-directory-symlink
done
