#!/bin/sh
# Installs the system's packages that are missing, with apt-get where there is one, and says so before it does.
#
#   scripts/install-tools.sh demo     what the loop needs: Icarus Verilog, and Python's venv module
#   scripts/install-tools.sh test     and what tests look at: Yosys, bubblewrap (a sandbox), Chromium (the report's pages),
#                                     the shared library of a Python that is the system's (cocotb)
#
# Needed is only the first line; what is missing of the second is said, and its tests are skipped with a reason. Yosys
# comes from PyPI, too (pyosys). Uses sudo only where it is not root already.
set -eu

python="${PYTHON:-python3}"
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
    echo "itertl needs Python 3.11 to 3.13, and $python is $("$python" -V 2>&1); name another one: make PYTHON=python3.12" >&2
    exit 1
fi

needed=""
wanted=""
command -v iverilog >/dev/null 2>&1 || needed="$needed iverilog"
"$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || needed="$needed python3-venv"
if [ "${1:-test}" = test ]; then
    command -v yosys >/dev/null 2>&1 || wanted="$wanted yosys"
    command -v bwrap >/dev/null 2>&1 || [ "$(uname)" != Linux ] || wanted="$wanted bubblewrap"
    browser="chromium"
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && browser=""
    done
    grep -qs '^ID=ubuntu' /etc/os-release && browser=""  # it has no package of it
    wanted="$wanted${browser:+ $browser}"
    shared="libpython$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"  # for cocotb, with a system's Python
    case "$(command -v "$python")" in
    /usr/bin/*) [ -n "$(ls /usr/lib*/"$shared".so* /usr/lib/*/"$shared".so* 2>/dev/null)" ] || wanted="$wanted $shared" ;;
    esac
fi
[ -z "$needed$wanted" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    [ -z "$wanted" ] || echo "Not here, and skipped by the tests that want it:$wanted."
    [ -z "$needed" ] && exit 0
    echo "Missing:$needed. Install it first, such as with: dnf install iverilog; pacman -S iverilog;" >&2
    echo "conda install -c conda-forge iverilog." >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo"
    echo "Installing$needed$wanted with apt-get; sudo may ask for your password."
else
    echo "Installing$needed$wanted with apt-get."
fi
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $needed $wanted >/dev/null
