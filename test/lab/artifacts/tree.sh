#!/bin/bash
# Lays out what one image layer holds. Usage: tree.sh KIND SOURCE TREE
# SOURCE is a directory of userland.sh. A program's libraries and its loader come with it.
set -euo pipefail
kind=$1 source=$2 tree=$3
loader=/lib64/ld-linux-x86-64.so.2

# The file behind a link of the userland, whose absolute links are meant from its own root.
behind() {
  local path=$source$1 to
  while [ -L "$path" ]; do
    to=$(readlink "$path")
    case $to in /*) path=$source$to ;; *) path=$(dirname "$path")/$to ;; esac
  done
  echo "$path"
}

# Copies files of the userland to the same places in the tree, with the libraries they name.
program() {
  local path library
  for path in "$@"; do
    mkdir -p "$tree$(dirname "$path")"
    cp "$source$path" "$tree$path"
    chroot "$source" "$loader" --list "$path" | grep -oE '/[^ ]+\.so[^ ]*' | while read -r library; do
      mkdir -p "$tree$(dirname "$library")"
      cp "$(behind "$library")" "$tree$library"
    done
  done
}

# Directories and users, as every image but an empty one has them.
skeleton() {
  mkdir -p "$tree"/{bin,etc,run,var,root,proc,sys,dev,usr/bin,usr/sbin,usr/local/bin} "$tree/var/lib"
  install -d -m 1777 "$tree/tmp"
  ln -s ../run "$tree/var/run"
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$tree/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$tree/etc/group"
  echo 'hosts: files dns' >"$tree/etc/nsswitch.conf"
}

# Registers a program and what goes with it under a name, as the Debian package's own scripts do. Its log would hold the time.
alternative() {
  local name=$1 path=$2 priority=$3 save=$4 restore=$5
  chroot "$tree" /usr/bin/update-alternatives --quiet --log /tmp/alternatives.log \
    --install "/usr/sbin/$name" "$name" "/usr/sbin/$path" "$priority" \
    --slave "/usr/sbin/$name-save" "$name-save" "/usr/sbin/$save" \
    --slave "/usr/sbin/$name-restore" "$name-restore" "/usr/sbin/$restore"
  rm "$tree/tmp/alternatives.log"
}

mkdir -p "$tree"
case $kind in
  distroless)
    skeleton
    ;;
  shell)
    # The etcd image of Kubernetes is distroless with a static bash as its only shell (cluster/images/etcd/Dockerfile).
    skeleton
    cp "$source/bin/bash-static" "$tree/bin/sh"
    ;;
  alpine)
    skeleton
    cp "$source/bin/busybox" "$tree/bin/busybox"
    for applet in $("$source/bin/busybox" --list); do
      [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
    done
    ;;
  debian)
    # Of what is essential in Debian, what a script may take for granted.
    skeleton
    program /bin/{dash,grep,sed,cat,chmod,chown,cp,date,df,dd,echo,false,ln,ls,mkdir,mktemp,mv,pwd,readlink,rm,rmdir,sleep,stty,sync,touch,true,uname}
    program /usr/bin/{base64,basename,cut,dirname,env,expr,head,id,install,md5sum,mkfifo,nproc,od,paste,printf,seq,sha256sum,sort,stat,tac,tail,tee,test,timeout,tr,truncate,uniq,wc,whoami,xargs,find}
    ln -s dash "$tree/bin/sh"
    ;;
  netfilter)
    program /usr/sbin/xtables-nft-multi /usr/sbin/xtables-legacy-multi /usr/sbin/conntrack /usr/bin/update-alternatives
    cp "$(dirname "$0")/iptables-wrapper" "$tree/usr/sbin/iptables-wrapper"
    mkdir -p "$tree"/{etc/alternatives,var/lib/dpkg/alternatives,var/log}
    install -d -m 1777 "$tree/tmp"
    for name in iptables ip6tables; do
      for action in '' -save -restore; do
        ln -s xtables-nft-multi "$tree/usr/sbin/$name-nft$action"
        ln -s xtables-legacy-multi "$tree/usr/sbin/$name-legacy$action"
      done
      alternative "$name" "$name-legacy" 10 "$name-legacy-save" "$name-legacy-restore"
      alternative "$name" "$name-nft" 20 "$name-nft-save" "$name-nft-restore"
      alternative "$name" iptables-wrapper 100 iptables-wrapper iptables-wrapper
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
