"""Completions with the verdict that their publisher recorded under the suite's own harness.

    rows = read_recorded(data / RECORDED["verilogeval-v1-human"], tasks)

The format is that of github.com/NVlabs/RTLFixer: JSONL, plain or gzipped, with task_id, completion, passed, result.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from itertl.errors import DataError
from itertl.records import Submission, Task

RECORDED = {  # by suite, below the folder of published suites
    "verilogeval-v1-human": "rtlfixer/gpt35_human.jsonl.gz",
    "verilogeval-v1-machine": "rtlfixer/gpt35_machine.jsonl.gz",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A design, whether its publisher's run passed it, and the words of that run."""

    design: Submission
    passed: bool
    result: str


def read_recorded(path: Path, tasks: Mapping[str, Task], every: int = 1) -> list[Recorded]:
    """Return one row in `every`, sorted by task so that verification finds them in batches."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file][::every]
    found = []
    for row in rows:
        if row["task_id"] not in tasks:
            raise DataError(f"{path}: there is no problem {row['task_id']!r} among the {len(tasks)} given")
        design = Submission.of(tasks[row["task_id"]], row["completion"])
        found.append(Recorded(design, bool(row["passed"]), str(row["result"])))
    return sorted(found, key=lambda r: r.design.task_id)
