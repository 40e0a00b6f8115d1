#!/bin/sh
# The tests that need no torch, in a Debian 13 of their own: Icarus Verilog 12, Yosys 0.52, Python 3.13.
#
#   make test-trixie                        # the first call debootstraps 700 MB into ITERTL_TRIXIE
#   sh scripts/test-trixie.sh tests/verilog # some of them
#
# Needs root and debootstrap (apt-get install debootstrap); without either it says so, and ends with 0. Packages come
# from ITERTL_DEBIAN (http://deb.debian.org/debian), those of Python from PyPI by pip.
set -eu
cd "$(dirname "$0")/.."
root=${ITERTL_TRIXIE:-/var/tmp/itertl-trixie}
mirror=${ITERTL_DEBIAN:-http://deb.debian.org/debian}

skip() {
    echo "test-trixie skipped: $1"
    exit 0
}
[ "$(id -u)" = 0 ] || skip "a Debian of its own needs root"
command -v debootstrap >/dev/null || skip "there is no debootstrap: apt-get install debootstrap"

if [ ! -e "$root/usr/bin/iverilog" ]; then
    debootstrap --variant=minbase --include=iverilog,yosys,python3,python3-venv,ca-certificates,git trixie "$root" "$mirror"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
certificates=/etc/ssl/certs/ca-certificates.crt
[ ! -e $certificates ] || cp $certificates "$root$certificates" # a proxy's, too
for place in proc dev; do # vvp and the sandbox look into both
    mountpoint -q "$root/$place" || mount --bind "/$place" "$root/$place"
done
trap 'umount "$root/proc" "$root/dev"' EXIT
trap 'exit 130' INT TERM

rm -rf "$root/itertl"
mkdir -p "$root/itertl"
cp -r pyproject.toml Makefile README.md CHANGELOG.md CONTRIBUTING.md LICENSE src tests docs examples configs scripts "$root/itertl"
if [ ! -e "$root/opt/venv/.ready" ]; then
    chroot "$root" sh -c 'python3 -m venv /opt/venv && /opt/venv/bin/pip install --quiet --upgrade pip'
    chroot "$root" sh -c 'cd /itertl && /opt/venv/bin/pip install --quiet --editable . pytest pytest-xdist && touch /opt/venv/.ready'
fi
[ $# -gt 0 ] || set -- tests/verilog tests/tools tests/verify tests/tasks tests/disk tests/suites tests/cli/test_verify.py \
    tests/cli/test_mutate.py tests/test_records.py tests/test_score.py tests/test_config.py tests/test_rewards.py
chroot "$root" sh -c 'cd /itertl && exec /opt/venv/bin/python -m pytest --quiet -m "not gpu" "$@"' -- "$@"
