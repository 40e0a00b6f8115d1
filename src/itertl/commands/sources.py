"""Verilog files that a user names on the command line."""

import dataclasses
import sys
from pathlib import Path

from itertl.errors import UsageError
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.verilog.extract import extract_module
from itertl.verilog.guard import Refusal, inspect
from itertl.verilog.header import top_first, tops

MOST_BYTES = 8 << 20
STANDARD_INPUT = "-"


def read_source(path: Path) -> str:
    """Return the text of a Verilog file; raise UsageError where it is none, or empty."""
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a directory; expected a Verilog file")
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB; expected a Verilog file")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist; expected a Verilog file") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    return _text(data, str(path))


def _text(data: bytes, where: str) -> str:
    if b"\0" in data:
        raise UsageError(f"{where} is a binary file; expected Verilog text")
    return data.decode("utf-8", "replace")  # comments in other encodings are no reason to refuse a design


def read_design(path: Path) -> str:
    """Return the text of a design's file, or of standard input for `-`; raise UsageError as `read_source`."""
    if str(path) != STANDARD_INPUT:
        return read_source(path)
    if sys.stdin is None:  # what Python makes of one that is closed
        raise UsageError("standard input is closed; expected Verilog text in it")
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UsageError(f"standard input holds more than {MOST_BYTES >> 20} MiB; expected a Verilog file")
    return _text(data, "standard input")


def task_of(reference: Path, top: str = "", design: str = "") -> Task:
    """Return the task that a reference on disk poses.

    Of several top modules, that one counts which `top` names, or else which the text `design` holds, too. Raise
    UsageError where there is no such module, or none can be chosen.
    """
    text = read_source(reference)
    free = tops(text)
    if not top and len(free) > 1:
        shared = [name for name in free if name in tops(design)]
        if len(shared) != 1:
            raise UsageError(f"{reference} holds several top modules, {', '.join(free)}: choose one with --top")
        top = shared[0]
    code, header, found = top_first(text, top)
    if not header:
        raise UsageError(f"{reference} holds no module; expected the reference design")
    if top and found != top:
        raise UsageError(f"{reference} holds no module {top}; its top module is {found}")
    if not extract_module(code, header, found):
        raise UsageError(f"{reference} holds no complete module {found}; does it end with endmodule?")
    return Task(str(reference), "", header, code, found)


@dataclasses.dataclass(frozen=True, slots=True)
class Around:
    """What a design is judged against: one reference, or the module `top` of a project."""

    references: tuple[Path, ...] = ()
    filelists: tuple[Path, ...] = ()
    include: tuple[Path, ...] = ()
    defines: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    top: str = ""

    def task(self, design: str) -> Task:
        """Return the task for the text of a design; raise UsageError where nothing, or more than one, fits.

        A reference with what no candidate may hold, such as reports or delays, is trusted as a project of one file.
        """
        more, top = self.filelists or self.include or self.defines or self.parameters, self.top
        if len(self.references) == 1 and not more and not self.references[0].is_dir():
            task = task_of(self.references[0], top, design)
            refused = inspect(task.reference, task.top, None)
            if not isinstance(refused, Refusal) or refused.outcome is not Outcome.REJECTED:
                return task
            top = task.top
        from itertl.projects.filelists import gather
        from itertl.projects.load import read_project

        named = (self.references, self.filelists, self.include, self.defines, self.parameters)
        return read_project(gather(*named, top), design)

    def files(self) -> list[Path]:
        """Return the files that are named, or that a filelist names; raise UsageError where one cannot be read."""
        if not self.filelists:
            return list(self.references)
        from itertl.projects.filelists import gather

        sources = gather((), self.filelists, self.include)
        return [*self.references, *self.filelists, *sources.files, *sources.libraries]

    def __str__(self) -> str:
        """Name the files."""
        return ", ".join(map(str, (*self.references, *self.filelists)))
