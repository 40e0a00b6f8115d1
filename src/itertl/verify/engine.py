"""`verify`: designs in, verdicts out, as a stream that overlaps with whatever produces the designs.

    for verdict in verify(designs, tasks, VerifySettings(workers=4)): ...

Designs are submissions, or candidates, which hold one each. They may come from a generator that samples from a model:
it is pulled in the caller's own thread, only as fast as verdicts are asked for and at most `in_flight` designs ahead,
while worker processes judge what has been pulled.
There is one verdict for each distinct (task_id, code_id), in the order of first appearance; what the cache knows is
not simulated again. Closing the generator, an interrupt, or the death of the caller ends all workers and simulators.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from itertl.disk.index import Index
from itertl.outcome import Outcome
from itertl.records import Candidate, Submission, Task, Verdict
from itertl.tools.cocotb import require_cocotb
from itertl.tools.shop import find_tools
from itertl.tools.yosys import find_yosys
from itertl.verify.cache import open_cache
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.choice import open_pool
from itertl.verify.workers.stream import Desk, Judges, Key, answered, name_of, submissions, task_of
from itertl.verify.workers.worker import by_bench
from itertl.verilog.extract import why_empty


def verify(
    designs: Iterable[Submission | Candidate],
    tasks: Iterable[Task] | Mapping[str, Task],
    settings: VerifySettings = VerifySettings(),  # noqa: B008 - frozen
    *,
    done: Iterable[Verdict] = (),
    judges: Callable[[VerifySettings], Judges[Verdict]] = open_pool,
) -> Iterator[Verdict]:
    """Yield one verdict for each of the distinct `designs`; those in `done` are neither run nor yielded.

    A task without a reference is judged by its testbench, where it has one. `judges` makes who judges them: by default
    those of `settings`, here or on a cluster. Raises MissingToolError where Icarus Verilog (for `formal` and
    `cross_check`: or Yosys; for a bench in Python: cocotb) is not installed, DataError for a design of an unknown task.
    """
    find_tools()
    if settings.formal or settings.cross_check != "off":
        find_yosys()
    known = tasks if isinstance(tasks, Mapping) else {t.id: t for t in tasks}
    require_cocotb(task.bench for task in known.values() if by_bench(task))
    seen = Index.of(name_of((v.task_id, v.code_id)) for v in done)
    return _stream(designs, known, settings, seen, judges)


def _stream(
    handed: Iterable[Submission | Candidate],
    tasks: Mapping[str, Task],
    settings: VerifySettings,
    seen: Index,
    judges: Callable[[VerifySettings], Judges[Verdict]],
) -> Iterator[Verdict]:
    with contextlib.closing(open_cache(settings)) as cache, judges(settings) as pool:
        desk = Desk(pool, settings, settings.together, cache)

        def ask(design: Submission) -> tuple[Key, ...]:
            task = task_of(design, tasks)
            if design.code:
                return (desk.ask(task, design.code_id, design.code, "strict" if by_bench(task) else ""),)
            why = why_empty(design.text)
            return (desk.settle(Verdict(task.id, design.code_id, Outcome.EMPTY, detail=why)),)

        def tell(design: Submission) -> Verdict:
            return desk.answers.pop(_key(design)).verdict

        yield from answered(submissions(handed, seen, _key), desk, ask, tell)


def _key(design: Submission) -> Key:
    return design.task_id, design.code_id
