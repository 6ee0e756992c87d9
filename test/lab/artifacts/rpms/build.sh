#!/bin/bash
# Builds the lab's RPMs and their repository.
# Usage: build.sh OUT BINARIES CNI_PLUGINS FLANNEL_PLUGIN RUNTIME VERSION PLACEHOLDER_VERSION...
set -euo pipefail
out=$1 binaries=$2 plugins=$3 flannel=$4 runtime=$5 version=$6
shift 6
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Go programs are not to be stripped or searched for libraries, and a weak compression is quick.
build() {
  local spec=$1
  shift
  rpmbuild -bb --quiet --target x86_64 --nodeps "$here/$spec.spec" \
    --define "_topdir $work" --define "_rpmdir $out" --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
    --define '_binary_payload w1.gzdio' --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define '_build_id_links none' \
    --define "_buildhost lab" --define "carried $here/files" "$@"
}

build kubernetes --define "version $version" --define "binaries $binaries"
build kubernetes-cni --define "plugins $plugins" --define "flannel $flannel"
build docker --define "runtime $runtime"

placeholder() {
  build placeholder --define "package $1" --define "version $2" --define "release $3" --define "says $4" --define "gives ${5:-nothing}"
}
for other in "$@"; do
  for package in kubelet kubeadm kubectl; do
    placeholder "$package" "$other" 0 'it stands in the list of versions only'
  done
done
debian="the lab's hosts have the program of their Debian base"
placeholder iptables 1.4.21 35.el7 "$debian"
placeholder iproute 4.11.0 30.el7 "$debian"
placeholder util-linux 2.23.2 65.el7 "$debian"
placeholder socat 1.7.3.2 2.el7 "$debian"
placeholder ethtool 4.8 10.el7 "$debian"
placeholder ebtables 2.0.10 16.el7 "$debian"
placeholder conntrack-tools 1.4.4 7.el7 "$debian" conntrack
placeholder bind-utils 9.11.4 26.P2.el7 "$debian"
placeholder kernel 3.10.0 1160.el7 'the lab has the kernel of the machine it runs on'

createrepo_c --quiet --simple-md-filenames "$out"
