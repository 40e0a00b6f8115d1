"""What is lost where processes are killed: kill -9, again and again, in the middle of one verification or run.

    python -m benchmarks.kills                              # every kind, ten kills each; takes half an hour
    python -m benchmarks.kills --only worker node --kills 3

The cluster is a real one of this machine, a head without cores and two nodes of one core (`ray.cluster_utils.Cluster`).
Killed are, one kind after the other: what judges on a node (Ray's process and itertl's own worker in turn), a node, the
head, the command that drives; one of three workers of a shared folder; and a whole run whose evaluations are beside
sampling. Each victim is replaced, or started again by the same command. What comes out is compared, seconds aside, with
what this machine says undisturbed. Last, a run of the quick-start's shape judges on the cluster, and is compared with
one that judges here.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import yaml
from benchmarks.cluster_scaling import QUIET, STORE, drawn
from benchmarks.evaluation_beside import artefacts, config_of, environment
from rich.console import Console
from rich.table import Table

from itertl.evaluation.many import Order, verify_file
from itertl.verify import VerifySettings
from itertl.verify.cluster import links
from itertl.verify.folder.driver import Shared
from itertl.verify.folder.layout import Place

HERE = VerifySettings(workers=2, cache=False, batch=4)
PATIENT = {  # a busy machine lets its processes wait for seconds, which is no death
    "RAY_agent_register_timeout_ms": "300000",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "20",
    "RAY_gcs_server_request_timeout_seconds": "300",
    "RAY_health_check_timeout_ms": "120000",
}
STALE = 3.0  # seconds after which a worker of the folder counts as dead
FIELDS = ("id", "instruction", "header", "reference")
QUICKSTART = {
    "iterations": 1,
    "tasks": {"gym": {"train": 24, "dev": 8, "test": 8}, "references": 8, "per_iteration": 12},
    "policy": {"path": "embedded"},
    "sampling": {"candidates": 3, "max_new_tokens": 160},
    "training": {"objective": "rft", "steps": 2, "learning_rate": 3.0e-4},
    "evaluation": {"samples": 2, "dev_samples": 2, "suites": ["gym-test"]},
    "verify": {"cache": False, "workers": 2},
}


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What a kind of kill has cost: of `rows`, those lost, those that are there twice, and those that differ."""

    kind: str
    kills: int
    rows: int
    lost: int
    twice: int
    different: int
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """Rows and tasks as files, and the verdicts that this machine gives undisturbed."""

    folder: Path
    rows: int

    @property
    def undisturbed(self) -> Path:
        """The file of verdicts to compare with."""
        return self.folder / "here.jsonl"

    def order(self, name: str, settings: VerifySettings = HERE, shared: Shared | None = None) -> Order:
        """Return an order to verify the rows into the file of a name."""
        return Order(
            self.folder / "rows.jsonl", self.folder / "tasks.jsonl", self.folder / name, settings, shared=shared
        )

    def compared(self, kind: str, kills: int, out: Path, seconds: float) -> Found:
        """Compare a file of verdicts with that of this machine."""
        right, found = rows_of(self.undisturbed), rows_of(out)
        names = Counter(name_of(row) for row in found)
        lost = sum((Counter(name_of(row) for row in right) - names).values())
        twice = sum((names - Counter(name_of(row) for row in right)).values())
        known = {name_of(row): row for row in right}
        return Found(
            kind, kills, len(found), lost, twice, sum(known.get(name_of(row)) != row for row in found), seconds
        )


def name_of(row: dict[str, Any]) -> tuple[str, str]:
    """Return what a verdict is about."""
    return row["task_id"], row["code_id"]


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of verdicts, without seconds."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def written(out: Path) -> int:
    """Return how many rows of a file of verdicts are there by now."""
    for path in (out, out.with_name(out.name + ".partial")):
        with contextlib.suppress(FileNotFoundError):
            return path.read_bytes().count(b"\n")
    return 0


def write_case(folder: Path, tasks: int, each: int) -> Case:
    """Write rows and tasks, and have this machine verify them."""
    found, designs = drawn(tasks, each)
    rows = [json.dumps({"task_id": d.task_id, "completion": d.text}) + "\n" for d in designs]
    (folder / "rows.jsonl").write_text("".join(rows), encoding="utf-8")
    lines = [json.dumps({field: getattr(task, field) for field in FIELDS}) + "\n" for task in found]
    (folder / "tasks.jsonl").write_text("".join(lines), encoding="utf-8")
    case = Case(folder, len(rows))
    verify_file(case.order("here.jsonl"))
    return case


def patiently(start: Callable[[], Any]) -> Any:
    """Return what `start` starts, with further attempts where this machine is too busy for the 30 s that Ray gives."""
    for _ in range(9):
        try:
            return start()
        except Exception as error:
            if "timed out during startup" not in str(error):
                raise
    return start()


class Cluster:
    """A head without cores and two nodes of one core each, which can be killed and started again."""

    def __init__(self) -> None:
        """Start it."""
        os.environ.update({**QUIET, **PATIENT})
        self.real = self._start()
        self.address = str(self.real.address)

    def _start(self, **head: Any) -> Any:
        from ray.cluster_utils import Cluster as Real

        arguments = {"num_cpus": 0, "object_store_memory": STORE, "include_dashboard": False, **head}
        real = patiently(lambda: Real(initialize_head=True, head_node_args=arguments))
        for _ in range(2):
            patiently(lambda: real.add_node(num_cpus=1, object_store_memory=STORE))
        return real

    def kill_node(self) -> None:
        """Kill a node with all of its processes, and add another one."""
        self.real.remove_node(random.choice(list(self.real.worker_nodes)), allow_graceful=False)
        patiently(lambda: self.real.add_node(num_cpus=1, object_store_memory=STORE))

    def kill_head(self) -> None:
        """Kill the head, and start another one at its address, with new nodes."""
        for kind in ("gcs_server", "raylet"):
            for each in self.real.head_node.all_processes[kind]:
                each.process.send_signal(signal.SIGKILL)
        self.real.shutdown()
        self.real = self._start(gcs_server_port=int(self.address.rpartition(":")[2]))
        assert self.real.address == self.address

    def kill_worker(self, text: str) -> None:
        """Kill a process of the nodes with a text in its command line, as soon as there is one."""
        while not (found := [p for p in self._processes() if text in _command(p)]):
            time.sleep(0.05)
        with contextlib.suppress(psutil.NoSuchProcess):
            random.choice(found).kill()

    def _processes(self) -> Iterator[psutil.Process]:
        for node in list(self.real.worker_nodes):
            for raylet in node.all_processes["raylet"]:
                with contextlib.suppress(psutil.Error):
                    yield from psutil.Process(raylet.process.pid).children(recursive=True)

    def end(self) -> None:
        """End it."""
        links._close_all()
        self.real.shutdown()


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def disturbed(case: Case, order: Order, kills: int, kill: Callable[[int], object]) -> int:
    """Verify while `kill(n)` is called `kills` times, spread over the rows; return how many came in time."""
    faults = list[BaseException]()

    def work() -> None:
        try:
            verify_file(order)
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    done = 0
    for n in range(kills):
        while thread.is_alive() and written(order.out) < (n + 0.5) * case.rows / (kills + 1):
            time.sleep(0.02)
        if not thread.is_alive():
            break
        time.sleep(random.random() * 0.2)
        done += kill(n) is not False
    thread.join()
    if faults:
        raise faults[0]
    return done


def on_cluster(kind: str, case: Case, kills: int, cluster: Cluster) -> Found:
    """Kill workers, nodes or the head while this process drives."""
    texts = ("ray::itertl verify", "worker import start")  # not Ray's agents, with which a node ends
    ways: dict[str, Callable[[int], object]] = {
        "worker": lambda n: cluster.kill_worker(texts[n % 2]),
        "node": lambda n: cluster.kill_node(),
        "head": lambda n: cluster.kill_head(),
    }
    order = case.order(f"{kind}.jsonl", dataclasses.replace(HERE, cluster=cluster.address))
    started = time.monotonic()
    done = disturbed(case, order, kills, ways[kind])
    return case.compared(kind, done, order.out, time.monotonic() - started)


def of_driver(case: Case, kills: int, cluster: Cluster) -> Found:
    """Kill the command that drives, and give it again."""
    out = case.order("driver.jsonl").out
    files = ["--candidates", str(case.folder / "rows.jsonl"), "--tasks", str(case.folder / "tasks.jsonl")]
    command = [sys.executable, "-m", "itertl", "verify", *files, "--out", str(out), "--cluster", cluster.address]
    started, done = time.monotonic(), 0
    for n in range(kills + 1):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"ITERTL_CACHE": "off"})
        wanted = min(written(out) + 1, case.rows) if n < kills else case.rows + 1
        while process.poll() is None and written(out) < wanted:
            time.sleep(0.02)
        if process.poll() is None:
            time.sleep(random.random() * 0.2)
            process.kill()
        done += process.wait() == -signal.SIGKILL
    return case.compared("driver", done, out, time.monotonic() - started)


def in_folder(case: Case, kills: int) -> Found:
    """Kill one of three workers of a shared folder while it holds a batch, and start another one.

    A batch whose holders have died three times is a tool error by design: who holds one that two have died with is
    spared.
    """
    place = Place(case.folder / "farm")
    order = case.order("folder.jsonl", shared=Shared(place.root, works=False, stale=STALE))
    command = [sys.executable, "-m", "itertl", "verify-worker", str(place.root), "--workers", "1"]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    workers = [start() for _ in range(3)]

    def kill(n: int) -> bool:
        while not place.over.exists():
            held = list(place.held().glob("*/*"))
            frail = {path.parent.name for path in held if not path.stem.endswith(("-0", "-1"))}
            for path in held:
                name = path.parent.name
                victim = next((w for w in workers if f"-{w.pid}-" in name and w.poll() is None), None)
                if victim is not None and name not in frail:
                    victim.kill()
                    workers.append(start())
                    return True
            time.sleep(0.02)
        return False

    started = time.monotonic()
    try:
        done = disturbed(case, order, kills, kill)
    finally:
        for worker in workers:
            worker.kill()
    return case.compared("folder worker", done, order.out, time.monotonic() - started)


def of_run(folder: Path, kills: int) -> Found:
    """Kill a run with evaluations beside sampling at moments of all kinds; compare artefacts instead of rows."""
    options = argparse.Namespace(seconds=1.0, startup=0.5, iterations=2, steps=2, workers=2)
    commands = {}
    for root in (folder / "whole", folder / "broken"):
        config = config_of(root, options) | {"evaluation": {"suites": [], "dev_samples": 2, "beside": True}}
        config["tasks"] = {"gym": {"train": 16, "dev": 8, "test": 2}, "references": 6, "per_iteration": 8}
        config["sampling"] = {"candidates": 3}
        root.with_suffix(".yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        commands[root] = [
            sys.executable, "-m", "itertl", "run", str(root.with_suffix(".yaml")), "--out", str(root), "--quiet",
        ]  # fmt: skip
    whole, broken = commands
    subprocess.run(commands[whole], check=True, env=environment(whole), stderr=subprocess.DEVNULL)
    lines = (whole / "events.jsonl").read_text(encoding="utf-8").splitlines()
    stages = [row["stage"] for row in map(json.loads, lines) if row["event"] == "stage_start"]
    started, done = time.monotonic(), 0
    for n in range(kills + 1):
        process = subprocess.Popen(commands[broken], env=environment(broken), stderr=subprocess.DEVNULL)
        wanted = stages[5 + n * (len(stages) - 6) // max(1, kills - 1)] if n < kills else "nothing"
        events, before = broken / "events.jsonl", written(broken / "events.jsonl")
        while process.poll() is None:
            text = events.read_text(encoding="utf-8").splitlines()[before:] if events.exists() else []
            if any(f'"{wanted}"' in line for line in text) or (broken / wanted).exists():
                time.sleep(random.random() * 0.5)
                process.kill()
                break
            time.sleep(0.02)
        done += process.wait() == -signal.SIGKILL
    right, found = artefacts(whole), artefacts(broken)
    different = sum(right.get(name) != found.get(name) for name in right | found)
    return Found(
        "run, beside", done, len(found), len(right.keys() - found.keys()), 0, different, time.monotonic() - started
    )


def quickstart(folder: Path, cluster: Cluster) -> list[str]:
    """Return the names of what differs between a small run that judges here and one that judges on the cluster."""
    left = {}
    for name, address in (("here", ""), ("there", cluster.address)):
        root = folder / f"quickstart-{name}"
        config = QUICKSTART | {"verify": {"cache": False, "workers": 2, "cluster": address}}
        root.with_suffix(".yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        command = [sys.executable, "-m", "itertl", "run", str(root.with_suffix(".yaml")), "--out", str(root), "--quiet"]
        subprocess.run(command, check=True, env=os.environ | {"ITERTL_CACHE": "off"})
        left[name] = artefacts(root)
    both = left["here"] | left["there"]
    print(f"quick-start's shape on the cluster: {len(both)} artefacts", flush=True)
    return [name for name in both if left["here"].get(name) != left["there"].get(name)]


KINDS = ("worker", "node", "head", "driver", "folder", "run", "quickstart")


def carried_out(kind: str, case: Case, options: argparse.Namespace, cluster: Cluster | None) -> Found:
    """Carry out one kind of kill."""
    if kind == "folder":
        return in_folder(case, options.kills)
    if kind == "run":
        return of_run(case.folder, options.kills)
    assert cluster is not None
    return (
        of_driver(case, options.kills, cluster) if kind == "driver" else on_cluster(kind, case, options.kills, cluster)
    )


def main() -> None:
    """Kill, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--kills", type=int, default=10, help="of each kind")
    parser.add_argument("--tasks", type=int, default=24)
    parser.add_argument("--each", type=int, default=16, help="designs of a task")
    options = parser.parse_args()
    console = Console(width=110)
    found = list[Found]()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        case = write_case(Path(name), options.tasks, options.each)
        cluster = Cluster() if set(options.only) - {"folder", "run"} else None
        if cluster is not None:
            stack.callback(cluster.end)
        for kind in options.only:
            if kind != "quickstart":
                found.append(carried_out(kind, case, options, cluster))
                console.print(str(found[-1]), highlight=False)
            elif cluster is not None:
                console.print(
                    f"differ from those of a run that judges here: {quickstart(case.folder, cluster) or 'none'}"
                )
    table = Table("killed", "kills", "rows", "lost", "twice", "different", "seconds")
    for one in found:
        table.add_row(*map(str, dataclasses.astuple(one)[:-1]), f"{one.seconds:.0f}")
    console.print(table)
    if any(one.lost or one.twice or one.different for one in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
