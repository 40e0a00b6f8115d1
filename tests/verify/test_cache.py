"""What is known is not simulated again, and nothing that could be otherwise is known."""

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Task, Verdict
from itertl.verify import VerifySettings, cache, verify
from itertl.verify.cache import cache_folder, digest_of_source
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Job

MakeCandidate = Callable[..., Candidate]

RIGHT = "always @(posedge clk) if (rst) q <= 0; else q <= d; endmodule"
WRONG = "always @(posedge clk) q <= d; endmodule"
HANG = "initial while (1) q = ~q; endmodule"
ALIEN = "always @(posedge clk) q <= missing; endmodule"


@pytest.fixture
def cached(settings: VerifySettings, tmp_path: Path) -> VerifySettings:
    """Settings with a cache of the test's own."""
    return dataclasses.replace(settings, cache=tmp_path / "cache")


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs that reach the workers."""
    jobs: list[Job] = []
    submit = Pool.submit

    def counting(self: "Pool[Verdict]", job: Job) -> None:
        jobs.append(job)
        submit(self, job)

    monkeypatch.setattr(Pool, "submit", counting)
    return jobs


def test_a_second_run_simulates_nothing_and_says_the_same(
    dff: Task, make: MakeCandidate, settings: VerifySettings, cached: VerifySettings, judged: list[Job]
) -> None:
    candidates = [make(dff, body, i) for i, body in enumerate((RIGHT, WRONG, ALIEN, "initial $finish; endmodule"))]
    first = list(verify(candidates, [dff], cached))
    assert len(judged) == 1
    assert list(verify(candidates, [dff], dataclasses.replace(cached, workers=1, batch=1, retries=0))) == first
    assert len(judged) == 1
    without = list(verify(candidates, [dff], settings))
    assert [dataclasses.replace(v, seconds=0.0) for v in without] == [dataclasses.replace(v, seconds=0) for v in first]


def test_layout_is_no_difference_unless_a_message_tells_of_it(
    dff: Task, make: MakeCandidate, cached: VerifySettings, judged: list[Job]
) -> None:
    bodies = [RIGHT, WRONG, ALIEN]
    list(verify([make(dff, body) for body in bodies], [dff], cached))
    laid_out = [make(dff, "// a comment\n\n" + body.replace(" ", "  ")) for body in bodies]
    verdicts = list(verify(laid_out, [dff], cached))
    assert [v.outcome for v in verdicts] == [Outcome.PASSED, Outcome.MISMATCH, Outcome.ELABORATION_ERROR]
    assert [v.code_id for v in verdicts] == [c.code_id for c in laid_out]
    assert [code for job in judged[1:] for _, code in job.designs] == [laid_out[2].code]
    assert "line 9" in verdicts[2].detail


def test_the_reference_is_known_and_gives_the_same_verdicts(
    dff: Task, make: MakeCandidate, settings: VerifySettings, cached: VerifySettings, judged: list[Job]
) -> None:
    list(verify([make(dff, RIGHT)], [dff], cached))
    verdict = next(verify([make(dff, WRONG)], [dff], cached))
    assert [job.known is not None for job in judged] == [False, True]
    assert dataclasses.replace(verdict, seconds=0.0) == dataclasses.replace(
        next(verify([make(dff, WRONG)], [dff], settings)), seconds=0.0
    )


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"cycles": 61}, {"cpu_floor": 0.4}, {"memory_mb": 1000}, {"cpu_step": 0.06}]
)
def test_a_setting_that_can_move_a_verdict_is_part_of_the_key(
    dff: Task, make: MakeCandidate, cached: VerifySettings, judged: list[Job], change: dict[str, float]
) -> None:
    list(verify([make(dff, RIGHT)], [dff], cached))
    list(verify([make(dff, RIGHT)], [dff], dataclasses.replace(cached, **change)))  # type: ignore[arg-type]
    assert len(judged) == 2


def test_tools_tasks_and_the_engine_are_part_of_the_key(
    dff: Task, make: MakeCandidate, cached: VerifySettings, judged: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    list(verify([make(dff, RIGHT)], [dff], cached))
    other = dataclasses.replace(dff, reference=dff.reference.replace("q <= 0", "q <= 1"))
    assert not next(verify([make(dff, RIGHT)], [other], cached)).passed
    monkeypatch.setattr(cache, "tool_versions", lambda: {"iverilog": "99", "pyslang": "12"})
    list(verify([make(dff, RIGHT)], [dff], cached))
    monkeypatch.setattr(cache, "source_digest", lambda: "another engine")
    list(verify([make(dff, RIGHT)], [dff], cached))
    assert len(judged) == 4
    renamed = dataclasses.replace(dff, id="renamed", instruction="another text")
    assert next(verify([make(renamed, RIGHT)], [renamed], cached)).task_id == "renamed"
    assert len(judged) == 4


def test_time_outs_and_tool_errors_are_never_kept(
    dff: Task, make: MakeCandidate, cached: VerifySettings, judged: list[Job]
) -> None:
    broken = dataclasses.replace(dff, reference=dff.reference.replace("q <= d", "q <= missing"))
    for _ in range(2):
        assert next(verify([make(dff, HANG)], [dff], cached)).outcome is Outcome.TIMEOUT
        assert next(verify([make(dff, RIGHT)], [broken], cached)).outcome is Outcome.TOOL_ERROR
    assert len(judged) == 4


def test_the_moment_is_never_kept(dff: Task, cached: VerifySettings) -> None:
    key = ("dff", "x")
    known = cache.open_cache(cached)
    verdicts = [
        Verdict(*key, Outcome.REJECTED, reason=Reason.FRONT_END),
        Verdict(*key, Outcome.REJECTED, reason=Reason.MEMORY),
        Verdict(*key, Outcome.PASSED, formal="unknown"),
        Verdict(*key, Outcome.TIMEOUT),
        Verdict(*key, Outcome.TOOL_ERROR),
    ]
    code = "module top; endmodule"
    for verdict in verdicts:
        known.keep(verdict, code, dff)
        assert known.find("x", code, dff) is None
    known.keep(Verdict(*key, Outcome.PASSED, formal="proved"), code, dff)
    assert known.find("x", code, dff) == Verdict(*key, Outcome.PASSED, formal="proved")


def test_a_ruined_cache_costs_no_verdict(
    dff: Task, make: MakeCandidate, cached: VerifySettings, caplog: pytest.LogCaptureFixture
) -> None:
    first = list(verify([make(dff, RIGHT), make(dff, WRONG)], [dff], cached))
    assert isinstance(cached.cache, Path)
    (cached.cache / cache.FILE).write_bytes(os.urandom(10_000))
    again = list(verify([make(dff, RIGHT), make(dff, WRONG)], [dff], cached))
    assert [v.outcome for v in again] == [v.outcome for v in first]
    assert [r.levelname for r in caplog.records] == ["WARNING"]


def test_where_it_lies(settings: VerifySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder(settings) is None  # ITERTL_CACHE=off, in all tests
    monkeypatch.setenv("ITERTL_CACHE", str(tmp_path / "moved"))
    assert cache_folder(settings) == tmp_path / "moved"
    monkeypatch.delenv("ITERTL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder(settings) == tmp_path / "xdg" / "itertl"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder(settings) == tmp_path / ".cache" / "itertl"
    assert cache_folder(dataclasses.replace(settings, cache=False)) is None
    assert cache_folder(dataclasses.replace(settings, cache=tmp_path / "own")) == tmp_path / "own"


DECIDING = (
    "verilog/guard.py",
    "verilog/rewrite/designs.py",
    "tools/icarus.py",
    "tools/shop.py",
    "tools/sandbox/levels.py",
    "verify/judge.py",
    "verify/workers/worker.py",
    "verify/formal/proof.py",
    "records.py",
    "outcome.py",
    "identity.py",
)


def test_a_byte_in_whatever_decides_a_verdict_changes_the_key(tmp_path: Path) -> None:
    package = tmp_path / "itertl"
    shutil.copytree(Path(cache.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__", "embedded"))
    before = digest_of_source(package)
    assert before == digest_of_source(Path(cache.__file__).parents[1])
    for name in ("report/page.py", "tasks/gym/counters.py", "training/trainer.py", "score.py"):
        with (package / name).open("a") as file:
            file.write("#")
        assert digest_of_source(package) == before, name
    seen = {before}
    for name in DECIDING:
        with (package / name).open("a") as file:
            file.write("#")
        seen.add(digest_of_source(package))
    assert len(seen) == 1 + len(DECIDING)
    (package / "verilog" / "added.py").write_text("")
    assert digest_of_source(package) not in seen
