"""The example for Slurm: its directives are options of sbatch, and its lines do the work when an array runs them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.test_verify_many import expected, task_rows, write

from itertl.tasks import gym

SCRIPT = Path(__file__).parents[3] / "examples/verify_farm.sbatch"
OPTIONS = {"--job-name", "--array", "--cpus-per-task", "--time", "--requeue", "--open-mode", "--output"}


def test_directives_stand_before_the_first_command_and_are_options() -> None:
    head, _, rest = SCRIPT.read_text().partition("\nset -eu\n")
    found = [line.removeprefix("#SBATCH ") for line in head.splitlines() if line.startswith("#SBATCH")]
    assert {line.partition("=")[0] for line in found} == OPTIONS
    assert all(re.fullmatch(r"--[a-z-]+(=\S+)?", line) for line in found)
    assert "#SBATCH" not in rest


def array_task(number: int, folder: Path, **more: str) -> "subprocess.Popen[str]":
    """Start what Slurm would start as one task of an array."""
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "SLURM_ARRAY_JOB_ID": "77",
        "SLURM_ARRAY_TASK_ID": str(number),
        "SLURM_CPUS_PER_TASK": "1",
        "ITERTL_CACHE": "off",
        **more,
    }
    return subprocess.Popen(
        ["bash", str(SCRIPT)], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_an_array_of_two_verifies_the_file(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/itertl").write_text(f'#!/bin/sh\nexec {sys.executable} -m itertl "$@"\n')
    (tmp_path / "bin/itertl").chmod(0o755)
    tasks = gym.generate("test", 4, 1)
    texts = [{"task_id": t.id, "completion": text} for t in tasks for text in (t.body, "no idea", t.reference)]
    write(tmp_path / "rows.jsonl", texts)
    write(tmp_path / "tasks.jsonl", task_rows())
    files = {"ROWS": "rows.jsonl", "TASKS": "tasks.jsonl", "OUT": "out.jsonl"}
    running = [array_task(number, tmp_path, **files) for number in (1, 0)]
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert "the work is over" in said[0][0]
    found = [line.split('"outcome": "')[1].split('"')[0] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert found == [outcome for _, outcome in expected(tmp_path)]
    assert (tmp_path / "itertl-verify-77/over").exists()


def test_what_is_not_set_is_said(tmp_path: Path) -> None:
    process = array_task(0, tmp_path, ROWS="rows.jsonl", TASKS="tasks.jsonl")
    _, said = process.communicate()
    assert process.returncode != 0
    assert "OUT: file of the verdicts" in said
