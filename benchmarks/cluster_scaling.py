"""Verification on a Ray cluster beside this machine's own workers, with the same cores, and what the driver takes.

    python benchmarks/cluster_scaling.py                      # a cluster of two one-core nodes is started here
    python benchmarks/cluster_scaling.py --only driver --rows 2000000

Cluster and local workers verify the same designs of generated tasks, taking turns, cache off, --cores of each; the time
to connect, and to start workers, is left out by a round before. Ratios are medians over the rounds. The overhead of a
task is what an order of one design that the guard refuses takes more than such a job takes here. The driver is then
run alone: rows of synthetic designs, answered at once, through the pool, the pump and the file of verdicts, with the
memory of the process at each tenth.
"""

import argparse
import dataclasses
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
from rich.console import Console
from rich.table import Table

from itertl.evaluation.ledger import line_of, open_ledger
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.tasks import gym
from itertl.verify import VerifySettings, verify
from itertl.verify.cluster import links
from itertl.verify.cluster import pool as pools
from itertl.verify.cluster.nodes import needed_tools, own_tools
from itertl.verify.cluster.wire import Hello, Node, Reply, Report, pack, unpack
from itertl.verify.judged import Judged
from itertl.verify.workers.choice import open_pool
from itertl.verify.workers.stream import Judges
from itertl.verify.workers.worker import Answer

STORE = 100 << 20  # bytes of each node's object store
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "RAY_worker_niceness": "0"}
REFUSED = "module top(input a, output y); initial $finish; assign y = a; endmodule"
SPACE = "  wire [7:0] extra{n} = 8'd{m};\nendmodule"


@dataclasses.dataclass(frozen=True, slots=True)
class Ratio:
    """Candidates a second, here and on the cluster, and their ratio: medians over the rounds."""

    here: float
    there: float
    ratio: float
    traffic: pools.Traffic
    designs: int


def start_cluster(cores: int) -> Any:
    """Start a head without cores, and `cores` nodes of one core each."""
    os.environ.update(QUIET)
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "object_store_memory": STORE, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(cores):
        cluster.add_node(num_cpus=1, object_store_memory=STORE)
    return cluster


def drawn(tasks: int, each: int) -> tuple[list[Task], list[Submission]]:
    """Return tasks, and `each` distinct designs of each: references with a wire more, a quarter wrong."""
    found = gym.generate("base", tasks, 1)
    designs = []
    for task in found:
        for n in range(each):
            code = task.reference.replace("endmodule", SPACE.format(n=n, m=n % 256))
            if n % 4 == 3:
                code = code.replace("1'b1", "1'b0").replace("+", "-")
            designs.append(Submission.whole(task.id, code))
    return found, designs


class Counted:
    """A pool that is kept open between rounds, so that neither connecting nor starting workers counts."""

    def __init__(self, settings: VerifySettings) -> None:
        self.settings = settings
        self.pool: Judges[Verdict] = open_pool(settings)

    def __call__(self, settings: VerifySettings) -> Judges[Verdict]:
        """Be what `verify` takes as judges."""
        return self

    @property
    def room(self) -> int:
        """As the pool's."""
        return self.pool.room

    def __enter__(self) -> "Counted":
        return self

    def __exit__(self, *details: object) -> None:
        """Leave the pool open."""

    def submit(self, job: Any) -> None:
        """As the pool's."""
        self.pool.submit(job)

    def collect(self, wait: float | None) -> list[Judged[Verdict]]:
        """As the pool's."""
        return self.pool.collect(wait)


def seconds(judges: Counted, tasks: list[Task], designs: list[Submission]) -> float:
    """Return the seconds that verifying all designs takes."""
    started = time.perf_counter()
    count = sum(1 for _ in verify(designs, tasks, judges.settings, judges=judges))
    assert count == len(designs), count
    return time.perf_counter() - started


def compare(here: Counted, there: Counted, tasks: list[Task], designs: list[Submission], rounds: int) -> Ratio:
    """Verify here and there in turn, after one round that does not count."""
    spent: dict[str, list[float]] = {"here": [], "there": []}
    ways = {"here": here, "there": there}
    for n in range(rounds + 1):
        if n == 1:
            there.pool.traffic = pools.Traffic()  # type: ignore[attr-defined]
        for name in sorted(ways, reverse=bool(n % 2)):
            took = seconds(ways[name], tasks, designs)
            if n:
                spent[name].append(took)
    rates = {name: len(designs) / statistics.median(found) for name, found in spent.items()}
    ratio = statistics.median(a / b for a, b in zip(spent["here"], spent["there"], strict=True))
    traffic: pools.Traffic = dataclasses.replace(there.pool.traffic)  # type: ignore[attr-defined]
    return Ratio(rates["here"], rates["there"], ratio, traffic, len(designs) * rounds)


def overhead(here: Counted, there: Counted, count: int, cores: int) -> float:
    """Return the seconds of a core that an order costs more on the cluster than here."""
    task = Task("top", "", "", REFUSED.replace("initial $finish; ", ""), "top")
    spent = []
    for way in (here, there):
        found = []
        for n in range(3):
            designs = [Submission(task.id, f"{n}-{m}", f"{REFUSED} // {m}", "") for m in range(count)]
            settings = dataclasses.replace(way.settings, batch=1)
            started = time.perf_counter()
            verdicts = list(verify(designs, [task], settings, judges=way))
            found.append(time.perf_counter() - started)
            assert {v.outcome for v in verdicts} == {Outcome.REJECTED}, {v.outcome for v in verdicts}
        spent.append(statistics.median(found[1:]))
    return (spent[1] - spent[0]) / count * cores


class SyntheticLink:
    """A cluster that passes everything at once, without a tool."""

    def __init__(self) -> None:
        self.tools = own_tools(needed_tools(False))
        self.ready: list[Report] = []

    def send(self, number: int, data: bytes) -> None:
        """Answer an order."""
        order = unpack(data)
        said = tuple(Judged(Verdict(order.job.task.id, name, Outcome.PASSED, 1.0)) for name, _ in order.job.designs)
        self.ready.append(Report(number, pack(Reply("synthetic", self.tools, Answer(said)))))

    def receive(self, wait: float) -> list[Report]:
        """Return all answers."""
        found, self.ready = self.ready, []
        return found

    def close(self) -> None:
        """Do nothing."""


def synthetic(rows: int, each: int) -> Iterator[Submission]:
    """Yield `each` distinct designs for task after task."""
    for n in range(rows):
        yield Submission(f"task-{n // each % 1000:04}", f"{n:016x}", f"assign y = {n};\n" * 20, "")


def driver(rows: int, cores: int, each: int = 16) -> Iterator[tuple[int, float, float]]:
    """Yield rows written, MiB of this process and its CPU seconds, at each tenth of `rows` synthetic designs."""
    link = SyntheticLink()
    hello = Hello((Node("synthetic", float(cores), link.tools),))
    tasks = [Task(f"task-{n:04}", "", "", "module top; endmodule", "top") for n in range(1000)]
    settings = VerifySettings(cluster="auto", cache=False)
    started = time.process_time()
    process = psutil.Process()
    with (
        mock.patch.object(pools, "open_link", return_value=(link, hello)),
        mock.patch.object(pools, "keep_link"),
        tempfile.TemporaryDirectory() as folder,
        open_ledger(Path(folder) / "verdicts.jsonl", {}) as ledger,
    ):
        for verdict in verify(synthetic(rows, each), tasks, settings):
            ledger.append(line_of(verdict))
            if ledger.rows % max(1, rows // 10) == 0:
                memory = process.memory_info().rss / (1 << 20)
                yield ledger.rows, memory, time.process_time() - started


def reading(count: int = 20, each: int = 8) -> float:
    """Return the CPU seconds that finding the design in an answer takes, as `itertl verify` does for each row."""
    tasks, designs = drawn(count, each)
    known = {task.id: task for task in tasks}
    started = time.process_time()
    for design in designs:
        Submission.of(known[design.task_id], design.text)
    return (time.process_time() - started) / len(designs)


def print_real(options: argparse.Namespace, console: Console) -> None:
    """Measure and print cluster and local workers side by side."""
    if find_spec("ray") is None:
        sys.exit("Ray is not installed: pip install 'itertl[ray]'")
    cluster = start_cluster(options.cores)
    base = VerifySettings(workers=options.cores, cache=False)
    try:
        here, there = Counted(base), Counted(dataclasses.replace(base, cluster=cluster.address))
        with here.pool, there.pool:
            tasks, designs = drawn(options.tasks, options.each)
            found = compare(here, there, tasks, designs, options.rounds)
            extra = overhead(here, there, options.orders, options.cores)
    finally:
        links._close_all()
        cluster.shutdown()
    traffic = found.traffic
    table = Table("", "local workers", "cluster", "cluster / local")
    table.add_row("candidates/s", f"{found.here:.1f}", f"{found.there:.1f}", f"{found.ratio:.2f}")
    console.print(table)
    console.print(
        f"{found.designs} candidates in {traffic.tasks} orders: {traffic.sent / found.designs:.0f} bytes to the nodes "
        f"and {traffic.received / found.designs:.0f} back each; an order costs {extra * 1000:.1f} ms of a core more",
        highlight=False,
    )


def print_driver(options: argparse.Namespace, console: Console) -> None:
    """Run the driver alone and print its memory."""
    console.print(f"the design in an answer: {reading() * 1000:.2f} ms of CPU time", highlight=False)
    for rows, memory, spent in driver(options.rows, options.driver_cores):
        console.print(
            f"{rows:>10,} rows: {memory:.0f} MiB, {rows / spent:,.0f} rows per second of CPU time", highlight=False
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("real", "driver"), help="one half of it")
    parser.add_argument("--cores", type=int, default=2, help="nodes of one core, and local workers")
    parser.add_argument("--tasks", type=int, default=40)
    parser.add_argument("--each", type=int, default=16, help="designs of a task")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=200, help="orders of one design for the overhead")
    parser.add_argument("--rows", type=int, default=2_000_000, help="synthetic designs for the driver alone")
    parser.add_argument("--driver-cores", type=int, default=1000, help="cores of the synthetic cluster")
    options = parser.parse_args()
    console = Console(width=120)
    halves: dict[str, Callable[[argparse.Namespace, Console], None]] = {"driver": print_driver, "real": print_real}
    for name, half in halves.items():
        if options.only in (None, name):
            half(options, console)


if __name__ == "__main__":
    main()
