"""Verification that stays: worker processes that serve calls from any thread of this process, until it ends.

    service_of(VerifySettings(workers=4)).verdicts([(task, submission), ...])       # one Verdict each, in order

Calls that overlap are put together by task, so that candidates of many threads share simulations; equal designs are
verified once, and known verdicts come from the cache. A task's id stands for its content. No call waits for ever:
where no worker has answered for `PATIENCE` seconds, all workers are replaced and what was awaited is a tool error. A
forked child starts its own service.
"""

import atexit
import contextlib
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

from itertl.errors import ToolError
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.tools.shop import find_tools
from itertl.verify.cache import Cache, open_cache
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.choice import open_pool
from itertl.verify.workers.stream import Desk, Judges, Key
from itertl.verilog.extract import why_empty

PATIENCE = 180.0  # seconds without any answer; a simulation has far tighter limits of its own
_PAUSE = 0.01  # seconds between looks at new calls while workers are busy
_GOODBYE = 10.0  # seconds that the end of the process waits for the workers'

Question = tuple[Task, Submission]


class Service:
    """A pool of workers behind one thread of its own, which alone talks to the workers.

    After `patience` seconds without any answer the workers are replaced.
    """

    def __init__(self, settings: VerifySettings, patience: float = PATIENCE) -> None:
        """Start nothing yet: the thread starts with the first call, workers with the first design."""
        self._settings = settings
        self.patience = patience
        self._changed = threading.Condition()
        self._asked: list[Question] = []
        self._open: dict[Key, Future[Verdict]] = {}
        self._thread: threading.Thread | None = None
        self._closing = False

    def verdicts(self, questions: Sequence[Question]) -> list[Verdict]:
        """Return a verdict for each of `questions` = (task, design), in their order; from any thread.

        Raise MissingToolError where Icarus Verilog is not installed, ToolError where no worker can be kept alive.
        """
        return [future.result() for future in self.ask(questions)]

    def ask(self, questions: Sequence[Question]) -> "list[Future[Verdict]]":
        """Return what will hold the verdict on each of `questions`, at once; equal ones share it: never cancel it."""
        find_tools()
        with self._changed:
            futures = [self._ask(*question) for question in questions]
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="itertl-verify", daemon=True)
                self._thread.start()
            self._changed.notify()
        return futures

    def close(self) -> None:
        """End the workers."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(_GOODBYE)

    def _ask(self, task: Task, design: Submission) -> "Future[Verdict]":
        key = (task.id, design.code_id)
        if key in self._open:
            return self._open[key]
        future: Future[Verdict] = Future()
        if self._closing:
            future.set_exception(ToolError("verification has been closed"))
        elif not design.code:
            future.set_result(Verdict(*key, Outcome.EMPTY, detail=why_empty(design.text)))
        else:
            self._open[key] = future
            self._asked.append((task, design))
        return future

    def _run(self) -> None:
        while not self._closing:
            try:
                workers: Judges[Verdict] = open_pool(self._settings)
                with contextlib.closing(open_cache(self._settings)) as cache, workers as pool:
                    self._serve(Desk(pool, self._settings, self._settings.together, cache), cache)
            except Exception as error:  # the boundary of the thread: whoever waits has to know
                self._fail(error)

    def _serve(self, desk: Desk[Verdict], cache: Cache) -> None:
        """Pass on what is asked and what is answered, until the service is closed or the workers are stuck."""
        heard = time.monotonic()
        while True:
            if not self._open:
                cache.flush()
            with self._changed:
                while not self._open and not self._closing:
                    self._changed.wait()
                    heard = time.monotonic()
                if self._closing:
                    return
                asked, self._asked = self._asked, []
            for task, design in sorted(asked, key=lambda question: question[0].id):  # for jobs of one task each
                desk.ask(task, design.code_id, design.code)
            desk.flush()
            if desk.collect(_PAUSE):
                heard = time.monotonic()
            while desk.answers:
                key, judged = desk.answers.popitem()
                self._deliver(key, judged.verdict)
            if self._open and time.monotonic() - heard > self.patience:
                self._give_up()
                return

    def _deliver(self, key: Key, verdict: Verdict) -> None:
        with self._changed:
            future = self._open.pop(key)
        future.set_result(verdict)

    def _give_up(self) -> None:
        detail = f"no worker answered for {self.patience:g} s"
        for key in list(self._open):
            self._deliver(key, Verdict(*key, Outcome.TOOL_ERROR, detail=detail))

    def _fail(self, error: Exception) -> None:
        with self._changed:
            futures = list(self._open.values())
            self._open.clear()
            self._asked.clear()
        for future in futures:
            future.set_exception(error)


_services: dict[VerifySettings, Service] = {}
_lock = threading.Lock()


def service_of(settings: VerifySettings) -> Service:
    """Return the service of this process for `settings`; it lives until the process ends."""
    with _lock:
        if settings not in _services:
            _services[settings] = Service(settings)
        return _services[settings]


def _forget() -> None:
    """In a forked child: the threads are gone, the workers are the parent's."""
    global _lock
    _lock = threading.Lock()
    _services.clear()


def _close_all() -> None:
    for service in _services.values():
        service.close()


os.register_at_fork(after_in_child=_forget)
atexit.register(_close_all)
