"""Known defects are data, each with evidence; the self-test finds those of a sample on the installed tools."""

from pathlib import Path

import pytest

from itertl.evaluation.known_defects import UNFAIR, Kind, known_defects, unfair_problems
from itertl.evaluation.selftest import GOLDEN, STUBS, Checked, selftest
from itertl.evaluation.suites import PUBLISHED, load_published
from itertl.records import Outcome, Task
from itertl.verify import VerifySettings, tool_versions

SETTINGS = VerifySettings(workers=2)
WEAK = ("comparator_3bit", "edge_detect")
FALSE = ("clkgenerator", "ring_counter")
SOUND = ("adder_8bit",)


@pytest.mark.parametrize("suite", PUBLISHED)
def test_every_entry_names_a_problem_of_its_suite_and_says_why(suite: str, data: Path) -> None:
    defects = known_defects(suite)
    assert all(d.evidence and d.source for d in defects)
    assert len({(d.id, d.kind) for d in defects}) == len(defects)
    if not (data / PUBLISHED[suite][0]).exists():
        pytest.skip(f"no data of {suite} at {data}")
    assert {d.id for d in defects} <= {task.id for task in load_published(suite, data)}


def test_weak_benches_are_no_reason_to_leave_a_problem_out() -> None:
    weak = {d.id for d in known_defects("rtllm-v2") if d.kind is Kind.STUB_PASSES}
    assert "edge_detect" in weak
    assert "edge_detect" not in unfair_problems("rtllm-v2")
    assert "radix2_div" in unfair_problems("rtllm-v2")
    assert Kind.STUB_PASSES not in UNFAIR
    assert known_defects("a-suite-without-entries") == ()


def test_the_self_test_reproduces_the_defects_of_a_sample(data: Path) -> None:
    if not tool_versions()["iverilog"].startswith("11"):
        pytest.skip("the entries of RTLLM are those of Icarus Verilog 11")
    tasks = [t for t in load_published("rtllm-v2", data) if t.id in (*WEAK, *FALSE, *SOUND)]
    rows = list(selftest(tasks, SETTINGS))
    assert len(rows) == len(tasks) * (1 + len(STUBS))
    for task in tasks:
        found = entries([r for r in rows if r.task_id == task.id])
        listed = {d.kind for d in known_defects("rtllm-v2") if d.id == task.id} - {Kind.PORTS}
        assert found == listed, task.id
    assert not [r for r in rows if r.design == "finish" and r.strict is Outcome.PASSED]


def entries(rows: list[Checked]) -> set[Kind]:
    """Return the kinds of defects that the rows of one problem show."""
    found: set[Kind] = set()
    for row in rows:
        if row.design == GOLDEN:
            found |= {Kind.GOLDEN_FAILS} if row.official is not Outcome.PASSED else set()
            found |= {Kind.NO_STRICT} if row.strict is not Outcome.PASSED else set()
        elif row.strict is Outcome.PASSED and not row.right:
            found.add(Kind.STUB_PASSES)
    return found


def test_a_constant_that_is_right_is_told_from_a_weak_bench(data: Path) -> None:
    tasks: list[Task] = [t for t in load_published("verilogeval-v1-machine", data) if t.id in ("zero", "2012_q2fsm")]
    passing = {(r.task_id, r.design): r.right for r in selftest(tasks, SETTINGS) if r.strict is Outcome.PASSED}
    assert passing[("zero", "zeros")]
    assert not passing[("2012_q2fsm", "zeros")]
    assert passing[("2012_q2fsm", GOLDEN)]
