#!/bin/bash
# Compiles one of the lab's own Go programs. Usage: build.sh PROGRAM OUT
set -euo pipefail
program=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/lab" "$out"
ln -s "$here" "$work/src/lab/standins"
# golang.org/x/net is Debian's, in its own GOPATH.
export GOPATH=$work:/usr/share/gocode GO111MODULE=off GOFLAGS= CGO_ENABLED=0
cd "$work/src/lab/standins/$program"
go vet .
go test .
go build -trimpath -ldflags '-s -w' -o "$out/$program" .
