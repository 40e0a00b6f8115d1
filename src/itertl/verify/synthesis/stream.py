"""`synthesize`: designs in, what Yosys makes of each out, as a stream from the same worker processes as verdicts.

    for row in synthesize(designs, tasks): print(row.status, row.cells, row.transistors, row.depth)

There is one row for each distinct (task_id, code_id), in the order of first appearance. Whatever a design is, it
passes the guard first, and Yosys sees it inside of the workers' sandbox. A job holds one design: some take seconds.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from itertl.disk.index import Index
from itertl.records import Submission, Synthesis, Task
from itertl.tools.shop import find_tools
from itertl.tools.yosys import find_yosys
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.choice import open_pool
from itertl.verify.workers.stream import Desk, Judges, Key, answered, name_of, submissions, task_of


def synthesize(
    designs: Iterable[Submission],
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
    return _stream(designs, known, settings, Index.of(name_of((row.task_id, row.code_id)) for row in done))


def _stream(
    designs: Iterable[Submission], tasks: Mapping[str, Task], settings: VerifySettings, seen: Index
) -> Iterator[Synthesis]:
    judges: Judges[Synthesis] = open_pool(settings, yosys=True)
    with judges as pool:
        desk = Desk(pool, settings, size=1)

        def ask(design: Submission) -> tuple[Key, ...]:
            bare = dataclasses.replace(task_of(design, tasks), testbench="", files=())  # which a worker would only read
            return (desk.ask(bare, design.code_id, design.code, "synthesis"),)

        def tell(design: Submission) -> Synthesis:
            return desk.answers.pop(_key(design)).verdict

        yield from answered(submissions(designs, seen, _key), desk, ask, tell)


def _key(design: Submission) -> Key:
    return design.task_id, design.code_id
