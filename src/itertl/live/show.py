"""The picture kept up to date on a console: a live part and lines that stay, or lines alone without a terminal.

with Show(Look(root), console) as show: ...          beside the run, in a thread of its own
follow(Look(root), console)                           from another terminal, until the run ends
"""

import math
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live

from itertl.live.picture import RUNNING, Look, Picture
from itertl.live.screen import line, plain, render

LOOK_SECONDS = 1.0
LINE_SECONDS = 10.0  # between lines on jobs where there is no terminal


class Show:
    """Shows a run while the block runs. `old` stages, those finished before, are passed over unless asked for."""

    def __init__(
        self, look: Look, console: Console, *, old: bool = False, jobs: bool = True, now: bool = False
    ) -> None:
        """`jobs` says whether lines tell of jobs where there is no terminal; finished stages have theirs always.

        `now`: the first of them comes at once.
        """
        self._look, self._console, self._jobs = look, console, jobs
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._told = 0 if old else len(look().finished)
        self._line_at = -math.inf if now else time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="show", daemon=True)

    def update(self) -> Picture:
        """Look again, print what is finished since, draw the rest anew, and return the picture."""
        picture = self._look()
        for finished in picture.finished[self._told :]:
            self._console.print(line(picture, finished), highlight=False, soft_wrap=True)
        self._told = len(picture.finished)
        if self._live is not None:
            self._live.update(render(picture), refresh=True)
        elif self._jobs and picture.jobs and time.monotonic() - self._line_at >= LINE_SECONDS:
            self._line_at = time.monotonic()
            for text in plain(picture):
                self._console.print(text, highlight=False, markup=False, soft_wrap=True)
        return picture

    def start(self) -> None:
        """Take the live part of the screen."""
        if self._live is not None:
            self._live.start()

    def stop(self) -> None:
        """Give it back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __enter__(self) -> Self:
        self.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self.stop()
        self.update()

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.update()


def follow(look: Look, console: Console, *, once: bool = False, pause: Callable[[float], None] = time.sleep) -> Picture:
    """Show a run from its beginning until it ends; return the last picture. `once` looks at it a single time.

    An interrupt leaves the last picture on the console.
    """
    show = Show(look, console, old=True, now=True)
    picture = look()
    if picture.state == RUNNING and not once:
        show.start()
        try:
            while picture.state == RUNNING:
                picture = show.update()
                pause(LOOK_SECONDS)
        except KeyboardInterrupt:
            show.stop()
            console.print(render(picture), highlight=False)
            console.print("the run goes on", highlight=False)
            raise
        finally:
            show.stop()
    picture = show.update()
    console.print(render(picture), highlight=False)
    return picture
