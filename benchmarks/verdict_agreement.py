"""How far verdicts from the reference alone agree with recorded ones: 5,980 GPT-3.5 candidates for VerilogEval v1.

    python benchmarks/verdict_agreement.py --data DIR --every 3

DIR holds verilog-eval-v1/ (github.com/NVlabs/verilog-eval, release/1.0.0) and rtlfixer/ (github.com/NVlabs/RTLFixer),
whose rows carry the verdict that their publisher recorded under the suite's testbench. --every N takes one row in N.
Printed: agreement, and how often each kind of disagreement occurs, with the first example of each.
"""

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from itertl import Candidate, Outcome, Task, Verdict
from itertl.records import read_rows
from itertl.tasks.header import top_first
from itertl.verify import code_id, extract_module
from itertl.verify import verify as verify_all

TOP = "top_module"


def problems(data: Path, suite: str) -> dict[str, Task]:
    """Return the tasks of VerilogEval v1 by name."""
    tasks = {}
    for row in read_rows(data / "verilog-eval-v1" / f"VerilogEval_{suite}.jsonl"):
        reference, header, _ = top_first(row["prompt"] + "\n" + row["canonical_solution"], TOP)
        tasks[row["task_id"]] = Task(row["task_id"], "", header, reference, TOP, suite=f"verilogeval-v1-{suite}")
    return tasks


def recorded(data: Path, suite: str, every: int) -> list[dict[str, Any]]:
    """Return one row in `every` of the recorded completions."""
    with gzip.open(data / "rtlfixer" / f"gpt35_{suite.lower()}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file][::every]


def compare(data: Path, suite: str, every: int, console: Console) -> None:
    """Verify the candidates of one suite and print how the verdicts compare."""
    tasks, rows = problems(data, suite), recorded(data, suite, every)
    candidates = []
    for index, row in enumerate(rows):
        task = tasks[row["task_id"]]
        code = extract_module(row["completion"], task.header, TOP)
        candidates.append(Candidate(task.id, 0, index, 0, "", row["completion"], code, code_id(task.id, code)))
    candidates.sort(key=lambda c: c.task_id)
    verdicts = {(v.task_id, v.code_id): v for v in verify_all(candidates, tasks)}
    kinds: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    agreed = unusable = 0
    for candidate in candidates:
        verdict, row = verdicts[candidate.task_id, candidate.code_id], rows[candidate.index]
        if verdict.outcome is Outcome.TOOL_ERROR:
            unusable += 1
        elif verdict.passed == row["passed"]:
            agreed += 1
        else:
            kind = (str(row["result"]).splitlines()[0][:40], verdict.outcome.value)
            kinds[kind] += 1
            examples.setdefault(kind, describe(verdict))
    compared = len(candidates) - unusable
    console.print(f"{suite}: {agreed} of {compared} agree ({agreed / compared:.1%}); not comparable: {unusable}")
    table = Table("recorded", "here", "number", "first example")
    for kind, count in kinds.most_common():
        table.add_row(*kind, str(count), examples[kind])
    console.print(table)


def describe(verdict: Verdict) -> str:
    """Return the task and the detail of a verdict, shortened."""
    return f"{verdict.task_id}: {verdict.detail[:90]}"


def main() -> None:
    """Compare both suites."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    for suite in ("Human", "Machine"):
        compare(options.data, suite, options.every, Console(width=160))


if __name__ == "__main__":
    main()
