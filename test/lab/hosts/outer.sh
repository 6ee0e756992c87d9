#!/bin/bash
# Installs what the machine outside needs to make and run lab hosts. Only what is missing is
# installed, and no service is started by that.
set -euo pipefail

missing=()
for name in debootstrap systemd-container openssh-client rsync iproute2 tmux util-linux mount haproxy dnsmasq-base; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$name")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
install=(apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "${missing[@]}")
"${install[@]}" || { apt-get -o DPkg::Lock::Timeout=600 update -qq && "${install[@]}"; }
