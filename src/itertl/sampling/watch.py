"""Runs a program until it ends or until standard input is closed, and leaves nothing of it behind.

    python watch.py vllm serve ...

Whoever started this holds the other end of standard input; the kernel closes it however the holder ends, kill -9
included. The program and all it starts share a process group of their own, which is asked to end and then killed.
Needs the standard library only.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

GRACE = 10.0  # seconds between the request to end and the end
PR_SET_PDEATHSIG = 1


def main(argv: Sequence[str]) -> int:
    """Return the program's exit status, 127 where it cannot be started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libc = ctypes.CDLL(None)
    try:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0),
        )
    except OSError as error:
        print(f"{argv[0]} cannot be started: {error.strerror}", file=sys.stderr, flush=True)
        return 127
    try:
        _wait(child)
    finally:
        _stop(child)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _wait(child: "subprocess.Popen[bytes]") -> None:
    handle = os.pidfd_open(child.pid)
    poller = select.poll()
    poller.register(handle, select.POLLIN)
    poller.register(0, select.POLLIN | select.POLLHUP)
    poller.poll()
    os.close(handle)


def _stop(child: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + GRACE
    _signal(child, signal.SIGTERM)
    while child.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    _signal(child, signal.SIGKILL)
    child.wait()


def _signal(child: "subprocess.Popen[bytes]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
