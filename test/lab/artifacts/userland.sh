#!/bin/bash
# Unpacks Debian programs that go into the lab's images and RPMs, with every library they need, without installing
# anything on this machine. Usage: userland.sh OUT RELEASE PACKAGE...
#   RELEASE  this machine's own, or an older one, which apt then knows from a list and a state of its own
set -euo pipefail
out=$1 release=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# With an empty status file apt names the whole closure, libc included.
mkdir -p "$work/archives/partial" "$out"
: >"$work/status"
options=(-o APT::Sandbox::User=root -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives")

# An old release is moved to the archive one day.
read_lists() {
  local mirror
  for mirror in deb.debian.org archive.debian.org; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg check-valid-until=no] http://$mirror/debian $release main" >"$work/sources.list"
    apt-get -qq "${options[@]}" -o Acquire::Languages=none -o APT::Update::Error-Mode=any update && return
  done
  return 1
}

if [ "$release" = own ]; then
  [ -n "$(apt-cache policy "$1" | grep Candidate)" ] || apt-get -o DPkg::Lock::Timeout=600 update -qq
else
  mkdir -p "$work/state/lists/partial"
  options+=(-o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$work/state" -o Dir::Cache="$work")
  read_lists
fi
apt-get -qq -y --no-install-recommends --download-only "${options[@]}" -o Debug::NoLocking=1 install "$@"
for file in "$work"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$file" |
    tar -x -C "$out" --exclude=./usr/share/{doc,man,locale,info,perl,i18n,lintian,bug,zoneinfo} --keep-directory-symlink
done
