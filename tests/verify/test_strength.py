"""Strength: which mutants count, for whom, and what becomes of those that nobody can decide."""

import importlib.util
import shutil

import pytest

from itertl.outcome import Outcome
from itertl.records import Task
from itertl.verify.settings import VerifySettings
from itertl.verify.strength import Fate, Strength, measure
from itertl.verilog.mutants import Mutant, mutants

MUTANT = Mutant("operator", 1, "+ -> -", "")
HEADER = "module top (\n  input [63:0] a,\n  input b,\n  output y\n);\n"
TASK = Task("rare", "", HEADER, HEADER + "  assign y = b ^ (a == 64'h1234_5678_9abc_def1);\nendmodule\n", "top")
FORMAL = bool(importlib.util.find_spec("pyosys") or shutil.which("yosys"))


def fate(ours: Outcome, formal: str = "", theirs: Outcome | None = None) -> Fate:
    return Fate("t", MUTANT, ours, formal, theirs)


def test_where_a_mutant_stands() -> None:
    assert fate(Outcome.MISMATCH).standing == "killed"
    assert fate(Outcome.TIMEOUT).standing == "killed"
    assert fate(Outcome.PASSED, "proved").standing == "equivalent"
    assert fate(Outcome.PASSED, "refuted").standing == "survived"
    assert fate(Outcome.PASSED, "unknown").standing == "undecided"
    assert fate(Outcome.PASSED).standing == "undecided"
    assert fate(Outcome.PASSED, "proved", Outcome.MISMATCH).standing == "survived"
    assert fate(Outcome.ELABORATION_ERROR).standing == "refused"
    assert fate(Outcome.TOOL_ERROR).standing == "refused"


def test_equivalent_undecided_and_refused_mutants_count_for_nobody() -> None:
    strength = Strength.of(
        [
            fate(Outcome.MISMATCH, theirs=Outcome.MISMATCH),
            fate(Outcome.MISMATCH, theirs=Outcome.PASSED),
            fate(Outcome.MISMATCH, theirs=Outcome.REJECTED),
            fate(Outcome.PASSED, "unknown", Outcome.TIMEOUT),
            fate(Outcome.PASSED, "refuted", Outcome.PASSED),
            fate(Outcome.PASSED, "proved", Outcome.PASSED),
            fate(Outcome.PASSED, "unknown", Outcome.PASSED),
            fate(Outcome.SYNTAX_ERROR),
        ]
    )
    assert strength == Strength((3, 5), (2, 4), equivalent=1, undecided=1, refused=1)


@pytest.mark.skipif(not FORMAL, reason="Yosys is not installed")
def test_survivors_are_told_from_equivalents_by_proof() -> None:
    rare = "64'h1234_5678_9abc_def1"
    changed = {
        "kills": TASK.reference.replace("b ^", "!b ^"),
        "same": TASK.reference.replace(f"b ^ (a == {rare})", f"({rare} == a) ^ b"),
        "hidden": TASK.reference.replace(f"(a == {rare})", f"(a == {rare} || a == 64'h0f0f_5a5a_1111_7777)"),
    }
    drawn = [Mutant("constant", 6, name, code) for name, code in changed.items()]
    found = {f.mutant.change: f for f in measure([TASK], {TASK.id: drawn}, VerifySettings(workers=1), formal=True)}
    assert (found["kills"].standing, found["kills"].formal) == ("killed", "")
    assert (found["same"].standing, found["same"].formal) == ("equivalent", "proved")
    assert (found["hidden"].standing, found["hidden"].formal) == ("survived", "refuted")


def test_without_yosys_and_testbench_survivors_stay_undecided() -> None:
    header = "module top (\n  input a,\n  input b,\n  output y\n);\n"
    task = Task("and", "", header, header + "  assign y = a & b;\nendmodule\n", "top")
    same = Mutant("operator", 6, "& -> &&", task.reference.replace("&", "&&"))
    drawn = [*mutants(task.reference, task.top), same]
    fates = measure([task], {task.id: drawn}, VerifySettings(workers=1))
    assert [f.mutant for f in fates] == drawn
    assert fates[-1].standing == "undecided"
    assert Strength.of(fates).ours[0] == len(drawn) - 1
