"""Answers of any model in a JSONL file, plain or gzip: `task_id` and `completion` a row, read one by one.

for task, completion in read_answers(Path("rows.jsonl"), tasks): ...
"""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from itertl.disk.rows import numbered_rows
from itertl.errors import DataError
from itertl.records import Task
from itertl.words import counted


def read_answers(path: Path, tasks: Mapping[str, Task]) -> Iterator[tuple[Task, str]]:
    """Yield task and completion of each row; raise DataError with file and line where a row is wrong."""
    for line, row in numbered_rows(path):
        task, completion = read_answer(row, tasks, f"{path}:{line}")
        if completion is None:
            raise DataError(f"{path}:{line}: the completion is null; expected text, there is nothing to verify")
        yield task, completion


def read_answer(row: Mapping[str, Any], tasks: Mapping[str, Task], where: str) -> tuple[Task, str | None]:
    """Return task and completion of a row, None where it says that nobody answered (null).

    Raise DataError that says `where` if a field is absent or of another type, or the task is not among `tasks`.
    """
    name, completion = row.get("task_id"), row.get("completion")
    if not isinstance(name, str) or "completion" not in row or not isinstance(completion, str | None):
        found = ", ".join(f"{key} ({type(value).__name__})" for key, value in row.items()) or "no fields"
        raise DataError(f"{where}: expected text for task_id and completion, found {found}")
    if name not in tasks:
        near = difflib.get_close_matches(name, tasks, n=1) or list(tasks)[:1]
        raise DataError(f"{where}: there is no task {name!r}; there is {near[0]!r}, of {counted(len(tasks), 'tasks')}")
    return tasks[name], completion
