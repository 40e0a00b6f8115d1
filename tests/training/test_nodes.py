"""Which node this is, and what the nodes do that do not run the loop: answer calls, wait, leave with the first one."""

import os
import subprocess
import threading
from pathlib import Path

import pytest
from tests.cli.program import itertl

from itertl.config import Config
from itertl.disk.names import COMPARISON
from itertl.disk.pulse import beating
from itertl.disk.run_dir import open_run
from itertl.errors import ConfigError, TrainingError
from itertl.training import nodes
from itertl.training.nodes import Call, Place, attend, call_others, find_place

ADDRESS = {"MASTER_ADDR": "node-a"}


def test_the_launcher_tells_which_node_this_is() -> None:
    assert find_place(1, {}) == Place()
    assert find_place(2, {**ADDRESS, "NODE_RANK": "1", "SLURM_NODEID": "0"}) == Place(1, 2, "node-a", 29500)
    assert find_place(4, {**ADDRESS, "SLURM_NODEID": "3", "MASTER_PORT": "7"}) == Place(3, 4, "node-a", 7)
    assert find_place(2, {**ADDRESS, "GROUP_RANK": "0"}).index == 0


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "names no NODE_RANK"),
        ({"SLURM_NODEID": "1"}, "names no MASTER_ADDR"),
        ({**ADDRESS, "NODE_RANK": "2"}, "expected a node from 0 to 1 and a port, found node '2'"),
        ({**ADDRESS, "NODE_RANK": "-1"}, "found node '-1'"),
        ({**ADDRESS, "NODE_RANK": "0", "MASTER_PORT": "x"}, "MASTER_PORT 'x'"),
    ],
)
def test_a_place_that_nothing_tells_is_refused(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        find_place(2, environ)


def test_a_run_on_nodes_without_a_launcher_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in nodes.INDEX:
        monkeypatch.delenv(name, raising=False)
    asked = ("--out", tmp_path / "run", "--set")
    found = itertl("run", "configs/quickstart.yaml", *asked, "training.nodes.count=2")
    assert (found.returncode, "start the same command once on each node" in found.stderr) == (2, True), found.stderr
    found = itertl("run", "configs/quickstart.yaml", *asked, "training.nodes=2")
    assert "use training.nodes.count=2" in found.stderr
    assert not (tmp_path / "run").exists()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and take a node for lost soon."""
    monkeypatch.setattr(nodes, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(nodes, "SILENT_SECONDS", 0.2)


class Attending:
    """A node that attends in a thread of its own."""

    def __init__(self, root: Path, absent: float = 600.0) -> None:
        self.calls: list[Call] = []
        self.error: TrainingError | None = None
        self.heard = threading.Event()
        self._root, self._absent = root, absent
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            attend(self._root, self._answer, self._absent)
        except TrainingError as error:
            self.error = error

    def _answer(self, call: Call) -> None:
        self.calls.append(call)
        self.heard.set()

    def left(self) -> TrainingError | None:
        """Wait until it leaves; return the error with which it does."""
        self._thread.join()
        return self.error


def test_each_call_of_the_living_run_is_answered_once(quick: None, tmp_path: Path) -> None:
    job = tmp_path / "iter_01" / "policy.partial" / "job"
    job.mkdir(parents=True)
    (job / nodes.CALL).write_text('{"name": "old", "caller": ["elsewhere", 1, 1.0]}')  # of a run that was killed
    node = Attending(tmp_path)
    with beating(tmp_path, lambda *_, **__: None):
        made = []
        for _ in range(2):
            made.append(call_others(job))
            node.heard.wait()
            node.heard.clear()
    assert node.left() is None
    assert node.calls == made
    assert made[0].name != made[1].name


def test_a_node_leaves_with_the_fate_of_the_run(quick: None, tmp_path: Path) -> None:
    node = Attending(tmp_path)

    def fail() -> None:
        job = tmp_path / "iter_00" / "policy.partial" / "job"
        with open_run(Config(), tmp_path):
            job.mkdir(parents=True)
            call_others(job)
            node.heard.wait()
            raise ConfigError("no such thing")

    with pytest.raises(ConfigError):
        fail()
    assert "the run on the first node has failed: no such thing" in str(node.left())


def test_a_run_that_is_complete_needs_no_node(quick: None, tmp_path: Path) -> None:
    (tmp_path / COMPARISON).write_text("{}")
    attend(tmp_path, lambda call: None)


def test_a_first_node_that_is_dead_or_absent_is_not_waited_for(quick: None, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"no sign of life in .* expected the same command there"):
        attend(tmp_path / "never", lambda call: None, absent=0.1)
    with beating(tmp_path, lambda *_, **__: None):
        left_behind = (tmp_path / "pulse.json").read_bytes()
    (tmp_path / "pulse.json").write_bytes(left_behind)
    with pytest.raises(TrainingError, match="no sign of life"):
        attend(tmp_path, lambda call: None, absent=0.1)


PROGRAMS = {
    "scontrol": """[ "$1 $2" = "show hostnames" ] || exit 9; echo "$3" | tr , '\\n'""",
    "srun": """[ "$1" = --kill-on-bad-exit=1 ] || exit 9; shift
for n in $(seq 0 $((SLURM_JOB_NUM_NODES - 1))); do SLURM_NODEID=$n "$@" || exit; done""",
    "itertl": 'echo "$SLURM_NODEID $MASTER_ADDR:$MASTER_PORT $*"',
}


def test_the_example_for_slurm_starts_the_same_command_once_on_each_node(tmp_path: Path) -> None:
    for name, lines in PROGRAMS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{lines}\n")
        (tmp_path / name).chmod(0o755)
    slurm = {"SLURM_JOB_ID": "4711", "SLURM_JOB_NODELIST": "node-a,node-b", "SLURM_JOB_NUM_NODES": "2"}
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", **slurm, "CONFIG": "eight.yaml", "OUT": "/runs/eight"}
    found = subprocess.run(
        ["bash", "examples/train_nodes.sbatch"], env=environment, capture_output=True, text=True, check=False
    )
    command = "run eight.yaml --out /runs/eight --set training.nodes.count=2"
    assert found.stdout.splitlines() == [f"{n} node-a:24711 {command}" for n in (0, 1)], found.stderr
    assert find_place(2, {"MASTER_ADDR": "node-a", "MASTER_PORT": "24711", "SLURM_NODEID": "1"}).index == 1
