#!/bin/bash
# Packs a tree into an image layer, the same bytes each time. Usage: layer.sh TREE OUT
set -euo pipefail
tree=$1 out=$2
work=$(mktemp -d "$out/packing.XXXXXX")
tar -C "$tree" --sort=name --mtime=@1610544000 --mode=a+rX --owner=0 --group=0 --numeric-owner -cf "$work/layer.tar" .
gzip -n -3 -c "$work/layer.tar" >"$out/layer.tar.gz"
digest() { sha256sum "$1" | cut -d' ' -f1; }
printf '{"digest":"%s","diffId":"%s","size":%s}\n' \
  "$(digest "$out/layer.tar.gz")" "$(digest "$work/layer.tar")" "$(stat -c %s "$out/layer.tar.gz")" >"$out/layer.json"
rm -rf "$work" "$tree"
