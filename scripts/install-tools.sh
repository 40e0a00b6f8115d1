#!/bin/sh
# Installs the system's packages that itertl needs and that are missing: Icarus Verilog, Yosys, bubblewrap (a
# sandbox), Chromium (for the report's tests) and Python's venv module. Says what it does; uses sudo only where it is not root already.
set -eu

missing=""
command -v iverilog >/dev/null 2>&1 || missing="$missing iverilog"
command -v yosys >/dev/null 2>&1 || missing="$missing yosys"
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"
"${PYTHON:-python3}" -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3-venv"
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
