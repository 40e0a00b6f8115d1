"""Verilog files that a user names on the command line."""

from pathlib import Path

from itertl.errors import UsageError
from itertl.records import Task
from itertl.tasks.header import top_first

MOST_BYTES = 8 << 20


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
    if b"\0" in data:
        raise UsageError(f"{path} is a binary file; expected Verilog text")
    return data.decode("utf-8", "replace")  # comments in other encodings are no reason to refuse a design


def task_of(reference: Path, top: str = "") -> Task:
    """Return the task that a reference on disk poses; raise UsageError where it holds no (such) module."""
    text = read_source(reference)
    code, header, found = top_first(text, top)
    if not header:
        raise UsageError(f"{reference} holds no module; expected the reference design")
    if top and found != top:
        raise UsageError(f"{reference} holds no module {top}; its top module is {found}")
    return Task(str(reference), "", header, code, found)
