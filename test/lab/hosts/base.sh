#!/bin/bash
# Builds the root file system that every lab host starts from: Debian 12 with the
# programs of an EL7 host, and EL7's face. Usage: base.sh TARGET FILES
#   TARGET  directory to make; FILES  directory whose files are laid over it
set -euo pipefail
target=$1
files=$2
here=$(dirname "$(readlink -f "$0")")

packages=$(grep -v '^#' "$here/packages" | paste -sd, -)
mirror=$(awk '/^URIs:/ && /debian\/?$/ { print $2; exit } /^deb .*bookworm main/ { print $2; exit }' \
  /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)

debootstrap --variant=minbase --include="$packages" bookworm "$target" "${mirror:-http://deb.debian.org/debian}"

in_target() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root chroot "$target" "$@"; }

# dpkg --audit says nothing when every package is configured.
audit=$(in_target dpkg --audit)
if [ -n "$audit" ]; then
  echo "packages are left unconfigured:" "$audit" >&2
  exit 1
fi

# Of the machine that builds it nothing stays: no resolver, no package lists, no keys, no identity.
rm -rf "$target"/var/cache/apt/archives/*.deb "$target"/var/lib/apt/lists/* "$target"/debootstrap \
  "$target"/var/log/* "$target"/etc/debian_version "$target"/etc/apt/sources.list "$target"/etc/apt/sources.list.d/*
rm -f "$target"/etc/ssh/ssh_host_* "$target"/etc/machine-id "$target"/var/lib/dbus/machine-id \
  "$target"/etc/resolv.conf "$target"/etc/hostname "$target"/etc/hosts "$target"/etc/os-release
: >"$target/etc/machine-id"
mkdir -p "$target/var/log/journal" "$target/etc/sysconfig" "$target/etc/rpm" "$target/etc/lab"
ln -sf /proc/self/mounts "$target/etc/mtab"

# docker, containerd and runc stay as programs; the lab's RPM brings the services.
rm -f "$target"/lib/systemd/system/{docker.service,docker.socket,containerd.service} "$target"/etc/init.d/docker \
  "$target"/etc/systemd/system/*.wants/{docker.service,docker.socket,containerd.service} "$target"/etc/default/docker

# EL7's name for the time service, without Debian's confinement of it.
rm -rf "$target"/lib/systemd/system/chrony*.service "$target"/etc/systemd/system/multi-user.target.wants/chrony.service \
  "$target"/etc/chrony "$target"/etc/default/chrony "$target"/etc/init.d/chrony

cp -a --no-preserve=ownership "$files/." "$target/"
ln -sf dnf "$target/usr/bin/yum"
ln -sf centos-release "$target/etc/redhat-release"
ln -sf centos-release "$target/etc/system-release"

in_target localedef -i en_US -f UTF-8 en_US.UTF-8
in_target update-alternatives --quiet --set iptables /usr/sbin/iptables-legacy
in_target update-alternatives --quiet --set ip6tables /usr/sbin/ip6tables-legacy
in_target update-alternatives --quiet --set ebtables /usr/sbin/ebtables-legacy
sed -i 's/^FirewallBackend=.*/FirewallBackend=iptables/' "$target/etc/firewalld/firewalld.conf"
mkdir -p "$target/var/lib/rpm"
in_target rpm --initdb

in_target systemctl --quiet disable firewalld.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
  e2scrub_all.timer fstrim.timer dnf-makecache.timer 2>/dev/null || true
in_target systemctl --quiet mask systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service \
  systemd-resolved.service systemd-udevd.service systemd-udev-trigger.service console-getty.service getty.target \
  systemd-firstboot.service dnf-makecache.timer e2scrub_reap.service
in_target systemctl --quiet enable lab-host.service ssh.service chronyd.service
in_target passwd --quiet --lock root
