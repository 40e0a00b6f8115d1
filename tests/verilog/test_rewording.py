"""Rewordings: the same function in other words, for the gym's references and a published suite's."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.suites.load import load_published
from itertl.tasks import gym
from itertl.verify.engine import verify
from itertl.verify.settings import VerifySettings
from itertl.verilog.rewording import reordered, reworded, swapped
from itertl.verilog.tokens import normalise

pytestmark = pytest.mark.usefixtures("kept_workers")


def verified(tasks: Sequence[Task], settings: VerifySettings) -> dict[str, Outcome]:
    """Verify a rewording of each reference against the original."""
    candidates = [Candidate.of(task, reworded(task.reference, task.top, 1)) for task in tasks]
    return {v.task_id: v.outcome for v in verify(candidates, tasks, dataclasses.replace(settings, cache=False))}


@pytest.mark.slow
def test_references_of_all_families_keep_their_function(settings: VerifySettings) -> None:
    tasks = [gym.example(family, 1) for family in gym.FAMILIES]
    changed = [t for t in tasks if normalise(reworded(t.reference, t.top, 1)) != normalise(t.reference)]
    assert len(changed) > len(tasks) / 2
    assert set(verified(tasks, settings).values()) == {Outcome.PASSED}


@pytest.mark.slow
def test_published_references_keep_their_function(data: Path, settings: VerifySettings) -> None:
    tasks = load_published("verilogeval-v2-spec-to-rtl", data)[::10]
    found = verified(tasks, dataclasses.replace(settings, cycles=300, vectors=300))
    assert {task for task, outcome in found.items() if outcome is not Outcome.PASSED} == set()


def test_operands_keep_what_binds_them() -> None:
    code = "module t(input [3:0] a, b, output [3:0] y); assign y = a - b + a & b | a == b; endmodule"
    task, found = Task.of(code), [swapped(code, seed) for seed in range(6)]
    assert len(set(found)) > 1
    verdicts = verify([Candidate.of(task, text) for text in found], [task], VerifySettings(cache=False, workers=1))
    assert {v.outcome for v in verdicts} == {Outcome.PASSED}
    for text in found:
        assert sorted(w for w in normalise(text).split() if w not in "()") == sorted(
            w for w in normalise(code).split() if w not in "()"
        )


def test_operands_change_places() -> None:
    code = "module t(input a, b, output y); assign y = a & b; endmodule"
    assert {swapped(code, seed) for seed in range(8)} == {code, code.replace("a & b", "(b) & (a)")}


def test_operands_that_act_stay_in_their_order() -> None:
    code = (
        "module t(input [3:0] a, output reg [3:0] y); function [3:0] f(input [3:0] x); f = x; endfunction\n"
        "  always @* y = f(a) + a; endmodule"
    )
    assert all(swapped(code, seed) == code for seed in range(8))


def test_items_change_places_between_declarations_only() -> None:
    code = (
        "module t(input a, output y, z);\n  assign y = a;\n  assign z = ~a;\n  wire w;\n  assign w = a;\n"
        "  initial begin end\n  always @* begin end\nendmodule"
    )
    found = {reordered(code, seed) for seed in range(12)}
    assert found == {code, code.replace("y = a", "X").replace("z = ~a", "y = a").replace("X", "z = ~a")}


def test_equal_seeds_give_equal_text() -> None:
    task = gym.example("fifo", 1)
    texts = [reworded(task.reference, task.top, seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
