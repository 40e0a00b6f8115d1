"""Rewards as TRL and verl call them: signatures, columns, chat messages, missing rewards, and TRL's own trainer."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from itertl import rewards
from itertl.errors import DataError, ToolError
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.rewards import Reward, compute_score, compute_scores, functional_reward, text_of
from itertl.verify.workers.service import service_of

REFERENCE = """module half(input a, input b, output s, output c);
  assign s = a ^ b;
  assign c = a & b;
endmodule
"""
HALF = REFERENCE.replace("a & b", "a | b")
BODY = REFERENCE.partition(");\n")[2]


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    """Forget the tool errors and scores of other tests."""
    for memory in (rewards._last, rewards._scores):
        memory.clear()
    yield
    for memory in (rewards._last, rewards._scores):
        memory.clear()


def failing(monkeypatch: pytest.MonkeyPatch, times: int = 10**9, outcome: Outcome = Outcome.TOOL_ERROR) -> list[int]:
    """Let the next `times` calls of the service end in tool errors; return a list that counts all calls."""
    calls: list[int] = []
    real = service_of

    class Fake:
        def __init__(self, settings: Any) -> None:
            self.real = real(settings)

        def verdicts(self, questions: Sequence[tuple[Task, Submission]]) -> list[Verdict]:
            calls.append(len(questions))
            if len(calls) > times:
                return self.real.verdicts(questions)
            ids = [(task.id, design.code_id) for task, design in questions]
            return [Verdict(*key, outcome, detail="vvp crashed") for key in ids]

    monkeypatch.setattr(rewards, "service_of", Fake)
    return calls


def test_trl_gets_one_reward_for_each_completion() -> None:
    completions = [REFERENCE, f"```verilog\n{HALF}\n```", "no code", BODY, "module half(input a); endmodule"]
    found = functional_reward(
        prompts=["p"] * 5, completions=completions, completion_ids=[[1]] * 5, reference=[REFERENCE] * 5, trainer_state=1
    )
    assert found[0] == found[3] == 1.0
    assert found[1] is not None
    assert 0.5 < found[1] < 1.0
    assert found[2] == 0.0
    assert found[4] is not None
    assert 0.0 < found[4] <= 0.5


def test_chat_messages_are_read() -> None:
    message = [{"role": "user", "content": "do"}, {"role": "assistant", "content": REFERENCE}]
    parts = [{"role": "assistant", "content": [{"type": "text", "text": REFERENCE}, {"type": "image"}]}]
    called = [{"role": "assistant", "content": REFERENCE}, {"role": "tool", "content": HALF}]
    assert [text_of(c) for c in (message, parts, called)] == [REFERENCE] * 3
    assert text_of([]) == text_of([{"role": "assistant", "content": None}]) == ""
    assert functional_reward([[]], [message], reference=[REFERENCE]) == [1.0]


def test_header_and_top_come_from_columns() -> None:
    header = "module adder(input logic a, input logic b, output logic s, output logic c);\n"
    body = "always_comb begin s = a ^ b; c = a & b; end endmodule"
    columns = {"reference": [REFERENCE], "header": [header]}
    assert functional_reward(["p"], [body], **columns) == [1.0]
    assert functional_reward(["p"], [header + body], **columns) == [1.0]
    two = REFERENCE + "module other(input x, output y); assign y = x; endmodule\n"
    assert functional_reward(["p"], [REFERENCE], reference=[two], top=["half"]) == [1.0]


def test_rows_without_a_reference_have_no_reward_and_a_missing_column_is_named() -> None:
    assert functional_reward(["p"] * 2, [REFERENCE] * 2, reference=[None, REFERENCE]) == [None, 1.0]
    assert functional_reward([], [], reference=[]) == []
    with pytest.raises(DataError, match=r"needs a column 'reference' in the dataset, found \['answer'\]"):
        functional_reward(["p"], ["c"], answer=["x"])


def test_other_scores_by_name() -> None:
    assert Reward("syntax")(["p"] * 2, [REFERENCE, "x"], reference=[REFERENCE] * 2) == [1.0, 0.0]
    brief = Reward("examples.own_score:short_is_better")
    assert (brief.__name__, functional_reward.__name__) == ("short_is_better_reward", "functional_reward")
    assert brief(["p"], [REFERENCE], reference=[REFERENCE]) == [1.0]
    assert pickle.loads(pickle.dumps(brief)) == brief


def test_a_tool_error_is_no_reward(monkeypatch: pytest.MonkeyPatch) -> None:
    logged: dict[str, float] = {}
    calls = failing(monkeypatch)
    found = functional_reward(["p"] * 2, [REFERENCE] * 2, reference=[REFERENCE] * 2, log_metric=logged.__setitem__)
    assert found == [None, None]
    assert calls == [2, 2]
    assert logged == {
        "verified/passed": 0.0,
        "verified/unsupported": 0.0,
        "verified/unexercised": 0.0,
        "verified/tool_error": 1.0,
    }
    one = compute_score("s", REFERENCE, REFERENCE)
    assert (one["score"], one["acc"], one["outcome"]) == (0.0, 0.0, "tool_error")
    (kept,) = compute_scores(["s"], [REFERENCE], [REFERENCE], [None], tool_error_score=0.25)
    assert (kept["score"], kept["outcome"]) == (0.25, "tool_error")


def test_no_batch_is_lost_to_a_design_that_is_beyond_the_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = failing(monkeypatch, outcome=Outcome.UNSUPPORTED)
    assert functional_reward(["p"] * 100, [REFERENCE] * 100, reference=[REFERENCE] * 100) == [None] * 100
    assert sum(calls) == 100
    (row,) = compute_scores(["s"], [REFERENCE], [REFERENCE], [None])
    assert (row["score"], row["acc"], row["outcome"]) == (0.0, 0.0, "unsupported")


@pytest.mark.parametrize("outcome", [Outcome.UNSUPPORTED, Outcome.TOOL_ERROR])
def test_for_verl_it_weighs_as_much_as_the_others_of_its_prompt_do(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    real = service_of

    class Fake:
        def __init__(self, settings: Any) -> None:
            self.real = real(settings)

        def verdicts(self, questions: Sequence[tuple[Task, Submission]]) -> list[Verdict]:
            found = self.real.verdicts(questions)
            beyond = [Verdict(v.task_id, v.code_id, outcome) for v in found]
            asked = ["// beyond" in design.code for _, design in questions]
            return [b if too_much else v for b, v, too_much in zip(beyond, found, asked, strict=True)]

    monkeypatch.setattr(rewards, "service_of", Fake)
    crashing = REFERENCE.replace("assign s", "// beyond\n  assign s")
    answers = [REFERENCE, HALF, crashing]
    right, half, beyond = compute_scores(["s"] * 3, answers, [REFERENCE] * 3)
    assert beyond["score"] == pytest.approx((right["score"] + half["score"]) / 2)
    assert beyond["acc"] == 0.0
    assert compute_score("s", crashing, REFERENCE)["score"] == beyond["score"], "as the last ones of the reference"
    assert functional_reward(["p"] * 3, answers, reference=[REFERENCE] * 3)[::2] == [1.0, None]


def test_a_design_that_crashes_the_simulator_costs_no_batch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The real service, with a simulator that dies of a signal on one design of four."""
    from itertl.tools.shop import find_tools

    real = find_tools().vvp
    crashing = tmp_path / "vvp"
    crashing.write_text(f'#!/bin/sh\ngrep -q boom "$2" && kill -SEGV $$\nexec {real} "$@"\n')
    crashing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("ITERTL_CACHE", "off")
    monkeypatch.setattr(sys.modules[service_of.__module__], "_services", {})
    boom = REFERENCE.replace("assign s = a ^ b", "wire boom = a; assign s = boom ^ b")
    rows = compute_scores(["s"] * 4, [REFERENCE, HALF, boom, "x"], [REFERENCE] * 4)
    assert [row["outcome"] for row in rows[:2]] == ["passed", "mismatch"]
    assert rows[2]["outcome"] in ("tool_error", "unsupported")
    assert rows[2]["score"] == pytest.approx((rows[0]["score"] + rows[1]["score"] + rows[3]["score"]) / 3)


def test_what_is_no_text_is_told_apart_in_a_sentence() -> None:
    with pytest.raises(DataError, match=r"a completion is None; expected text, or a list of chat messages"):
        functional_reward(["p"], [None], reference=[REFERENCE])  # type: ignore[list-item]
    with pytest.raises(DataError, match=r"a completion is \['a'\]; expected text"):
        functional_reward(["p"], [["a"]], reference=[REFERENCE])  # type: ignore[list-item]
    with pytest.raises(DataError, match="a completion is None"):
        compute_score("s", None, REFERENCE)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"reference of row 0 of the batch: expected text, found dict"):
        functional_reward(["p"], [HALF], reference=[{"code": REFERENCE}])
    with pytest.raises(DataError, match=r"ground_truth of row 0 .*'reference', found the keys \['code'\]"):
        compute_score("s", HALF, {"code": REFERENCE})
    with pytest.raises(DataError, match=r"extra_info of row 0 .*expected a mapping .*found str 'half'"):
        compute_score("s", HALF, REFERENCE, "half")
    with pytest.raises(DataError, match=r"row 1 of the batch has no reference"):
        compute_scores(["s"] * 2, [HALF] * 2, [REFERENCE, None])  # type: ignore[list-item]
    with pytest.raises(DataError, match=r"top of row 0 of the batch: expected text, found int .3."):
        compute_score("s", HALF, REFERENCE, {"top": 3})


def test_truth_and_extra_information_may_be_mappings_or_json() -> None:
    two = REFERENCE + "module other(input x, output y); assign y = x; endmodule\n"
    truths = [{"reference": two, "top": "half"}, json.dumps({"reference": two, "top": "half"}), two, two]
    infos = [None, "", json.dumps({"top": "half"}), {"top": "half"}]
    rows = compute_scores(["s"] * 4, [REFERENCE] * 4, truths, infos)  # type: ignore[arg-type]
    assert [row["score"] for row in rows] == [1.0] * 4


def test_a_passing_tool_error_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, times=1)
    assert functional_reward(["p"], [REFERENCE], reference=[REFERENCE]) == [1.0]


def test_training_ends_where_most_verdicts_are_tool_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch)
    with pytest.raises(ToolError, match=r"of the last 64 verdicts are tool errors.*vvp crashed"):
        functional_reward(["p"] * 64, [REFERENCE] * 64, reference=[REFERENCE] * 64)


def test_verl_gets_a_score_and_what_it_logs() -> None:
    one = compute_score(
        data_source="rtl", solution_str=REFERENCE, ground_truth=REFERENCE, extra_info={"index": 3, "top": "half"}
    )
    assert one == {"score": 1.0, "acc": 1.0, "agreement": 1.0, "outcome": "passed", "unexercised": 0.0}
    assert compute_score("rtl", HALF, REFERENCE, None, reward_router_address=None)["acc"] == 0.0
    many = compute_scores(
        data_sources=["rtl"] * 3,
        solution_strs=[REFERENCE, HALF, ""],
        ground_truths=[REFERENCE] * 3,
        extra_infos=[None, {}, {"header": ""}],
        score="syntax",
    )
    assert [row["score"] for row in many] == [1.0, 1.0, 0.0]
    assert [row.keys() for row in many] == [one.keys()] * 3


def test_many_threads_may_ask_at_once() -> None:
    answers = [REFERENCE if i % 2 else f"{HALF}// {i}" for i in range(24)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: compute_score("rtl", text, REFERENCE), answers))
    assert [row["acc"] for row in found] == [float(text == REFERENCE) for text in answers]


@pytest.mark.slow
@pytest.mark.skipif(find_spec("trl") is None, reason="TRL is not installed: pip install trl")
def test_trls_own_trainer_learns_from_our_rewards(tmp_path: Path) -> None:
    found = subprocess.run(
        [
            sys.executable,
            "-W",
            "error::UserWarning:itertl",
            str(Path(__file__).with_name("trl_two_steps.py")),
            tmp_path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    result = json.loads(found.stdout.splitlines()[-1])
    assert result["steps"] == 2
    assert result["changed"] > 0
    assert result["rewards"] == result["expected"]
    assert len(set(result["rewards"])) > 1
    assert result["metric"] == pytest.approx(result["passed"])
