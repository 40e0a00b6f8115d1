"""A worker's process from the outside: how it starts and ends, and where pools get theirs from.

process = Fresh().take(settings, imports) ; process.channel.send(job) ; process.end()
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from itertl.tools.process import await_end, interrupts_held
from itertl.tools.sandbox.levels import environment
from itertl.tools.shop import own_prefix, scratch
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.messages import Channel

_COMMAND = "from itertl.verify.workers.worker import start; start()"
_FAREWELL = 10.0  # seconds that a keeper may take to end its worker and to remove the folder


@dataclass(frozen=True, slots=True)
class Process:
    """A keeper with its worker, the folder in which it works, and both pipes."""

    keeper: "subprocess.Popen[bytes]"
    folder: Path
    channel: Channel

    @property
    def alive(self) -> bool:
        """True as long as it runs."""
        return self.keeper.poll() is None

    def end(self) -> None:
        """End it, whatever it is at, and remove its folder."""
        jobs, answers = cast(IO[bytes], self.keeper.stdin), cast(IO[bytes], self.keeper.stdout)
        with contextlib.suppress(BrokenPipeError):
            jobs.close()
        self.keeper.terminate()
        self.keeper.send_signal(signal.SIGCONT)  # a keeper that somebody has stopped would not hear of it
        await_end(self.keeper, _FAREWELL)
        answers.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Source(Protocol):
    """Where pools get processes from, and what becomes of those that they do not need any more."""

    def take(self, settings: VerifySettings, imports: Mapping[str, str]) -> Process:
        """Return a process with nothing to do, which has not served other settings or imported other modules."""

    def leave(self, process: Process) -> None:
        """Take a process back that has answered all it was asked."""


class Fresh:
    """Processes that live as long as the pool that has taken them."""

    def take(self, settings: VerifySettings, imports: Mapping[str, str]) -> Process:
        """Start a process; `imports` are variables of its environment (`worker.import_variables`)."""
        folder = Path(tempfile.mkdtemp(prefix=own_prefix(), dir=scratch()))
        with interrupts_held():  # as long as the worker starts: then it ignores them
            keeper = subprocess.Popen(
                [sys.executable, "-P", "-c", _COMMAND, str(folder), str(os.getpid()), settings.sandbox],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env={**environment(folder), **imports},
            )
        jobs, answers = cast(IO[bytes], keeper.stdin), cast(IO[bytes], keeper.stdout)
        return Process(keeper, folder, Channel(jobs.fileno(), answers.fileno()))

    def leave(self, process: Process) -> None:
        """End it."""
        process.end()
