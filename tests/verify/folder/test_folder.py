"""Verification by several processes that share a folder: the verdicts of one machine, whoever is killed meanwhile."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.cli.program import itertl
from tests.cli.test_verify_many import HOSTILE, TASKS, distinct_rows, task_rows, write

from itertl.disk.artefacts import read_value, write_value
from itertl.errors import RunDirectoryError, ToolError
from itertl.evaluation.many import Order, Result, verify_file
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.verify.engine import verify
from itertl.verify.folder import driver as module
from itertl.verify.folder import worker as worker_module
from itertl.verify.folder.batch import awaited, batch_text, verdicts_text
from itertl.verify.folder.driver import Folder, Shared
from itertl.verify.folder.layout import DEATHS, Place, Present, Terms
from itertl.verify.folder.worker import DRIVER, Done, Duty, difference, work
from itertl.verify.judged import Judged
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.worker import Job

ALONE = VerifySettings(workers=1, cache=False)


def rows_of_every_kind(copies: int = 1) -> list[dict[str, str]]:
    """Right, wrong, hostile and empty designs of several tasks, mixed, with duplicates."""
    rows = []
    for task in TASKS:
        texts = [task.body, "no idea", task.header + HOSTILE, task.reference, task.header + "endmodule"]
        rows += [{"task_id": task.id, "completion": text} for text in texts]
    return rows[::2] + distinct_rows(copies) + rows[1::2]


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """Rows of every kind, to be verified without a cache."""
    files = (write(tmp_path / "rows.jsonl", rows_of_every_kind()), write(tmp_path / "tasks.jsonl", task_rows()))
    return Order(*files, tmp_path / "out.jsonl", ALONE)


def shared(order: Order, **how: Any) -> Order:
    """The same by a folder beside the files, into another output."""
    place = Shared(order.out.parent / "folder", **how)
    return dataclasses.replace(order, shared=place, out=order.out.with_name("shared.jsonl"))


def lines(path: Path) -> list[str]:
    """Return the lines of a file of verdicts, byte for byte but for the times."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert all(row["seconds"] >= 0 for row in rows)
    return [json.dumps(row | {"seconds": 0}) for row in rows]


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    """Start a worker in a process of its own."""
    command = [sys.executable, "-m", "itertl", "verify-worker", str(folder), "--workers", "1", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@contextlib.contextmanager
def started(folder: Path, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start workers, which are killed where they still live at the end of the block."""
    workers = [start(folder) for _ in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()


def until(condition: Callable[[], Any], *needed: "subprocess.Popen[Any] | threading.Thread") -> Any:
    """Wait for a condition as long as the processes and threads live that are to bring it about."""
    while not (found := condition()):
        for one in needed:
            ended = not one.is_alive() if isinstance(one, threading.Thread) else one.poll() is not None
            if ended and not condition():
                said = one.communicate()[0] if isinstance(one, subprocess.Popen) else ""
                pytest.fail(f"what was waited for cannot come any more: {one} has ended; it said: {said}")
        time.sleep(0.01)
    return found


@contextlib.contextmanager
def helping(place: Place, name: str = "helper") -> Iterator[list[Done]]:
    """Let a worker of this process serve a folder inside the block."""
    over, ended = threading.Event(), list[Done]()
    duty = Duty(1, idle=60.0, name=name, stopped=over.is_set, pause=0.02)
    thread = threading.Thread(target=lambda: ended.append(work(place, duty)))
    thread.start()
    try:
        yield ended
    finally:
        over.set()
        thread.join()


def test_a_driver_alone_writes_what_one_machine_writes(order: Order) -> None:
    verify_file(order)
    result = verify_file(shared(order))
    assert lines(order.out.with_name("shared.jsonl")) == lines(order.out)
    designs = len({json.loads(line)["code_id"] for line in lines(order.out)}) - len(TASKS)  # the empty ones need nobody
    assert result.judged == {DRIVER: designs}
    place = Place(order.out.parent / "folder")
    assert place.over.exists()
    assert [*place.batches(), *place.verdicts()] == []
    assert verify_file(shared(order)).verified == 0


def test_workers_do_it_while_the_driver_only_collects_and_end_with_the_work(order: Order) -> None:
    verify_file(order)
    place = Place(order.out.parent / "folder")
    ended: list[Done] = []
    thread = threading.Thread(target=lambda: ended.append(work(place, Duty(1, name="helper", pause=0.02))))
    thread.start()
    result = verify_file(shared(order, works=False))
    thread.join()
    assert lines(order.out.with_name("shared.jsonl")) == lines(order.out)
    assert [(done.why, done.designs) for done in ended] == [("over", result.judged["helper"])]
    assert set(result.judged) == {"helper"}
    present = read_value(place.present("helper"), Present)
    assert present.tools["iverilog"]
    assert present.tools == read_value(place.order, Terms).tools


@pytest.mark.slow
def test_one_of_three_workers_is_killed_in_mid_batch(order: Order) -> None:
    write(order.candidates, rows_of_every_kind(60))
    verify_file(order)
    place, results = Place(order.out.parent / "folder"), list[Result]()
    asked = shared(order, works=False, stale=3.0)
    driver = threading.Thread(target=lambda: results.append(verify_file(asked)), daemon=True)
    with started(place.root, 3) as workers:
        driver.start()
        victim = until(lambda: next(iter(place.holders()), ""), driver, *workers)
        process = next(w for w in workers if f"-{w.pid}-" in victim)
        process.kill()
        until(place.over.exists, driver, *(w for w in workers if w is not process))
        driver.join()
        said = [worker.communicate()[0] for worker in workers]
    assert lines(asked.out) == lines(order.out)
    assert [worker.returncode for worker in workers].count(-signal.SIGKILL) == 1
    assert sum("the work is over" in text for text in said) == 2
    assert sum(results[0].judged.values()) == len({json.loads(line)["code_id"] for line in lines(order.out)}) - 4


@pytest.mark.slow
def test_a_driver_that_is_killed_goes_on_where_it_was(order: Order) -> None:
    write(order.candidates, rows_of_every_kind(60))
    verify_file(order)
    root = order.out.parent
    out, place = root / "shared.jsonl", Place(root / "folder")
    files = ["--candidates", order.candidates, "--tasks", order.tasks, "--out", out, "--folder", place.root]
    command = [sys.executable, "-m", "itertl", "verify", *map(str, files), "--workers", "1"]
    environment = os.environ | {"ITERTL_CACHE": "off"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as first:
        until(place.verdicts, first)
        first.kill()
    assert first.returncode == -signal.SIGKILL
    again = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert lines(out) == lines(order.out)
    (judged,) = [line for line in again.stdout.splitlines() if "judged by driver" in line]
    count = int(judged.split(": ")[1].split()[0].replace(",", ""))
    assert count < len({json.loads(line)["code_id"] for line in lines(out)}) - 4, "what was judged is not judged again"


@pytest.mark.slow
def test_a_worker_that_is_asked_to_end_gives_back_what_it_holds(order: Order) -> None:
    place = Place(order.out.parent / "folder")
    task = Task.from_dict(task_rows()[0])
    designs = [Submission.of(task, row["completion"]) for row in distinct_rows(600) if row["task_id"] == task.id]
    pool = Folder(Shared(place.root, works=False), ALONE)
    with contextlib.suppress(InterruptedError), pool:
        for at in range(0, 600, 100):
            pool.submit(Job(task, tuple((d.code_id, d.code) for d in designs[at : at + 100]), ALONE))
        worker = start(place.root)
        until(lambda: list(place.holders()), worker)
        worker.send_signal(signal.SIGTERM)
        said = worker.communicate()[0]
        raise InterruptedError
    assert worker.returncode == 0, said
    assert "what was held is offered again" in said
    assert list(place.holders()) == []
    assert list(place.todo.iterdir())
    assert {path.name.partition("-")[2] for path in place.todo.iterdir()} == {"0.jsonl"}, "nobody died"


def test_answers_of_before_are_found_again_and_tool_errors_are_not(dff: Task, tmp_path: Path) -> None:
    designs = [Submission.whole(dff.id, dff.reference + f"\nmodule unused{i}; endmodule\n") for i in range(3)]
    with Folder(Shared(tmp_path, works=False), ALONE) as before:
        terms = before._terms.id
    place = Place(tmp_path)
    jobs = [Job(dff, tuple((d.code_id, d.code) for d in designs), ALONE)]
    kept = [Verdict(dff.id, designs[0].code_id, Outcome.MISMATCH, 0.25, "from before")]
    kept += [Verdict(dff.id, d.code_id, Outcome.TOOL_ERROR, detail="of the moment") for d in designs[1:]]
    questions = [question for question, _ in awaited(jobs)]
    path = place.done / "0000000000007.jsonl"
    path.write_text(verdicts_text("old", zip(questions, map(Judged, kept), strict=True)))
    write_value(place.present("old"), Present("old", "host", 1, 1, read_value(place.order, Terms).tools, ""))
    place.offer(8, batch_text(terms, [dataclasses.replace(jobs[0], designs=jobs[0].designs[2:])]))
    pool = Folder(Shared(tmp_path), ALONE)
    found = list(verify(designs, [dff], ALONE, judges=lambda _: pool))
    assert [v.detail for v in found[:1]] == ["from before"]
    assert [v.outcome for v in found[1:]] == [Outcome.PASSED, Outcome.PASSED]
    assert pool.judged == {DRIVER: 2}


def test_a_batch_that_kills_its_workers_is_a_tool_error_and_the_rest_goes_on(
    dff: Task, mux: Task, tmp_path: Path
) -> None:
    designs = [Submission.whole(dff.id, dff.reference), Submission.whole(mux.id, mux.reference)]
    pool = Folder(Shared(tmp_path, works=False), ALONE)
    place = Place(tmp_path)
    with pool:
        for task, design in zip((dff, mux), designs, strict=True):
            pool.submit(Job(task, ((design.code_id, design.code),), ALONE))
            pool._offer()
        first = min(place.todo.iterdir())
        first.rename(first.with_name(first.name.replace("-0", f"-{DEATHS}")))
        found = until(lambda: pool.collect(0.0))
        assert [(j.verdict.task_id, j.verdict.outcome) for j in found] == [(dff.id, Outcome.TOOL_ERROR)]
        assert "3 workers died" in found[0].verdict.detail
        with helping(place):
            assert [j.verdict.outcome for j in pool.collect(None)] == [Outcome.PASSED]


def test_other_tools_are_refused_by_name_or_allowed(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(order.out.parent / "folder")
    real = worker_module.present_tools

    def other(formal: bool = True) -> Mapping[str, str]:
        return real(formal) | {"iverilog": "99.9"}

    with Folder(Shared(place.root, works=False), ALONE):
        monkeypatch.setattr(worker_module, "present_tools", other)
        with pytest.raises(
            ToolError, match=r"expected the tools of .*: iverilog \d.*found on .*: iverilog 99\.9; .*--any"
        ):
            work(place, Duty(1))
    place.order.unlink()
    result: list[Result] = []
    cache = order.out.parent / "cache"
    asked = shared(order, works=False, any_tools=True)
    asked = dataclasses.replace(asked, settings=dataclasses.replace(ALONE, cache=cache))
    driver = threading.Thread(target=lambda: result.append(verify_file(asked)))
    driver.start()
    work(place, Duty(1, name="other", pause=0.02))
    driver.join()
    assert set(result[0].judged) == {"other"}
    assert read_value(place.present("other"), Present).tools["iverilog"] == "99.9"
    assert not cache.exists(), "verdicts of other tools are not kept as those of the driver's"


def test_the_driver_looks_at_the_tools_of_whoever_delivers(dff: Task, tmp_path: Path) -> None:
    pool = Folder(Shared(tmp_path, works=False), ALONE)
    place = Place(tmp_path)
    with contextlib.suppress(InterruptedError), pool:
        pool.submit(Job(dff, (("c", dff.reference),), ALONE))
        terms = read_value(place.order, Terms)
        tools = {name: version for name, version in terms.tools.items() if name != "iverilog"}
        write_value(place.present("far"), Present("far", "far", 1, 1, tools, ""))
        (place.done / "0000000000007.jsonl").write_text(verdicts_text("far", []))
        with pytest.raises(ToolError, match="found on far: iverilog is missing"):
            pool.collect(None)
        raise InterruptedError


def test_batches_for_other_tools_are_begun_anew_and_tools_need_not_match_beyond_the_terms() -> None:
    terms = Terms("id", {"iverilog": "11.0"}, "here")
    assert difference(terms, {"iverilog": "11.0", "yosys": "0.5"}, "there") == ""
    assert "iverilog 12.0" in difference(terms, {"iverilog": "12.0"}, "there")
    assert difference(dataclasses.replace(terms, any_tools=True), {"iverilog": "12.0"}, "there") == ""


def test_a_machine_whose_tools_are_broken_takes_no_batch(
    dff: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    with contextlib.suppress(InterruptedError), Folder(Shared(tmp_path, works=False), ALONE) as pool:
        pool.submit(Job(dff, (("c", dff.reference),), ALONE))
        pool._offer()
        raise InterruptedError
    monkeypatch.setattr(worker_module, "_TRIAL", worker_module._TRIAL.replace("~a", "~b"))
    with pytest.raises(ToolError, match="run `itertl doctor` there"):
        work(place, Duty(1))
    assert len(list(place.todo.iterdir())) == 1


def test_a_fault_of_the_drivers_own_worker_ends_the_driver(
    dff: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(place: Place, duty: Duty) -> Done:
        raise ToolError("no workers today")

    monkeypatch.setattr(module, "work", broken)
    with Folder(Shared(tmp_path), ALONE) as pool:
        pool.submit(Job(dff, (("c", dff.reference),), ALONE))
        with pytest.raises(ToolError, match="no workers today"):
            pool.collect(None)


def test_a_folder_has_one_driver(tmp_path: Path) -> None:
    with (
        Folder(Shared(tmp_path, works=False), ALONE),
        pytest.raises(RunDirectoryError, match="another process drives"),
        Folder(Shared(tmp_path, works=False), ALONE),
    ):
        pass


def test_a_worker_ends_where_nothing_comes_or_all_is_over(tmp_path: Path) -> None:
    told = list[str]()
    assert work(Place(tmp_path), Duty(1, idle=0.1), told.append).why == "idle"
    assert "waiting for `itertl verify --folder`, 0.1 s at most" in told[0]
    with Folder(Shared(tmp_path, works=False), ALONE):
        assert work(Place(tmp_path), Duty(1, idle=0.1)).why == "idle"
    module.end(Shared(tmp_path))
    found = itertl("verify-worker", tmp_path)
    assert (found.returncode, "the work is over" in found.stdout) == (0, True)


def test_flags_of_a_folder_without_one_are_a_usage_error(order: Order) -> None:
    files: list[str | Path] = ["--candidates", order.candidates, "--tasks", order.tasks, "--out", order.out]
    found = itertl("verify", *files, "--no-work")
    assert found.returncode == 2
    assert "about --folder" in found.stderr
    assert itertl("verify", "design.v", "--reference", "ref.v", "--folder", "x").returncode == 2
