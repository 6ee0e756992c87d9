#!/bin/bash
# Turns Debian 12 into the root file system that every lab host starts from, with EL7's face.
# Usage: base.sh TARGET DEBIAN FILES
#   TARGET  directory to make; DEBIAN  what debian.sh made; FILES  directory whose files are laid over it
set -euo pipefail
target=$1
cp -a "$2" "$target"
files=$3

in_target() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root chroot "$target" "$@"; }

# Of the machine that builds it nothing stays: no resolver, no sources, no keys, no identity.
rm -rf "$target"/var/log/* "$target"/etc/debian_version "$target"/etc/apt/sources.list "$target"/etc/apt/sources.list.d/*
rm -f "$target"/etc/ssh/ssh_host_* "$target"/etc/machine-id "$target"/var/lib/dbus/machine-id \
  "$target"/etc/resolv.conf "$target"/etc/hostname "$target"/etc/hosts "$target"/etc/os-release
: >"$target/etc/machine-id"
mkdir -p "$target/var/log/journal" "$target/etc/sysconfig" "$target/etc/rpm" "$target/etc/lab"
ln -sf /proc/self/mounts "$target/etc/mtab"

# A service of Debian's goes with all that enables it.
forget() {
  for unit in "$@"; do
    rm -f "$target/lib/systemd/system/$unit" "$target/etc/systemd/system/$unit" "$target"/etc/systemd/system/*.wants/"$unit"
  done
}
# docker, containerd and runc stay as programs; the lab's RPM brings the service.
forget docker.service docker.socket containerd.service
rm -f "$target"/etc/init.d/docker "$target"/etc/default/docker
# EL7's time service has another name, and none of Debian's confinement.
forget chrony.service chronyd.service chrony-dnssrv@.service chrony-dnssrv@.timer chrony-wait.service
rm -rf "$target"/etc/chrony "$target"/etc/default/chrony "$target"/etc/init.d/chrony

cp -a --no-preserve=ownership "$files/." "$target/"
ln -sf dnf "$target/usr/bin/yum"
ln -sf centos-release "$target/etc/redhat-release"
ln -sf centos-release "$target/etc/system-release"

in_target localedef -i en_US -f UTF-8 en_US.UTF-8
for name in iptables ip6tables ebtables; do
  in_target update-alternatives --quiet --set "$name" "/usr/sbin/$name-legacy"
done
sed -i 's/^FirewallBackend=.*/FirewallBackend=iptables/' "$target/etc/firewalld/firewalld.conf"
mkdir -p "$target/var/lib/rpm"
in_target rpm --initdb

# Not every one of these is in every Debian: what is not there need not be disabled.
for unit in firewalld.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer; do
  if [ -e "$target/lib/systemd/system/$unit" ]; then in_target systemctl --quiet disable "$unit"; fi
done
# EL7 has no user managers; here one would also hold up a shutdown (with cgroup v1 a systemd in a
# namespace is not told when a cgroup becomes empty).
in_target systemctl --quiet mask user@.service
in_target systemctl --quiet mask systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service \
  systemd-resolved.service systemd-udevd.service systemd-udev-trigger.service console-getty.service getty.target \
  systemd-firstboot.service dnf-makecache.timer e2scrub_reap.service
in_target systemctl --quiet enable lab-host.service ssh.service chronyd.service
