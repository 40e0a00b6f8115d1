"""The audit finds planted copies, renamed or reworded, and lets the rest pass."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from itertl.config import Config, EvaluationConfig, TasksConfig
from itertl.errors import DataError
from itertl.evaluation import audit as stage
from itertl.records import Task
from itertl.tasks import gym
from itertl.tasks.contamination import audit, audit_all, code_grams, too_similar, word_grams
from itertl.verilog.tokens import tokens

SUITES = EvaluationConfig(suites=("gym-test", "rtllm-v2"))
PROBLEM = Task(
    "lock",
    "Build a lock that opens when the keys three, one, four and one are pressed in this order, and that stays open "
    "until the reset input is asserted for one cycle.",
    "module top(input clk, input reset, input [3:0] key, output open);\n",
    """module top(input clk, input reset, input [3:0] key, output open);
    reg [2:0] state;
    always @(posedge clk) begin
        if (reset) state <= 0;
        else case (state)
            0: state <= key == 3 ? 1 : 0;
            1: state <= key == 1 ? 2 : 0;
            2: state <= key == 4 ? 3 : 0;
            3: state <= key == 1 ? 4 : 0;
            default: state <= state;
        endcase
    end
    assign open = state == 4;
endmodule
""",
    "top",
)


def renamed(task: Task) -> Task:
    """Return the task in other words and with other names, comments and layout; its structure is the same."""
    names = {"top": "dut", "clk": "c", "reset": "r", "key": "k", "open": "o", "state": "q"}
    code = " /* x */ ".join(names.get(t.text, t.text) for t in tokens(task.reference))
    header = code[: code.index(";") + 1]
    return dataclasses.replace(task, id="copy", instruction="Write a small FSM.", header=header, reference=code)


def test_a_planted_copy_with_renamed_signals_is_found_among_other_rows() -> None:
    rows = [*gym.generate("train", 200, 1), renamed(PROBLEM)]
    pairs = audit(rows, [PROBLEM])
    assert [pair.row for pair in too_similar(pairs, 0.8)] == ["copy"]
    assert pairs[0].code == 1.0
    assert pairs[0].instruction == 0.0


def test_a_copied_instruction_is_found_inside_a_longer_one() -> None:
    copy = dataclasses.replace(
        PROBLEM,
        id="copy",
        instruction=f"You are an engineer. {PROBLEM.instruction.upper()} Answer in Verilog.",
        reference="module top(input a, output b); assign b = a; endmodule",
        header="module top(input a, output b);",
    )
    (pair,) = audit([*gym.generate("train", 50, 1), copy], [PROBLEM])
    assert (pair.row, pair.instruction, pair.code) == ("copy", 1.0, 0.0)


def test_several_suites_at_once_give_what_each_gives_alone() -> None:
    rows = [*gym.generate("train", 60, 1), renamed(PROBLEM)]
    suites = [[PROBLEM], [dataclasses.replace(task, id=f"own-{task.id}") for task in rows[:20]], rows[20:30]]
    told: list[Task] = []

    def tell(tasks: Sequence[Task]) -> Iterator[Task]:
        for task in tasks:
            told.append(task)
            yield task

    found = audit_all(rows, suites, 0.3, told=tell)
    assert found == [audit(rows, suite, 0.3) for suite in suites]
    assert all(found)
    assert told == rows


def test_other_designs_and_texts_too_short_to_tell_are_not_reported() -> None:
    wire = Task(
        "w", "A wire.", "module w(input a, output b);", "module w(input a, output b); assign b=a; endmodule", "w"
    )
    assert audit([wire], [dataclasses.replace(wire, id="same")]) == []
    assert audit(gym.generate("train", 200, 1), [PROBLEM]) == []


def test_a_row_that_is_allowed_by_name_does_not_count() -> None:
    pairs = audit([renamed(PROBLEM)], [PROBLEM])
    assert too_similar(pairs, 0.8, ["copy"]) == []
    assert too_similar(pairs, 1.1) == []


def test_names_and_layout_change_no_gram_but_operators_do() -> None:
    assert code_grams(renamed(PROBLEM).reference) == code_grams(PROBLEM.reference)
    assert code_grams(PROBLEM.reference.replace("==", "!=")) != code_grams(PROBLEM.reference)
    assert word_grams("One, two; three FOUR five!") == word_grams("one two three four five")


def test_the_stage_stops_a_run_until_the_row_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "load_suite", lambda name, config: [PROBLEM])
    row = dataclasses.replace(renamed(PROBLEM), tags=("split:train",))
    config = Config(tasks=TasksConfig(file=Path("rows.jsonl")), evaluation=SUITES)
    with pytest.raises(DataError, match=r"copy \(100% of lock\).*tasks.allow_similar"):
        list(stage.audit_suites([row], config))
    allowed = config.model_copy(update={"tasks": config.tasks.model_copy(update={"allow_similar": ("copy",)})})
    (pair,) = stage.audit_suites([row], allowed)
    assert pair.problem == "lock"
    assert list(stage.audit_suites([row], allowed, done=[pair])) == []


def test_rows_of_the_gym_are_not_audited() -> None:
    assert list(stage.audit_suites(gym.generate("train", 2, 1), Config())) == []
