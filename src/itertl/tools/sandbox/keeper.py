"""The process beside a worker: chooses the strongest confinement that works here, starts the worker in it, outlives it.

    keep(folder, parent, mode, work)     # in a process that the pool has started for nothing else; does not return
    choose(mode, folder)                 # Plan: the steps that work on this machine, tried out in child processes
    offered()                            # the same from any process; `itertl doctor` prints it

A confined worker can neither remove its own folder nor be trusted to end what it has started. Its keeper does both:
as the reaper of all orphans below it, it kills what the worker leaves behind, removes the folder, and ends the way the
worker ended. It goes down with the pool, and the worker with it.
"""

import contextlib
import ctypes
import dataclasses
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from itertl.errors import SandboxError
from itertl.tools.icarus import Piece, simulate
from itertl.tools.process import Limits
from itertl.tools.sandbox import levels as sandbox
from itertl.tools.shop import Shop, Tools, find_tools, open_shop, own_prefix, scratch

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_GRACE = 1.0  # seconds between the request to end and the end
_SECONDS = 20.0  # that a wrapper may take to start a tool
_REPORT = "from itertl.tools.sandbox.keeper import report; report()"
_TRIAL = 'module trial;\n  initial begin $display("trial 1"); $display("trial end 0"); $finish(0); end\nendmodule\n'
_LADDER = (("uid", "landlock", "seccomp"), ("landlock", "seccomp"), ("uid", "seccomp"), ("seccomp",), ("uid",), ())


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """How a worker is confined: `steps` that it takes itself, inside of `wrapper` where that is not "".

    `reasons` says for each step that is missing why it is.
    """

    steps: tuple[str, ...] = ()
    wrapper: str = ""
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def level(self) -> str:
        """The name of the level that the plan leads to."""
        return sandbox.name_of([*self.steps, self.wrapper])

    @property
    def sufficient(self) -> bool:
        """True if the plan meets `sandbox: required`."""
        return sandbox.sufficient([*self.steps, self.wrapper])


def choose(mode: str, folder: Path) -> Plan:
    """Return the strongest plan under which a simulation works; raise SandboxError where `mode` asks for more."""
    if mode == "off":
        return Plan(reasons=tuple((step, "switched off") for step in sandbox.STEPS))
    reasons: dict[str, str] = {}
    plan = Plan()
    for steps in _LADDER:
        held, why = _tried(steps, folder)
        reasons = {**why, **reasons}
        if held is not None:
            plan = Plan(tuple(held))
            break
    if "landlock" not in plan.steps:
        wrapper = next((w for w in sandbox.WRAPPERS if _wrapper_works(w, folder, reasons)), "")
        inner = tuple(s for s in plan.steps if s != "uid") if wrapper else plan.steps
        plan = dataclasses.replace(plan, steps=inner, wrapper=wrapper)
    missing = tuple((s, r) for s, r in reasons.items() if s not in (*plan.steps, plan.wrapper))
    plan = dataclasses.replace(plan, reasons=missing)
    if mode == "required" and not plan.sufficient:
        raise SandboxError(refusal(plan))
    return plan


def refusal(plan: Plan) -> str:
    """Return the sentence that says why `plan` is not enough where a sandbox is required, and what to do."""
    missing = "; ".join(f"{step}: {reason}" for step, reason in plan.reasons)
    return (
        f"verify.sandbox=required, but this machine offers only {plan.level} ({missing}). Use a kernel with Landlock "
        "(5.13 or later) and seccomp, or install bubblewrap where user name spaces are allowed "
        "(sudo apt-get install bubblewrap), or set verify.sandbox=auto to run with what there is"
    )


def _tried(steps: Sequence[str], folder: Path) -> tuple[list[str] | None, dict[str, str]]:
    """Confine a child process by `steps` and let it simulate; return what was in force, None where tools failed."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        status = 1
        try:
            os.close(reader)
            shop = open_shop(folder)
            sandbox.confine(steps, shop.folder, shop.programs)
            held = [step for step in steps if step not in sandbox.reasons()]
            os.write(writer, json.dumps([held, sandbox.reasons(), _trial(shop)]).encode())
            status = 0
        except Exception as error:
            os.write(writer, json.dumps([[], {}, f"{type(error).__name__}: {error}"]).encode())
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    held, why, fault = json.loads(text) if text else ([], {}, "the trial process ended early")
    if fault:
        return None, {step: f"{sandbox.name_of(steps)}: {fault}" for step in steps[:1]}
    return held, why


def _trial(shop: Shop) -> str:
    """Return "" if the tools work in this process, else what went wrong."""
    limits = Limits(cpu=_SECONDS)
    run = simulate(Piece([_TRIAL, ""], "trial", "", 1, "trial"), shop, limits, limits)
    return "" if run.stage == "done" and not run.message else f"the tools do not run ({run.stage}): {run.message}"


def wrapped(wrapper: str, folder: Path, programs: Sequence[Path], argv: Sequence[str]) -> list[str]:
    """Return the command that runs `argv` inside of `wrapper`; pure."""
    private = folder / sandbox.RUNS
    if wrapper == "unshare":
        return ["unshare", "--user", "--map-root-user", "--net", "--ipc", "--pid", "--fork", "--kill-child", *argv]
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--dev", "/dev", "--proc", "/proc"]
    for path in [*sandbox.readable_paths(programs), folder]:
        if path.parent != Path("/dev"):
            command += ["--ro-bind", str(path), str(path)]
    return [*command, "--bind", str(private), str(private), "--chdir", str(private), "--", *argv]


def _wrapper_works(wrapper: str, folder: Path, reasons: dict[str, str]) -> bool:
    shop = open_shop(folder)
    command = wrapped(wrapper, folder, shop.programs, [shop.tools.vvp, "-V"])
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False, text=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        reasons[wrapper] = f"{type(error).__name__}: {error}"
        return False
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[0]
        reasons[wrapper] = said[:200]
    return done.returncode == 0


def keep(folder: Path, parent: int, mode: str, work: Callable[[Plan], None], inside: Sequence[str]) -> NoReturn:
    """Start the worker, wait for its end, remove `folder`, and end in the same way.

    `work` is called in a child process; under a wrapper the command `inside` runs instead, with the plan's steps as
    its last argument. Standard input and output are the worker's alone.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the pool decides what an interrupt means
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the pool has held them until now
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: _leave(told))
    status = 0
    try:
        if os.getppid() == parent:
            plan = choose(mode, folder)
            if not told.is_set():  # Python drops what a handler raises while it forks
                status = _outlive(_launched(plan, folder, work, inside))
    finally:
        _kill_orphans()
        shutil.rmtree(folder, ignore_errors=True)
    if status < 0:
        signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    sys.exit(status)


def _leave(told: threading.Event) -> None:
    """End, by way of what has to be tidied up, before there is a worker."""
    told.set()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def _launched(plan: Plan, folder: Path, work: Callable[[Plan], None], inside: Sequence[str]) -> int:
    """Start the worker under `plan` and return its process id."""
    if plan.wrapper:
        command = wrapped(plan.wrapper, folder, open_shop(folder).programs, [*inside, plan.wrapper, *plan.steps])
        return subprocess.Popen(command).pid
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    if (child := os.fork()) == 0:
        status = 1
        try:
            work(plan)
            status = 0
        except SystemExit as request:
            status = request.code if isinstance(request.code, int) else 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)
    return child


def goes_down_with(keeper: int) -> bool:
    """Ask the kernel for SIGTERM at the keeper's end; return False if it is gone already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    return os.getppid() == keeper


def _outlive(child: int) -> int:
    """Wait for the child, passing on the request to end, and return its exit status, negative for a signal."""

    def kill(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)

    def ask(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, _GRACE)

    signal.signal(signal.SIGALRM, kill)
    signal.signal(signal.SIGTERM, ask)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.close(0)
    os.close(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return 128 - status if status > 128 else status  # a wrapper reports a signal as 128 + its number


def _kill_orphans() -> None:
    """Kill every process below this one: what a worker that died has left behind."""
    own = os.getpid()
    for _ in range(100):
        left = [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if _parent_of(pid) == own]  # noqa: PTH208
        if not left:
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _parent_of(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[1])


def offered() -> Plan:
    """Return the plan for `auto` on this machine, found out by a process of its own; raise MissingToolError."""
    return _offered(find_tools())


@functools.cache
def _offered(tools: Tools) -> Plan:
    with tempfile.TemporaryDirectory(prefix=own_prefix(), dir=scratch(), ignore_cleanup_errors=True) as name:
        command = [sys.executable, "-P", "-c", _REPORT, name]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=sandbox.environment(Path(name)), check=False
        )
    if done.returncode != 0:
        raise SandboxError(f"the sandbox cannot be tried out (exit status {done.returncode}); run `itertl doctor`")
    steps, wrapper, reasons = json.loads(done.stdout)
    return Plan(tuple(steps), wrapper, tuple((step, reason) for step, reason in reasons))


def require() -> None:
    """Raise SandboxError where this machine cannot keep a candidate off files and network."""
    if not (plan := offered()).sufficient:
        raise SandboxError(refusal(plan))


def report() -> None:
    """Print, as JSON, the plan for `auto` in the folder that stands on the command line."""
    plan = choose("auto", Path(sys.argv[1]))
    print(json.dumps([plan.steps, plan.wrapper, plan.reasons]))
