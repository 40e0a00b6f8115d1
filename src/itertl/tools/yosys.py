"""Yosys: how it is found, what it reads, and one run of a script; formal/ and synthesis/ say what a run means.

    tool = find_yosys() ; launch(tool, script, folder, limits)  ->  (Finished, log)

The log quotes the design, comments and strings too: what decides is read from files of its own (`tee -o FILE command`),
written by commands that print no more of a design than its names.

Two ways to run the same script: pyosys (PyPI, the extra `formal`), which reads SystemVerilog through slang, and the
`yosys` program with its own reader. Either runs as a process of its own: Yosys ends its process on an error.

    python -c "from itertl.tools.yosys import *; print(find_yosys())"
"""

import dataclasses
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from itertl.errors import MissingToolError
from itertl.tools.process import Finished, Limits, Stop, run
from itertl.verilog.frontend import MAX_DETAIL
from itertl.verilog.guard import Accepted
from itertl.verilog.tokens import tokens

INSTALL_YOSYS = "pip install 'itertl[formal]', or sudo apt-get install yosys"
_LENIENT = (
    "--allow-dual-edge-ff --allow-use-before-declare --relax-enum-conversions --relax-string-conversions "
    "--allow-bare-value-param-assigment --allow-merging-ansi-ports --allow-dup-initial-drivers"
)
_ERROR = re.compile(r"(?:\S+:\d+: )?ERROR:")  # anything else may be a line of the design
# Plain processes: slang builds the latch of an always_comb as a loop, and Yosys' own reader refuses it.
_PLAIN = {"always_comb": "always @*", "always_latch": "always @*", "always_ff": "always"}


@dataclasses.dataclass(frozen=True, slots=True)
class Yosys:
    """How Yosys is run: the start of its argv, whether it reads through slang, and its name in a verdict."""

    argv: tuple[str, ...]
    slang: bool
    name: str


def find_yosys() -> Yosys:
    """Return pyosys where this user can run it, else the program; raise MissingToolError with what installs either.

    A worker with a user id of its own may not see an environment below /root, which others see.
    """
    found = importlib.util.find_spec("pyosys")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    if places and os.access(sys.executable, os.X_OK) and os.access(places[0], os.R_OK | os.X_OK):
        from importlib import metadata  # slow to import, and most workers never ask

        code = (
            "import os, sys; os.environ['YOSYS_MAX_THREADS'] = '1'; sys.path.insert(0, sys.argv[1]); "
            "from pyosys import libyosys; libyosys.run_pass('script ' + sys.argv[2], libyosys.Design())"
        )
        argv = (sys.executable, "-I", "-c", code, str(Path(places[0]).parent))
        return Yosys(argv, True, f"pyosys {metadata.version('pyosys')}")
    if (program := shutil.which("yosys")) is not None:
        return Yosys((program, "-s"), False, "yosys")
    raise MissingToolError(f"equivalence and synthesis need Yosys, which is not installed: {INSTALL_YOSYS}")


def yosys_version() -> str:
    """Return what Yosys is here and its version; raise MissingToolError where there is none."""
    tool = find_yosys()
    if tool.slang:
        return tool.name
    found = subprocess.run([tool.argv[0], "-V"], capture_output=True, text=True, check=False)
    return " ".join(found.stdout.split()[:2]).lower() or "yosys"


def source(tool: Yosys, design: Accepted) -> str:
    """Return the text of a design that has passed the guard as `tool` reads it."""
    return plain(
        design.code if tool.slang and not design.arrays else design.renamed("")
    )  # slang needs nothing rewritten


def reading(tool: Yosys, file: str, top: str) -> list[str]:
    """Return the commands that read `file` with the top module `top`."""
    read = f"read_slang {_LENIENT} --top {top}" if tool.slang else "read_verilog -sv"
    return [f"{read} {file}", f"hierarchy -check -top {top}"]


def plain(code: str) -> str:
    """Return `code` with always_comb, always_latch and always_ff as plain always blocks."""
    parts, at = [], 0
    for token in tokens(code):
        if token.text in _PLAIN:
            parts += [code[at : token.start], _PLAIN[token.text]]
            at = token.end
    return "".join([*parts, code[at:]])


def launch(tool: Yosys, script: str, folder: Path, limits: Limits, lifeline: int | None = None) -> tuple[Finished, str]:
    """Run `script` in `folder`, which holds what it reads; return how that ended and all that Yosys has printed."""
    (folder / "run.ys").write_text(script, encoding="ascii")
    finished = run([*tool.argv, "run.ys"], folder, limits, lifeline=lifeline)
    parts = (folder / name for name in ("stdout.txt", "stderr.txt"))
    return finished, "\n".join(part.read_text(encoding="utf-8", errors="replace") for part in parts)


def first_error(log: str, stop: Stop) -> str:
    """Return the first error that Yosys has printed, or how it ended."""
    lines = [line.strip() for line in log.splitlines()]
    errors = [line for line in lines if _ERROR.match(line)]
    errors += [line for line in lines if "ERROR" in line or "error:" in line or "bad_alloc" in line]
    return (errors[0] if errors else f"Yosys ended ({stop.value}) without an answer")[:MAX_DETAIL]
