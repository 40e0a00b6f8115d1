"""How many designs whose faults lie deep pass, and how many of those without a word about what was not exercised.

    python -m benchmarks.deep_state            (in the repository; two minutes)

The designs are those of tests/verify/deep_designs.py: counters that wrap early or late, saturation off by one, buffers
that are never full, timers, gated resets and others, each beside right twins, none of which may fail.
"""

import sys
import time
from collections import Counter

from rich.console import Console
from rich.table import Table
from tests.verify.deep_designs import KINDS

from itertl import Submission, Task, verify
from itertl.verify import VerifySettings


def main() -> None:
    """Verify all twins and print what became of them."""
    console, table = Console(width=120), Table("kind", "wrong", "pass", "without a word", "right", "fail", "s")
    total: Counter[str] = Counter()
    only = sys.argv[1:]
    for kind in KINDS:
        if only and not any(word in kind.name for word in only):
            continue
        started = time.perf_counter()
        task = Task.of(kind.reference)
        wrong, right = list(kind.twins(kind.wrong)), list(kind.twins(kind.right))
        asked = [Submission.of(task, code) for code in [*wrong, kind.reference, *right]]
        verdicts = list(verify(asked, [task], VerifySettings(cache=False, workers=1)))
        assert len(verdicts) == len(asked)
        passed = [n for n, v in enumerate(verdicts[: len(wrong)]) if v.passed]
        silent = [n for n in passed if not verdicts[n].unexercised]
        failed = [v for v in verdicts[len(wrong) :] if not v.passed]
        counts = (len(wrong), len(passed), len(silent), len(right) + 1, len(failed))
        total.update(dict(zip("wpsrf", counts, strict=True)))
        spent = time.perf_counter() - started
        table.add_row(kind.name, *map(str, counts), f"{spent:.1f}")
        words = "; ".join(verdicts[len(wrong)].unexercised)
        console.print(f"{kind.name}: pass {passed}, {spent:.1f} s; {words}", style="dim", highlight=False)
        for verdict in failed:
            console.print(f"a right design fails: {verdict.outcome}, {verdict.detail}", style="bold red")
    table.add_row("all", *(str(total[key]) for key in "wpsrf"), "")
    console.print(table)


if __name__ == "__main__":
    main()
