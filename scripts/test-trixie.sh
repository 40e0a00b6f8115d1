#!/bin/sh
# The tests that need no torch, in a Debian 13 of their own: Icarus Verilog 12, Yosys 0.52, Python 3.13.
#
#   make test-trixie                        # the first call debootstraps 1.2 GB into ITERTL_TRIXIE, in some minutes
#   sh scripts/test-trixie.sh tests/verilog # some of them; pytest's options as well
#
# Needs root and debootstrap (apt-get install debootstrap); without either it says so, and ends with 0. Packages come
# from ITERTL_DEBIAN (http://deb.debian.org/debian), those of Python from PyPI by pip. Published suites are seen where
# ITERTL_DATA names them. What is mounted is mounted in a name space of this script alone, and goes with it, however it
# ends.
set -eu
cd "$(dirname "$0")/.."
root=${ITERTL_TRIXIE:-/var/tmp/itertl-trixie}
mirror=${ITERTL_DEBIAN:-http://deb.debian.org/debian}
data=${ITERTL_DATA:-../shared/data}

skip() {
    echo "test-trixie skipped: $1"
    exit 0
}
[ "$(id -u)" = 0 ] || skip "a Debian of its own needs root"
command -v debootstrap >/dev/null || skip "there is no debootstrap: apt-get install debootstrap"
if [ "${1:-}" != --unshared ]; then
    unshare --mount true 2>/dev/null || skip "mounts of its own are not allowed here (unshare --mount)"
    exec unshare --mount --propagation private sh scripts/test-trixie.sh --unshared "$@"
fi
shift

if [ ! -e "$root/.ready" ]; then # what an interrupted call has left is gone over again
    debootstrap --variant=minbase --include=iverilog,yosys,python3,python3-venv,libpython3.13,ca-certificates trixie "$root" "$mirror"
    touch "$root/.ready"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
certificates=/etc/ssl/certs/ca-certificates.crt
[ ! -e $certificates ] || cp $certificates "$root$certificates" # a proxy's, too
for place in proc dev; do # vvp and the sandbox look into both
    mount --rbind "/$place" "$root/$place"
done
mkdir -p "$root/data"
suites=/absent # tests that read published suites say so, and skip
[ ! -d "$data" ] || { mount --bind "$data" "$root/data" && suites=/data; }

rm -rf "$root/itertl"
mkdir -p "$root/itertl"
cp -r pyproject.toml constraints.txt Makefile README.md CHANGELOG.md CONTRIBUTING.md LICENSE src tests docs examples \
    benchmarks configs scripts "$root/itertl"
if [ ! -e "$root/opt/venv/.ready" ]; then
    chroot "$root" sh -c 'python3 -m venv /opt/venv && cd /itertl &&
        /opt/venv/bin/pip install --quiet --constraint constraints.txt --editable ".[cocotb]" pytest pytest-xdist &&
        touch /opt/venv/.ready'
fi
chosen=""
for argument in "$@"; do
    [ ! -e "${argument%%::*}" ] || chosen=yes
done
[ -n "$chosen" ] || set -- "$@" tests/verilog tests/tools tests/verify tests/tasks tests/disk tests/suites \
    tests/projects tests/evaluation/test_selftest.py tests/cli/test_verify.py tests/cli/test_verify_many.py \
    tests/cli/test_mutate.py tests/cli/test_cocotb.py tests/test_records.py tests/test_score.py tests/test_config.py tests/test_rewards.py
chroot "$root" env HOME=/root PATH=/opt/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin ITERTL_DATA=$suites sh -c \
    'cd /itertl && exec python -m pytest --quiet -m "not gpu" "$@"' -- "$@"
