"""Verification on a real Ray cluster: the same verdicts as here, whatever dies on the way, and nothing left behind.

All tests share one cluster of two nodes but those that need a head of their own: where the only node has another Icarus
Verilog, where the head is killed, and where the cluster is to begin and end with what asked for it.
"""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from itertl.errors import ToolError
from itertl.evaluation.many import Order, verify_file
from itertl.records import Submission, Verdict
from itertl.rewards import Reward
from itertl.tasks import gym
from itertl.verify import VerifySettings, verify

pytestmark = [pytest.mark.ray, pytest.mark.slow]

HERE = VerifySettings(workers=2, cache=False, batch=4)
TASKS = gym.generate("base", 6, 1)

TRAINER = """
import ray, sys
ray.init(logging_level="ERROR", log_to_driver=False)
from itertl.records import Submission, Task
from itertl.rewards import Reward
from itertl.verify.cluster import links
from itertl.verify.cluster.nodes import needed_tools
link, hello = links.open_link("auto", 0, needed_tools(False), "auto")
assert type(link).__name__ == "RayLink", link
own = ray.get_runtime_context().get_node_id()
assert link._options == {"label_selector": {"ray.io/node-id": "!" + own}}, link._options
reference = "module inv(input a, output y); assign y = ~a; endmodule"
answers = [reference, reference.replace("~", ""), "nothing"]
print(Reward(cluster="auto")([""] * 3, answers, reference=[reference] * 3))
print(ray.is_initialized())
"""
INVERTER = "module inv(input a, output y); assign y = ~a; endmodule"


def designs() -> list[Submission]:
    """Designs that pass, differ, do not parse, are refused, and never end."""
    found = []
    for task in TASKS:
        body = task.reference
        found += [
            body,
            body.replace("endmodule", "wire extra = 1'b0; endmodule"),
            body.replace("endmodule", "initial $finish; endmodule"),
            body.replace("endmodule", "assign ; endmodule"),
            body.replace("endmodule", "reg hang; initial begin hang = 0; while (1) hang = ~hang; end endmodule"),
            task.header + "\nendmodule\n",
        ]
    per_task = len(found) // len(TASKS)
    return [Submission.whole(TASKS[n // per_task].id, code) for n, code in enumerate(found)]


def plain(verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts without their time."""
    return [dataclasses.replace(verdict, seconds=0.0) for verdict in verdicts]


@pytest.fixture(scope="module")
def expected() -> list[Verdict]:
    """What this machine says."""
    return plain(list(verify(designs(), TASKS, HERE)))


def rows_of(folder: Path) -> tuple[Path, Path]:
    """Write rows and tasks as files."""
    rows, tasks = folder / "rows.jsonl", folder / "tasks.jsonl"
    rows.write_text("".join(json.dumps({"task_id": d.task_id, "completion": d.code}) + "\n" for d in designs()))
    fields = ("id", "instruction", "header", "reference")
    tasks.write_text("".join(json.dumps({f: getattr(t, f) for f in fields}) + "\n" for t in TASKS))
    return rows, tasks


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file of verdicts as they stand there, but for the time."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [json.dumps(row | {"seconds": 0.0}) for row in rows]


def named(text: str) -> list[psutil.Process]:
    """Return the processes with a text in their command line."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if text in " ".join(process.cmdline()):
                found.append(process)
    return found


def below(cluster: Any, text: str) -> list[psutil.Process]:
    """Return the processes of the cluster's nodes with a text in their command line."""
    raylets = [p.process.pid for node in cluster.worker_nodes for p in node.all_processes["raylet"]]
    found = []
    for pid in raylets:
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if text in " ".join(process.cmdline()):
                        found.append(process)
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    while not condition():
        time.sleep(0.05)


def test_files_are_the_same_byte_for_byte_and_workers_stay_between_calls(two_nodes: Any, tmp_path: Path) -> None:
    rows, tasks = rows_of(tmp_path)
    here, there, again = (tmp_path / name for name in ("here.jsonl", "there.jsonl", "again.jsonl"))
    verify_file(Order(rows, tasks, here, HERE))
    away = dataclasses.replace(HERE, cluster=two_nodes.address)
    verify_file(Order(rows, tasks, there, away))
    first = {process.pid for process in below(two_nodes, "worker import start")}
    verify_file(Order(rows, tasks, again, away))
    assert len(lines_of(here)) == len(designs())
    assert lines_of(here) == lines_of(there) == lines_of(again)
    assert first & {process.pid for process in below(two_nodes, "worker import start")}


def test_a_node_and_a_process_killed_in_the_middle_change_nothing(two_nodes: Any, expected: list[Verdict]) -> None:
    settings = dataclasses.replace(HERE, cluster=two_nodes.address, batch=2)
    found, stream = [], verify(designs(), TASKS, settings)
    for verdict in stream:
        found.append(verdict)
        if len(found) == 3:
            for process in below(two_nodes, "ray::itertl verify")[:1]:  # not an agent, with which its node ends
                workers = process.children(recursive=True)
                process.kill()
                psutil.wait_procs(workers, timeout=600)
                assert not [worker for worker in workers if worker.is_running()]
        if len(found) == 8:
            two_nodes.remove_node(next(iter(two_nodes.worker_nodes)), allow_graceful=False)
    two_nodes.add_node(num_cpus=1, object_store_memory=100 << 20)
    assert plain(found) == expected


def test_a_driver_killed_in_the_middle_goes_on_and_leaves_nothing(two_nodes: Any, tmp_path: Path) -> None:
    rows, tasks = rows_of(tmp_path)
    with rows.open("a") as file:  # the last task takes a while, so that the driver is there to be killed
        for n in range(4):
            hangs = f"reg h{n}; initial begin h{n} = 0; while (1) h{n} = ~h{n}; end endmodule"
            code = TASKS[-1].reference.replace("endmodule", hangs)
            file.write(json.dumps({"task_id": TASKS[-1].id, "completion": code}) + "\n")
    here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    command = [
        sys.executable, "-m", "itertl", "verify", "--candidates", str(rows), "--tasks", str(tasks),
        "--out", str(there), "--cluster", two_nodes.address,
    ]  # fmt: skip
    partial = there.with_name(there.name + ".partial")
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for(lambda: first.poll() is not None or (partial.exists() and partial.read_bytes().count(b"\n") >= 4))
    gateways = [p for p in psutil.Process(first.pid).children() if "gateway" in " ".join(p.cmdline())]
    assert len(gateways) == 1
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    kept = partial.read_text().splitlines()[:4]
    assert not psutil.wait_procs(gateways, timeout=600)[1]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert there.read_text().splitlines()[:4] == kept
    verify_file(Order(rows, tasks, here, HERE))
    assert lines_of(here) == lines_of(there)


def test_a_node_that_ends_before_it_is_asked_is_left_out() -> None:
    ray = pytest.importorskip("ray")
    from itertl.verify.cluster.link import RayLink

    def get(ref: type[Exception], timeout: float) -> None:
        raise ref(f"the node is gone, after {timeout} s")

    link = RayLink.__new__(RayLink)
    link._ray = SimpleNamespace(get=get, exceptions=ray.exceptions)
    row = {"NodeManagerHostname": "far", "NodeID": "0123456789", "Resources": {"CPU": 2.0}}
    assert link._seen(row, ray.exceptions.TaskUnschedulableError) is None
    other = link._seen(row, ray.exceptions.RaySystemError)
    assert other is not None
    assert other.fault


def test_the_trainers_cluster_judges_and_stays_connected(two_nodes: Any) -> None:
    found = subprocess.run(
        [sys.executable, "-c", TRAINER],
        env=os.environ | {"RAY_ADDRESS": two_nodes.address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    answers = [INVERTER, INVERTER.replace("~", ""), "nothing"]
    here = Reward(workers=1)([""] * 3, answers, reference=[INVERTER] * 3)
    assert found.stdout.splitlines() == [str(here), "True"]


def test_the_example_says_what_its_text_promises(two_nodes: Any) -> None:
    found = subprocess.run(
        [sys.executable, "examples/reward_on_ray.py"],
        env={k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    right, wrong, nothing = eval(found.stdout.splitlines()[-1])
    assert right == 1.0 > wrong > nothing == 0.0


def test_a_node_with_another_icarus_is_refused_by_name_or_allowed(
    start_cluster: Callable[..., Any], other_icarus: str, expected: list[Verdict]
) -> None:
    cluster = start_cluster(nodes=0, num_cpus=1, env_vars={"PATH": other_icarus})
    settings = dataclasses.replace(HERE, cluster=cluster.address)
    with pytest.raises(ToolError, match=r"the node .* has Icarus Verilog 99\.0 \(expected .*auto\?iverilog=99\.0"):
        list(verify(designs(), TASKS, settings))
    allowed = dataclasses.replace(settings, cluster=f"{cluster.address}?iverilog=99.0")
    found = list(verify(designs()[:6], TASKS, allowed))
    assert [v.outcome for v in found] == [v.outcome for v in expected[:6]]


def test_a_cluster_that_is_started_again_goes_on(start_cluster: Callable[..., Any], expected: list[Verdict]) -> None:
    cluster = start_cluster()
    port = int(cluster.address.rpartition(":")[2])
    settings = dataclasses.replace(HERE, cluster=cluster.address, batch=1)
    found: list[Verdict] = []
    for verdict in verify(designs(), TASKS, settings):
        found.append(verdict)
        if len(found) == 3:
            cluster.shutdown()
            assert start_cluster(gcs_server_port=port).address == settings.cluster
    assert plain(found) == expected


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """Check that the test leaves no process of Ray behind."""
    before = {p.pid for p in named("ray")}
    yield
    from itertl.verify.cluster import links

    links._close_all()
    wait_for(lambda: not [p for p in named("raylet") + named("gcs_server") if p.pid not in before])


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'itertl[ray]'")
def test_a_local_cluster_starts_by_its_name_alone_and_ends(nothing_left: None, expected: list[Verdict]) -> None:
    with pytest.raises(ToolError, match=r"there is no cluster at .127\.0\.0\.1:9'"):
        list(verify(designs(), TASKS, dataclasses.replace(HERE, cluster="127.0.0.1:9")))
    found = list(verify(designs()[:6], TASKS, dataclasses.replace(HERE, cluster="local", workers=1)))
    assert plain(found) == expected[:6]
