#!/bin/sh
# Installs the system's packages that itertl needs and that are missing: Icarus Verilog, Yosys, bubblewrap (a sandbox)
# and Python's venv module; and Chromium, with which the report's tests look at pages, where the system has a package
# of it (Ubuntu has none). Says what it does; uses sudo only where it is not root already.
set -eu

missing=""
command -v iverilog >/dev/null 2>&1 || missing="$missing iverilog"
command -v yosys >/dev/null 2>&1 || missing="$missing yosys"
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
"${PYTHON:-python3}" -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3-venv"
browser="chromium"
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && browser=""
done
if [ -n "$browser" ] && grep -qs '^ID=ubuntu' /etc/os-release; then
    browser=""
fi
missing="$missing${browser:+ $browser}"
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing:$missing. This script knows Debian and Ubuntu only; install them with your package manager." >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo"
    echo "Installing$missing with apt-get; sudo may ask for your password."
else
    echo "Installing$missing with apt-get."
fi
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
