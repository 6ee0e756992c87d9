#!/bin/bash
# Lays out what one image layer holds. Usage: tree.sh KIND SOURCE TREE
# SOURCE is userland.sh's directory. A program's libraries and its loader come with it.
set -euo pipefail
kind=$1 source=$2 tree=$3
loader=/lib64/ld-linux-x86-64.so.2

# Copies files of the userland to the same places in the tree, with the libraries they name.
program() {
  local path library
  for path in "$@"; do
    mkdir -p "$tree$(dirname "$path")"
    cp "$source$path" "$tree$path"
    chroot "$source" "$loader" --list "$path" | grep -oE '/[^ ]+\.so[^ ]*' | while read -r library; do
      mkdir -p "$tree$(dirname "$library")"
      cp -L "$source$library" "$tree$library"
    done
  done
}

mkdir -p "$tree"
case $kind in
  base)
    mkdir -p "$tree"/{bin,etc,run,var,root,proc,sys,dev,usr/bin,usr/sbin,usr/local/bin} "$tree/var/lib"
    install -d -m 1777 "$tree/tmp"
    ln -s ../run "$tree/var/run"
    cp "$source/bin/busybox" "$tree/bin/busybox"
    for applet in $("$source/bin/busybox" --list); do
      [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
    done
    printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$tree/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\n' >"$tree/etc/group"
    echo 'hosts: files dns' >"$tree/etc/nsswitch.conf"
    ;;
  netfilter)
    program /usr/sbin/xtables-nft-multi /usr/sbin/xtables-legacy-multi /usr/sbin/conntrack
    for name in iptables ip6tables; do
      for action in '' -save -restore; do
        ln -s xtables-nft-multi "$tree/usr/sbin/$name$action"
        ln -s xtables-nft-multi "$tree/usr/sbin/$name-nft$action"
        ln -s xtables-legacy-multi "$tree/usr/sbin/$name-legacy$action"
      done
    done
    # Matches and targets are libraries that iptables opens by name; what they need is named
    # by the programs above, but for two of them.
    libraries=/usr/lib/x86_64-linux-gnu
    cp -r "$source$libraries/xtables" "$tree$libraries/"
    program "$libraries/xtables/libxt_connlabel.so" "$libraries/xtables/libxt_statistic.so"
    cp "$source/etc/protocols" "$source/etc/services" "$tree/etc/" 2>/dev/null || mkdir -p "$tree/etc"
    ;;
  etcd)
    program /usr/bin/etcd /usr/bin/etcdctl
    # Where the images of Kubernetes have them.
    mkdir -p "$tree/usr/local/bin"
    ln -s /usr/bin/etcd /usr/bin/etcdctl "$tree/usr/local/bin/"
    ;;
  keepalived)
    program /usr/sbin/keepalived /usr/bin/genhash /usr/bin/curl
    mkdir -p "$tree/etc/keepalived"
    ;;
  *)
    echo "tree.sh: no layer is called $kind" >&2
    exit 1
    ;;
esac
