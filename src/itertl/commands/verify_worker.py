"""`itertl verify-worker FOLDER`: a line every ten seconds, and one at the end that says why it has ended."""

import signal
from pathlib import Path
from types import FrameType

from rich.console import Console

from itertl.verify.folder.layout import Place
from itertl.verify.folder.worker import Done, Duty, work

WHY = {
    "over": "the work is over",
    "idle": "there was nothing to do for {idle:g} s",
    "stopped": "asked to end, and what was held is offered again",
}


def serve_folder(folder: Path, processes: int, idle: float, console: Console) -> Done:
    """Work in a folder until there is a reason to end; SIGTERM is one, after which other workers have what is left."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    def tell(line: str) -> None:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    before = signal.signal(signal.SIGTERM, ask)
    try:
        done = work(Place(folder), Duty(processes, idle, stopped=lambda: bool(asked)), tell)
    finally:
        signal.signal(signal.SIGTERM, before)
    why = WHY[done.why].format(idle=idle)
    tell(f"{done}; {why}")
    return done
