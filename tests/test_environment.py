"""The environment that others train on: questions, grades, episodes of several turns, and suites by their benches."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from itertl import environment, rewards
from itertl.environment import Episode, grade, grade_by_suite, load, question
from itertl.errors import UsageError
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.tasks import gym

REFERENCE = "module inv(input a, input b, output y);\n  assign y = ~(a & b);\nendmodule\n"
WRONG = REFERENCE.replace("&", "|")
TASK = Task.of(REFERENCE, "Write a module `inv`: y is the inverse of a and b.")
BENCH = """module tb;
  reg a, b; wire y; integer errors = 0;
  inv dut(a, b, y);
  initial begin
    for (integer i = 0; i < 4; i = i + 1) begin
      {a, b} = i; #1;
      if (y !== ~(a & b)) errors = errors + 1;
    end
    if (errors == 0) $display("all tests passed"); else $display("%0d errors", errors);
    $finish;
  end
endmodule
"""


def test_a_question_holds_the_instruction_and_the_header() -> None:
    text = question(TASK)
    assert text.startswith("Write a module `inv`")
    assert TASK.header.strip() in text
    assert "assign" not in text, "nothing of the reference"
    assert "begins with" not in question(Task("t", "Do it.", "", REFERENCE, "inv"))


def test_grades_say_how_good_an_answer_is_and_where_it_first_differs() -> None:
    right, wrong, none = (grade(TASK, text) for text in (f"Here:\n```verilog\n{REFERENCE}```", WRONG, "I cannot."))
    assert (right.reward, right.passed, right.outcome) == (1.0, True, "passed")
    assert wrong.reward is not None
    assert 0.5 < wrong.reward < 1.0
    assert wrong.found.startswith("mismatch: ")
    assert "y expected 1, got 0" in wrong.found
    assert (none.reward, none.outcome, none.code) == (0.0, "empty", "")
    assert grade(TASK, WRONG, score="syntax").reward == 1.0


def test_an_episode_goes_on_until_the_answer_is_right_or_turns_are_spent() -> None:
    episode = Episode(TASK, turns=3)
    first = episode.answer(WRONG)
    assert (first.reward, first.done) == (0.0, False)
    assert "y expected 1, got 0" in first.message
    second = episode.answer(REFERENCE)
    assert (second.reward, second.done, second.message) == (1.0, True, "")
    with pytest.raises(UsageError, match="the episode is over; begin another one"):
        episode.answer(REFERENCE)
    last = Episode(TASK, turns=1).answer(WRONG)
    assert last.done
    assert last.reward == last.grade.reward
    with pytest.raises(UsageError, match="at least one turn, found 0"):
        Episode(TASK, turns=0)


@pytest.mark.parametrize("outcome", [Outcome.TOOL_ERROR, Outcome.UNSUPPORTED])
def test_what_says_nothing_about_the_model_has_no_reward_and_ends_the_episode(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    def judged(pairs: Sequence[tuple[Task, str]], workers: int) -> list[tuple[Task, Submission, Verdict]]:
        designs = [(task, Submission.of(task, text)) for task, text in pairs]
        return [(t, d, Verdict(t.id, d.code_id, outcome, detail="vvp crashed")) for t, d in designs]

    monkeypatch.setattr(environment, "judge", judged)
    turn = Episode(TASK, turns=5).answer(REFERENCE)
    assert (turn.reward, turn.done, turn.grade.found) == (None, True, f"{outcome.value.replace('_', ' ')}: vvp crashed")
    assert grade_by_suite(TASK, REFERENCE).reward is None


def test_a_suites_bench_judges_where_there_is_one() -> None:
    benched = Task("suite/inv", TASK.instruction, TASK.header, REFERENCE, "inv", "mine", BENCH)
    right, wrong = (grade_by_suite(benched, text) for text in (REFERENCE, WRONG))
    assert (right.reward, right.outcome, right.official) == (1.0, "passed", "passed")
    assert (wrong.reward, wrong.outcome) == (0.0, "mismatch")
    cheat = REFERENCE.replace("assign", 'initial begin $display("all tests passed"); $finish; end assign')
    assert grade_by_suite(benched, cheat).reward == 0.0
    assert grade_by_suite(TASK, WRONG).reward == 0.0, "right or not, without a bench, too"


def test_tasks_come_from_the_gym_a_file_or_a_suite(tmp_path: Path) -> None:
    assert load("gym-dev", 3, seed=4) == gym.generate("dev", 3, 4)
    assert load("gym-train", 3, seed=2) != load("gym-train", 3, seed=3)
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(Task.of(REFERENCE, "i", id=f"t{i}").to_json() + "\n" for i in range(4)))
    assert [t.id for t in load(f"file:{rows}", 3)] == ["t0", "t1", "t2"]
    with pytest.raises(UsageError, match="expected one of the splits"):
        load("gym-nonsense")
    with pytest.raises(UsageError, match="from 1, found 0"):
        load("gym-train", 0)
    with pytest.raises(UsageError, match=r"absent\.jsonl does not exist"):
        load(f"file:{tmp_path / 'absent.jsonl'}")


def test_rewards_and_grades_are_the_same() -> None:
    assert rewards.functional_reward(["p"], [WRONG], reference=[REFERENCE]) == [grade(TASK, WRONG).reward]
