"""Files and folders that a user names to be written: what stands against them is said before work starts."""

import tempfile
from pathlib import Path

from itertl.errors import UsageError


def check_output(path: Path | None) -> None:
    """Raise UsageError where a file cannot be written because of its place."""
    if path is None:
        return
    above = path.absolute().parent
    if path.is_dir():
        raise UsageError(f"{path} cannot be written: it is a directory; expected a file")
    if path.exists() and not path.is_file():  # a pipe or a terminal: opening it would be a use of it
        return
    if not above.is_dir():
        raise UsageError(f"{path} cannot be written: expected a file in a folder that exists")
    if fault := _fault_of(above):
        raise UsageError(f"{path} cannot be written: {above} takes no file ({fault}); choose another place")


def check_folder(path: Path | None) -> None:
    """Raise UsageError where a folder cannot be made, or written to, because of its place."""
    if path is None:
        return
    above = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if fault := _fault_of(above) if above.is_dir() else "it is a file":
        raise UsageError(f"{path} cannot be made: {above} is no folder that can be written to ({fault})")


def _fault_of(folder: Path) -> str:
    """Return why no file can be made in a folder, "" where one can be: tried, as permissions tell the half of it."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__
