"""The designs that are under way in a server: a bounded number, first come first served, and nobody's for ever.

    queue = Queue(service, places=4096, slots=128)
    verdicts = await queue.verdicts(questions)         # raises Refused 429 where there is no room

What waits here belongs to a caller: where the call is cancelled, its places are free at once. What has been handed to
the workers, `slots` designs at most, is judged within the limits of a simulation.
"""

import asyncio
import contextlib
import dataclasses
import functools
import math
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future

from itertl.records import Verdict
from itertl.serving.body import Question, Refused
from itertl.verify.workers.service import Service

_LONGEST = 30  # seconds that a caller is asked to wait at most
_REMEMBERED = 512  # finished designs from which the pace is taken


@dataclasses.dataclass(eq=False, slots=True)
class _Entry:
    question: Question
    answer: "asyncio.Future[Verdict]"


class Queue:
    """Designs on their way to a service of worker processes; all methods belong to one event loop."""

    def __init__(self, service: Service, places: int, slots: int) -> None:
        """Hold at most `places` designs, of which `slots` are with the workers."""
        self.places, self.slots = places, slots
        self.working = 0
        self._service = service
        self._waiting: deque[_Entry] = deque()
        self._finished: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def waiting(self) -> int:
        """How many designs wait."""
        return len(self._waiting)

    @property
    def most(self) -> int:
        """How many designs one request may hold: not so many that it would rarely find room."""
        return max(1, self.places // 4)

    async def verdicts(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return a verdict for each question, in order; raise Refused (429) at once where there is no room."""
        if self.waiting + self.working + len(questions) > self.places:
            raise Refused(429, "the judge is busy; try again later", {"Retry-After": str(self._patience())})
        loop = asyncio.get_running_loop()
        entries = [_Entry(question, loop.create_future()) for question in questions]
        self._waiting.extend(entries)
        try:
            self._feed()
            return list(await asyncio.gather(*(entry.answer for entry in entries)))
        finally:
            left = set(entries)
            self._waiting = deque(entry for entry in self._waiting if entry not in left)

    def _patience(self) -> int:
        """Return the seconds in which what is under way may be done."""
        if len(self._finished) < 2:
            return 1
        pace = len(self._finished) / max(time.monotonic() - self._finished[0], 1e-3)
        return min(_LONGEST, max(1, math.ceil((self.waiting + self.working) / pace)))

    def _feed(self) -> None:
        """Hand over what the workers may have."""
        loop = asyncio.get_running_loop()
        while going := [self._waiting.popleft() for _ in range(min(self.waiting, self.slots - self.working))]:
            try:
                futures = self._service.ask([entry.question for entry in going])
            except Exception as error:  # whoever waits has to know, and this may be called for somebody else
                for entry in going:
                    if not entry.answer.done():
                        entry.answer.set_exception(error)
                continue
            self.working += len(going)
            for entry, future in zip(going, futures, strict=True):
                future.add_done_callback(functools.partial(self._tell, loop, entry))

    def _tell(self, loop: asyncio.AbstractEventLoop, entry: _Entry, done: "Future[Verdict]") -> None:
        """Come back from the service's thread to the loop, unless that has ended meanwhile."""
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._finish, entry, done)

    def _finish(self, entry: _Entry, done: "Future[Verdict]") -> None:
        self.working -= 1
        self._finished.append(time.monotonic())
        if not entry.answer.done():  # else nobody waits for it any more
            if (error := done.exception()) is not None:
                entry.answer.set_exception(error)
            else:
                entry.answer.set_result(done.result())
        if self._waiting:
            self._feed()
