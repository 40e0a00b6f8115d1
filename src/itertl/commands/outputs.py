"""Files and folders that a user names to be written: what stands against them is said before work starts."""

import os
from pathlib import Path

from itertl.errors import UsageError


def check_output(path: Path | None) -> None:
    """Raise UsageError where a file cannot be written because of its place."""
    if path is None:
        return
    above = path.absolute().parent
    if path.is_dir():
        raise UsageError(f"{path} cannot be written: it is a directory; expected a file")
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise UsageError(f"{path} cannot be written: expected a file in a folder that exists")


def check_folder(path: Path | None) -> None:
    """Raise UsageError where a folder cannot be made, or written to, because of its place."""
    if path is None:
        return
    above = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise UsageError(f"{path} cannot be made: {above} is no folder that can be written to")
