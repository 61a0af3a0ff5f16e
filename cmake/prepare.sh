# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Sourced by ./run and ./test: packages, then the build. `root` is the tree's folder.

# A plain `su` leaves root without the folders of nft, nsd, ngircd, ethtool and sysctl.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# The package names in FILE.
listed_packages() { sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$1"; }

# missing_packages FILE
missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u)
    comm -23 <(listed_packages "$1" | sort -u) <(printf '%s\n' "$installed")
}

# install_packages [FILE]: installs what of FILE, cmake/packages.txt when it is left out, is missing; says nothing and
# asks nobody when nothing is.
install_packages() {
    local missing said policy=/usr/sbin/policy-rc.d made_policy=no failed=no
    mapfile -t missing < <(missing_packages "${1:-$root/cmake/packages.txt}")
    [ "${#missing[@]}" -gt 0 ] || return 0
    echo "Installing ${#missing[@]} packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # The lab starts its servers inside namespaces; Debian must not start them on this machine's own network.
    if [ ! -e "$policy" ]; then
        made_policy=yes
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
        # Ctrl-C must not leave a machine behind that starts no service any more.
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    # Two thousand lines that nobody reads, unless something fails.
    said=$(mktemp)
    { apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } > "$said" 2>&1 ||
        { failed=yes; tail -n 50 -- "$said" >&2; }
    rm -f -- "$said"
    [ "$made_policy" = no ] || { rm -f "$policy"; trap - EXIT; }
    [ "$failed" = no ] || { echo "apt-get could not install the packages above" >&2; return 1; }
    keep_services_off "${missing[@]}"
}

# Servers that came with this installation do not start with the machine either.
keep_services_off() {
    local package
    [ -d /run/systemd/system ] || return 0
    for package in "$@"; do
        case "$package" in
            nsd | knot | unbound | ngircd | prosody) systemctl -q disable "$package" || true ;;
        esac
    done
}

# configure FOLDER [CMAKE-ARGUMENT...]: once; Ninja itself configures again when a CMake file changes.
configure() {
    local folder=$1
    shift
    [ -f "$folder/build.ninja" ] || cmake -S "$root" -B "$folder" -G Ninja "$@"
}

need_root() {
    [ "$(id -u)" -eq 0 ] || { echo "$1 needs root: packages, network namespaces, raw ports" >&2; exit 2; }
}
