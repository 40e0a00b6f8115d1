"""How many real candidates a second are verified, beside VerilogEval v1's own way of running them, and what hangs cost.

    python -m benchmarks.verify_speed --data DIR

DIR holds verilog-eval-v1/ (github.com/NVlabs/verilog-eval, release/1.0.0) and rtlfixer/ (github.com/NVlabs/RTLFixer).
Every way gets the same distinct candidates of one problem in --every and as many processes as there are cores; ways
take turns, and ratios are medians over the rounds. The cache is off. The time to start workers counts. Candidates that
hang by themselves are left out: each would cost v1 its 30 seconds.

    v1        VerilogEval v1: bench and candidate into a file, a process for each check, iverilog and vvp by a shell
    commands  the same two commands from threads, without the process around them
    batch     itertl.verify as it comes; the same with --hangs of the candidates replaced by designs that never end
    single    itertl.verify with batch=1

A loop's shape, many tasks with few answers, is benchmarks.loop_speed.
"""

import argparse
import dataclasses
import gzip
import json
import multiprocessing
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.verify_ways import (
    CORES,
    Cost,
    Sample,
    by_commands,
    in_a_process,
    our_way,
    print_shares,
    published_way,
    ratio,
    timed,
)
from rich.console import Console
from rich.table import Table

from itertl import Candidate, Outcome, Task, Verdict
from itertl.disk.rows import read_rows
from itertl.suites.recorded import RECORDED
from itertl.verify import VerifySettings
from itertl.verilog.extract import extract_module
from itertl.verilog.header import top_first
from itertl.verilog.interface import read_interface
from itertl.verilog.tokens import code_id

TOP = "top_module"
HANGS = (
    "wire hang; reg on; initial on = 0; always @({signal}) on = 1; assign hang = on ? ~hang : 1'b0;",
    "reg hang; initial while (1) hang = ~hang;",
    "reg hang; reg [2:0] i; always @({signal}) for (i = 0; i < 8; i = i + 1) hang = i[0];",
)


def load(data: Path, every: int) -> Sample:
    """Return the distinct candidates of one problem in `every`, those of one problem side by side."""
    given = {row["task_id"]: row for row in read_rows(data / "verilog-eval-v1" / "VerilogEval_Human.jsonl")}
    chosen = sorted(given)[::every]
    tasks = {}
    for name in chosen:
        reference, header, _ = top_first(given[name]["prompt"] + "\n" + given[name]["canonical_solution"], TOP)
        tasks[name] = Task(name, "", header, reference, TOP)
    with gzip.open(data / RECORDED["verilogeval-v1-human"], "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["task_id"] in tasks]
    rows.sort(key=lambda row: str(row["task_id"]))
    candidates: dict[str, Candidate] = {}
    files = {}
    for row in rows:
        task, completion = tasks[row["task_id"]], row["completion"]
        code = extract_module(completion, task.header, TOP)
        name = code_id(task.id, code)
        candidates[name] = Candidate(task.id, 0, len(candidates), 0, "", completion, code, name)
        files[name] = f"{given[task.id]['test']}\n{given[task.id]['prompt']}\n{completion}"
    return Sample(tasks, list(candidates.values()), [files[name] for name in candidates])


def without_hangs(sample: Sample) -> Sample:
    """Return the sample without the candidates that do not end."""
    verdicts = our_way(sample.tasks, sample.candidates, 0)
    kept = [number for number, verdict in enumerate(verdicts) if verdict.outcome is not Outcome.TIMEOUT]
    return Sample(sample.tasks, [sample.candidates[n] for n in kept], [sample.files[n] for n in kept])


def with_hangs(sample: Sample, share: float) -> list[Candidate]:
    """Return the candidates with one in 1 / `share` replaced by the reference with something that never ends."""
    candidates, distance = list(sample.candidates), round(1 / share)
    for number, at in enumerate(range(distance // 2, len(candidates), distance)):
        task = sample.tasks[candidates[at].task_id]
        inputs = [p.name for p in read_interface(task.reference, TOP).inputs]
        body, end, rest = task.reference.rpartition("endmodule")
        hang = HANGS[number % len(HANGS)] if inputs else HANGS[1]
        code = f"{body}  {hang.format(signal=inputs[0] if inputs else '')} // {number}\n{end}{rest}"
        candidates[at] = Candidate(task.id, 0, at, 0, "", "", code, f"hang {number}")
    return candidates


def different(one: Sequence[Verdict], other: Sequence[Verdict]) -> int:
    """Return how many verdicts differ in anything but their time."""
    return sum(
        dataclasses.replace(a, seconds=0.0) != dataclasses.replace(b, seconds=0.0)
        for a, b in zip(one, other, strict=True)
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of VerilogEval v1 and RTLFixer")
    parser.add_argument("--every", type=int, default=1, help="take one problem in so many")
    parser.add_argument("--repeat", type=int, default=3, help="rounds")
    parser.add_argument("--hangs", type=float, default=0.02, help="share of candidates that never end")
    options = parser.parse_args()
    multiprocessing.set_start_method("fork")
    console = Console(width=120)
    sample = without_hangs(load(options.data, options.every))
    hanging = with_hangs(sample, options.hangs)
    console.print(f"{len(sample.candidates)} distinct candidates of {len(sample.tasks)} problems, {CORES} processes")
    costs: dict[str, list[Cost]] = {}
    results: dict[str, list[Any]] = {}
    ways: dict[str, Callable[[], list[Any]]] = {
        "batch": lambda: our_way(sample.tasks, sample.candidates, 0),
        "v1": lambda: published_way(in_a_process, sample.files),
        "batch, hangs": lambda: our_way(sample.tasks, hanging, 0),
        "single": lambda: our_way(sample.tasks, sample.candidates, 1),
        "commands": lambda: published_way(by_commands, sample.files),
        "single, hangs": lambda: our_way(sample.tasks, hanging, 1),
    }
    for _ in range(options.repeat):
        for way, run in ways.items():
            cost, results[way] = timed(run)
            costs.setdefault(way, []).append(cost)
            console.print(f"{way}: {cost.wall:.1f} s, {cost.cpu:.1f} s of CPU time", style="dim", highlight=False)
    print_speed(costs, len(sample.candidates), options.hangs, console)
    print_verdicts(results, console)
    for batch in (VerifySettings().batch, 1):
        print_shares(sample, batch, console)


def print_speed(costs: dict[str, list[Cost]], count: int, hangs: float, console: Console) -> None:
    """Print speeds and ratios, as medians over the rounds."""
    table = Table(
        "way", "a second", "times v1", "times commands", "CPU ms each", "times v1, CPU", "times commands, CPU"
    )
    for way, found in costs.items():
        cells = [f"{count / statistics.median(c.wall for c in found):.0f}"]
        cells += [f"{ratio(costs[other], found, 0):.1f}" for other in ("v1", "commands")]
        cells.append(f"{1000 * statistics.median(c.cpu for c in found) / count:.1f}")
        cells += [f"{ratio(costs[other], found, 1):.1f}" for other in ("v1", "commands")]
        table.add_row(way, *cells)
    console.print(table)
    for way in ("batch", "single"):
        wall, cpu = (ratio(costs[way], costs[f"{way}, hangs"], kind) for kind in (0, 1))
        console.print(f"{way}: with {hangs:.0%} that hang, {wall:.0%} of the speed is left ({cpu:.0%} by CPU time)")


def print_verdicts(results: dict[str, list[Any]], console: Console) -> None:
    """Print whether the ways agree."""
    planted = [v for v in results["batch, hangs"] if v.code_id.startswith("hang")]
    stopped = sum(v.outcome is Outcome.TIMEOUT for v in planted)
    console.print(f"hanging candidates stopped: {stopped} of {len(planted)}")
    count = len(results["batch"])
    console.print(
        f"verdicts that differ, batch and single: {different(results['batch'], results['single'])} of {count}"
    )
    hangs = different(results["batch, hangs"], results["single, hangs"])
    console.print(f"verdicts that differ, batch and single, with hangs: {hangs} of {count}")
    agreed = sum(v.passed == p for v, p in zip(results["batch"], results["v1"], strict=True))
    console.print(f"passed here and by v1's bench alike: {agreed} of {count}")


if __name__ == "__main__":
    main()
