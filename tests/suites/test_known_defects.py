"""Known defects are data, each with evidence; the self-test finds those of a sample on the installed tools."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.commands.selftest import SHOWN_BY_SELFTEST as SHOWN
from itertl.errors import UsageError
from itertl.evaluation.findings import found_defects
from itertl.evaluation.selftest import MUTANTS, REFERENCE, STUBS, selftest
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.suites.known_defects import UNFAIR, Kind, known_defects, unfair_problems
from itertl.suites.load import load_published
from itertl.suites.published import PUBLISHED
from itertl.tools.shop import tool_versions
from itertl.verify import VerifySettings

pytestmark = pytest.mark.usefixtures("kept_workers")

SETTINGS = VerifySettings(workers=2)
SAMPLES = {  # weak benches, false ones, and a sound one
    "rtllm-v2": ("comparator_3bit", "edge_detect", "clkgenerator", "ring_counter", "multi_8bit"),
    "verilogeval-v1-machine": ("fsm_ps2", "zero"),
    "verilogeval-v2-code-complete": ("Prob053_m2014_q4d", "Prob099_m2014_q6c", "Prob010_mt2015_q4a"),
}


@pytest.mark.parametrize("suite", PUBLISHED)
def test_every_entry_names_a_problem_of_its_suite_and_says_why(suite: str, data: Path) -> None:
    defects = known_defects(suite)
    assert all(d.evidence and d.source for d in defects)
    assert len({(d.id, d.kind) for d in defects}) == len(defects)
    if not (data / PUBLISHED[suite].place).exists():
        pytest.skip(f"no data of {suite} at {data}")
    assert {d.id for d in defects} <= {task.id for task in load_published(suite, data)}


def test_what_a_newer_simulator_compiles_is_unfair_only_with_an_older_one() -> None:
    cast = {"review2015_fancytimer", "review2015_fsm"}
    older, newer = (unfair_problems("verilogeval-v1-human", f"iverilog {version}") for version in ("11.0", "12.0"))
    assert older - newer == cast
    assert unfair_problems("verilogeval-v1-human") == older  # of a version that is not known, all is said
    both = [unfair_problems("verilogeval-v2-spec-to-rtl", f"iverilog {version}") for version in ("11.0", "12.0")]
    assert both[0] - both[1] == {"Prob151_review2015_fsm"}
    assert "Prob156_review2015_fancytimer" in both[1]  # compiled there, and out of time


def test_weak_benches_are_no_reason_to_leave_a_problem_out() -> None:
    weak = {d.id for d in known_defects("rtllm-v2") if d.kind is Kind.STUB_PASSES}
    assert "edge_detect" in weak
    assert "edge_detect" not in unfair_problems("rtllm-v2")
    assert "radix2_div" in unfair_problems("rtllm-v2")
    assert not UNFAIR & {Kind.STUB_PASSES, Kind.MUTANT_PASSES, Kind.PORTABILITY}
    assert "sub_64bit" in {d.id for d in known_defects("rtllm-v2") if d.kind is Kind.MUTANT_PASSES}
    assert "sub_64bit" not in unfair_problems("rtllm-v2")
    assert known_defects("a-suite-without-entries") == ()


@pytest.mark.parametrize("suite", SAMPLES)
def test_the_self_test_reproduces_the_defects_of_a_sample(suite: str, data: Path) -> None:
    if not tool_versions()["iverilog"].startswith("11"):
        pytest.skip("the entries are those of Icarus Verilog 11")
    tasks = [t for t in load_published(suite, data) if t.id in SAMPLES[suite]]
    assert len(tasks) == len(SAMPLES[suite])
    rows = list(selftest(tasks, SETTINGS, MUTANTS))
    found = found_defects(rows)
    for task in tasks:
        assert len([r for r in rows if r.task_id == task.id and not r.kind]) == 1 + len(STUBS)
        listed = {d.kind: d.evidence for d in known_defects(suite) if d.id == task.id and d.kind in SHOWN}
        assert {kind for problem, kind in found if problem == task.id} == listed.keys(), task.id
        for kind in listed.keys() & {Kind.STUB_PASSES, Kind.MUTANT_PASSES}:
            assert listed[kind].startswith(found[task.id, kind])
    assert not [r for r in rows if r.design == "finish" and r.strict is Outcome.PASSED]


def test_a_constant_that_is_right_is_told_from_a_weak_bench(data: Path) -> None:
    tasks: list[Task] = [t for t in load_published("verilogeval-v1-machine", data) if t.id in ("zero", "2012_q2fsm")]
    passing = {(r.task_id, r.design): r.right for r in selftest(tasks, SETTINGS) if r.strict is Outcome.PASSED}
    assert passing[("zero", "zeros")]
    assert not passing[("2012_q2fsm", "zeros")]
    assert passing[("2012_q2fsm", REFERENCE)]


def test_the_command_lists_defects_and_compares_them_with_what_it_finds(data: Path, tmp_path: Path) -> None:
    listed = CliRunner().invoke(app, ["suites", "defects", "verilogeval-v1-machine"])
    assert "fsm_ps2" in listed.output
    assert "rtllm-v2" in CliRunner().invoke(app, ["suites", "list", "--data", str(data)]).output
    out = tmp_path / "rows.jsonl"
    command = ["suites", "selftest", "rtllm-v2", "--data", str(data), "--limit", "1", "--mutants", "1"]
    command += ["--out", str(out)]
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 0, ran.output
    assert "0 of 0 known defects found" in ran.output
    assert len(out.read_text().splitlines()) == 1 + len(STUBS) + 1
    assert isinstance(CliRunner().invoke(app, ["suites", "defects", "nothing"]).exception, UsageError)
