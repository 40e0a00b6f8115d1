"""Quality beyond function: who is synthesized, and what the figures say, by hand-made rows and by the real tool."""

import dataclasses
import importlib.util
import math
import shutil
from collections.abc import Sequence

import pytest

from itertl.config import VerifyConfig
from itertl.errors import MissingToolError
from itertl.evaluation.quality import REWORDINGS, Quality, quality, synthesize_stage, wordings
from itertl.outcome import Outcome
from itertl.records import Candidate, Synthesis, SynthesisStatus, Task, Verdict
from itertl.tools.yosys import Yosys
from itertl.verify.engine import verify
from itertl.verify.settings import VerifySettings
from itertl.verify.synthesis import stream

pytestmark = pytest.mark.usefixtures("kept_workers")

INSTALLED = bool(importlib.util.find_spec("pyosys") or shutil.which("yosys"))
needs_yosys = pytest.mark.skipif(not INSTALLED, reason="Yosys is not installed")
CONFIG = VerifyConfig(workers=2, steps=40, cache=False)
GOOD, UNKNOWN, REFUSED = SynthesisStatus.SYNTHESIZABLE, SynthesisStatus.UNKNOWN, SynthesisStatus.REFUSED


def task(name: str) -> Task:
    head = "module top(input a, b, c, output y);"
    code = f"{head} wire {name}_w; assign {name}_w = a & b; assign y = {name}_w | c; endmodule"
    return Task(name, "", head, code, "top")


def candidate(name: str, number: int, index: int = 0) -> Candidate:
    return Candidate(name, 1, index, 0, "", "", f"module top; // {number}", f"{name}-{number}")


def verdict(c: Candidate, outcome: Outcome = Outcome.PASSED) -> Verdict:
    return Verdict(c.task_id, c.code_id, outcome)


def row(c: Candidate, cells: int, status: SynthesisStatus = GOOD, latches: int = 0) -> Synthesis:
    return Synthesis(c.task_id, c.code_id, status, cells, 4 * cells, cells // 2, latches, tools="Yosys")


def references(tasks: Sequence[Task], cells: Sequence[int], latches: int = 0) -> list[Synthesis]:
    """Rows for the wordings of each task: `cells` in turn, the first for the reference itself."""
    return [
        Synthesis(t.id, d.code_id, GOOD, n, 4 * n, n // 2, latches)
        for t in tasks
        for d, n in zip(wordings(t), cells, strict=True)
    ]


def test_wordings_are_the_reference_and_others_and_stay_the_same() -> None:
    found = wordings(task("t"))
    assert found[0].code == task("t").reference
    assert len({d.code_id for d in found}) == 1 + REWORDINGS
    assert found == wordings(task("t"))
    broken = dataclasses.replace(task("t"), reference="module top(; endmodule")
    assert len(wordings(broken)) == 1


def test_ratios_are_geometric_means_of_medians_over_problems() -> None:
    tasks = [task("a"), task("b")]
    drawn = [candidate("a", 1), candidate("a", 2), candidate("a", 3), candidate("a", 3, 9), candidate("b", 1)]
    rows = [*references(tasks, [10] * 5), row(drawn[0], 5), row(drawn[1], 20), row(drawn[2], 40), row(drawn[4], 5)]
    found = quality(drawn, tasks, [verdict(c) for c in drawn], rows)
    assert found.ratios["cells"].value == pytest.approx(math.sqrt(2.0 * 0.5), abs=1e-6)
    assert found.ratios["cells"].low == pytest.approx(0.5, abs=1e-6)
    assert found.ratios["cells"].high == pytest.approx(2.0, abs=1e-6)
    assert found.ratios["transistors"].value == found.ratios["cells"].value
    assert (found.ratios["cells"].problems, found.ratios["cells"].smaller, found.ratios["cells"].larger) == (
        2,
        1,
        1,
    )
    assert (found.samples, found.passing, found.unmeasured, found.synthesizable) == (5, 2, 0, 1.0)
    assert found.tools == ("Yosys",)
    assert Quality.from_dict(found.to_dict()) == found


def test_what_lies_within_the_range_of_rewordings_is_no_difference() -> None:
    tasks = [task("a"), task("b"), task("c")]
    drawn = [candidate("a", 1), candidate("b", 1), candidate("c", 1)]
    rows = [*references(tasks, [10, 9, 12, 10, 10]), *(row(c, n) for c, n in zip(drawn, (9, 12, 13), strict=True))]
    found = quality(drawn, tasks, [verdict(c) for c in drawn], rows).ratios["cells"]
    assert (found.smaller, found.within, found.larger) == (0, 2, 1)
    assert found.floor == found.floor_median == 0.3


def test_only_passing_candidates_have_figures() -> None:
    tasks = [task("a"), task("b")]
    drawn = [candidate("a", 1), candidate("a", 2), candidate("b", 1)]
    outcomes = [Outcome.PASSED, Outcome.MISMATCH, Outcome.MISMATCH]
    rows = [*references(tasks, [10] * 5), row(drawn[0], 10), row(drawn[1], 1), row(drawn[2], 1)]
    found = quality(drawn, tasks, [verdict(c, o) for c, o in zip(drawn, outcomes, strict=True)], rows)
    assert (found.ratios["cells"].value, found.ratios["cells"].problems, found.passing) == (1.0, 1, 1)
    assert (found.ratios["cells"].low, found.ratios["cells"].high) == (1.0, 1.0)
    assert found.synthesizable == 1.0


def test_samples_that_do_not_elaborate_are_no_hardware_and_unknown_ones_are_left_out() -> None:
    outcomes = [
        Outcome.PASSED, Outcome.MISMATCH, Outcome.TIMEOUT, Outcome.SYNTAX_ERROR, Outcome.REJECTED, Outcome.TOOL_ERROR,
    ]  # fmt: skip
    drawn = [candidate("a", n) for n in range(len(outcomes))]
    rows = [*references([task("a")], [10] * 5), row(drawn[0], 8), row(drawn[1], 0, REFUSED), row(drawn[2], 0, UNKNOWN)]
    found = quality(drawn, [task("a")], [verdict(c, o) for c, o in zip(drawn, outcomes, strict=True)], rows)
    assert (found.samples, found.unknown, found.synthesizable) == (6, 2, 0.25)


def test_latches_count_where_the_reference_has_fewer() -> None:
    tasks = [task("a"), task("b")]
    drawn = [candidate("a", 1), candidate("a", 1, 1), candidate("a", 2), candidate("b", 1)]
    rows = [
        *references(tasks[:1], [10] * 5),
        *references(tasks[1:], [10] * 5, latches=2),
        row(drawn[0], 10, latches=1),
        row(drawn[2], 10),
        row(drawn[3], 10, latches=2),
    ]
    assert quality(drawn, tasks, [verdict(c) for c in drawn], rows).latched == 0.5


def test_wires_have_no_ratio_and_are_counted() -> None:
    tasks = [task("a"), task("b")]
    drawn = [candidate("a", 1), candidate("b", 1)]
    rows = [*references(tasks[:1], [0] * 5), *references(tasks[1:], [2] * 5), row(drawn[0], 0), row(drawn[1], 0)]
    found = quality(drawn, tasks, [verdict(c) for c in drawn], rows)
    assert (found.ratios["cells"].value, found.ratios["cells"].low, found.ratios["cells"].high) == (
        None,
        None,
        None,
    )
    assert (found.ratios["cells"].problems, found.ratios["cells"].undefined) == (0, 2)
    assert (found.ratios["cells"].smaller, found.ratios["cells"].within) == (1, 1)
    assert found.ratios["cells"].floor == 0.0


def test_problems_without_a_synthesized_candidate_or_reference_are_counted() -> None:
    tasks = [task("a"), task("b"), task("c")]
    drawn = [candidate("a", 1), candidate("b", 1), candidate("c", 1)]
    rows = references(tasks, [10] * 5)
    rows[0] = dataclasses.replace(rows[0], status=UNKNOWN)
    rows[6] = dataclasses.replace(rows[6], status=UNKNOWN)  # only a rewording: a narrower range, no more
    rows += [row(drawn[0], 8), row(drawn[1], 8), row(drawn[2], 0, UNKNOWN)]
    found = quality(drawn, tasks, [verdict(c) for c in drawn], rows)
    assert (found.passing, found.unmeasured, found.ratios["cells"].problems) == (3, 2, 1)


def test_nothing_passes() -> None:
    drawn = [candidate("a", 1)]
    found = quality(drawn, [task("a")], [verdict(drawn[0], Outcome.SYNTAX_ERROR)], [])
    assert (found.synthesizable, found.latched, found.passing) == (0.0, None, 0)
    assert (found.ratios["depth"].value, found.ratios["depth"].floor) == (None, None)
    empty = quality([], [], [], [])
    assert (empty.samples, empty.synthesizable) == (0, None)


@needs_yosys
def test_candidates_from_verdict_to_figures() -> None:
    tasks = [task("solved"), task("open")]
    bodies = {
        "solved": ["assign y = a & b | c;", "assign y = ~(~(a & b) & ~c);", "assign y = c;", "assign y = ;"],
        "open": ["assign y = a;", "assign y = a; initial $finish;"],
    }
    drawn = [
        Candidate.of(t, f"{t.header} {body} endmodule", index)
        for t in tasks
        for index, body in enumerate([*bodies[t.id], bodies[t.id][0]])
    ]
    settings = VerifySettings(workers=2, vectors=40, cache=False)
    verdicts = list(verify(drawn, tasks, settings))
    rows = list(synthesize_stage(drawn, tasks, verdicts, CONFIG))
    asked = [d.code_id for d in wordings(tasks[0])] + [drawn[n].code_id for n in (0, 1, 2, 5)]
    assert [r.code_id for r in rows] == asked  # no reference of a task that nobody solves
    assert {r.status for r in rows} == {GOOD}
    rest = list(synthesize_stage(drawn, tasks, verdicts, CONFIG, done=rows[:5]))
    assert [r.code_id for r in rest] == asked[5:]
    found = quality(drawn, tasks, verdicts, rows)
    assert (found.passing, found.unmeasured, found.latched) == (1, 0, 0.0)
    assert found.ratios["cells"].value == found.ratios["depth"].value == 1.0
    assert found.ratios["cells"].within == 1
    assert found.synthesizable == pytest.approx(6 / 8)


def test_without_yosys_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Yosys:
        raise MissingToolError("Yosys is not installed")

    monkeypatch.setattr(stream, "find_yosys", missing)
    with pytest.raises(MissingToolError):
        list(synthesize_stage([], [], [], CONFIG))
