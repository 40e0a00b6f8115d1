"""The examples run and say what their texts promise."""

import subprocess
import sys
from pathlib import Path

import pytest
from examples.own_score import short_is_better

from itertl import Outcome, Verdict
from itertl.tasks import gym


def test_verify_designs_tells_the_three_apart() -> None:
    found = subprocess.run(
        [sys.executable, "examples/verify_designs.py"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line.split(": ")[1].split()[0] for line in found] == ["passed", "mismatch", "rejected"]


def test_verl_reward_scores_a_right_and_a_wrong_adder() -> None:
    found = subprocess.run(
        [sys.executable, "examples/verl_reward.py"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert ["'acc': 1.0" in line for line in found] == [True, False]


def test_own_score_prefers_the_shorter_of_two_right_designs() -> None:
    task = gym.example("counter", 1)
    passed = Verdict(task.id, "c", Outcome.PASSED, 1.0)
    short, long = (short_is_better(task, task.reference + pad, passed) for pad in ("", "// longer" * 50))
    assert 1.0 == short > long > 0.9


def test_the_examples_in_the_texts_run(capsys: pytest.CaptureFixture[str]) -> None:
    reference = "module inv(input a, output y); assign y = ~a; endmodule"
    for text in (Path("README.md"), Path("docs/verification.md")):
        (example,) = [part for part in text.read_text().split("```python\n") if part.startswith("from itertl import")]
        values = {"reference": reference, "completions": [reference, reference.replace("~", "")]}
        exec(example.partition("```")[0], values)
    assert capsys.readouterr().out.count("passed") == 2
