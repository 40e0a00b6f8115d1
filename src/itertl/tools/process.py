"""The one place that starts an external program.

A program runs from an argv list, in its own session and an existing private directory, without standard input, with
limits on CPU, memory, file size and processes, and with its output in files whose size is capped. The limits are in
force before its first instruction, and hold if this process is killed. When `run` returns, nothing of the program's
process group is left: it is killed as a group, whether it ended by itself or not.

    python -c "from itertl.tools.process import *; print(run(['true'], Path('/tmp'), Limits()))"
"""

import contextlib
import dataclasses
import os
import resource
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from math import ceil
from pathlib import Path

from itertl.errors import MissingToolError, ToolError

INSTALL = (
    "install it with: sudo apt-get install iverilog, brew install icarus-verilog, "
    "or, without root, conda install -c conda-forge iverilog"
)
STALL = 6.0  # seconds in which a program that is still at work gets some CPU time, however busy the machine is
_AWAKE = 0.002  # seconds of CPU time that show it
_SHELL = "/bin/sh"


class Stop(StrEnum):
    """Why a program is no longer running."""

    EXIT = "exit"
    TIMEOUT = "timeout"
    STUCK = "no progress"
    STALLED = "no CPU time used"
    OUTPUT = "output limit"
    CRASH = "crash"


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use. `cpu` in seconds, `memory` (address space) and `file` (each file) in bytes.

    `step` is the CPU time in seconds within which the program's output must grow, `start` what it may use on top
    before the first output; a program that does not show its progress gets None.
    `stall` is the time in seconds within which it must use some CPU time itself, None for STALL.
    `processes` is the number of processes the program's user may have; 0 forbids it to start any (not enforced by
    Linux for root). None leaves the number alone, for drivers that start helpers of their own.
    """

    cpu: float = 10.0
    memory: int = 1 << 30
    file: int = 16 << 20
    processes: int | None = 0
    step: float | None = None
    start: float = 0.0
    stall: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended: exit status (negative: signal), reason, CPU seconds."""

    status: int
    stop: Stop
    cpu: float


def run(
    argv: Sequence[str],
    directory: Path,
    limits: Limits,
    output: str = "stdout.txt",
    lifeline: int | None = None,
    confine: Callable[[], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run `argv` in `directory` until it ends or hits a limit, and kill what is left of its process group.

    Standard output goes to the file `output` in `directory`, standard error to "stderr.txt". If the pipe `lifeline`
    is closed at its other end, the program is killed and SystemExit raised: whoever asked for the result is gone.
    `confine` is called in the child before the program starts; a confined worker's programs need none. `environment`
    are variables beside those that every program gets; the caller's own are not passed on.
    Raises MissingToolError if the program does not exist, ToolError if it cannot be started.
    """
    process = _start(argv, directory, limits, output, confine, environment or {})
    try:
        stopped = _wait(process.pid, limits, lifeline, directory / output)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        _, raw, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(raw)
    status = process.returncode
    return Finished(status, _reason(status, stopped), usage.ru_utime + usage.ru_stime)


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Let what is started inside the block hear of no Ctrl-C until it unblocks SIGINT; this process is told later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def await_end(process: "subprocess.Popen[bytes]", seconds: float, *, group: bool = False) -> None:
    """Give a process that was told to end so many seconds for it; then kill it, or its whole `group`, and reap it."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        if group:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


def _start(
    argv: Sequence[str],
    directory: Path,
    limits: Limits,
    output: str,
    confine: Callable[[], None] | None,
    more: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "TMPDIR": str(directory), "LC_ALL": "C", **more}
    if shutil.which(argv[0], path=environment["PATH"]) is None:
        if Path(argv[0]).exists():
            raise ToolError(f"{argv[0]} cannot be started: no program that this user may execute; chmod +x it")
        raise MissingToolError(f"{argv[0]} is not installed or not on PATH; {INSTALL}")
    # DEVNULL would be opened for writing, too, which a user id of its own may not be allowed to.
    out_file, err_file, null = directory / output, directory / "stderr.txt", Path(os.devnull)
    with out_file.open("wb") as out, err_file.open("wb") as err, null.open("rb") as nothing:
        try:
            return subprocess.Popen(
                _limited(argv, limits),
                cwd=directory,
                env=environment,
                stdin=nothing,
                stdout=out,
                stderr=err,
                start_new_session=True,
                preexec_fn=confine,
            )
        except OSError as error:
            raise ToolError(f"{argv[0]} cannot be started: {error}") from error


def _limited(argv: Sequence[str], limits: Limits) -> list[str]:
    """Return the command of a shell that limits itself, for good, and then becomes `argv`.

    It costs half a millisecond. Limits that are set from outside come after the program's start, and never if this
    process is killed in between; a preexec function forks, which takes the longer the larger this process is.
    """
    wanted = {  # flag of `ulimit` -> limit, value, bytes or seconds in the flag's unit (POSIX)
        "c": (resource.RLIMIT_CORE, 0, 512),
        "f": (resource.RLIMIT_FSIZE, limits.file, 512),
        "v": (resource.RLIMIT_AS, limits.memory, 1024),
        "t": (resource.RLIMIT_CPU, ceil(limits.cpu) + 1, 1),
    }
    steps = [f"ulimit -{flag} {_allowed(kind, value) // unit}" for flag, (kind, value, unit) in wanted.items()]
    if limits.processes is not None:
        number = _allowed(resource.RLIMIT_NPROC, limits.processes)
        steps.append(f"{{ ulimit -u {number} 2>&- || ulimit -p {number}; }}")  # -p: what dash calls it
    return [_SHELL, "-c", " && ".join([*steps, 'exec "$@"']), _SHELL, *argv]


def _allowed(kind: int, value: int) -> int:
    """Return `value`, or the limit that this process has itself where that is lower: it cannot be raised."""
    hard = resource.getrlimit(kind)[1]
    return value if hard == resource.RLIM_INFINITY else min(value, hard)


def _wait(pid: int, limits: Limits, lifeline: int | None, output: Path) -> Stop | None:
    """Wait until the process is a zombie (None), has used up its CPU time, has got stuck, or sleeps for ever."""
    awake, heard = 0.0, time.monotonic()
    # A fifth of a step, so that progress is dated at most so much too late.
    pause = limits.cpu if limits.step is None else limits.step / 5
    stall = STALL if limits.stall is None else limits.stall
    size, moved, used = 0, limits.start, 0.0
    handle = os.pidfd_open(pid)
    try:
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        if lifeline is not None:
            poller.register(lifeline, 0)  # reports the hang-up only
        while True:
            ready = poller.poll(max(1, ceil(min(pause, limits.cpu - used, stall) * 1000)))
            if any(fd == handle for fd, _ in ready):
                return None
            if ready:
                raise SystemExit(0)
            used = _cpu_seconds(pid)
            if used >= limits.cpu:
                return Stop.TIMEOUT
            if used >= awake + _AWAKE:
                awake, heard = used, time.monotonic()
            elif time.monotonic() >= heard + stall:
                return Stop.STALLED
            if limits.step is not None:
                if (grown := output.stat().st_size) > size:
                    size, moved = grown, used
                elif used >= moved + limits.step:
                    return Stop.STUCK
    finally:
        os.close(handle)


def _cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process (not yet reaped) has used, its threads included.

    Its CPU clock needs no /proc, which a confined process does not see: clock id ~pid << 3 | 2 (Linux,
    include/linux/posix-timers.h).
    """
    return time.clock_gettime(~pid << 3 | 2)


def _reason(status: int, stopped: Stop | None) -> Stop:
    if stopped is not None:
        return stopped
    if status == -signal.SIGXCPU:
        return Stop.TIMEOUT
    if status == -signal.SIGXFSZ:
        return Stop.OUTPUT
    return Stop.CRASH if status < 0 else Stop.EXIT
