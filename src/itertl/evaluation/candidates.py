"""Candidates that someone else's model has drawn, from a JSONL file, plain or gzip: `task_id`, `completion` a row."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from itertl.records import Candidate, Task
from itertl.verify.workers.answers import read_answers


def read_candidates(path: Path, tasks: Sequence[Task], *, done: Sequence[Candidate] = ()) -> Iterator[Candidate]:
    """Yield the candidates of `path` behind the ones in `done`, in the rows' order.

    Raise DataError where a row lacks a field or names a task that is not among `tasks`.
    """
    known = {task.id: task for task in tasks}
    numbers: Counter[str] = Counter()
    for position, (task, completion) in enumerate(read_answers(path, known)):
        index = numbers[task.id]
        numbers[task.id] += 1
        if position >= len(done):
            yield dataclasses.replace(Candidate.of(task, completion, index), policy=path.name)
