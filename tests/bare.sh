#!/usr/bin/env bash
# `make bare`: the README's first command and the check, on a Debian that has make, git and Python
# and nothing else. What is tried is the last commit. Names of suites may be given.
#
# Packages come from wherever this host has them: its apt sources, pip's settings and certificates.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
suites=("$@")
[ $# -gt 0 ] || suites=(bookworm trixie) # Debian 12 and 13

[ "$(id -u)" = 0 ] || { echo "make bare makes whole trees: run it as root" >&2; exit 1; }
for program in debootstrap unshare chroot git; do
  command -v "$program" >/dev/null || { echo "$program is missing: apt-get install $program" >&2; exit 1; }
done

# In namespaces of its own: nothing stays mounted or running, however this ends.
if [ -z "${KLIK_BARE:-}" ]; then
  KLIK_BARE=1 exec unshare --mount --pid --fork --kill-child --mount-proc "$0" "${suites[@]}"
fi

work=$(mktemp --directory)
# never into what is mounted from outside
trap 'cd /; umount --recursive --lazy "$work"/*/dev "$work"/*/proc 2>/dev/null; rm -rf --one-file-system "$work"' EXIT

# "address release" of each Debian source of this host
sources=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(ORIGIN)' 'Created-By: Packages' |
  awk '$3 == "Debian" {print $1, $2}' | sort -u)
mirror=$(awk '$2 !~ /-/ {print $1; exit}' <<<"$sources")
host=$(awk '$2 !~ /-/ {print $2; exit}' <<<"$sources")

# what programs of this host are told about the way out
settings=()
for name in $(compgen -e); do
  case $name in
    PIP_* | UV_* | *_proxy | *_PROXY | SSL_CERT_FILE | SSL_CERT_DIR | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE)
      settings+=("$name=${!name}") ;;
  esac
done

make_tree() { # suite, folder
  debootstrap --variant=minbase --include=ca-certificates,make,git,python3 "$1" "$2" ${mirror:+"$mirror"} >"$2.log" 2>&1 ||
    { tail -n 20 "$2.log"; return 1; }
  [ -z "$mirror" ] || awk -v host="$host" -v suite="$1" \
    '{sub("^" host, suite, $2); print "deb", $1, $2, "main"}' <<<"$sources" >"$2/etc/apt/sources.list"
  apt-config dump Acquire >"$2/etc/apt/apt.conf.d/90host"
  [ ! -d /etc/apt/auth.conf.d ] || cp --archive /etc/apt/auth.conf.d "$2/etc/apt/"
  for file in /etc/pip.conf /root/.config/pip/pip.conf /root/.pip/pip.conf /etc/uv/uv.toml /root/.config/uv/uv.toml; do
    [ ! -f "$file" ] || cp --parents "$file" "$2"
  done
  cp --dereference /etc/resolv.conf /etc/hosts "$2/etc/"
  if [ -d /usr/local/share/ca-certificates ]; then
    cp --recursive /usr/local/share/ca-certificates "$2/usr/local/share/"
    chroot "$2" update-ca-certificates >/dev/null 2>&1
  fi
  mount --rbind /dev "$2/dev"
  mount --types proc proc "$2/proc"
  git clone --quiet --no-hardlinks "$here" "$2/root/klik-desa"
}

in_tree() { # folder, command…
  local tree=$1
  shift
  chroot "$tree" env --ignore-environment --chdir=/root/klik-desa \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb "${settings[@]}" "$@"
}

for suite in "${suites[@]}"; do
  tree=$work/$suite
  echo "=== $suite: a bare tree"
  make_tree "$suite" "$tree"
  echo "=== $suite: $(in_tree "$tree" python3 --version), Debian $(cat "$tree/etc/debian_version")"
  for command in "make run ARGS=--once" "make check"; do
    echo "=== $suite: $command"
    # shellcheck disable=SC2086
    in_tree "$tree" $command || { echo "=== $suite: $command: exit code $?"; exit 1; }
    echo "=== $suite: $command: exit code 0"
  done
done
