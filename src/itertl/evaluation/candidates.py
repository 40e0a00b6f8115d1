"""Candidates that someone else's model has drawn, from a JSONL file, plain or gzip.

    {"task_id": "vector3", "completion": "..."}             null instead of a text: nobody answered, so it is missing

A `prompt` in a row is kept: where it ends with the header, the completion goes on from there. An evaluation's own
candidates.jsonl is such a file, too.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from itertl.records import Candidate, Task
from itertl.rows import numbered_rows
from itertl.verify.workers.answers import read_answer


def read_candidates(path: Path, tasks: Sequence[Task], *, done: Sequence[Candidate] = ()) -> Iterator[Candidate]:
    """Yield the candidates of `path` behind the ones in `done`, in the rows' order.

    Raise DataError where a row lacks a field or names a task that is not among `tasks`.
    """
    known = {task.id: task for task in tasks}
    numbers: Counter[str] = Counter()
    for position, (line, row) in enumerate(numbered_rows(path)):
        task, completion = read_answer(row, known, f"{path}:{line}")
        index = numbers[task.id]
        numbers[task.id] += 1
        if position < len(done):
            continue
        absent = completion is None or row.get("finish_reason") == "missing"
        yield dataclasses.replace(
            Candidate.of(task, completion or "", index),
            prompt=str(row.get("prompt") or ""),
            policy=str(row.get("policy") or path.name),
            finish_reason="missing" if absent else "stop",
        )
