"""Two sides of a run that work at the same time: a block, and a function in a thread beside it.

    with beside(function) as result:               the block and function() at the same time
        for row in watched(rows): ...              ends behind the next row once the other side has failed
    result()                                       what the function has returned

Nothing that is finished is lost: a side that is ended has written the rows it has. What may wait for long asks
`check_ended` now and then.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


class EndedError(Exception):
    """The other side has failed, so that this one has nothing to go on for."""


@dataclass(slots=True)
class _Pair:
    """The first error of two sides, None as long as there is none."""

    failed: BaseException | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, error: BaseException) -> None:
        with self.lock:
            self.failed = self.failed or error


_pair: ContextVar[_Pair | None] = ContextVar("pair", default=None)
_aside: ContextVar[bool] = ContextVar("aside", default=False)


def is_aside() -> bool:
    """Return True in the thread beside a block, and nowhere else."""
    return _aside.get()


def check_ended() -> None:
    """Raise EndedError where the other side has failed; do nothing where there is none."""
    pair = _pair.get()
    if pair is not None and pair.failed is not None:
        raise EndedError


def watched(rows: Iterator[T]) -> Iterator[T]:
    """Yield `rows` until the other side has failed."""
    for row in rows:
        yield row
        check_ended()


@contextmanager
def beside(function: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Call `function` in a thread while the block runs; yield what returns its result behind the block.

    Raise the first error of the two once both are over. An interrupt while the block is over and the thread is not
    ends the waiting, and the thread behind its next row.
    """
    pair, results = _Pair(), list[T]()

    def run() -> None:
        _pair.set(pair)
        _aside.set(True)
        try:
            results.append(function())
        except BaseException as error:
            pair.fail(error)

    thread = threading.Thread(target=run, name="beside", daemon=True)
    before = _pair.set(pair)
    thread.start()
    try:
        yield lambda: results[0]
    except BaseException as error:
        pair.fail(error)
    finally:
        _pair.reset(before)
    try:
        thread.join()
    except BaseException as error:
        pair.fail(error)
        raise
    if pair.failed is not None:
        raise pair.failed
