"""Files and folders that a user names to be written: what stands against them is said before work starts.

check_output(asked.vcd, WAVES, [design, *references])

No file that the command reads is written to, and an existing one is replaced by its like alone: rows by rows, waves by
waves. A Verilog file is never replaced.
"""

import dataclasses
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from itertl.disk import names
from itertl.errors import UsageError


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """What a command writes: in words, and how such a file begins; one that begins otherwise is somebody else's."""

    what: str
    begins: tuple[bytes, ...] = ()


ROWS = Kind("rows of JSON", (b"{",))
WAVES = Kind("waves", (b"$comment", b"$date", b"$version", b"$timescale"))
PAGE = Kind("a page", (b"<!doctype html", b"<html"))
DESIGN = Kind("a design")  # nobody can say whose an existing one is
LOGS = re.compile(r"\..*|(.*\.)?(log|out|err)")  # what a call's own redirection, a scheduler or a desktop leaves
LOOKED_AT = 4096  # bytes of an existing file


def check_output(path: Path | None, kind: Kind | None, inputs: Iterable[Path | None] = ()) -> None:
    """Raise UsageError where a file cannot be written because of its place, or would be lost to what is written.

    `kind` is what is written; None where an existing file is looked at elsewhere. `inputs` are the files that the
    command reads, under whatever name; None among them is a file that is not given.
    """
    if path is None:
        return
    above = path.absolute().parent
    if path.is_dir():
        raise UsageError(f"{path} cannot be written: it is a directory; expected a file")
    if path.exists() and not path.is_file():  # a pipe or a terminal: opening it would be a use of it
        return
    if any(same_file(path, read) for read in inputs if read is not None):
        raise UsageError(f"{path} cannot be written: the same command reads it, and it would be lost; give another one")
    if not above.is_dir():
        raise UsageError(f"{path} cannot be written: expected a file in a folder that exists")
    if fault := _fault_of(above):
        raise UsageError(f"{path} cannot be written: {above} takes no file ({fault}); choose another place")
    if kind is not None and path.is_file() and not _is_of(kind, path):
        holds = f"holds something other than {kind.what}" if kind.begins else "exists already"
        raise UsageError(f"{path} {holds} and is kept; give another name, or remove it")


def same_file(path: Path, other: Path) -> bool:
    """Return True if two paths lead to one file, through links or not, whether it is there or not."""
    try:
        return path.resolve() == other.resolve() or path.samefile(other)
    except OSError:
        return False


def check_folder(path: Path | None) -> None:
    """Raise UsageError where a folder cannot be made, or written to, because of its place."""
    if path is None:
        return
    above = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if fault := _fault_of(above) if above.is_dir() else "it is a file":
        raise UsageError(f"{path} cannot be made: {above} is no folder that can be written to ({fault})")


def check_results(path: Path) -> None:
    """Raise UsageError where the folder of an evaluation cannot be made, or holds other things than a run or one."""
    check_folder(path)
    names_held = sorted(inner.name for inner in path.iterdir()) if path.is_dir() else []
    held = [name for name in names_held if not LOGS.fullmatch(name)]
    settings = (path / name for name in held if name.startswith(names.SETTING))
    ours = names.OURS.intersection(held) or any((setting / names.LOCK).exists() for setting in settings)
    if held and not ours:
        more = f" and {len(held) - 1} more" if len(held) > 1 else ""
        raise UsageError(
            f"{path} holds other things ({held[0]}{more}): --out expects a folder that is new, empty, or an earlier one"
        )


def _is_of(kind: Kind, path: Path) -> bool:
    """Return True if a file is empty, or begins as those of its kind do; one that cannot be read does not."""
    try:
        with path.open("rb") as file:
            start = file.read(LOOKED_AT)
    except OSError:
        return False
    return not start or start.lstrip().lower().startswith(kind.begins)


def _fault_of(folder: Path) -> str:
    """Return why no file can be made in a folder, "" where one can be: tried, as permissions tell the half of it."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__
