"""Tasks from JSONL files: our own format, and RTLCoder's (`Instruction`, `Input`, `Response`).

    {"id": "adder", "instruction": "...", "header": "module adder(...);", "reference": "module adder ... endmodule"}
    {"Instruction": "...", "Input": "module adder(...);", "Response": ["module adder ... endmodule"]}

The header of a task is the reference's own, so that the reference is header plus body to the letter.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itertl.errors import DataError
from itertl.records import Task, digest, read_rows
from itertl.tasks.header import top_first

RTLCODER = {"Instruction", "Response"}
OURS = {"instruction", "reference"}


def read_tasks(path: Path) -> list[Task]:
    """Return the tasks of a JSONL file; raise DataError that names the line where a row is in neither format."""
    tasks: dict[str, Task] = {}
    for number, row in enumerate(read_rows(path), 1):
        task = parse_task(row, f"{path}: row {number}")
        if task.id in tasks:
            raise DataError(f"{path}: row {number}: the id {task.id!r} is taken; expected one row per task")
        tasks[task.id] = task
    if not tasks:
        raise DataError(f"{path} holds no rows; expected one JSON object per task")
    return list(tasks.values())


def parse_task(row: Mapping[str, Any], where: str) -> Task:
    """Return the task of one row; raise DataError that says `where` if it is in neither format."""
    if row.keys() >= RTLCODER:
        response = row["Response"]
        reference = response[0] if isinstance(response, list) and response else response
        instruction = row["Instruction"]
    elif row.keys() >= OURS:
        reference, instruction = row["reference"], row["instruction"]
    else:
        raise DataError(f"{where}: expected the fields {sorted(OURS)} or {sorted(RTLCODER)}, found {sorted(row)}")
    if not isinstance(reference, str) or not isinstance(instruction, str) or not reference.strip():
        raise DataError(f"{where}: expected text for instruction and reference, found {type(reference).__name__}")
    reference, header, top = top_first(reference, row.get("top", ""))
    named = row.get("id", row.get("task_id"))
    return Task(
        id=str(named) if named is not None else f"row-{digest(instruction, reference)}",
        instruction=instruction,
        header=header or str(row.get("header", row.get("Input", ""))),
        reference=reference,
        top=top,
        suite=str(row.get("suite", "file")),
        testbench=str(row.get("testbench", "")),
        tags=tuple(row.get("tags", ())),
    )
