"""What a document shows a reader: its shell blocks in order, how each ends, and what it prints.

    for block in shown(path): run(block, folder, programs)

A fence ```sh is run, unless a comment before it says why not: `<!-- not run: needs a GPU -->`. A comment
`<!-- exit status 1 -->` names the status of its last command, 0 by default. A fence ```text behind it shows what it
prints: each line, in this order; `...` alone stands for any lines, within a line for any text.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*) -->\n)?(?P<ticks>`{3,})(?P<language>\w+)\n(?P<text>.*?)^(?P=ticks)$",
    re.MULTILINE | re.DOTALL,
)
SCREEN = {"COLUMNS": "120", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Block:
    """Shell commands of a document: where they stand, their exit status, what they print, why they are not run."""

    place: str
    commands: str
    status: int = 0
    printed: tuple[str, ...] = ()
    omitted: str = ""


def shown(path: Path) -> list[Block]:
    """Return the shell blocks of a document; raise ValueError for a mark that says nothing known."""
    text, blocks, last = path.read_text(encoding="utf-8"), [], ""
    for fence in FENCE.finditer(text):
        if fence["language"] == "sh":
            place = f"{path.name}:{text.count(chr(10), 0, fence.start('language')) + 1}"
            blocks.append(_marked(Block(place, fence["text"]), fence["mark"] or ""))
        elif fence["language"] == "text" and last == "sh":
            blocks[-1] = replace(blocks[-1], printed=tuple(line.rstrip() for line in fence["text"].splitlines()))
        last = fence["language"]
    return blocks


def _marked(block: Block, mark: str) -> Block:
    if not mark:
        return block
    if mark.startswith("not run: "):
        return replace(block, omitted=mark.removeprefix("not run: "))
    if status := re.fullmatch(r"exit status (\d+)", mark):
        return replace(block, status=int(status[1]))
    raise ValueError(f"{block.place}: expected 'not run: WHY' or 'exit status N', found {mark!r}")


def run(block: Block, folder: Path, programs: str = "", instead: Mapping[str, str] | None = None) -> None:
    """Run a block in a folder as a reader would, and compare.

    `programs` is the PATH, by default with this Python's programs before all; `instead` replaces texts, such as a
    server's address.
    """
    commands = block.commands
    for text, other in (instead or {}).items():
        commands = commands.replace(text, other)
    environment = os.environ | {
        "PATH": programs or f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **SCREEN,
    }
    found = subprocess.run(
        ["bash", "-c", f"set -e -o pipefail\n{commands}"],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == block.status, f"{block.place}:\n{block.commands}\n{found.stdout}{found.stderr}"
    said = [line.rstrip() for line in (found.stdout + found.stderr).splitlines()]
    missing = unprinted(block.printed, said)
    assert not missing, f"{block.place} shows {missing!r}, found:\n" + "\n".join(said)


def unprinted(lines: tuple[str, ...], said: list[str]) -> str:
    """Return the first of `lines` that does not stand in `said` behind the one before it; "" where all do."""
    place = 0
    for line in lines:
        if line in ("", "..."):
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("...")))
        found = next((at for at in range(place, len(said)) if pattern.fullmatch(said[at])), None)
        if found is None:
            return line
        place = found + 1
    return ""
