"""Verilog files that a user names on the command line."""

from pathlib import Path

from itertl.errors import UsageError


def read_source(path: Path) -> str:
    """Return the text of a Verilog file; raise UsageError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
