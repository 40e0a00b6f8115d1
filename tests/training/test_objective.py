"""Objectives are found by name or path, say what they read, and leave out only what has no derivative."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from examples.own_objective import WEIGHED
from tests.training.conftest import GROUPS, settings
from tests.training.test_objectives import every_objective
from torch import Tensor

from itertl.errors import ConfigError
from itertl.training.lessons import build_lessons
from itertl.training.loss import group_loss
from itertl.training.objective import OBJECTIVES, READABLE, Objective, everything, find_objective

OWN = "examples.own_objective:WEIGHED"


def test_each_objective_is_in_table_and_picture_of_the_method_and_among_those_tested() -> None:
    section = Path("docs/method.md").read_text().partition("## Objectives")[2]
    section = section.partition("`training.parameters` sets")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == set(OBJECTIVES)
    assert set(re.findall(r'class="name"[^>]*>(\w+)<', Path("docs/objectives.svg").read_text())) == set(OBJECTIVES)
    assert set(every_objective(2, 0, None)) - {"divergence"} == set(OBJECTIVES)


def test_the_table_of_parameters_is_that_of_the_losses() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| (.*) \|$", Path("docs/method.md").read_text(), re.MULTILINE)
    told = {(name, objective): float(value) for name, value, of in rows for objective in re.findall(r"`(\w+)`", of)}
    true = {(name, key): value for key, each in OBJECTIVES.items() for name, value in each.parameters.items()}
    assert told == true


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_parameter_has_a_default_and_can_be_given(name: str) -> None:
    parameters = OBJECTIVES[name].parameters
    assert inspect.Parameter.empty not in parameters.values()
    given = {key: value / 2 for key, value in parameters.items()} | {"kl_weight": 0.1}
    assert find_objective(name, given) is OBJECTIVES[name]
    with pytest.raises(ConfigError, match=r"training.parameters.kl_weight: expected a number from 0"):
        find_objective(name, {"kl_weight": -1.0})


def test_what_is_needed_of_an_earlier_policy_follows_from_the_loss() -> None:
    assert {name for name, objective in OBJECTIVES.items() if objective.needs_start} == {"dpo", "grpo"}
    assert "logp_K" in READABLE


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("rnak", {}, "no training.objective is called 'rnak': did you mean 'rank'"),
        ("zzzz", {}, "known are mle, rft"),
        ("rank", {"wait": 1.0}, "rank takes no wait; its parameters are weight, margin, gap, kl_weight"),
        ("no.such.module:X", {}, "cannot be loaded"),
        ("examples.own_objective:NOTHING", {}, "cannot be loaded"),
        ("examples.own_objective:weighed_mle", {}, "is a function; expected itertl.training.objective.Objective"),
        (OWN, {"wieght": 1.0}, "takes no wieght; its parameters are weight"),
    ],
)
def test_what_cannot_be_found_is_refused(name: str, parameters: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        find_objective(name, parameters)


def test_a_loss_that_takes_what_there_is_not_is_refused() -> None:
    def loss(logp_K: Tensor, height_K: Tensor) -> Tensor:
        return logp_K.sum() + height_K.sum()

    with pytest.raises(ConfigError, match="takes height_K: expected arguments among"):
        Objective(loss)


@pytest.mark.parametrize("name", [*OBJECTIVES, OWN])
def test_what_does_not_matter_has_no_derivative(tokenizer: Any, name: str) -> None:
    whole = Objective(find_objective(name).loss, everything)
    for group in GROUPS:
        totals = []
        for objective in (find_objective(name), whole):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("itertl.training.lessons.find_objective", lambda *_, found=objective: found)
                lessons = build_lessons([group], tokenizer, settings(objective=name), 1024)
            total = 0.0
            for lesson in lessons:
                logp_K = (-lesson.length_K * 0.7).requires_grad_()
                known = {"old_K": logp_K.detach(), "start_K": logp_K.detach()}
                for key, value in known.items():
                    object.__setattr__(lesson, key, value)
                group_loss(lesson, logp_K, settings(objective=name)).backward()  # type: ignore[no-untyped-call]
                assert logp_K.grad is not None
                total += float(logp_K.grad.abs().sum())
            totals.append(total)
        assert totals[0] == pytest.approx(totals[1], abs=1e-6)


def test_parameters_of_ones_own_reach_its_loss(tokenizer: Any) -> None:
    lessons = build_lessons(GROUPS, tokenizer, settings(objective=OWN), 1024)
    lesson = next(lesson for lesson in lessons if lesson.count_K.any())
    logp_K = -torch.ones_like(lesson.length_K)
    for weight in (0.0, 0.5):
        found = group_loss(lesson, logp_K, settings(objective=OWN, parameters={"weight": weight}))
        expected = WEIGHED.loss(
            logp_K, lesson.length_K, lesson.score_K, lesson.count_K, lesson.reference, weight=weight
        )
        assert float(found) == pytest.approx(float(expected))
