"""The two-pass gradient equals the one-pass gradient, whatever the objective and the shape of groups and batches."""

import random
from dataclasses import replace

import pytest
import torch
from tests.training.conftest import OBJECTIVES, gradients, lessons_of, ragged, relative_error, settings, tiny_scorer
from torch import Tensor

from itertl.training import two_pass
from itertl.training.lessons import Lesson
from itertl.training.loss import group_loss
from itertl.training.rows import Cost, Example, Row, plan_rows
from itertl.training.scorer import Scorer, join_rows
from itertl.training.trainee import checkpoint_layers
from itertl.training.two_pass import Objective, all_logps, one_pass_backward, two_pass_backward


def objective_of(lessons: list[Lesson], name: str) -> Objective:
    chosen = settings(objective=name, parameters={"kl_weight": 0.3 if name == "rank" else 0.0})
    return lambda g, logp: group_loss(lessons[g], logp, chosen) / len(lessons)


@pytest.fixture(scope="module", params=[False, True], ids=["full", "lora"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return tiny_scorer(lora=request.param)


@pytest.mark.parametrize("micro_batch", [1, 200, 100_000])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_two_passes_equal_one_pass(scorer: Scorer, name: str, micro_batch: int) -> None:
    for sizes in ([1], [4, 1, 7, 2], [12]):
        examples = ragged(sum(sizes), sizes)
        objective = objective_of(lessons_of(examples, seed=sum(sizes)), name)
        expected_loss = one_pass_backward(scorer, examples, objective)
        expected = gradients(scorer)
        for cost in (Cost(0.0), Cost(None), scorer.cost):
            loss, _ = two_pass_backward(scorer, examples, objective, micro_batch=micro_batch, cost=cost)
            assert loss == pytest.approx(expected_loss, rel=1e-5)
            assert relative_error(gradients(scorer), expected) < 1e-5


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("lora", [False, True])
@pytest.mark.parametrize("micro_batch", [60, 100_000])
def test_joined_rows_have_the_gradient_of_padded_ones(lora: bool, checkpointing: bool, micro_batch: int) -> None:
    examples = ragged(12, [4, 1, 7, 2])
    for name in ("mle", "rank", "grpo"):
        objective = objective_of(lessons_of(examples), name)
        padded, joined = tiny_scorer(lora=lora), tiny_scorer(lora=lora)
        join_rows(joined, examples)
        assert (padded.end_to_end, joined.end_to_end) == (False, True)
        if checkpointing:
            checkpoint_layers(joined.model)
        expected_loss = one_pass_backward(padded, examples, objective)
        for quadratic in (0.0, joined.cost.quadratic, None):  # all targets of an example share a row, some, none
            cost = replace(joined.cost, quadratic=quadratic)
            loss, _ = two_pass_backward(joined, examples, objective, micro_batch=micro_batch, cost=cost)
            assert loss == pytest.approx(expected_loss, rel=1e-5)
            assert relative_error(gradients(joined), gradients(padded)) < 1e-5
            one_pass_backward(padded, examples, objective)


def test_constant_coefficients_skip_the_first_pass_and_change_nothing(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = ragged(5, [1, 3, 1])
    objective = objective_of(lessons_of(examples), "mle")
    expected_loss, expected_logps = two_pass_backward(scorer, examples, objective, micro_batch=100)
    expected = gradients(scorer)
    passes = count_tokens(scorer, monkeypatch)
    loss, logps = two_pass_backward(scorer, examples, objective, micro_batch=100, constant=[True] * 3)
    assert passes["without"] == 0
    assert loss == pytest.approx(expected_loss, rel=1e-6)
    for found, wanted, example in zip(logps, expected_logps, examples, strict=True):
        torch.testing.assert_close(found[-1], wanted[-1])
        assert (found[:-1] == 0).all()
        assert len(found) == len(example.targets)
    assert relative_error(gradients(scorer), expected) < 1e-5


def test_a_mixture_of_constant_and_other_examples_is_exact(scorer: Scorer) -> None:
    examples = ragged(6, [4, 1, 1, 5])
    lessons = lessons_of(examples)
    objective = objective_of(lessons, "rank")
    expected_loss = one_pass_backward(scorer, examples, objective)
    expected = gradients(scorer)
    constant = [False, True, True, False]
    plain = objective_of(lessons, "mle")  # with one target only, rank is MLE, but for the penalty
    mixed: Objective = lambda g, logp: plain(g, logp) if constant[g] else objective(g, logp)  # noqa: E731
    penalty = sum(float(objective(g, torch.zeros(1)) - plain(g, torch.zeros(1))) for g in (1, 2))
    assert penalty == 0.0  # a reference was not drawn
    loss, _ = two_pass_backward(scorer, examples, mixed, micro_batch=150, constant=constant)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert relative_error(gradients(scorer), expected) < 1e-5


def count_tokens(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count padded tokens of forward passes with and without a graph, and the largest number under one graph."""
    counts = {"with": 0, "without": 0, "largest": 0}
    plain = two_pass._forward

    def counting(model: Scorer, examples: list[Example], batch: list[Row]) -> Tensor:
        tokens = len(batch) * max(row.length for row in batch)
        counts["with" if torch.is_grad_enabled() else "without"] += tokens
        if torch.is_grad_enabled():
            counts["largest"] = max(counts["largest"], tokens)
        return plain(model, examples, batch)

    monkeypatch.setattr(two_pass, "_forward", counting)
    return counts


def test_tokens_under_one_graph_do_not_grow_with_the_number_of_candidates(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = count_tokens(scorer, monkeypatch)
    for size in (8, 64):
        counts["largest"] = 0
        examples = ragged(size, [size], prompt=20, target=30)
        two_pass_backward(scorer, examples, objective_of(lessons_of(examples), "rrhf"), micro_batch=256)
        gradients(scorer)
        assert 0 < counts["largest"] <= 256


def test_a_step_that_fits_one_micro_batch_takes_one_pass(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = count_tokens(scorer, monkeypatch)
    examples = ragged(3, [3])
    two_pass_backward(scorer, examples, objective_of(lessons_of(examples), "rank"), micro_batch=100_000)
    gradients(scorer)
    assert counts["without"] == 0


def test_targets_with_coefficient_zero_cost_no_backward_pass(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = ragged(8, [12], prompt=10)
    lessons = lessons_of(examples)
    counts = count_tokens(scorer, monkeypatch)
    spent = {}
    for name in ("mle", "rank"):
        counts["with"] = 0
        two_pass_backward(scorer, examples, objective_of(lessons, name), micro_batch=60, cost=Cost(None))
        spent[name] = counts["with"]
        gradients(scorer)
    assert spent["mle"] < spent["rank"] / 3


def test_log_probabilities_equal_a_plain_forward_pass(scorer: Scorer) -> None:
    examples = ragged(9, [3, 2])
    found = all_logps(scorer, examples, micro_batch=70)
    for logps, example in zip(found, examples, strict=True):
        for value, target in zip(logps, example.targets, strict=True):
            with torch.no_grad():
                logits = scorer.model(torch.tensor([example.prompt + target])).logits.log_softmax(-1)
            picked = logits[0, len(example.prompt) - 1 : -1].gather(1, torch.tensor(target)[:, None])
            assert float(value) == pytest.approx(float(picked.sum()), rel=1e-5)


@pytest.mark.parametrize("processes", [2, 3])
def test_batches_are_dealt_out_so_that_every_target_is_computed_once(processes: int) -> None:
    rng = random.Random(processes)
    examples = ragged(1, [rng.randint(1, 9) for _ in range(5)])
    everything = [list(range(len(example.targets))) for example in examples]
    rows = plan_rows(examples, everything, Cost(0.0), 150)
    turns = two_pass._deal(rows, 150, processes, Cost(0.0))
    assert all(len(batches) == processes for batches in turns)
    dealt = sorted((row.example, k) for batches in turns for batch in batches for row in batch for k in row.targets)
    assert dealt == sorted((e, k) for e, targets in enumerate(everything) for k in targets)
