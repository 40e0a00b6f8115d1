"""Objectives against naive versions, their invariances, and their gradients."""

import math
import random
from collections.abc import Callable

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
    return (
        torch.tensor(logp, dtype=torch.float64),
        torch.tensor(length, dtype=torch.float64),
        torch.tensor(score, dtype=torch.float64),
    )


def naive_mle(logp: list[float], length: list[float], reference: int | None) -> float:
    return 0.0 if reference is None else -logp[reference] / length[reference]


def naive_rrhf(logp: list[float], length: list[float], score: list[float]) -> float:
    mean = [s / n for s, n in zip(logp, length, strict=True)]
    pairs = [(i, j) for i in range(len(score)) for j in range(len(score)) if score[j] - score[i] > GAP]
    losses = [max(0.0, mean[i] - mean[j]) for i, j in pairs]
    return sum(losses) / len(losses) if losses else 0.0


def naive_dpo(logp: list[float], start: list[float], score: list[float], beta: float) -> float:
    gain = [s - r for s, r in zip(logp, start, strict=True)]
    pairs = [(i, j) for i in range(len(score)) for j in range(len(score)) if score[j] - score[i] > GAP]
    losses = [math.log(1 + math.exp(-beta * (gain[j] - gain[i]))) for i, j in pairs]
    return sum(losses) / len(losses) if losses else 0.0


def naive_grpo(logp: list[float], old: list[float], length: list[float], score: list[float], count: list[int]) -> float:
    drawn = [k for k in range(len(score)) for _ in range(count[k])]
    mean = sum(score[k] for k in drawn) / len(drawn)
    spread = math.sqrt(sum((score[k] - mean) ** 2 for k in drawn) / len(drawn))
    ratio = [math.exp((s - o) / n) for s, o, n in zip(logp, old, length, strict=True)]
    gain = [(score[k] - mean) / spread if spread > 1e-6 else 0.0 for k in range(len(score))]
    return -sum(min(ratio[k] * gain[k], min(max(ratio[k], 0.8), 1.2) * gain[k]) for k in drawn) / len(drawn)


def naive_divergence(logp: list[float], start: list[float], length: list[float], count: list[int]) -> float:
    drawn = [k for k in range(len(logp)) for _ in range(count[k])]
    gap = [(r - s) / n for s, r, n in zip(logp, start, length, strict=True)]
    return sum(math.exp(gap[k]) - gap[k] - 1 for k in drawn) / len(drawn)


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
    assert math.isfinite(loss.item())


def test_a_step_along_the_gradient_prefers_the_better_candidate() -> None:
    logp = torch.tensor([-20.0, -20.0], requires_grad=True)
    loss = objectives.rank(logp, torch.full((2,), 10.0), torch.tensor([0.0, 1.0]), margin=MARGIN, gap=GAP)
    (gradient,) = torch.autograd.grad(loss, logp)
    assert gradient[1] < 0 < gradient[0]


def every_objective(size: int, seed: int, reference: int | None) -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    """All objectives as functions of S and the order of the group, at fixed scores, lengths, starts and counts."""
    _, length, score = draw(seed, size)
    rng = random.Random(seed)
    start = -length * torch.tensor([rng.uniform(0.1, 2.0) for _ in range(size)], dtype=torch.float64)
    count = torch.tensor([float(rng.randint(1, 3)) for _ in range(size)], dtype=torch.float64)
    if reference is not None:
        count[reference] = 0.0
    passed = (score == 1.0).double()

    def at(order: Tensor) -> int | None:
        return None if reference is None else int((order == reference).nonzero())

    ranking = {"weight": 0.7, "margin": MARGIN, "gap": GAP}
    return {
        "mle": lambda x, o: objectives.mle(x, length[o], at(o)),
        "rank": lambda x, o: objectives.ranked_mle(x, length[o], score[o], at(o), **ranking),
        "rtlcoder_code": lambda x, o: objectives.rtlcoder_code(x, length[o], score[o], at(o), **ranking),
        "rrhf": lambda x, o: objectives.rrhf(x, length[o], score[o], at(o), weight=0.7, gap=GAP),
        "dpo": lambda x, o: objectives.dpo(x, start[o], length[o], score[o], at(o), weight=0.7, beta=0.1, gap=GAP),
        "grpo": lambda x, o: objectives.grpo(x, start[o], length[o], score[o], count[o], at(o), weight=0.7, clip=0.2),
        "rft": lambda x, o: objectives.filtered_mle(x, length[o], passed[o], at(o), sample_weight=0.5),
        "verified": lambda x, o: objectives.verified(
            x, length[o], passed[o], at(o), weight=0.7, sample_weight=0.5, margin=MARGIN
        ),
        "divergence": lambda x, o: objectives.divergence(x, start[o], length[o], count[o]),
    }


NAMES = list(every_objective(2, 0, None))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reference", [0, None])
def test_gradients_agree_with_finite_differences(name: str, reference: int | None) -> None:
    for seed in range(3):
        logp, _, _ = draw(seed, 5)
        function = every_objective(5, seed, reference)[name]
        assert torch.autograd.gradcheck(lambda x, f=function: f(x, torch.arange(5)), logp.clone().requires_grad_())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reference", [0, 3, None])
def test_no_objective_depends_on_the_order_of_a_group(name: str, reference: int | None) -> None:
    for seed in range(4):
        logp, _, _ = draw(seed, 6)
        function = every_objective(6, seed, reference)[name]
        order = torch.randperm(6, generator=torch.Generator().manual_seed(seed))
        straight, shuffled = function(logp, torch.arange(6)), function(logp[order], order)
        assert float(shuffled) == pytest.approx(float(straight), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reference", [0, None])
def test_a_group_of_one_is_a_group(name: str, reference: int | None) -> None:
    logp = torch.tensor([-3.0], dtype=torch.float64, requires_grad=True)
    loss = every_objective(1, 2, reference)[name](logp, torch.arange(1))
    (gradient,) = torch.autograd.grad(loss, logp)
    assert math.isfinite(loss.item())
    assert math.isfinite(float(gradient))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [2, 3, 7])
def test_objectives_equal_their_naive_versions(seed: int, size: int) -> None:
    logp, length, score = draw(seed, size)
    start, _, _ = draw(seed + 100, size)
    start = start * 0.1 + logp * 0.9
    count = [1 + k % 3 for k in range(size - 1)] + [0]
    weights = torch.tensor(count, dtype=torch.float64)
    s, o, n, z = logp.tolist(), start.tolist(), length.tolist(), score.tolist()
    anchor = naive_mle(s, n, size - 1)
    found = objectives.rrhf(logp, length, score, size - 1, weight=0.7, gap=GAP)
    assert float(found) == pytest.approx(anchor + 0.7 * naive_rrhf(s, n, z), rel=1e-6)
    found = objectives.dpo(logp, start, length, score, None, weight=0.7, beta=0.3, gap=GAP)
    assert float(found) == pytest.approx(0.7 * naive_dpo(s, o, z, 0.3), rel=1e-6)
    found = objectives.grpo(logp, start, length, score.double(), weights, size - 1, weight=0.7, clip=0.2)
    assert float(found) == pytest.approx(anchor + 0.7 * naive_grpo(s, o, n, z, count), rel=1e-6, abs=1e-9)
    found = objectives.divergence(logp, start, length, weights)
    assert float(found) == pytest.approx(naive_divergence(s, o, n, count), rel=1e-5, abs=1e-9)


def test_rrhf_and_dpo_do_not_change_when_all_sequences_shift_alike() -> None:
    logp, length, score = draw(3, 5)
    start, _, _ = draw(4, 5)

    def both(x: Tensor, base: Tensor) -> list[float]:
        return [
            float(objectives.rrhf(x, length, score, None, weight=1.0, gap=GAP)),
            float(objectives.dpo(base + (x - logp), start, length, score, None, weight=1.0, beta=0.1, gap=GAP)),
        ]

    assert both(logp - 0.4 * length, logp)[0] == pytest.approx(both(logp, logp)[0], rel=1e-9)
    assert both(logp - 7.0, logp)[1] == pytest.approx(both(logp, logp)[1], rel=1e-9)


def test_advantages_do_not_depend_on_the_scale_of_scores_and_leave_out_the_reference() -> None:
    score, count = torch.tensor([0.1, 0.5, 0.9, 1.0]), torch.tensor([1.0, 2.0, 1.0, 0.0])
    found = objectives.advantages(score, count)
    torch.testing.assert_close(found, objectives.advantages(0.3 * score + 0.2, count))
    assert found[3] == 0.0
    assert float((count * found).sum()) == pytest.approx(0.0, abs=1e-6)
    assert (objectives.advantages(torch.full((3,), 0.7), torch.ones(3)) == 0).all()


def test_grpo_stops_pushing_where_the_ratio_has_left_the_clip() -> None:
    start, length = torch.tensor([-20.0, -20.0]), torch.full((2,), 10.0)
    score, count = torch.tensor([1.0, 0.0]), torch.ones(2)
    logp = torch.tensor([-15.0, -20.0], requires_grad=True)  # ratio 1.65 of the better one
    loss = objectives.grpo(logp, start, length, score, count, None, weight=1.0, clip=0.2)
    (gradient,) = torch.autograd.grad(loss, logp)
    assert gradient[0] == 0.0
    assert gradient[1] > 0.0


def test_divergence_is_zero_at_the_start_and_positive_elsewhere() -> None:
    start, length, count = torch.tensor([-20.0, -30.0]), torch.full((2,), 10.0), torch.ones(2)
    assert float(objectives.divergence(start, start, length, count)) == 0.0
    for moved in (start + 5, start - 5):
        assert float(objectives.divergence(moved, start, length, count)) > 0.0


def test_filtered_mle_is_the_mean_over_passing_candidates() -> None:
    logp, length = torch.tensor([-4.0, -6.0, -30.0, -5.0]), torch.tensor([2.0, 3.0, 3.0, 10.0])
    loss = objectives.filtered_mle(logp, length, torch.tensor([1.0, 1.0, 0.0, 0.0]), 3, sample_weight=0.5)
    assert float(loss) == pytest.approx(0.5 + 0.5 * (2.0 + 2.0) / 2)
    nothing = objectives.filtered_mle(logp, length, torch.zeros(4), None, sample_weight=0.5)
    assert float(nothing) == 0.0
