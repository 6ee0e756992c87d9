#!/bin/bash
# Fetches Debian's source package of Kubernetes 1.20.2 and makes its tree compile with
# Debian's Go. Usage: kubernetes-source.sh OUT; leaves OUT/src/k8s.io/kubernetes, a GOPATH.
set -euo pipefail
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The mirrors are those the machine is set up with, in whichever format apt reads them.
apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  grep -E ' bookworm main$' | sort -u >"$work/sources.list" || true
[ -s "$work/sources.list" ] || echo 'deb-src http://deb.debian.org/debian bookworm main' >"$work/sources.list"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if [ -e "$keyring" ]; then sed -i "s|^deb-src |deb-src [signed-by=$keyring] |" "$work/sources.list"; fi

mkdir -p "$work/lists/partial" "$work/package"
options=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State::Lists=$work/lists" -o APT::Sandbox::User=root -o APT::Update::Post-Invoke-Success::=)
apt-get "${options[@]}" update
(cd "$work/package" && apt-get "${options[@]}" source --download-only kubernetes)
tarball=$(echo "$work"/package/kubernetes_*1.20.2*.orig.tar.gz)
[ -e "$tarball" ] || { echo "the mirror's kubernetes source is not 1.20.2: $(ls "$work/package")" >&2; exit 1; }

tree=$out/src/k8s.io/kubernetes
mkdir -p "$tree"
tar -xzf "$tarball" -C "$tree" --strip-components=1

# The bundled reflect2 reads runtime maps in a way that crashes from Go 1.18 on.
reflect2=$tree/vendor/github.com/modern-go/reflect2
rm -rf "$reflect2"
cp -r /usr/share/gocode/src/github.com/modern-go/reflect2 "$reflect2"

# kube-apiserver's OpenAPI definitions are generated, and not part of the tarball.
export GOPATH=$out GO111MODULE=off GOFLAGS=-mod= CGO_ENABLED=0
cd "$tree"
go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
packages=$(grep -rl --include='*.go' '+k8s:openapi-gen=' staging/src |
  grep -vE '_test\.go$|/zz_generated|example|sample|testapigroup|/code-generator/|/kube-openapi/' | xargs -n1 dirname | sort -u |
  sed 's|^staging/src/|k8s.io/kubernetes/vendor/|' | paste -sd, -)
"$work/openapi-gen" -i "$packages" -O zz_generated.openapi -p k8s.io/kubernetes/pkg/generated/openapi \
  --output-base "$work/generated" -h /dev/null -r /dev/null
sed 's|k8s.io/kubernetes/vendor/k8s.io/|k8s.io/|g' \
  "$work/generated/k8s.io/kubernetes/pkg/generated/openapi/zz_generated.openapi.go" \
  >pkg/generated/openapi/zz_generated.openapi.go
# Where a definition is missing the API server compiles, and then does not start.
for type in apimachinery/pkg/api/resource.Quantity apimachinery/pkg/util/intstr.IntOrString api/core/v1.Pod; do
  grep -q "\"k8s.io/$type\":" pkg/generated/openapi/zz_generated.openapi.go ||
    { echo "the generated OpenAPI part lacks $type" >&2; exit 1; }
done
