"""Candidates that someone else's model has drawn, from a JSONL file: `task_id` and `completion` a row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from itertl.errors import DataError
from itertl.records import Candidate, Task, read_rows
from itertl.verify import code_id, extract_module


def read_candidates(path: Path, tasks: Sequence[Task], *, done: Sequence[Candidate] = ()) -> Iterator[Candidate]:
    """Yield the candidates of `path` behind the ones in `done`, in the rows' order.

    Raise DataError where a row lacks a field or names a task that is not among `tasks`.
    """
    known = {task.id: task for task in tasks}
    numbers: Counter[str] = Counter()
    for row_number, row in enumerate(read_rows(path), 1):
        name, completion = row.get("task_id"), row.get("completion")
        if not isinstance(name, str) or not isinstance(completion, str):
            raise DataError(f"{path}: row {row_number}: expected text for task_id and completion, found {sorted(row)}")
        if name not in known:
            raise DataError(f"{path}: row {row_number}: the suite has no problem {name!r}, but {next(iter(known))!r}")
        task, index = known[name], numbers[name]
        numbers[name] += 1
        if row_number > len(done):
            code = extract_module(completion, task.header, task.top)
            yield Candidate(name, 0, index, 0, "", completion, code, code_id(name, code), policy=path.name)
