"""Ctrl-C while the command is starting, which takes longer than a hand: one word and an exit status, no traceback.

    meanwhile() ; import ... ; over()

Only the command itself is looked after, `itertl` or `python -m itertl`: whoever imports the package keeps its own way.
"""

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def meanwhile() -> None:
    """From now on let an interrupt end this process at once, if it is the command; nothing is open yet."""
    handled = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else somebody has other plans, or nohup
    if handled and is_command(sys.argv[0] if sys.argv else "", sys.orig_argv):
        signal.signal(signal.SIGINT, _end)


def over() -> None:
    """From now on let an interrupt be raised as KeyboardInterrupt again."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def is_command(program: str, words: list[str]) -> bool:
    """Return True if `program`, or `words` where that is not known yet, say that this process is `itertl`."""
    if program == "-m":  # what is to run is imported with its packages before it gets its name
        return "-m" in words and words[words.index("-m") + 1 :][:1] == ["itertl"]
    return os.path.basename(program) == "itertl"  # noqa: PTH119 (pathlib is a large part of what is waited for)


def _end(number: int, frame: FrameType | None) -> None:
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)
