"""The tasks of a run, training and dev, from the gym or from a file.

`load_tasks` is the stage of `itertl.loop` that yields all of them, each with a tag `split:train` or `split:dev`; the
other functions pick from its result.
"""

import dataclasses
import logging
from collections.abc import Collection, Iterator, Sequence

from itertl.config import TasksConfig, VerifyConfig
from itertl.errors import DataError
from itertl.identity import digest
from itertl.records import Task
from itertl.tasks import gym
from itertl.tasks.files import read_tasks
from itertl.tasks.filters import Filters, reasons
from itertl.tools.cocotb import require_cocotb
from itertl.verify.workers.worker import by_bench
from itertl.words import counted

log = logging.getLogger("itertl")

DEV_SHARE = 0.1  # of the rows of a file


def load_tasks(config: TasksConfig, seed: int, verify: VerifyConfig, *, done: Sequence[Task] = ()) -> Iterator[Task]:
    """Yield the training tasks, then the dev tasks, after the ones in `done`.

    A row of a file whose reference fails its own check, or that repeats another one to the letter, is dropped with its
    reason in the log. Raise DataError where nothing is left to train on.
    """
    tasks = _generated(config, seed) if config.file is None else _from_file(config, verify)
    yield from tasks[len(done) :]


def foreseen_tasks(config: TasksConfig, seed: int) -> list[Task]:
    """Return what `load_tasks` yields at most: the references of a file's rows are not checked."""
    if config.file is None:
        return _generated(config, seed)
    rows = read_tasks(config.file)[: config.limit]
    dropped = repeats(rows)
    return _split([task for task in rows if task.id not in dropped], DEV_SHARE)


def repeats(tasks: Sequence[Task]) -> dict[str, str]:
    """Return the ids of tasks that differ from an earlier one by their id alone, each with the id of that one.

    They are dropped: both splits could have one.
    """
    first: dict[str, str] = {}
    found = {}
    for task in tasks:
        earlier = first.setdefault(dataclasses.replace(task, id="").to_json(), task.id)
        if earlier != task.id:
            found[task.id] = earlier
    return found


def of_split(tasks: Sequence[Task], split: str) -> list[Task]:
    """Return the tasks that carry the tag `split:NAME`."""
    return [task for task in tasks if f"split:{split}" in task.tags]


def of_iteration(
    tasks: Sequence[Task],
    references: Collection[str],
    iteration: int,
    per_iteration: int | None,
    references_per_iteration: int | None = None,
) -> list[Task]:
    """Return the tasks that iteration `iteration` (from 1) samples, those in `references` first.

    Of these, which keep the MLE term, the next `references_per_iteration` in turn, of the others the next
    `per_iteration`; all where None.
    """
    known = [task for task in tasks if task.id in references]
    rest = [task for task in tasks if task.id not in references]
    return _in_turn(known, iteration, references_per_iteration) + _in_turn(rest, iteration, per_iteration)


def with_reference(tasks: Sequence[Task], references: int | None) -> frozenset[str]:
    """Return the ids of the tasks whose reference may be trained on: the first `references`, or all where None.

    The other tasks serve sampling: verification compares with their reference, the policy never sees it.
    """
    return frozenset(task.id for task in tasks[:references] if task.reference)


def _in_turn(tasks: Sequence[Task], iteration: int, count: int | None) -> list[Task]:
    """Return the next `count` tasks of iteration `iteration`, from the first one again behind the last; None: all."""
    count = len(tasks) if count is None else min(count, len(tasks))
    start = (iteration - 1) * count
    return [tasks[i % len(tasks)] for i in range(start, start + count)]


def _from_file(config: TasksConfig, verify: VerifyConfig) -> list[Task]:
    assert config.file is not None
    rows = read_tasks(config.file)[: config.limit]
    repeated = repeats(rows)
    for name, earlier in repeated.items():
        log.warning("%s: %s dropped: duplicate of %s", config.file, name, earlier)
    rows = [task for task in rows if task.id not in repeated]
    require_cocotb(task.bench for task in rows)
    kept, first_fault = [], ""
    filters = Filters(exercised=config.exercised == "drop")
    benched = [task for task in rows if by_bench(task)]  # of these nothing is known before a design is judged
    rows = [task for task in rows if not by_bench(task)]
    kept += benched
    for task, fault in zip(rows, reasons(rows, filters, verify), strict=True):
        if fault:
            first_fault = first_fault or fault
            log.warning("%s: %s dropped: %s", config.file, task.id, fault)
        else:
            kept.append(task)
    rows += benched
    log.info("%s: %d of %d rows kept", config.file, len(kept), len(rows))
    if not kept:
        raise DataError(
            f"{config.file}: none of {counted(len(rows), 'rows')} is fit to train on, the first one because "
            f"{first_fault}; see log.txt, and give references that stand alone and drive their outputs"
        )
    return _split(kept, DEV_SHARE)


def _generated(config: TasksConfig, seed: int) -> list[Task]:
    counts = {"train": config.gym.train, "dev": config.gym.dev}
    told = config.gym.told
    return [
        task
        for split, count in counts.items()
        for task in gym.generate(split, _limited(count, config.limit), seed, **told)
    ]


def _split(kept: Sequence[Task], dev_share: float) -> list[Task]:
    """Return the tasks with the tag of their split, training tasks first."""
    count = min(max(1, round(dev_share * len(kept))), len(kept) - 1) if dev_share else 0
    dev = set(sorted((task.id for task in kept), key=lambda name: digest("dev", name))[:count])
    splits = ["dev" if task.id in dev else "train" for task in kept]
    tagged = [dataclasses.replace(t, tags=(*t.tags, f"split:{s}")) for t, s in zip(kept, splits, strict=True)]
    return sorted(tagged, key=lambda task: "split:dev" in task.tags)


def _limited(count: int, limit: int | None) -> int:
    return count if limit is None else min(count, limit)
