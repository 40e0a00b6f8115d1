"""Confinement of a worker process and of every program that it starts: applied once, inherited, never given back.

    level()                        # what is in force in this process, such as "landlock+seccomp+uid+rlimits"
    confine(steps, private, tools) # in a worker, before it has read any job
    prepare(folder)                # the folders of a worker: its own, and the only one that it may write

Steps, each proven by trying what it forbids, and left out, with the reason, where the machine does not offer it:

    landlock  read and execute tools and Python, write one folder, see nothing else; no TCP; no signals to the outside
    seccomp   no sockets, no tracing, no name spaces, no kernel interfaces
    uid       where the process is root: a user id of its own, no capability, no group
    rlimits   CPU, address space, size of files, processes: set for each program (process.py)

Where Landlock is missing, keeper.py puts the worker into bubblewrap or into name spaces instead.
"""

import ctypes
import errno
import os
import resource
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from itertl.tools.sandbox import landlock, privileges, seccomp

STEPS = ("uid", "landlock", "seccomp")  # in the order in which they are taken
WRAPPERS = ("bubblewrap", "unshare")
RUNS = "runs"
_NAMED = ("landlock", "bubblewrap", "unshare", "seccomp", "uid", "rlimits")
_SYSTEM = (
    "/bin", "/lib", "/lib32", "/lib64", "/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec",
    "/usr/local/lib", "/etc/ld.so.cache", "/etc/localtime", "/nix/store", "/gnu/store",
    "/dev/zero", "/dev/random", "/dev/urandom",
)  # fmt: skip
_PREFIX_FOLDERS = ("bin", "lib", "lib64", "libexec", "pyvenv.cfg", "share/yosys", "share/ivl", "share/verilator")
_VARIABLES = frozenset(
    {"PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS",
     "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE", "PYTHONUSERBASE"}
)  # fmt: skip
_PROCESSES = 64  # that a worker's own user id may have
_OPEN_FILES = 256

_taken: dict[str, str] = {}  # step -> "" where it is in force in this process, else the reason why it is not


def level() -> str:
    """Return what confines this process and the programs that it starts; "rlimits" limits the programs alone."""
    return name_of(step for step, reason in _taken.items() if not reason)


def name_of(steps: Iterable[str]) -> str:
    """Return the name of a level: the steps that make it up, the strongest first."""
    held = {*steps, "rlimits"}
    return "+".join(step for step in _NAMED if step in held)


def sufficient(steps: Iterable[str]) -> bool:
    """True if `steps` keep a candidate off files and network, as the mode `required` demands."""
    held = set(steps)
    return "bubblewrap" in held or {"landlock", "seccomp"} <= held


def confined() -> bool:
    """True if what is in force in this process keeps it, and what it starts, off files and network."""
    return sufficient(step for step, reason in _taken.items() if not reason)


def reasons() -> dict[str, str]:
    """Return the steps that were tried in this process and are not in force, with the reason for each."""
    return {step: reason for step, reason in _taken.items() if reason}


def for_python() -> Callable[[], None] | None:
    """Return what a child calls before it becomes a program that runs Python; None where nothing is needed.

    Python's own files may be closed to a worker's user id, as those below /root are. The right to read them is passed
    on only where Landlock bounds it to them.
    """
    if _taken.get("landlock") == "" and privileges.reads_for_others():
        return privileges.pass_on_reading
    return None


def prepare(folder: Path) -> Path:
    """Return the folder inside `folder` that the confined process may write; `folder` itself stays the keeper's."""
    private = folder / RUNS
    if not private.exists():
        private.mkdir(mode=0o700)
        folder.chmod(0o711)
    if private.stat().st_uid != os.geteuid():  # an earlier trial has given it away
        os.chown(private, os.geteuid(), os.getegid())
    return private


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a worker in `folder`: what finds Python and the tools, and no secret of the user's."""
    kept = {name: value for name, value in os.environ.items() if name in _VARIABLES or name.startswith("LC_")}
    return {**kept, "TMPDIR": str(folder / RUNS), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def confine(steps: Sequence[str], private: Path, tools: Sequence[Path] = (), wrapper: str = "") -> None:
    """Take `steps` in this process, prove each, and note what is in force; `wrapper` already surrounds the process."""
    _taken.clear()
    if wrapper:
        _taken[wrapper] = ""
    programs = readable_paths(tools)
    if "uid" in steps:
        _taken["uid"] = privileges.become_nobody(private, [*_python_paths(), Path(__file__).parent])
    if steps and _taken.get("uid") != "":
        privileges.drop_capabilities()
    if "landlock" in steps:
        _taken["landlock"] = landlock.restrict(programs, [private.parent], [private, Path("/dev/null")])
    if "seccomp" in steps:
        _taken["seccomp"] = seccomp.install()
    if steps:
        _limit()
    for step, reason in _taken.items():
        if not reason and (open_door := _open_door(step, private)):
            _taken[step] = f"it does not hold: {open_door}"


def _limit() -> None:
    """Bound what even a program without limits of its own may use."""
    wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: _OPEN_FILES}
    if _taken.get("uid") == "":
        wanted[resource.RLIMIT_NPROC] = _PROCESSES
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (ceiling, ceiling))


def _open_door(step: str, private: Path) -> str:
    """Try what `step` forbids; return "" if it was denied, else what was possible."""
    if step in ("landlock", "bubblewrap"):
        if _works(lambda: os.close(os.open(private.parent / "probe", os.O_CREAT | os.O_WRONLY, 0o600))):
            return f"files can be written in {private.parent}"
        if step == "landlock" and _works(lambda: os.close(os.open("/", os.O_RDONLY | os.O_DIRECTORY))):
            return "the root folder can be read"
        if not _works(lambda: (private / "probe").write_bytes(b"")) or not _works((private / "probe").unlink):
            return f"{private} cannot be written"
    if step == "seccomp":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.socket(1, 1, 0) >= 0 or ctypes.get_errno() != errno.EPERM:
            return "a socket can be opened"
        if libc.unshare(0x10000000) >= 0 or ctypes.get_errno() != errno.EPERM:
            return "a user name space can be made"
    if step == "uid" and (os.geteuid() == 0 or _works(lambda: os.setuid(0))):
        return "root can be had back"
    return ""


def _works(action: Callable[[], object]) -> bool:
    try:
        action()
    except OSError:
        return False
    return True


def readable_paths(tools: Sequence[Path]) -> list[Path]:
    """Return what a worker and its programs read and execute: system, Python, this package, `tools`.

    No entry is the home folder, the root folder, or above the home folder.
    """
    paths = [Path(p) for p in _SYSTEM] + _python_paths()
    for tool in tools:
        for place in (tool, tool.resolve()):
            paths += [place.parent, *(place.parent.parent / name for name in _PREFIX_FOLDERS)]
    paths += [Path(p) for p in os.environ.get("LD_LIBRARY_PATH", "").split(":") if p.startswith("/")]
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - never raises
    closed = {home, *home.parents}
    return [p for p in dict.fromkeys(paths) if p not in closed and os.access(p, os.F_OK)]


def _python_paths() -> list[Path]:
    """Return where Python's own files and those of the imported packages are."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    paths = [Path(prefix) / name for prefix in sorted(prefixes) for name in _PREFIX_FOLDERS]
    paths += [p for p in map(Path, sys.path) if p.name in ("site-packages", "dist-packages")]
    known = tuple(f"{p}{os.sep}" for p in paths)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if "." not in name and name != "__main__" and file and not file.startswith(known):
            paths.append(Path(file).parent if Path(file).stem == "__init__" else Path(file))
    return paths
