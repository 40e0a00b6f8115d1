"""Objectives against naive versions, their invariances, and their gradients."""

import math
import random

import pytest
import torch
from torch import Tensor

from itertl.training import objectives

MARGIN, GAP = 0.3, 0.2


def draw(seed: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Log-probabilities, lengths and scores of a group, such that no hinge sits on its kink."""
    rng = random.Random(seed)
    length = [float(rng.randint(5, 60)) for _ in range(size)]
    logp = [-n * rng.uniform(0.1, 2.0) for n in length]
    score = [rng.choice([0.0, 0.3, 0.55, 0.8, 1.0]) for _ in range(size)]
    return torch.tensor(logp, dtype=torch.float64), torch.tensor(length, dtype=torch.float64), torch.tensor(score)


def naive_rank(logp: list[float], length: list[float], score: list[float]) -> float:
    mean = [s / n for s, n in zip(logp, length, strict=True)]
    total = sum(math.exp(p) for p in mean)
    share = [math.exp(p) / total for p in mean]
    pairs = [(i, j) for i in range(len(score)) for j in range(len(score)) if score[j] - score[i] > GAP]
    losses = [max(0.0, MARGIN - (share[j] - share[i])) for i, j in pairs]
    return len(score) * sum(losses) / len(losses) if losses else 0.0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_rank_equals_the_naive_version(seed: int, size: int) -> None:
    logp, length, score = draw(seed, size)
    found = objectives.rank(logp, length, score, margin=MARGIN, gap=GAP)
    assert float(found) == pytest.approx(naive_rank(logp.tolist(), length.tolist(), score.tolist()), rel=1e-6)


def test_ranked_mle_is_mle_plus_weighted_rank() -> None:
    logp, length, score = draw(1, 5)
    found = objectives.ranked_mle(logp, length, score, 4, weight=0.7, margin=MARGIN, gap=GAP)
    ranking = naive_rank(logp.tolist(), length.tolist(), score.tolist())
    assert float(found) == pytest.approx(float(-logp[4] / length[4]) + 0.7 * ranking, rel=1e-6)


def test_rtlcoder_code_is_the_product_with_the_sum_over_pairs() -> None:
    logp, length, score = draw(2, 4)
    share = torch.softmax(logp / length, 0).tolist()
    z = score.tolist()
    total = sum(max(0.0, MARGIN - (share[j] - share[i])) for i in range(4) for j in range(4) if z[j] - z[i] > GAP)
    found = objectives.rtlcoder_code(logp, length, score, 3, weight=0.5, margin=MARGIN, gap=GAP)
    assert total > 0
    assert float(found) == pytest.approx((1 + 0.5 * total) * float(-logp[3] / length[3]), rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_rank_does_not_depend_on_the_order_of_candidates(seed: int) -> None:
    logp, length, score = draw(seed, 6)
    order = torch.randperm(6, generator=torch.Generator().manual_seed(seed))
    straight = objectives.rank(logp, length, score, margin=MARGIN, gap=GAP)
    shuffled = objectives.rank(logp[order], length[order], score[order], margin=MARGIN, gap=GAP)
    assert float(shuffled) == pytest.approx(float(straight), rel=1e-9)


def test_rank_does_not_change_when_all_mean_log_probabilities_shift() -> None:
    logp, length, score = draw(3, 5)
    moved = objectives.rank(logp - 0.4 * length, length, score, margin=MARGIN, gap=GAP)
    assert float(moved) == pytest.approx(float(objectives.rank(logp, length, score, margin=MARGIN, gap=GAP)), rel=1e-9)


def test_rank_is_zero_with_zero_gradient_without_an_active_pair() -> None:
    logp = torch.tensor([-3.0, -9.0, -4.0], requires_grad=True)
    loss = objectives.rank(logp, torch.full((3,), 4.0), torch.tensor([1.0, 0.9, 1.0]), margin=MARGIN, gap=GAP)
    (gradient,) = torch.autograd.grad(loss, logp)
    assert loss.item() == 0.0
    assert gradient.tolist() == [0.0, 0.0, 0.0]


def test_rank_survives_extreme_log_probabilities() -> None:
    logp = torch.tensor([-1e6, -1.0, -2e6])
    loss = objectives.rank(logp, torch.ones(3), torch.tensor([1.0, 0.0, 0.5]), margin=MARGIN, gap=GAP)
    assert math.isfinite(float(loss))


def test_a_step_along_the_gradient_prefers_the_better_candidate() -> None:
    logp = torch.tensor([-20.0, -20.0], requires_grad=True)
    loss = objectives.rank(logp, torch.full((2,), 10.0), torch.tensor([0.0, 1.0]), margin=MARGIN, gap=GAP)
    (gradient,) = torch.autograd.grad(loss, logp)
    assert gradient[1] < 0 < gradient[0]


@pytest.mark.parametrize("seed", range(3))
def test_gradients_agree_with_finite_differences(seed: int) -> None:
    logp, length, score = draw(seed, 5)
    passed = (score == 1.0).double()

    def ranked(x: Tensor) -> Tensor:
        return objectives.ranked_mle(x, length, score, 0, weight=1.0, margin=MARGIN, gap=GAP)

    def filtered(x: Tensor) -> Tensor:
        return objectives.filtered_mle(x, length, passed, 0, sample_weight=0.5)

    def product(x: Tensor) -> Tensor:
        return objectives.rtlcoder_code(x, length, score, 0, weight=1.0, margin=MARGIN, gap=GAP)

    for function in (ranked, filtered, product):
        assert torch.autograd.gradcheck(function, logp.clone().requires_grad_())


def test_filtered_mle_is_the_mean_over_passing_candidates() -> None:
    logp, length = torch.tensor([-4.0, -6.0, -30.0, -5.0]), torch.tensor([2.0, 3.0, 3.0, 10.0])
    loss = objectives.filtered_mle(logp, length, torch.tensor([1.0, 1.0, 0.0, 0.0]), 3, sample_weight=0.5)
    assert float(loss) == pytest.approx(0.5 + 0.5 * (2.0 + 2.0) / 2)
    nothing = objectives.filtered_mle(logp, length, torch.zeros(4), None, sample_weight=0.5)
    assert float(nothing) == 0.0
