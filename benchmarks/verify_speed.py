"""How many real candidates a second are verified, beside VerilogEval v1's own way of running them, and what hangs cost.

    python benchmarks/verify_speed.py --data DIR
    python benchmarks/verify_speed.py --gym 100

DIR holds verilog-eval-v1/ (github.com/NVlabs/verilog-eval, release/1.0.0) and rtlfixer/ (github.com/NVlabs/RTLFixer).
Every way gets the same distinct candidates of one problem in --every and as many processes as there are cores; ways
take turns, and ratios are medians over the rounds. The cache is off. The time to start workers counts. Candidates that
hang by themselves are left out: each would cost v1 its 30 seconds.

    v1        VerilogEval v1: bench and candidate into a file, a process for each check, iverilog and vvp by a shell
    commands  the same two commands from threads, without the process around them
    batch     itertl.verify as it comes; the same with --hangs of the candidates replaced by designs that never end
    single    itertl.verify with batch=1

With --gym the work has a loop's shape: so many generated tasks of the quick-start's families, and of each 1, 4 and 16
answers as of a policy of which a quarter passes and seven in ten compile: references, some in other words, mutants, and
texts with a token too few or too many. v1 gets a bench that drives 400 random vectors into reference and candidate.
"""

import argparse
import dataclasses
import gzip
import inspect
import json
import multiprocessing
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from rich.console import Console
from rich.table import Table

from itertl import Candidate, Outcome, Task, Verdict
from itertl.disk.rows import read_rows
from itertl.suites.recorded import RECORDED
from itertl.tasks.gym import generate
from itertl.tools.shop import open_shop
from itertl.verify import VerifySettings, verify
from itertl.verify.workers.worker import MOST_TOGETHER, Job, judged_together
from itertl.verilog import guard
from itertl.verilog.extract import extract_module
from itertl.verilog.guard import Accepted
from itertl.verilog.header import top_first
from itertl.verilog.interface import read_interface
from itertl.verilog.mutants import mutants
from itertl.verilog.rewording import reworded
from itertl.verilog.tokens import code_id, tokens

COMMANDS = "iverilog -Wall -Winfloop -Wno-timescale -g2012 -s tb -o candidate.vvp candidate.sv; vvp -n candidate.vvp"
TOP = "top_module"
SECONDS = 30  # that VerilogEval v1 gives a check
COUNTED = re.compile(rb"Mismatches: (\d+) in (\d+) samples")
CORES = len(os.sched_getaffinity(0))
HANGS = (
    "wire hang; reg on; initial on = 0; always @({signal}) on = 1; assign hang = on ? ~hang : 1'b0;",
    "reg hang; initial while (1) hang = ~hang;",
    "reg hang; reg [2:0] i; always @({signal}) for (i = 0; i < 8; i = i + 1) hang = i[0];",
)
STEPS = {
    "preparing": "reading references",
    "explore": "exploring references",
    "settling_trace": "power-up of references",
    "gated": "guard and rewriting",
    "compare": "comparison",
    "running_from_random_values": "power-up",
}
FAMILIES = ["adder", "subtractor", "add_sub", "extend", "extremum", "comparator", "counter", "updown_counter"]
FAMILIES += ["register", "accumulator", "fixed_shift", "gate", "arbiter"]
PASSING, COMPILING = 0.25, 0.7  # shares of a policy's answers
VECTORS = 400  # of v1's bench for a generated task
Check = Callable[[str], bool]
T = TypeVar("T")


class Cost(NamedTuple):
    """Seconds of wall time, and of CPU time over all processes: the latter hardly depends on what else is running."""

    wall: float
    cpu: float


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """The candidates, what VerilogEval v1 makes of them (bench, prompt and completion), and their tasks."""

    tasks: dict[str, Task]
    candidates: list[Candidate]
    files: list[str]


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


def of_the_loop(count: int, each: int) -> Sample:
    """Return `count` generated tasks with at most `each` distinct answers."""
    tasks = {task.id: task for task in generate("train", count, 1, families=FAMILIES)}
    candidates: dict[str, Candidate] = {}
    files = []
    for task in tasks.values():
        rng = random.Random(task.id)
        wrong = [m.code for m in mutants(task.reference, task.top, each)] or [task.reference]
        for number in range(each):
            kind = rng.random()
            if kind < PASSING:
                code = rng.choice((task.reference, reworded(task.reference, task.top, number)))
            else:
                code = rng.choice(wrong)
                code = code if kind < COMPILING else damaged(code, rng)
            name = code_id(task.id, code)
            if name not in candidates:
                candidates[name] = Candidate(task.id, 0, number, 0, "", code, code, name)
                files.append(f"{side_by_side(task)}\n{code}")
    return Sample(tasks, list(candidates.values()), files)


def damaged(code: str, rng: random.Random) -> str:
    """Return a text without one of its tokens, or with a word before it."""
    token = rng.choice(list(tokens(code))[3:])
    return (
        code[: token.start] + rng.choice(("", "also ")) + code[token.end if rng.random() < PASSING else token.start :]
    )


def side_by_side(task: Task) -> str:
    """Return a bench in the manner of VerilogEval's: the reference beside the candidate under random vectors."""
    interface = read_interface(task.reference, task.top)
    right = guard.inspect(task.reference, task.top, interface.ports)
    clocks = interface.clocking.clocks
    inputs = [p for p in interface.inputs if p.name not in clocks]
    declared = "".join(f"  reg [{p.width - 1}:0] {p.name} = 0;\n" for p in interface.inputs)
    both = [(f"wanted_{p.name}", f"found_{p.name}", p) for p in interface.outputs]
    declared += "".join(f"  wire [{p.width - 1}:0] {one}, {other};\n" for one, other, p in both)
    ports = ", ".join(f".{p.name}({p.name})" for p in interface.inputs)
    for module, instance, side in ((f"right_{task.top}", "one", 0), (task.top, "two", 1)):
        outputs = "".join(f", .{names[2].name}({names[side]})" for names in both)
        declared += f"  {module} {instance}({ports}{outputs});\n"
    drawn = " ".join(f"{p.name} = {{{', '.join(['$random'] * (p.width // 32 + 1))}}};" for p in inputs)
    edge = " ".join(f"{name} = ~{name};" for name in clocks)
    differs = " || ".join(f"{one} !== ({one} ^ {other} ^ {one})" for one, other, _ in both)
    step = f"{drawn} #2 {edge} #1 if ({differs}) wrong = wrong + 1;"
    say = f'$display("Mismatches: %0d in %0d samples", wrong, {VECTORS});'
    body = f"repeat ({VECTORS}) begin {step} end {say} $finish;"
    bench = f"module tb;\n{declared}  integer wrong = 0;\n  initial begin {body} end\nendmodule\n"
    assert isinstance(right, Accepted)
    return bench + right.renamed("right_")


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


def by_commands(source: str) -> bool:
    """Run VerilogEval v1's two commands on a file; True if its rule finds that the candidate passes."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "candidate.sv").write_text(source, encoding="utf-8")
        process = subprocess.Popen(
            COMMANDS, shell=True, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        timer = threading.Timer(SECONDS, lambda: os.killpg(process.pid, 9))
        timer.start()
        out, err = process.communicate()
        timer.cancel()
    counted = COUNTED.search(out)
    return not err and counted is not None and counted[1] == b"0"


def in_a_process(source: str) -> bool:
    """Check one candidate as VerilogEval v1 does: in a process of its own, which reports through a manager."""
    with multiprocessing.Manager() as manager:
        results = manager.list()
        process = multiprocessing.Process(target=lambda: results.append(by_commands(source)))
        process.start()
        process.join(SECONDS + 1)
        if process.is_alive():
            process.kill()
        return bool(results) and bool(results[0])


def published_way(check: Check, files: Sequence[str]) -> list[bool]:
    """Check all files with one thread a core."""
    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(check, files))


def our_way(tasks: dict[str, Task], candidates: Sequence[Candidate], batch: int) -> list[Verdict]:
    """Verify all candidates; `batch` 0 leaves the default."""
    settings = VerifySettings(cache=False, workers=CORES)
    return list(verify(candidates, tasks, dataclasses.replace(settings, batch=batch or settings.batch)))


def timed(function: Callable[..., T], *arguments: Any) -> tuple[Cost, T]:
    """Call a function; return what it cost, its processes included, and its result."""
    wall, cpu = time.perf_counter(), _cpu()
    result = function(*arguments)
    return Cost(time.perf_counter() - wall, _cpu() - cpu), result


def _cpu() -> float:
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def shares(tasks: dict[str, Task], candidates: Sequence[Candidate], batch: int) -> dict[str, float]:
    """Return the share of CPU time, its programs' included, that each step takes by itself, in this process."""
    spent: dict[str, float] = {}
    inside = [0.0]  # CPU time of the steps within the present one
    judging, simulating = sys.modules["itertl.verify.judge"], sys.modules["itertl.tools.icarus"]
    serving = sys.modules["itertl.verify.workers.worker"]

    def spend(step: str, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        inside.append(0.0)
        started = _cpu()
        try:
            return work(*arguments, **named)
        finally:
            whole, within = _cpu() - started, inside.pop()
            inside[-1] += whole
            spent[step] = spent.get(step, 0.0) + whole - within

    def measured(function: Callable[..., Any], step: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            label = step or ("vvp" if "vvp" in Path(arguments[0][0]).name else "iverilog")
            return spend(label, function, *arguments, **named)

        def go_on(*arguments: Any) -> Generator[Any, Any, Any]:  # what waits for simulations works in between
            work, answer = function(*arguments), None
            while True:
                try:
                    wanted = spend(step, work.send, answer)
                except StopIteration as end:
                    return end.value
                answer = yield wanted

        return go_on if inspect.isgeneratorfunction(function) else call

    places = {name: serving if name == "preparing" else judging for name in STEPS}
    originals = {(module, name): getattr(module, name) for name, module in places.items()}
    originals[simulating, "run"] = simulating.run
    for (module, name), function in originals.items():
        setattr(module, name, measured(function, STEPS.get(name, "")))
    started = _cpu()
    with tempfile.TemporaryDirectory(prefix="itertl-") as folder:
        shop = open_shop(Path(folder))
        settings, references = VerifySettings(cache=False), OrderedDict[Task, Any]()
        jobs = [Job(tasks[name], tuple(designs), settings) for name, designs in grouped(candidates, batch)]
        for at in range(0, len(jobs), MOST_TOGETHER):
            list(judged_together(jobs[at : at + MOST_TOGETHER], references, shop))
    whole = _cpu() - started
    for (module, name), function in originals.items():
        setattr(module, name, function)
    parts = {part: seconds / whole for part, seconds in spent.items()}
    return parts | {"the rest": 1.0 - sum(parts.values())}


def grouped(candidates: Sequence[Candidate], batch: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield batches of one task each."""
    for task in dict.fromkeys(c.task_id for c in candidates):
        designs = [(c.code_id, c.code) for c in candidates if c.task_id == task and c.code]
        for at in range(0, len(designs), batch):
            yield task, designs[at : at + batch]


def different(one: Sequence[Verdict], other: Sequence[Verdict]) -> int:
    """Return how many verdicts differ in anything but their time."""
    return sum(
        dataclasses.replace(a, seconds=0.0) != dataclasses.replace(b, seconds=0.0)
        for a, b in zip(one, other, strict=True)
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of VerilogEval v1 and RTLFixer")
    parser.add_argument("--gym", type=int, default=0, metavar="TASKS", help="the loop's shape, with so many tasks")
    parser.add_argument("--every", type=int, default=1, help="take one problem in so many")
    parser.add_argument("--repeat", type=int, default=3, help="rounds")
    parser.add_argument("--hangs", type=float, default=0.02, help="share of candidates that never end")
    options = parser.parse_args()
    multiprocessing.set_start_method("fork")
    console = Console(width=120)
    if options.gym:
        for each in (1, 4, 16):
            print_loop(of_the_loop(options.gym, each), each, options.repeat, console)
    if options.data is None:
        return
    sample = load(options.data, options.every)
    sample = without_hangs(sample)
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


def print_loop(sample: Sample, each: int, repeat: int, console: Console) -> None:
    """Measure and print the loop's shape, as medians over rounds in which both ways take turns."""
    ours, theirs = [], []
    for _ in range(repeat):
        ours.append(timed(our_way, sample.tasks, sample.candidates, 0)[0])
        theirs.append(timed(published_way, in_a_process, sample.files)[0])
    count = len(sample.candidates)
    cpu, wall = (statistics.median(cost[kind] for cost in ours) for kind in (1, 0))
    console.print(
        f"{len(sample.tasks)} tasks, {each} answers of each, {count} designs: {1000 * cpu / count:.1f} ms of CPU time "
        f"for a design, {1000 * cpu / len(sample.tasks):.1f} for a task, {count / wall:.0f} a second; "
        f"{ratio(theirs, ours, 1):.1f} times v1's speed by CPU time, {ratio(theirs, ours, 0):.1f} by the clock"
    )
    print_shares(sample, VerifySettings().batch, console)


def print_shares(sample: Sample, batch: int, console: Console) -> None:
    """Print the share of CPU time that each step takes in batches of a size."""
    parts = sorted(shares(sample.tasks, sample.candidates, batch).items(), key=lambda part: -part[1])
    shown = ", ".join(f"{part} {share:.0%}" for part, share in parts)
    console.print(f"CPU time of a worker, batches of {batch}: {shown}")


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


def ratio(slow: Sequence[Cost], fast: Sequence[Cost], kind: int) -> float:
    """Return how many times as much the one costs as the other: wall time (0) or CPU time (1)."""
    return statistics.median(a[kind] / b[kind] for a, b in zip(slow, fast, strict=True))


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
