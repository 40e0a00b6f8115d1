"""`synthesize`: designs in, what Yosys makes of each out, as a stream from the same worker processes as verdicts.

    for row in synthesize(designs, tasks): print(row.status, row.cells, row.transistors, row.depth)

There is one row for each distinct (task_id, code_id), in the order of first appearance. Whatever a design is, it
passes the guard first, and Yosys sees it inside of the workers' sandbox. A job holds one design: some take seconds.
"""

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from itertl.errors import DataError
from itertl.records import Synthesis, Task
from itertl.tools.icarus import find_tools
from itertl.tools.yosys import find_yosys
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Job
from itertl.verilog.tokens import code_id


class Design(NamedTuple):
    """A design of a task, whole modules; `code_id` is that of a candidate, see `of`."""

    task_id: str
    code_id: str
    code: str

    @classmethod
    def of(cls, task_id: str, code: str) -> "Design":
        """Return the design with its identity."""
        return cls(task_id, code_id(task_id, code), code)


def synthesize(
    designs: Iterable[Design],
    tasks: Iterable[Task] | Mapping[str, Task],
    settings: VerifySettings = VerifySettings(),  # noqa: B008 - frozen
    *,
    done: Iterable[Synthesis] = (),
) -> Iterator[Synthesis]:
    """Yield one row for each distinct design among `designs`; those in `done` are neither run nor yielded.

    Raises MissingToolError where Yosys or Icarus Verilog is not installed, DataError for a design of an unknown task.
    """
    find_tools()
    find_yosys()
    known = tasks if isinstance(tasks, Mapping) else {t.id: t for t in tasks}
    return _stream(iter(designs), known, settings, {(row.task_id, row.code_id) for row in done})


def _stream(
    source: Iterator[Design], tasks: Mapping[str, Task], settings: VerifySettings, seen: set[tuple[str, str]]
) -> Iterator[Synthesis]:
    waiting: deque[tuple[str, str]] = deque()
    ready: dict[tuple[str, str], Synthesis] = {}
    exhausted = False
    with Pool[Synthesis](settings) as pool:
        while not exhausted or waiting:
            idle = exhausted or len(waiting) >= settings.in_flight
            ready.update({(row.task_id, row.code_id): row for row in pool.collect(None if idle else 0.0)})
            while waiting and waiting[0] in ready:
                yield ready.pop(waiting.popleft())
            if idle:
                continue
            if (design := next(source, None)) is None:
                exhausted = True
            elif (key := (design.task_id, design.code_id)) not in seen:
                seen.add(key)
                waiting.append(key)
                pool.submit(_job(design, tasks, settings))


def _job(design: Design, tasks: Mapping[str, Task], settings: VerifySettings) -> Job:
    if (task := tasks.get(design.task_id)) is None:
        raise DataError(f"a design of task {design.task_id!r}, which is not among the {len(tasks)} tasks given")
    task = dataclasses.replace(task, testbench="", files=())  # which a worker would only read
    return Job(task, ((design.code_id, design.code),), settings, bench="synthesis")
