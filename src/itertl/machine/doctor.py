"""What this machine offers and lacks: tools, packages, sandbox, cores, memory, disk, GPU, each with the fix.

Contract: `examine` runs every tool it names, within a time limit, and never raises; nothing heavy is imported into
this process. Only findings that are `required` make `healthy` False.

    itertl doctor
"""

import dataclasses
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import psutil
from rich import box
from rich.markup import escape
from rich.table import Table

from itertl.errors import ItertlError
from itertl.machine.device import cgroup_memory_limit
from itertl.tables import table as new_table
from itertl.tools.netlistsvg import INSTALL_NETLISTSVG
from itertl.tools.sandbox import landlock
from itertl.tools.sandbox.keeper import offered

SECONDS = 10.0  # that a tool may take to say its version
TORCH_SECONDS = 60.0  # that torch may take to be imported from a cold disk
GIB = 2**30
ICARUS = (11,)  # the least version
MEMORY_GIB = 2.0
DISK_GIB = 2.0


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked for: what was found ("" for nothing), what needs it, and the command that mends it."""

    name: str
    found: str
    ok: bool
    needed_for: str
    fix: str = ""
    required: bool = False


def examine() -> list[Finding]:
    """Look at this machine and return what there is, in the order in which a reader cares."""
    train = "sampling, training"
    return [
        _python(),
        _tool("iverilog", ["-V"], r"version (\d[\w.]*)", "verification", "iverilog", ICARUS),
        _tool("vvp", ["-V"], r"version (\d[\w.]*)", "verification", "iverilog", ICARUS),
        _yosys(),
        _netlistsvg(),
        _package("pyslang", "verification", required=True),
        _package("cocotb", "testbenches in Python"),
        _package("torch", train),
        _package("transformers", train),
        _package("tokenizers", train),
        _package("gguf", "smollm2 and other models in GGUF"),
        _sandbox(),
        _cores(),
        _memory(),
        _disk(),
        _gpu(),
    ]


def healthy(findings: Sequence[Finding]) -> bool:
    """Return True if nothing required is missing."""
    return all(finding.ok for finding in findings if finding.required)


def summary(findings: Sequence[Finding]) -> str:
    """Return the findings in one line."""
    missing = [f.name for f in findings if f.required and not f.ok]
    lacking = [f.name for f in findings if not f.required and not f.ok]
    if missing:
        return f"not ready: {', '.join(missing)} missing or too old"
    if lacking:
        return f"ready; not at its best without {', '.join(lacking)}"
    return "ready: everything is there"


def render(findings: Sequence[Finding]) -> Table:
    """Return the findings as a table with the summary below it."""
    headings = ("", "what", "found", "needed for", "fix")
    table = new_table(*headings, hidden=["needed for"], below=["fix"], key=1, box=box.SIMPLE_HEAD, pad_edge=False)
    table.caption, table.caption_justify = escape(summary(findings)), "left"
    for finding in findings:
        mark = "[green]✓[/]" if finding.ok else "[red]✗[/]" if finding.required else "[yellow]![/]"
        cells = (finding.name, finding.found or "not found", finding.needed_for, "" if finding.ok else finding.fix)
        table.add_row(mark, *map(escape, cells))
    return table


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    return Finding("python", platform.python_version(), ok, "everything", _install("python3"), required=True)


def _tool(
    name: str,
    arguments: Sequence[str],
    pattern: str,
    needed_for: str,
    package: str,
    least: tuple[int, ...] = (),
    required: bool = True,
) -> Finding:
    """Run `name` with `arguments` and find its version by `pattern` in what it prints."""
    output = _run([name, *arguments], any_status=True)
    match = re.search(pattern, output or "")
    version = match[1] if match else ""
    fix = _install(package)
    if output is not None and not version:
        return Finding(name, "does not say its version", False, needed_for, fix, required)
    if version and least and _numbers(version) < least:
        wanted = ".".join(map(str, least))
        return Finding(name, f"{version}, older than {wanted}", False, needed_for, fix, required)
    return Finding(name, version, bool(version), needed_for, fix, required)


def _yosys() -> Finding:
    """Find pyosys, which is taken where it is there, or the program in its place."""
    program = _tool("yosys", ["-V"], r"Yosys (\d[\w.]*)", "synthesis, --formal", "yosys", required=False)
    if version := _version("pyosys"):
        return dataclasses.replace(program, found=f"pyosys {version}", ok=True)
    return dataclasses.replace(program, fix=f"{sys.executable} -m pip install pyosys, or {program.fix}")


def _netlistsvg() -> Finding:
    """Find netlistsvg, and its version in the package that its script lies in: the program does not say it."""
    program = shutil.which("netlistsvg")
    package = Path(program).resolve().parent.parent / "package.json" if program else None
    text = package.read_text(encoding="utf-8", errors="replace") if package and package.is_file() else ""
    version = re.search(r'"version": *"(\d[\w.]*)"', text)
    found = version[1] if version else "of unknown version" if program else ""
    return Finding("netlistsvg", found, bool(program), "schematics in the report (optional)", INSTALL_NETLISTSVG)


def _package(name: str, needed_for: str, required: bool = False) -> Finding:
    version = _version(name)
    return Finding(
        name, version, bool(version), needed_for, f"{sys.executable} -m pip install {_requirement(name)}", required
    )


def _sandbox() -> Finding:
    """Try out what confines a candidate here; the steps that are missing come with their reasons."""
    needed_for = "keeping candidates off files and network"
    if not shutil.which("iverilog"):
        return Finding("sandbox", "not tried without iverilog", False, needed_for, "install the simulator first")
    try:
        plan = offered()
    except (ItertlError, OSError) as error:
        return Finding("sandbox", f"cannot be tried: {error}"[:120], False, needed_for, "install the simulator first")
    offer = f"Landlock ABI {landlock.abi()}" if landlock.abi() else "no Landlock"
    missing = "; ".join(f"{step}: {reason}" for step, reason in plan.reasons)
    found = f"{plan.level} ({offer})" + (f"; without {missing}" if missing else "")
    fix = f"a kernel with Landlock (5.13 or later), or {_install('bubblewrap')}"
    return Finding("sandbox", found, plan.sufficient, needed_for, fix)


def _cores() -> Finding:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    total = os.cpu_count() or usable
    return Finding("cores", str(usable) if usable == total else f"{usable} of {total}", True, "speed of verification")


def _memory() -> Finding:
    total = float(psutil.virtual_memory().total)
    limit = cgroup_memory_limit()
    size, text = total, f"{total / GIB:.1f} GiB"
    if limit is not None and limit < total:
        size, text = limit, f"{limit / GIB:.1f} GiB (limit of the container; machine {text})"
    ok = size >= MEMORY_GIB * GIB
    return Finding("memory", text, ok, f"training ({MEMORY_GIB:g} GiB or more)", "raise the limit of the container")


def _disk() -> Finding:
    try:
        here = Path.cwd()
        free = shutil.disk_usage(here).free
    except OSError as error:
        return Finding("free disk", f"unknown: {error.strerror}", False, "runs", "change to a directory that exists")
    return Finding("free disk", f"{free / GIB:.1f} GiB in {here}", free >= DISK_GIB * GIB, "runs", "make room")


def _gpu() -> Finding:
    needed_for = "speed with models above a few million parameters"
    code = (
        "import torch\n"
        "for i in range(torch.cuda.device_count()):\n"
        "    p = torch.cuda.get_device_properties(i)\n"
        "    print(f'{p.name} ({p.total_memory / 2**30:.0f} GiB)')"
    )
    listing = _run([sys.executable, "-c", code], TORCH_SECONDS) if _version("torch") else None
    names = (listing or "").strip().splitlines()
    if names:
        return Finding("GPU", ", ".join(names), True, needed_for)
    listing = _run(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"])
    if names := (listing or "").strip().splitlines():
        fix = f"{sys.executable} -m pip install torch  (a build for CUDA)"
        return Finding("GPU", f"{', '.join(names)}, which torch cannot use", False, needed_for, fix)
    return Finding("GPU", "none; the CPU is used", True, needed_for)


def succeeds(command: Sequence[str]) -> bool:
    """Return True if `command` exists and ends with status 0 in time."""
    return _run(command, TORCH_SECONDS) is not None


def _run(command: Sequence[str], seconds: float = SECONDS, any_status: bool = False) -> str | None:
    """Return what `command` prints, None where it is missing, takes too long or (without `any_status`) fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if any_status or done.returncode == 0 else None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _requirement(package: str) -> str:
    """Return the range of versions that itertl asks of `package`, quoted for a shell."""
    try:
        wanted = metadata.requires("itertl") or []
    except metadata.PackageNotFoundError:
        wanted = []
    matching = (line.partition(";")[0].strip() for line in wanted if re.match(rf"{package}\b", line))
    return f"'{next(matching, package)}'"


def _install(package: str) -> str:
    """Return the command of this system's package manager that installs `package`."""
    homebrew = {"iverilog": "icarus-verilog", "python3": "python@3.11"}
    if shutil.which("brew"):
        return f"brew install {homebrew.get(package, package)}"
    for manager in ("dnf", "zypper"):
        if shutil.which(manager):
            return f"sudo {manager} install {package}"
    if shutil.which("pacman"):
        return f"sudo pacman -S {package}"
    if package == "iverilog" and shutil.which("conda") and not shutil.which("apt-get"):
        return "conda install -c conda-forge iverilog"
    return f"sudo apt-get install {package}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
