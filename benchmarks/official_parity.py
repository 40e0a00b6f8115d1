"""Parity of `official` with recorded verdicts: 5,980 GPT-3.5 completions for VerilogEval v1, and pass@1 of both suites.

    python benchmarks/official_parity.py --data DIR [--every N]

DIR holds verilog-eval-v1/ (github.com/NVlabs/verilog-eval, release/1.0.0) and rtlfixer/ (github.com/NVlabs/RTLFixer),
whose rows carry the verdict that their publisher recorded. Printed for each suite: agreement, pass@1 recorded, by
`official` and by `strict`, candidates/s, every disagreement by class with its cause and an example, and where `strict`
differs from `official`.
"""

import argparse
import re
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.outcome import Outcome
from itertl.records import TestbenchVerdict
from itertl.suites.load import load_published
from itertl.suites.recorded import RECORDED, Recorded, read_recorded
from itertl.verify import VerifySettings
from itertl.verify.official.verdicts import completion_id, verify_testbench

Pair = tuple[Recorded, TestbenchVerdict]


def judged(data: Path, suite: str, every: int, workers: int) -> tuple[list[Pair], float]:
    """Return the rows of a suite with their verdicts, and the seconds that verification took."""
    tasks = {task.id: task for task in load_published(suite, data)}
    rows = read_recorded(data / RECORDED[suite], tasks, every)
    started = time.perf_counter()
    verdicts = {
        (v.task_id, v.completion_id): v
        for v in verify_testbench((r.design for r in rows), tasks, VerifySettings(workers=workers))
    }
    seconds = time.perf_counter() - started
    keys = [(r.design.task_id, completion_id(r.design.task_id, r.design.text)) for r in rows]
    return [(row, verdicts[key]) for row, key in zip(rows, keys, strict=True)], seconds


def words(text: str) -> str:
    """Return the first line of `text` with numbers and quoted names left out."""
    return re.sub(r"\d+", "N", text.splitlines()[0] if text else "")[:44]


def classes(pairs: Sequence[Pair], official: bool) -> Mapping[tuple[str, str, str], list[TestbenchVerdict]]:
    """Sort the disagreements of `official` with the record, or of `strict` with `official`."""
    found = defaultdict(list)
    for row, verdict in pairs:
        left = row.passed if official else verdict.official is Outcome.PASSED
        right = verdict.official if official else verdict.strict
        if left != (right is Outcome.PASSED):
            first, second = verdict.official_detail, verdict.strict_detail
            said = words(re.sub(r"^(compile error: )?\S*?:N?\d*:? ?", "", first) if official else second)
            found[words(row.result) if official else verdict.official.value, right.value, said].append(verdict)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def show(suite: str, pairs: Sequence[Pair], seconds: float, console: Console) -> None:
    """Print the figures and tables of one suite."""
    total = len(pairs)
    agreed = sum(row.passed == (v.official is Outcome.PASSED) for row, v in pairs)
    rates = {
        "recorded": sum(row.passed for row, _ in pairs) / total,
        "official": sum(v.official is Outcome.PASSED for _, v in pairs) / total,
        "strict": sum(v.strict is Outcome.PASSED for _, v in pairs) / total,
    }
    console.print(f"{suite}: official agrees on {agreed} of {total} ({agreed / total:.2%})")
    console.print("pass@1: " + ", ".join(f"{name} {rate:.1%}" for name, rate in rates.items()))
    console.print(f"{total / seconds:.0f} candidates/s (official and strict together, {seconds:.0f} s)")
    console.print("strict tool errors: " + str(sum(v.strict is Outcome.TOOL_ERROR for _, v in pairs)))
    for official, title in ((True, "recorded against official"), (False, "official against strict")):
        table = Table("left", "right", "said", "number", "tasks", "example", title=title)
        for kind, verdicts in classes(pairs, official).items():
            names = sorted({v.task_id for v in verdicts})
            table.add_row(*kind, str(len(verdicts)), str(len(names)), f"{names[0]}: {verdicts[0].detail[:150]}")
        console.print(table)


def main() -> None:
    """Judge both suites."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    for suite in RECORDED:
        pairs, seconds = judged(options.data, suite, options.every, options.workers)
        show(suite, pairs, seconds, Console(width=200))


if __name__ == "__main__":
    main()
