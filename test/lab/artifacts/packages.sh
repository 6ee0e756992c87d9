#!/bin/bash
# Installs what the outer machine needs to build the lab's programs, images and RPMs.
# Only what is missing is installed, and no service is started: where the machine has
# no policy-rc.d of its own, one that forbids starting services stands there meanwhile.
set -euo pipefail

wanted=(
  golang-go golang-github-modern-go-reflect2-dev gcc libc6-dev   # the compile
  dpkg-dev xz-utils ca-certificates                              # source and binary packages
  rpm createrepo-c                                               # the RPM repository
  golang-golang-x-net-dev                                        # DNS messages for the stand-in
  docker-registry apache2-utils openssl busybox-static           # registries and images
)

missing=()
for name in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$name")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "nothing to install"
  exit 0
fi

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi

export DEBIAN_FRONTEND=noninteractive
lock=(-o DPkg::Lock::Timeout=600)
echo "installing: ${missing[*]}"
install=(apt-get "${lock[@]}" install -y -qq --no-install-recommends "${missing[@]}")
# The lists may be absent or old: read them anew only when the install fails without.
"${install[@]}" || { apt-get "${lock[@]}" update -qq && "${install[@]}"; }
