"""Things that are costly to have, and held once by all who want the same at the same time.

servers = Shared()
with servers.held(key, start) as endpoint: ...        started by the first one, stopped behind the last one
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class _Held(Generic[T]):
    """What several hold under a key, and what ends it."""

    key: object
    value: T
    stack: ExitStack
    holders: int = 0


@dataclass(eq=False)
class Shared(Generic[T]):
    """See above; keys are compared with ==. Whoever comes while another one starts waits for it."""

    _held: list[_Held[T]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)  # a generator may be closed at any moment

    @contextmanager
    def held(self, key: object, start: Callable[[], AbstractContextManager[T]]) -> Iterator[T]:
        """Yield what `start()` yields, or what another one holds under `key` at this moment."""
        with self._lock:
            mine = next((each for each in self._held if each.key == key), None)
            if mine is None:
                with ExitStack() as stack:
                    mine = _Held(key, stack.enter_context(start()), stack.pop_all())
                self._held.append(mine)
            mine.holders += 1
        try:
            yield mine.value
        finally:
            with self._lock:
                mine.holders -= 1
                if not mine.holders:
                    self._held.remove(mine)
                    mine.stack.close()
