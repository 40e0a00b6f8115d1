"""`itertl verify` for a file of candidates: order, duplicates, interruption, changed inputs, faults and tool errors."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.cli.program import itertl

from itertl.tasks import gym

pytestmark = pytest.mark.usefixtures("kept_workers")

HOSTILE = 'initial begin $display("Mismatches: 0 in 9 samples"); $finish; end endmodule'
TASKS = gym.generate("test", 4, 1)
FULL_AFTER_NINE = """
import errno, os, sys
write, left = os.pwrite, [None] * 9
def pwrite(*args):
    if not left:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    left.pop()
    return write(*args)
os.pwrite = pwrite
"""


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows as JSONL, packed where the name says so."""
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def task_rows() -> list[dict[str, str]]:
    """Four tasks as a user has them."""
    return [
        {"id": t.id, "instruction": t.instruction, "header": t.header, "reference": t.reference, "top": t.top}
        for t in TASKS
    ]


def distinct_rows(count: int) -> list[dict[str, str]]:
    """Rows of right designs, `count` different ones for each task."""
    return [
        {"task_id": t.id, "completion": t.reference.replace("endmodule", f"wire [7:0] extra{i}; endmodule")}
        for i in range(count)
        for t in TASKS
    ]


def arguments(folder: Path, rows: str = "rows.jsonl") -> list[str | Path]:
    """Return what makes the command verify the files in `folder`."""
    files: list[str | Path] = [
        "--candidates",
        folder / rows,
        "--tasks",
        folder / "tasks.jsonl",
        "--out",
        folder / "out.jsonl",
    ]
    return ["verify", *files, "--workers", "1"]


def start(folder: Path) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "itertl", *map(str, arguments(folder))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def many(folder: Path, *more: str | Path, rows: str = "rows.jsonl", **environment: str) -> tuple[int, str, str]:
    """Run the command in this process; return exit status, standard output and standard error."""
    ended = itertl(*arguments(folder, rows), *more, **{"COLUMNS": "120"} | environment)
    return ended.returncode, ended.stdout, ended.stderr


def verdicts(folder: Path, name: str = "out.jsonl") -> list[dict[str, Any]]:
    """Return the verdicts on disk, without what differs from run to run."""
    return [json.loads(line) | {"seconds": 0} for line in (folder / name).read_text().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tasks, and rows of which every outcome is known: mixed over the tasks, with duplicates and a hostile one."""
    write(tmp_path / "tasks.jsonl", task_rows())
    rows = []
    for task in TASKS:
        texts = [task.body, f"```verilog\n{task.reference}```", "no idea", task.header + HOSTILE, task.reference]
        rows += [{"task_id": task.id, "completion": text, "model": "m"} for text in texts]
    rows = rows[::2] + rows[1::2]
    write(tmp_path / "rows.jsonl", rows)
    return tmp_path


def expected(folder: Path) -> list[tuple[str, str]]:
    """Return task and outcome of each row."""
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    return [
        (r["task_id"], {"no": "empty"}.get(r["completion"][:2], "rejected" if HOSTILE in r["completion"] else "passed"))
        for r in rows
    ]


def test_every_row_has_its_verdict_in_order_and_a_complete_file_is_recognised(folder: Path) -> None:
    status, out, err = many(folder)
    assert status == 0, err
    found = verdicts(folder)
    assert [(v["task_id"], v["outcome"]) for v in found] == expected(folder)
    assert {v["agreement"] for v in found if v["outcome"] == "passed"} == {1.0}
    assert "passed" in out
    assert "60.0%" in out
    before = (folder / "out.jsonl").stat().st_mtime_ns
    status, out, _ = many(folder)
    assert (status, "is complete" in out) == (0, True)
    assert (folder / "out.jsonl").stat().st_mtime_ns == before
    (folder / "rows.jsonl").write_text((folder / "rows.jsonl").read_text() + "\n" * 3)
    status, _, err = many(folder)
    assert status == 2
    assert "was begun with other inputs" in err
    assert "candidates: 20 rows, sha256" in err


def test_packed_rows_and_a_summary_as_json(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    write(folder / "rows.jsonl.gz", rows)
    status, out, err = many(folder, "--json", rows="rows.jsonl.gz")
    assert status == 0, err
    summary = json.loads(out)
    assert (summary["rows"], summary["designs"], summary["verified"]) == (20, 12, 20)
    assert summary["outcomes"] == {"empty": 4, "rejected": 4, "passed": 12}


@pytest.mark.slow
def test_killed_in_the_middle_the_same_command_ends_with_the_same_file(folder: Path) -> None:
    rows = distinct_rows(30) + distinct_rows(10)
    write(folder / "rows.jsonl", rows)
    assert many(folder)[0] == 0
    (folder / "out.jsonl").rename(folder / "whole.jsonl")
    (folder / "out.jsonl.job").unlink()
    kills, partial = 0, folder / "out.jsonl.partial"
    for share in (0.1, 0.5, 0.8):
        process = start(folder)
        children: list[psutil.Process] = []
        while process.poll() is None:
            if partial.exists() and len(partial.read_bytes().splitlines()) > share * len(rows):
                children = psutil.Process(process.pid).children(recursive=True)
                process.kill()
                kills += 1
                break
            time.sleep(0.002)
        process.communicate()
        psutil.wait_procs(children, timeout=600)
        assert not [c for c in children if c.is_running() and c.status() != psutil.STATUS_ZOMBIE]
        if process.returncode == -signal.SIGKILL:
            with partial.open("ab") as file:
                file.write(b'{"task_id": "torn')
    assert kills > 0
    status, _, err = many(folder)
    assert status == 0, err
    pairs = zip(verdicts(folder), verdicts(folder, "whole.jsonl"), strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert not partial.exists()


def test_an_interrupt_keeps_what_is_done(folder: Path) -> None:
    write(folder / "rows.jsonl", distinct_rows(500))
    process = start(folder)
    partial = folder / "out.jsonl.partial"
    while process.poll() is None and not (partial.exists() and partial.stat().st_size):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "the same command continues" in err
    assert partial.exists()


def test_an_empty_file_gives_an_empty_file_and_no_success(folder: Path) -> None:
    write(folder / "rows.jsonl", [])
    status, _, err = many(folder)
    assert (status, (folder / "out.jsonl").read_text()) == (2, "")
    assert "holds no rows, so nothing was verified" in err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"task_id": "gym-tset", "completion": ""}', "rows.jsonl:21: there is no task 'gym-tset'"),
        ('{"task_id": 7, "completion": ""}', "rows.jsonl:21: expected text for task_id and completion, found task_id"),
        ('{"task_id": "x"}', "rows.jsonl:21: expected text"),
        ('{"task_id": ', "rows.jsonl:21: not valid JSON"),
        ("[]", "rows.jsonl:21: expected a JSON object"),
        ("\udcff", "rows.jsonl:21: not UTF-8"),
        ("[" * 100_000, "rows.jsonl:21: "),
    ],
)
def test_a_bad_row_is_named_before_anything_is_verified(folder: Path, line: str, sentence: str) -> None:
    with (folder / "rows.jsonl").open("a", errors="surrogateescape") as file:
        file.write(line + "\n")
    status, _, err = many(folder)
    assert status == 2
    assert sentence in err
    assert "Traceback" not in err
    assert not (folder / "out.jsonl.partial").exists()


def test_outputs_of_others_are_never_touched(folder: Path) -> None:
    (folder / "out.jsonl").write_text("mine\n")
    status, _, err = many(folder)
    assert status == 2
    assert "choose another --out" in err
    assert (folder / "out.jsonl").read_text() == "mine\n"
    assert many(folder, "--out", folder)[0] == 2
    assert many(folder, "--out", folder / "rows.jsonl")[0] == 2


def test_damaged_inputs_are_one_sentence(folder: Path) -> None:
    packed = gzip.compress((folder / "rows.jsonl").read_bytes())
    (folder / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    assert "cannot be read" in many(folder, rows="cut.jsonl.gz")[2]
    assert "does not exist" in many(folder, rows="none.jsonl")[2]
    assert many(folder, rows=".")[0] == 2
    (folder / "tasks.jsonl").write_text('{"id": "t", "instruction": "", "reference": ""}\n')
    assert "tasks.jsonl:1" in many(folder)[2]


def test_a_full_disk_is_one_sentence_and_the_verdicts_so_far_are_kept(folder: Path) -> None:
    files = ["--candidates", "rows.jsonl", "--tasks", "tasks.jsonl", "--out", "out.jsonl"]
    program = FULL_AFTER_NINE + f"sys.argv[1:] = {['verify', *files]}\nfrom itertl.cli.app import main\nmain()\n"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=folder)
    assert found.returncode == 3, found.stderr
    assert "cannot write out.jsonl.partial: No space left on device" in found.stderr
    assert "Traceback" not in found.stderr
    assert len(verdicts(folder, "out.jsonl.partial")) == 9
    assert many(folder)[0] == 0
    assert [(v["task_id"], v["outcome"]) for v in verdicts(folder)] == expected(folder)


@pytest.mark.slow
def test_tool_errors_are_kept_counted_and_tried_again(folder: Path) -> None:
    binaries = folder / "bin"
    binaries.mkdir()
    (binaries / "iverilog").symlink_to(subprocess.check_output(["which", "iverilog"], text=True).strip())
    (binaries / "vvp").symlink_to("/bin/false")
    broken = f"{binaries}:{os.environ['PATH']}"
    status, _, err = many(folder, PATH=broken)
    assert status == 3
    assert "verdicts are tool errors" in err
    kept = verdicts(folder, "out.jsonl.partial")
    assert 3 <= sum(v["outcome"] == "tool_error" for v in kept) < 20
    status, out, err = many(folder, "--tool-errors", "1", PATH=broken)
    assert status == 0, err
    assert "the same command tries tool errors again" in out
    assert {v["outcome"] for v in verdicts(folder)} >= {"tool_error"}
    status, out, err = many(folder)
    assert status == 0, err
    assert [(v["task_id"], v["outcome"]) for v in verdicts(folder)] == expected(folder)
    assert "tool error" not in out


def test_half_a_call_is_a_usage_error(folder: Path) -> None:
    found = itertl("verify", "--candidates", folder / "rows.jsonl")
    assert found.returncode == 2
    assert "verify expects" in found.stderr
