#!/usr/bin/env bash
# Installs Debian packages, silently unless it fails; says what to install where it may not do so itself.
#
#     scripts/apt_install.sh PACKAGE…
set -euo pipefail

packages="$*"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "This machine has no apt-get. Please install by its own means what Debian calls: $packages" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Please install it first: sudo apt-get install --no-install-recommends $packages" >&2
    exit 1
fi

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made_policy=
clean_up() {
    rm -f "$log"
    if [ -n "$made_policy" ]; then rm -f "$policy"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# A package's service would be started now and outlive us. Debian asks this file first.
if [ ! -e "$policy" ]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

quietly() {
    if ! DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        echo "Could not install $packages: '$*' failed; its last lines are above." >&2
        exit 1
    fi
}

echo "Installing $packages …" >&2
quietly apt-get -o DPkg::Lock::Timeout=300 update
# What is here already stays as it is: upgrading it was not asked for.
quietly apt-get -o DPkg::Lock::Timeout=300 install --yes --no-upgrade --no-install-recommends "$@"
