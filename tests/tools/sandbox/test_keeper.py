"""What a machine offers decides the level; each level verifies the same, and required refuses where it is too low."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from itertl.config import VerifyConfig
from itertl.errors import SandboxError
from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.tools.sandbox import keeper
from itertl.tools.sandbox.keeper import Plan, offered, refusal, wrapped
from itertl.verify import VerifySettings, elaborates_alone, verify
from itertl.verify.stage import settings_from
from itertl.verify.workers import process

MakeCandidate = Callable[..., Candidate]

START = "from itertl.verify.workers.worker import start; start()"
NO_LANDLOCK = "from itertl.tools.sandbox import landlock; landlock.abi = lambda: 0; "
NO_WRAPPER = "from itertl.tools.sandbox import levels; levels.WRAPPERS = (); "
NO_SECCOMP = "from itertl.tools.sandbox import seccomp; seccomp.install = lambda: 'not here'; "
OWN_USER = "uid+" if os.geteuid() == 0 else ""


def levels_of(
    task: Task, make: MakeCandidate, settings: VerifySettings, monkeypatch: pytest.MonkeyPatch, changes: str
) -> tuple[set[str], list[Outcome]]:
    """Verify three designs by workers whose machine has changed; return the levels in force and the outcomes."""
    monkeypatch.setattr(process, "_COMMAND", changes + START)
    bodies = [
        "always @(posedge clk) if (rst) q <= 0; else q <= d; endmodule",
        "always @(posedge clk) q <= d; endmodule",
        "initial while (1) q = ~q; endmodule",
    ]
    verdicts = list(verify([make(task, b, i) for i, b in enumerate(bodies)], [task], settings))
    return {v.sandbox for v in verdicts}, [v.outcome for v in verdicts]


EXPECTED = [Outcome.PASSED, Outcome.MISMATCH, Outcome.TIMEOUT]


def test_bubblewrap_stands_in_for_landlock(
    dff: Task, make: MakeCandidate, settings: VerifySettings, monkeypatch: pytest.MonkeyPatch, no_child_left: None
) -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    levels, outcomes = levels_of(dff, make, settings, monkeypatch, NO_LANDLOCK)
    if not any("bubblewrap" in level for level in levels):
        pytest.skip(f"bubblewrap does not work here: {levels}")
    assert (levels, outcomes) == ({"bubblewrap+seccomp+rlimits"}, EXPECTED)


def test_every_step_may_be_missing(
    dff: Task, make: MakeCandidate, settings: VerifySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels, outcomes = levels_of(dff, make, settings, monkeypatch, NO_LANDLOCK + NO_WRAPPER)
    assert (levels, outcomes) == ({f"seccomp+{OWN_USER}rlimits"}, EXPECTED)
    levels, outcomes = levels_of(dff, make, settings, monkeypatch, NO_LANDLOCK + NO_WRAPPER + NO_SECCOMP)
    assert (levels, outcomes) == ({f"{OWN_USER}rlimits"}, EXPECTED)


def test_off_is_off(dff: Task, make: MakeCandidate, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = VerifySettings(workers=1, cpu_floor=0.3, sandbox="off")
    assert levels_of(dff, make, settings, monkeypatch, "") == ({"rlimits"}, EXPECTED)


def test_required_refuses_with_what_is_missing_and_what_to_do(
    dff: Task, make: MakeCandidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(("seccomp",), "", (("landlock", "the kernel does not offer Landlock"),))
    assert not plan.sufficient
    assert "the kernel does not offer Landlock" in refusal(plan)
    assert "bubblewrap" in refusal(plan)
    monkeypatch.setattr(keeper, "offered", lambda: plan)
    settings = VerifySettings(workers=1, sandbox="required")
    with pytest.raises(SandboxError, match=r"verify\.sandbox=required"):
        list(verify([make(dff, "endmodule")], [dff], settings))


def test_required_runs_where_the_machine_is_good_enough(dff: Task, make: MakeCandidate) -> None:
    if not offered().sufficient:
        pytest.skip(f"this machine offers {offered().level} only")
    (verdict,) = verify([make(dff, "endmodule")], [dff], VerifySettings(workers=1, sandbox="required"))
    assert verdict.outcome is Outcome.MISMATCH


def test_a_wrapped_command_hides_everything_but_what_is_needed(tmp_path: Path) -> None:
    command = wrapped("bubblewrap", tmp_path, [Path("/usr/bin/vvp")], ["vvp", "-V"])
    assert command[-3:] == ["--", "vvp", "-V"]
    assert ["--bind", str(tmp_path / "runs"), str(tmp_path / "runs")] == command[-8:-5]
    assert "--unshare-all" in command
    assert str(Path.home()) not in command


def test_a_program_started_aside_reads_no_file(tmp_path: Path) -> None:
    if not offered().sufficient:
        pytest.skip(f"this machine offers {offered().level} only")
    (tmp_path / "secret.v").write_text("hunter2 hunter3")
    right, message = elaborates_alone(f'`include "{tmp_path}/secret.v"\nmodule t; endmodule')
    assert not right
    assert "hunter" not in message
    assert elaborates_alone("module t(input a, output y); assign y = a; endmodule", "t") == (True, "")


def simulator_below(process: psutil.Process) -> psutil.Process:
    """Return the simulator that runs below `process`, once there is one."""
    for _ in range(2000):
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.name() == "vvp":
                    return child
        time.sleep(0.01)
    raise AssertionError("no simulation has started")


def test_a_keeper_ends_what_a_killed_worker_leaves_running(dff: Task, make: MakeCandidate, no_child_left: None) -> None:
    settings = VerifySettings(workers=1, batch=1, cpu_floor=60.0, cpu_step=60.0, retries=1)
    loop = make(dff, "initial while (1) q = ~q; endmodule", 1)
    stream = verify([make(dff, "endmodule"), loop], [dff], settings)
    assert next(stream).outcome is Outcome.MISMATCH
    simulator = simulator_below(psutil.Process())
    worker = simulator.parent()
    assert worker is not None
    worker.kill()
    assert not psutil.wait_procs([simulator], timeout=600)[1]
    with contextlib.closing(stream):  # type: ignore[type-var]
        pass


def test_the_config_reaches_the_engine() -> None:
    assert settings_from(VerifyConfig(sandbox="required")).sandbox == "required"
    assert settings_from(VerifyConfig()).sandbox == "auto"


def test_nothing_is_left_of_a_worker_that_is_told_to_end_at_once(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    for pause in (0.0, 0.2, 0.4, 0.8):
        folder = tmp_path / f"worker-{pause}"
        folder.mkdir()
        command = [sys.executable, "-P", "-c", START, str(folder), str(os.getpid()), "auto"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as keeper:
            for _ in range(1000):
                if (folder / "runs").exists():
                    break
                time.sleep(0.01)
            time.sleep(pause)
            keeper.terminate()
            assert keeper.wait(600) == 0
        assert not folder.exists()
