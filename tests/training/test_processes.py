"""Several training processes, for real: equal to one, checked at the start, and resumable when one is killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from safetensors.torch import load_file
from tests.training.conftest import LONG_GROUPS, interrupted, settings

from itertl.config import PolicyConfig
from itertl.disk.pulse import beating
from itertl.errors import TrainingError
from itertl.training.job import Job
from itertl.training.launch import run_job

# rank trains on ragged groups, of which those without a pair take part with their reference only
UNEVEN = [*LONG_GROUPS[:5], *(g.__class__(**{**g.to_dict(), "scores": (1.0, 1.0)}) for g in LONG_GROUPS[5:8])]


def train(base: Path, out: Path, processes: int, rank: int, **changes: Any) -> None:
    """What a training stage does, with `processes` processes and adapters of `rank` (0: all weights)."""
    out.mkdir(parents=True, exist_ok=True)
    chosen = settings(processes=processes, micro_batch=600, parameters={"kl_weight": 0.1}, **changes)
    policy = PolicyConfig.model_validate({"dtype": "float32", "lora": {"rank": rank}})
    run_job(Job(str(base), UNEVEN, chosen, policy, 7, out), "test")


def assert_equal(found: Path, wanted: Path) -> None:
    """Losses and weights agree to 1e-5, and the same files are there."""
    logs = [[json.loads(line) for line in (f / "training.jsonl").read_text().splitlines()] for f in (found, wanted)]
    for a, b in zip(*logs, strict=True):
        assert a == pytest.approx(b, rel=1e-4, abs=1e-5)
        assert a["loss"] == pytest.approx(b["loss"], rel=1e-5)
    names = {path.name for path in wanted.iterdir() if path.name != "checkpoint"}
    assert {path.name for path in found.iterdir() if path.name != "checkpoint"} == names
    for path in wanted.glob("*.safetensors"):
        values, expected = load_file(found / path.name), load_file(path)
        assert values.keys() == expected.keys()
        for name, value in expected.items():
            assert float((values[name] - value).norm()) <= 1e-5 * float(value.norm()), name


@pytest.mark.slow
@pytest.mark.usefixtures("started")
def test_two_processes_equal_one_with_all_weights(base: Path, tmp_path: Path) -> None:
    train(base, tmp_path / "one", 1, 0, steps=4)
    train(base, tmp_path / "two", 2, 0, steps=4)
    assert_equal(tmp_path / "two", tmp_path / "one")


NODE = """
import os, sys
from pathlib import Path
from itertl.config import TrainingConfig
from itertl.training.launch import help_train
from itertl.training.nodes import find_place

help_train(Path(sys.argv[1]), TrainingConfig.model_validate_json(sys.argv[2]), find_place(2))
"""


@contextlib.contextmanager
def another_node(root: Path, nodes: dict[str, Any], processes: int) -> Iterator[None]:
    """Let this process be the first of two nodes, with a second one that takes part in what happens below `root`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(probe.getsockname()[1])}
    asked = settings(processes=processes, nodes=nodes).model_dump_json()
    environment = os.environ | place | {"NODE_RANK": "1"}
    second = subprocess.Popen([sys.executable, "-c", NODE, str(root), asked], env=environment)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**place, "NODE_RANK": "0"}.items():
            patch.setenv(name, value)
        root.mkdir(parents=True)
        with beating(root, lambda *_, **__: None):
            yield
    assert second.wait() == 0  # it leaves with the first one


@pytest.mark.slow
@pytest.mark.parametrize("replicate", [True, False])
@pytest.mark.usefixtures("started")
def test_two_nodes_equal_one_process(base: Path, tmp_path: Path, replicate: bool) -> None:
    nodes = {"count": 2, "replicate": replicate}
    train(base, tmp_path / "one", 1, 0, steps=4)
    with another_node(tmp_path / "run", nodes, 1):
        train(base, tmp_path / "run" / "iter_01" / "policy.partial", 1, 0, steps=4, nodes=nodes)
    assert_equal(tmp_path / "run" / "iter_01" / "policy.partial", tmp_path / "one")


@pytest.mark.slow
@pytest.mark.usefixtures("started")
def test_two_processes_continue_what_one_has_begun(base: Path, tmp_path: Path) -> None:
    with interrupted(4):
        train(base, tmp_path / "more", 1, 0, steps=5)
    assert [path.name for path in (tmp_path / "more" / "checkpoint").iterdir()] == ["000002"]
    train(base, tmp_path / "more", 2, 0, steps=5)
    train(base, tmp_path / "one", 1, 0, steps=5)
    assert_equal(tmp_path / "more", tmp_path / "one")


@pytest.mark.slow
def test_a_killed_process_ends_the_stage_and_one_alone_continues(base: Path, tmp_path: Path) -> None:
    out = tmp_path / "two"
    killed = threading.Thread(target=kill_one, args=(out,))
    killed.start()
    with pytest.raises(TrainingError, match=r"a training process ended early \(rank \d killed by signal 9\)"):
        train(base, out, 2, 4, steps=12)
    killed.join()
    left = sorted((out / "checkpoint").iterdir())
    assert left
    assert not (out / "training.jsonl").exists()
    train(base, out, 1, 4, steps=12)
    train(base, tmp_path / "one", 1, 4, steps=12)
    assert_equal(out, tmp_path / "one")
    assert not ranks()


def ranks() -> list[psutil.Process]:
    """The training processes below this one."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            command = child.cmdline()
            if "itertl.training.rank" in command and "torchrun" not in command:
                found.append(child)
    return found


def kill_one(out: Path) -> None:
    """Kill a rank as soon as there is a checkpoint, long before the end."""
    while not list((out / "checkpoint").glob("0*2")):
        time.sleep(0.005)
    os.kill(ranks()[-1].pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.usefixtures("started")
def test_errors_of_the_processes_arrive_as_they_are(base: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    groups = [g.__class__(**{**g.to_dict(), "reference": ""}) for g in UNEVEN]
    job = Job(str(base), groups, settings(processes=2, objective="rft"), PolicyConfig(dtype="float32"), 7, out)
    with pytest.raises(TrainingError, match="none of 8 groups holds what objective 'rft' learns from"):
        run_job(job, "test")


ORPHANS = """
import sys, threading, time
from pathlib import Path
from tests.training.conftest import LONG_GROUPS, settings
from itertl.config import PolicyConfig
from itertl.training.job import Job
from itertl.training.launch import run_job

out = Path(sys.argv[2])
out.mkdir()
chosen = settings(processes=2, steps=100000)
run_job(Job(sys.argv[1], LONG_GROUPS, chosen, PolicyConfig(dtype="float32"), 7, out), "test")
"""


@pytest.mark.slow
def test_no_process_trains_on_when_the_run_is_killed(base: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = subprocess.Popen([sys.executable, "-c", ORPHANS, str(base), str(out)], stderr=subprocess.DEVNULL)
    while not list((out / "checkpoint").glob("0*2")):
        assert run.poll() is None
        time.sleep(0.01)
    children = psutil.Process(run.pid).children(recursive=True)
    assert len(children) >= 3  # torchrun and two ranks
    run.kill()
    run.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
