"""Ways to verify a sample of candidates, ours and VerilogEval v1's, and what each costs: for the benchmarks of speed.

    cost, verdicts = timed(our_way, sample.tasks, sample.candidates, 0)
    cost, passed = timed(published_way, in_a_process, sample.files)

Every way gets as many processes as there are cores, and starts them anew; the cache is off.
"""

import dataclasses
import inspect
import multiprocessing
import os
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

from itertl import Candidate, Task, Verdict
from itertl.tools.shop import open_shop
from itertl.verify import VerifySettings, verify
from itertl.verify.workers.worker import MOST_TOGETHER, Job, judged_together

COMMANDS = "iverilog -Wall -Winfloop -Wno-timescale -g2012 -s tb -o candidate.vvp candidate.sv; vvp -n candidate.vvp"
SECONDS = 30  # that VerilogEval v1 gives a check
COUNTED = re.compile(rb"Mismatches: (\d+) in (\d+) samples")
CORES = len(os.sched_getaffinity(0))
STEPS = {
    "preparing": "reading references",
    "explore": "exploring references",
    "settling_trace": "power-up of references",
    "gated": "guard and rewriting",
    "compare": "comparison",
    "running_from_random_values": "power-up",
}
Check = Callable[[str], bool]
T = TypeVar("T")


class Cost(NamedTuple):
    """Seconds of wall time, and of CPU time over all processes: the latter hardly depends on what else is running."""

    wall: float
    cpu: float


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """Candidates of `tasks`, and the file (bench, prompt and completion) that VerilogEval v1 makes of each."""

    tasks: dict[str, Task]
    candidates: list[Candidate]
    files: list[str]


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


def ratio(slow: Sequence[Cost], fast: Sequence[Cost], kind: int) -> float:
    """Return how many times as much the one costs as the other: wall time (0) or CPU time (1)."""
    return statistics.median(a[kind] / b[kind] for a, b in zip(slow, fast, strict=True))


def print_shares(sample: Sample, batch: int, console: Console) -> None:
    """Print the share of CPU time that each step takes in batches of a size."""
    parts = sorted(shares(sample.tasks, sample.candidates, batch).items(), key=lambda part: -part[1])
    shown = ", ".join(f"{part} {share:.0%}" for part, share in parts)
    console.print(f"CPU time of a worker, batches of {batch}: {shown}")


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
