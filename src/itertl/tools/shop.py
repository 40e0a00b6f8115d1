"""Where simulations take place: the tools on PATH with their versions, and private folders that nobody leaves behind.

shop = open_shop(folder)                tool_versions()["iverilog"]               TemporaryDirectory(dir=scratch())
"""

import dataclasses
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pyslang import VersionInfo

from itertl.errors import MissingToolError
from itertl.tools.netlistsvg import netlistsvg_programs
from itertl.tools.process import INSTALL
from itertl.tools.sandbox.levels import prepare

BENCH_VERSION = "15"  # to be raised with every change that can move a verdict
_MEMORY, _AMPLE = "/dev/shm", 1 << 30  # a file system in memory, and the free bytes from which it is used
_FLAGS = (
    "no-specify", "assertions", "xtypes", "io-range-error", "no-strict-ca-eval", "no-strict-expr-width",
    "shared-loop-index", "no-verilog-ams", "icarus-misc",
)  # fmt: skip
_FOLDERS = "itertl-"


@dataclasses.dataclass(frozen=True, slots=True)
class Tools:
    """Where the tools are; `base` is the folder of `ivl`, None where only the driver can be used."""

    iverilog: str
    vvp: str
    base: Path | None


@dataclasses.dataclass(frozen=True, slots=True)
class Shop:
    """Where runs take place: a private folder, the tools, and the pipe whose end means that nobody waits any more."""

    folder: Path
    tools: Tools
    lifeline: int | None = None
    settings: Path | None = None  # of `ivl`, where no run can change them; None where only the driver can be used

    @property
    def programs(self) -> tuple[Path, ...]:
        """The programs that are started, for what confines them."""
        base, yosys = self.tools.base, shutil.which("yosys")
        more = [*([base / "ivl"] if base else []), *([Path(yosys)] if yosys else [])]
        return (Path(self.tools.iverilog), Path(self.tools.vvp), *more, *netlistsvg_programs())


def find_tools() -> Tools:
    """Return the tools on PATH; raise MissingToolError with the command that installs them."""
    found = {name: shutil.which(name) for name in ("iverilog", "vvp")}
    for name, path in found.items():
        if path is None:
            raise MissingToolError(f"{name} (Icarus Verilog) is not on PATH; {INSTALL}")
    iverilog, vvp = str(found["iverilog"]), str(found["vvp"])
    prefix = Path(iverilog).resolve().parent.parent
    bases = [p.parent for pattern in ("lib/ivl/ivl", "lib/*/ivl/ivl") for p in prefix.glob(pattern)]
    base = bases[0] if bases and all((bases[0] / f).exists() for f in ("vvp.conf", "system.vpi", "vvp.tgt")) else None
    return Tools(iverilog, vvp, base)


def tool_versions() -> dict[str, str]:
    """Return the versions of the tools that can move a verdict; raise MissingToolError where one is missing."""
    tools = find_tools()
    text = subprocess.run([tools.iverilog, "-V"], capture_output=True, text=True, check=False).stdout
    version = text.split("version", 1)[-1].split("(")[0].strip() if "version" in text else "unknown"
    front_end = f"{VersionInfo.getMajor()}.{VersionInfo.getMinor()}.{VersionInfo.getPatch()}"
    return {"iverilog": version, "pyslang": front_end, "bench": BENCH_VERSION}


def scratch() -> str | None:
    """Return where short-lived files go: memory where it is ample, None for the system's temporary folder."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return None
    room = os.statvfs(_MEMORY)
    return _MEMORY if room.f_bavail * room.f_frsize >= _AMPLE else None


def own_prefix() -> str:
    """Return how the names of this process's short-lived folders begin."""
    return f"{_FOLDERS}{os.getpid()}-"


def sweep_left() -> None:
    """Remove the short-lived folders of processes that are gone: whatever was killed together could not do so."""
    for folder in Path(scratch() or tempfile.gettempdir()).glob(f"{_FOLDERS}[0-9]*-*"):
        owner = folder.name.removeprefix(_FOLDERS).partition("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)


def open_shop(folder: Path, lifeline: int | None = None) -> Shop:
    """Prepare `folder` for simulations: they take place in a folder inside, their settings lie beside it."""
    tools, private = find_tools(), prepare(folder)
    if tools.base is None:
        return Shop(private, tools, lifeline)
    settings = folder / "ivl.conf"
    if not settings.exists():
        lines = [f"basedir:{tools.base}"]
        lines += [f"module:{tools.base / m}.vpi" for m in ("system", "v2005_math", "v2009")]
        lines += ["generation:2012", *(f"generation:{f}" for f in _FLAGS)]
        lines += ["warnings:n", "ignore_missing_modules:false", "out:design.vvp", "iwidth:32", "widthcap:65536"]
        settings.write_text("\n".join(lines) + "\n", encoding="ascii")
        settings.chmod(0o644)
    return Shop(private, tools, lifeline, settings)
