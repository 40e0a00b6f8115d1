"""Candidates that someone else's model has drawn, from a JSONL file, plain or gzip.

    {"task_id": "vector3", "completion": "..."}             null instead of a text: nobody answered, so it is missing

A `prompt` in a row is kept: where it ends with the header, the completion goes on from there. An evaluation's own
candidates.jsonl is such a file, too.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from itertl.disk.artefacts import read_records
from itertl.disk.rows import numbered_rows
from itertl.errors import DataError, UsageError
from itertl.evaluation.answers import read_answer
from itertl.records import Candidate, Task


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


def check_rows(path: Path, tasks: Sequence[Task]) -> None:
    """Raise DataError where a row of `path` is no candidate for one of `tasks`, or where there is none.

    What can be read once only, a pipe, is not looked at.
    """
    if path.exists() and not path.is_file():
        return
    known = {task.id: task for task in tasks}
    empty = True
    for line, row in numbered_rows(path):
        read_answer(row, known, f"{path}:{line}")
        empty = False
    if empty:
        raise DataError(f"{path} holds no rows; expected one candidate a line")


def check_kept(kept: Path, rows: Path, tasks: Sequence[Task]) -> None:
    """Raise UsageError where the candidates that an evaluation has kept are not those of `rows`."""
    if not kept.is_file():
        return
    for old, new in zip_longest(read_records(kept, Candidate), read_candidates(rows, tasks)):
        if old != new:
            where = "has more rows" if old is None else "has fewer rows" if new is None else f"differs at {old.task_id}"
            raise UsageError(
                f"{kept.parent} holds the evaluation of other candidates ({rows} {where}); choose another --out"
            )
