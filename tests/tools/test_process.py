"""External programs: limits end them, and nothing that they started survives."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from itertl.errors import MissingToolError, ToolError
from itertl.tools import process
from itertl.tools.process import Limits, Stop, run


def gone(pid: int) -> bool:
    """True once the process has ended (a killed one may take a moment)."""
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_output_goes_to_files_in_the_private_folder(tmp_path: Path) -> None:
    finished = run(["sh", "-c", "pwd; echo err >&2; echo $TMPDIR"], tmp_path, Limits(processes=None))
    assert (finished.status, finished.stop) == (0, Stop.EXIT)
    assert (tmp_path / "stdout.txt").read_text() == f"{tmp_path}\n{tmp_path}\n"
    assert (tmp_path / "stderr.txt").read_text() == "err\n"


def test_a_busy_loop_is_stopped(tmp_path: Path) -> None:
    assert run(["sh", "-c", "while :; do :; done"], tmp_path, Limits(cpu=0.2)).stop is Stop.TIMEOUT


def test_a_flood_is_stopped(tmp_path: Path) -> None:
    assert run(["yes"], tmp_path, Limits(file=1 << 20)).stop is Stop.OUTPUT
    assert (tmp_path / "stdout.txt").stat().st_size <= 1 << 20


def test_memory_is_bounded(tmp_path: Path) -> None:
    finished = run(
        ["sh", "-c", "x=$(head -c 300000000 /dev/zero | tr '\\0' x)"],
        tmp_path,
        Limits(memory=200 << 20, processes=None),
    )
    assert finished.status != 0


def test_children_do_not_survive(tmp_path: Path) -> None:
    run(["sh", "-c", "sleep 1000 & echo $!"], tmp_path, Limits(processes=None))
    assert gone(int((tmp_path / "stdout.txt").read_text()))


def test_the_environment_is_not_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    run(["env"], tmp_path, Limits())
    assert "SECRET" not in (tmp_path / "stdout.txt").read_text()


def test_standard_input_is_empty(tmp_path: Path) -> None:
    assert run(["cat"], tmp_path, Limits()).status == 0


def test_a_closed_lifeline_ends_the_program(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    with pytest.raises(SystemExit):
        run(["sh", "-c", "echo $$; exec sleep 1000"], tmp_path, Limits(processes=None), lifeline=reader)
    os.close(reader)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingToolError, match="apt-get install"):
        run(["no-such-simulator"], tmp_path, Limits())


def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    (tmp_path / "vvp").touch()
    with pytest.raises(ToolError, match="may execute"):
        run([str(tmp_path / "vvp")], tmp_path, Limits())


def test_a_program_that_shows_no_progress_is_stopped_long_before_its_limit(tmp_path: Path) -> None:
    silent = [sys.executable, "-c", "print('begun', flush=True)\nwhile True: pass"]
    finished = run(silent, tmp_path, Limits(cpu=60.0, step=0.05, start=1.0, processes=None))
    assert finished.stop is Stop.STUCK
    assert (tmp_path / "stdout.txt").read_text() == "begun\n"
    steady = "for i in range(20):\n for j in range(400_000): pass\n print(i, flush=True)"
    finished = run([sys.executable, "-c", steady], tmp_path, Limits(cpu=60.0, step=0.3, start=1.0, processes=None))
    assert finished.stop is Stop.EXIT


def test_a_program_that_sleeps_for_ever_is_told_from_one_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "STALL", 0.5)
    assert run(["sleep", "600"], tmp_path, Limits(cpu=60.0)).stop is Stop.STALLED
    busy = [sys.executable, "-c", "while True: pass"]
    assert run(busy, tmp_path, Limits(cpu=1.0, processes=None)).stop is Stop.TIMEOUT


TELL = (
    "import resource as r; print([r.getrlimit(k) for k in (r.RLIMIT_CORE, r.RLIMIT_FSIZE, r.RLIMIT_AS, r.RLIMIT_CPU)])"
)


def test_the_limits_are_in_force_from_the_first_instruction(tmp_path: Path) -> None:
    run([sys.executable, "-c", TELL], tmp_path, Limits(cpu=4.2, memory=1 << 30, file=1 << 20))
    assert (tmp_path / "stdout.txt").read_text() == f"{[(n, n) for n in (0, 1 << 20, 1 << 30, 6)]}\n"
    run([sys.executable, "-c", TELL.replace("CORE", "NPROC")], tmp_path, Limits(processes=7))
    assert (tmp_path / "stdout.txt").read_text().startswith("[(7, 7), ")


def test_a_limit_that_this_process_has_itself_is_not_raised(tmp_path: Path) -> None:
    code = "import resource, sys; from pathlib import Path; from itertl.tools.process import *\n"
    code += "resource.setrlimit(resource.RLIMIT_CPU, (30, 50)); run(sys.argv[2:], Path(sys.argv[1]), Limits(cpu=100))"
    subprocess.run([sys.executable, "-c", code, str(tmp_path), sys.executable, "-c", TELL], check=True)
    assert (tmp_path / "stdout.txt").read_text().endswith("(50, 50)]\n")


KILLED = """
import os, signal, subprocess, sys
from pathlib import Path
from itertl.tools import process
start = subprocess.Popen
def killed(*args, **options):
    start(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)
subprocess.Popen = killed
process.run(["sh", "-c", "echo $$; while :; do :; done"], Path(sys.argv[1]), process.Limits(cpu=0.1))
"""


def test_what_a_killed_process_had_just_started_ends_by_itself(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 120
    while not (written := (tmp_path / "stdout.txt").read_text()).endswith("\n"):
        assert time.monotonic() < deadline, "the program did not start"
        time.sleep(0.01)
    with contextlib.suppress(psutil.NoSuchProcess):  # once it has ended
        program = psutil.Process(int(written))
        try:
            while program.status() != psutil.STATUS_ZOMBIE:
                assert time.monotonic() < deadline, "the program runs on without a limit"
                time.sleep(0.05)
        finally:
            program.kill()
