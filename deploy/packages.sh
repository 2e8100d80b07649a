#!/usr/bin/env bash
# Installs the Debian packages of deploy/packages.txt that are missing. Does nothing, and needs
# neither root nor a network, when all are there. Extra package names may be given as arguments.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

missing=()
architecture=$(dpkg --print-architecture)
wanted=$(sed "s/#.*//; s/\\[$architecture\\]//; /\\[/d" "$here/packages.txt")
for package in $wanted "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
    missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "packages.sh: missing: ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "installing ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  "${missing[@]}" >/dev/null
