"""The loop with evaluations on dev beside sampling: the artefacts of one after the other, whatever ends it on the way.

Sampling, verdicts and training are stubs, so that a run takes a fraction of a second; the loop and its run directory
are real.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from itertl import loop
from itertl.config import Config, parse_config
from itertl.disk.outline import in_all
from itertl.disk.run_dir import StageReached, open_run
from itertl.disk.sides import check_ended
from itertl.errors import ConfigError, ServerError
from itertl.evaluation import judging
from itertl.evaluation.measure import Comparison
from itertl.live.history import History
from itertl.outcome import Outcome
from itertl.plan import plan
from itertl.records import Candidate, Task, Verdict
from itertl.sampling import Draw
from itertl.sampling.candidate import drawn_before, make_candidate
from itertl.tasks.load import foreseen_tasks

CONFIG = """
iterations: 3
tasks: {gym: {train: 6, dev: 8, test: 2}, references: 3}
server: {urls: ["http://localhost:9"], model: any}
sampling: {candidates: 2}
evaluation: {samples: 1, dev_samples: 1, suites: [gym-test]}
"""
RISING, FALLING = (1, 2, 4, 8), (8, 4, 2, 1)  # of eight dev tasks, right after each iteration
TOLD = {"events.jsonl", "log.txt", "env.json", "config.yaml", "run.lock"}

Hear = Callable[[Draw, int], None]


def config_of(**changed: Any) -> Config:
    values = yaml.safe_load(CONFIG)
    for name, value in changed.items():
        section, _, key = name.partition("__")
        values.setdefault(section, {})[key] = value
    return parse_config(values)


def draw_stub(
    right: Sequence[int], hear: Hear, policy: Path, tasks: Sequence[Task], draw: Draw, *, done: Sequence[Candidate] = ()
) -> Iterator[Candidate]:
    """On dev the first `right[iteration]` tasks are solved, elsewhere every second one; `hear` is told of each row."""
    trained = int((policy / "weights").read_text())
    known = drawn_before(done, str(trained))
    for n, task in enumerate(tasks):
        for index in range(draw.samples):
            if (task.id, index) not in known:
                hear(draw, n)
                solved = n < right[trained] if draw.stream == "dev" else (n + index) % 2
                text = task.reference if solved else task.header + f"\n// {draw.iteration}\nendmodule\n"
                yield make_candidate(task, index, draw, str(trained), task.instruction, text, ended=True)


def verify_stub(
    candidates: Sequence[Candidate], tasks: Sequence[Task], config: Any, *, done: Sequence[Verdict] = ()
) -> Iterator[Verdict]:
    known, seen = {task.id: task for task in tasks}, {(v.task_id, v.code_id) for v in done}
    for candidate in candidates:
        if (key := (candidate.task_id, candidate.code_id)) not in seen:
            seen.add(key)
            right = "//" not in candidate.completion
            assert key[0] in known
            yield Verdict(*key, Outcome.PASSED if right else Outcome.MISMATCH, agreement=float(right))


def write_weights(iteration: int, *, out: Path) -> None:
    (out / "weights").write_text(str(iteration))


def stubbed(patch: pytest.MonkeyPatch, right: Sequence[int] = RISING, hear: Hear = lambda draw, n: None) -> None:
    """Put the stubs in place of what takes time."""
    patch.setattr(loop, "load_tasks", lambda config, seed, verify, *, done=(): foreseen_tasks(config, seed))
    patch.setattr(loop, "audit_suites", lambda tasks, config, *, done=(): [])
    patch.setattr(loop, "sample", partial(draw_stub, right, hear))
    for module in (loop, judging):
        patch.setattr(module, "verify_stage", verify_stub)
    patch.setattr(loop, "obtain_base", lambda *args, out: write_weights(0, out=out))
    patch.setattr(loop, "warm_start", lambda *args, out: write_weights(0, out=out))

    def train(policy: Path, groups: Any, config: Config, t: int, past: Any, *, out: Path) -> None:
        assert [group.task_id for group in groups]
        write_weights(t, out=out)

    patch.setattr(loop, "train", train)


def run(root: Path, config: Config, told: list[Any] | None = None) -> Comparison:
    with open_run(config, root) as store:
        if told is not None:
            store.listeners.append(lambda row: told.append((threading.current_thread(), row)))
        return loop.run(config, store)


def artefacts(root: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name not in TOLD}


def events(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / "events.jsonl").read_text().splitlines()]


BESIDE, ALONE = config_of(evaluation__beside=True), config_of()


@pytest.fixture
def expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What a run leaves that does one after the other."""
    with monkeypatch.context() as patch:
        stubbed(patch)
        assert run(tmp_path / "alone", ALONE).best_iteration == 3
    return artefacts(tmp_path / "alone")


def test_both_are_at_work_at_once_and_leave_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: dict[str, bytes]
) -> None:
    both = threading.Barrier(2)

    def hear(draw: Draw, n: int) -> None:
        last = draw.iteration == ALONE.iterations and draw.stream == "dev"
        if n == 1 and draw.stream != "gym-test" and not last:
            both.wait(600)  # for the other one: alone, none of them would go on

    config = config_of(evaluation__beside=True, sampling__candidates=1)
    stubbed(monkeypatch, hear=hear)
    run(tmp_path / "beside", config)
    stubbed(monkeypatch)
    run(tmp_path / "other", config_of(sampling__candidates=1))
    assert artefacts(tmp_path / "beside") == artefacts(tmp_path / "other")
    run(tmp_path / "more", BESIDE)
    assert artefacts(tmp_path / "more") == expected


def test_events_are_told_in_their_order_by_one_thread_and_each_stage_has_its_own_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubbed(monkeypatch)
    told: list[Any] = []
    run(tmp_path, BESIDE, told)
    rows = [row for row in events(tmp_path) if row["event"] != "run_end"][1:]
    assert [row for _, row in told if row["event"] != "run_end"] == rows
    assert {thread for thread, _ in told} == {threading.main_thread()}
    beside = {row["stage"] for row in rows if row.get("beside")}
    assert beside == {
        f"iter_0{t}/dev/{n}" for t in range(3) for n in ("candidates.jsonl", "verdicts.jsonl", "evaluation.json")
    }
    for t in range(3):
        names = [(row["event"], row.get("stage")) for row in rows]
        assert names.index(("stage_end", f"iter_0{t}/dev/evaluation.json")) < names.index(
            ("stage_start", f"iter_0{t + 1}/policy")
        )
    assert History.of(events(tmp_path)).running == {}


def test_a_dry_run_lists_the_stages_of_the_sequential_one(tmp_path: Path) -> None:
    assert [s.name for s in plan(BESIDE, tmp_path)] == [s.name for s in plan(ALONE, tmp_path)]


@pytest.mark.parametrize("stream", ["dev", "iteration 2"])
@pytest.mark.parametrize("error", [ServerError("the server is gone"), KeyboardInterrupt()])
def test_an_error_of_either_side_ends_the_run_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: dict[str, bytes], stream: str, error: BaseException
) -> None:
    def hear(draw: Draw, n: int) -> None:
        if draw.stream == stream and draw.iteration in (1, 2) and n == 3:
            raise error

    stubbed(monkeypatch, hear=hear)
    root = tmp_path / "broken"
    with pytest.raises(type(error), match=f"^{error}$"):
        run(root, BESIDE)
    assert "beside" not in [thread.name for thread in threading.enumerate()]
    last = events(root)[-1]
    assert (last["event"], last["how"]) == ("run_end", "failed" if isinstance(error, ServerError) else "interrupted")
    assert last["message"] == str(error)
    broken = root / ("iter_01/dev" if stream == "dev" else "iter_02") / "candidates.jsonl.partial"
    begun = broken.read_bytes()
    assert begun.count(b"\n") == (3 if stream == "dev" else 6)
    stubbed(monkeypatch)
    run(root, BESIDE)
    assert artefacts(root) == expected
    assert broken.with_suffix("").read_bytes().startswith(begun)


def killed(root: str, row: int) -> None:
    """Run until row `row` is to be drawn, and die there; a test calls this in a process of its own."""
    left = iter(range(row))

    def hear(draw: Draw, n: int) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        stubbed(patch, hear=hear)
        run(Path(root), BESIDE)


@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: dict[str, bytes]
) -> None:
    root = tmp_path / "killed"
    for row in (9, 15):
        code = f"from tests.test_loop import killed; killed({str(root)!r}, {row})"
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert found.returncode == -signal.SIGKILL, found.stderr.decode()
    stubbed(monkeypatch)
    run(root, BESIDE)
    assert artefacts(root) == expected


def test_dev_is_known_before_the_next_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stubbed(monkeypatch, FALLING)
    stop = {"training__stop_after_falls": 2}
    alone = run(tmp_path / "alone", config_of(**stop))
    beside = run(tmp_path / "beside", config_of(**stop, evaluation__beside=True))
    assert beside == alone
    assert beside.best_iteration == 0
    more = {"iter_03/candidates.jsonl", "iter_03/verdicts.jsonl", "iter_03/groups.jsonl"}
    found = artefacts(tmp_path / "beside")
    assert {name: found[name] for name in found if name not in more} == artefacts(tmp_path / "alone")
    assert more < set(found)


def test_a_stage_to_stop_after_is_found_on_either_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stubbed(monkeypatch)
    for until in ("iter_01/dev/evaluation", "iter_02/verdicts"):
        with pytest.raises(StageReached, match=until), open_run(BESIDE, tmp_path, until) as store:
            loop.run(BESIDE, store)
    assert not (tmp_path / "iter_02/policy").exists()


@pytest.mark.parametrize("server", [{}, {"urls": ["http://h"], "model": "any", "chat": True}])
def test_without_servers_it_is_refused(server: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"config: evaluation\.beside .* expected server\.vllm_python.* to false$"):
        parse_config({"server": server, "evaluation": {"beside": True}})


@pytest.mark.parametrize("server", [{"vllm_python": "python3"}, {"command": ["serve", "{policy}", "{port}"]}])
def test_servers_that_a_stage_starts_will_do(server: dict[str, Any]) -> None:
    assert parse_config({"server": server, "evaluation": {"beside": True}}).evaluation.beside


@pytest.mark.parametrize("waits", ["dev", "iteration 2"])
def test_a_side_that_waits_ends_as_soon_as_the_other_one_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: str
) -> None:
    waiting = threading.Event()

    def hear(draw: Draw, n: int) -> None:
        if draw.iteration != (1 if draw.stream == "dev" else 2) or n != 2:
            return
        if draw.stream == waits:
            waiting.set()
            while True:  # for a server that never answers
                check_ended()
                time.sleep(0.001)
        waiting.wait(600)
        raise ServerError("out of memory")

    stubbed(monkeypatch, hear=hear)
    with pytest.raises(ServerError, match="out of memory"):
        run(tmp_path, BESIDE)


def test_what_is_foreseen_counts_the_longer_side(tmp_path: Path) -> None:
    stages = plan(BESIDE, tmp_path)
    aside = [stage for stage in stages if stage.beside > 0]
    assert [stage.name.rpartition("/")[0] for stage in aside] == [f"iter_0{t}/dev" for t in (0, 0, 0, 1, 1, 1, 2, 2, 2)]
    assert {stage.name for stage in stages if stage.beside == -2} == {
        f"iter_02/{name}.jsonl" for name in ("candidates", "verdicts", "groups")
    }
    assert in_all([(0, 1.0), (1, 5.0), (-1, 2.0), (-1, 4.0), (2, 3.0), (-3, 7.0)]) == 1.0 + 6.0 + 3.0 + 7.0
    assert not any(stage.beside for stage in plan(ALONE, tmp_path))
