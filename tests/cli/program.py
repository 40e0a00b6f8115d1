"""The command line as a user meets it, in this process: what it prints, and the exit status with which it ends.

    found = itertl("verify", design, "--reference", reference)
    found.returncode, found.stdout, found.stderr

A process of its own would import everything again, which takes longer than most commands.
"""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from itertl.cli.app import main


@dataclass(frozen=True)
class Ended:
    """What a command leaves, named as in subprocess.CompletedProcess."""

    returncode: int
    stdout: str
    stderr: str


def itertl(*arguments: str | Path, **environment: str) -> Ended:
    """Run a command on a terminal 200 columns wide; COLUMNS and PYTHONIOENCODING in `environment` are heeded."""
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    raw = io.BytesIO(), io.BytesIO()
    out, err = (io.TextIOWrapper(stream, encoding, write_through=True) for stream in raw)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["itertl", *map(str, arguments)])
        patch.setattr(sys, "path", [*sys.path])
        for name, value in ({"COLUMNS": "200"} | environment).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert isinstance(code, int | None)
    printed, complained = (stream.getvalue().decode(encoding) for stream in raw)
    return Ended(code or 0, printed, complained)
