"""The two-pass gradient equals the one-pass gradient, whatever the shape of groups and micro-batches."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from itertl.config import TinyConfig
from itertl.training import objectives, two_pass
from itertl.training.models import build_tiny
from itertl.training.two_pass import Example

TOKENS = 300


class Vocabulary:
    """What `build_tiny` needs of a tokenizer."""

    bos_token_id, eos_token_id = 0, 1

    def __len__(self) -> int:
        return TOKENS


@pytest.fixture(scope="module")
def model() -> Any:
    return build_tiny(TinyConfig(width=32, layers=2, heads=4), Vocabulary(), seed=3)


def ragged(seed: int, sizes: list[int]) -> list[Example]:
    rng = random.Random(seed)

    def ids(low: int, high: int) -> list[int]:
        return [rng.randrange(2, TOKENS) for _ in range(rng.randint(low, high))]

    return [Example([0, *ids(1, 30)], [[*ids(0, 40), 1] for _ in range(size)]) for size in sizes]


def ranked(examples: list[Example]) -> two_pass.Objective:
    lengths = [torch.tensor([float(len(t)) for t in e.targets]) for e in examples]
    scores = [torch.linspace(0, 1, len(e.targets)) for e in examples]

    def objective(index: int, logp: Tensor) -> Tensor:
        loss = objectives.ranked_mle(
            logp, lengths[index], scores[index], len(logp) - 1, weight=1.0, margin=0.3, gap=0.2
        )
        return loss / len(examples)

    return objective


def gradients(model: Any) -> Iterator[Tensor]:
    for parameter in model.parameters():
        yield parameter.grad.clone()
        parameter.grad = None


@pytest.mark.parametrize("share_prompt", [True, False])
@pytest.mark.parametrize("micro_batch", [1, 200, 100_000])
@pytest.mark.parametrize("sizes", [[1], [4, 1, 7, 2], [16]])
def test_two_passes_equal_one_pass(model: Any, sizes: list[int], micro_batch: int, share_prompt: bool) -> None:
    examples = ragged(sum(sizes), sizes)
    objective = ranked(examples)
    expected_loss = two_pass.one_pass_backward(model, examples, objective)
    expected = list(gradients(model))
    loss, _ = two_pass.two_pass_backward(model, examples, objective, micro_batch=micro_batch, share_prompt=share_prompt)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    for found, wanted in zip(gradients(model), expected, strict=True):
        error = (found - wanted).norm() / wanted.norm().clamp(min=1e-8)
        assert float(error) < 1e-5


def test_constant_coefficients_skip_the_first_pass_and_change_nothing(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = ragged(5, [1, 1, 1])

    def objective(index: int, logp: Tensor) -> Tensor:
        return objectives.mle(logp, torch.tensor([float(len(examples[index].targets[0]))]), 0)

    expected_loss, expected_logps = two_pass.two_pass_backward(model, examples, objective, micro_batch=100)
    expected = list(gradients(model))
    monkeypatch.setattr(two_pass, "_all_logps", None)
    loss, logps = two_pass.two_pass_backward(model, examples, objective, micro_batch=100, constant=True)
    assert loss == pytest.approx(expected_loss, rel=1e-6)
    for found, wanted in zip(logps, expected_logps, strict=True):
        torch.testing.assert_close(found, wanted)
    for found, wanted in zip(gradients(model), expected, strict=True):
        torch.testing.assert_close(found, wanted)


def test_log_probabilities_equal_a_plain_forward_pass(model: Any) -> None:
    (example,) = ragged(9, [3])
    rows = two_pass.plan_rows([example], [[0, 1, 2]], share=True)
    assert len(rows) == 1
    with torch.no_grad():
        found = two_pass.row_logps(model, [example], rows)
        for value, target in zip(found, (example.targets[k] for k in rows[0].targets), strict=True):
            ids = torch.tensor([example.prompt + target])
            logits = model(ids).logits.log_softmax(-1)[0, len(example.prompt) - 1 : -1]
            plain = logits.gather(1, torch.tensor(target)[:, None]).sum()
            assert float(value) == pytest.approx(float(plain), rel=1e-5)


def test_logits_of_many_tokens_are_chunked_with_the_same_gradient(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = ragged(2, [5, 5])
    two_pass.two_pass_backward(model, examples, ranked(examples), micro_batch=100_000)
    expected = list(gradients(model))
    monkeypatch.setattr(two_pass, "LOGIT_CHUNK", 16)
    two_pass.two_pass_backward(model, examples, ranked(examples), micro_batch=100_000)
    for found, wanted in zip(gradients(model), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-6)


def peak_graph_rows(model: Any, examples: list[Example], monkeypatch: pytest.MonkeyPatch) -> int:
    """Largest number of padded tokens whose activations a backward pass holds at one time."""
    peak = 0
    plain = two_pass.row_logps

    def counting(model: Any, examples: Any, rows: Any) -> Tensor:
        nonlocal peak
        if torch.is_grad_enabled():
            peak = max(peak, len(rows) * max(row.length for row in rows))
        return plain(model, examples, rows)

    monkeypatch.setattr(two_pass, "row_logps", counting)
    two_pass.two_pass_backward(model, examples, ranked(examples), micro_batch=256)
    for _ in gradients(model):
        pass
    monkeypatch.setattr(two_pass, "row_logps", plain)
    return peak


def test_tokens_under_one_graph_do_not_grow_with_the_number_of_candidates(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = peak_graph_rows(model, [Example([0] * 20, [[5] * 30 + [1]] * 2)], monkeypatch)
    many = peak_graph_rows(model, [Example([0] * 20, [[5] * 30 + [1]] * 64)], monkeypatch)
    assert 0 < few <= many <= two_pass.ROW_TOKENS


def test_every_wanted_target_lands_in_exactly_one_row() -> None:
    examples = ragged(4, [3, 40, 1])
    wanted = [[0, 2], list(range(40)), []]
    rows = two_pass.plan_rows(examples, wanted, share=True)
    landed = sorted((row.example, k) for row in rows for k in row.targets)
    assert landed == sorted((e, k) for e, ks in enumerate(wanted) for k in ks)
    assert all(row.length <= two_pass.ROW_TOKENS for row in rows)
    batches = list(two_pass.micro_batches(rows, 500))
    assert sum(len(batch) for batch in batches) == len(rows)
    assert all(len(batch) == 1 or len(batch) * batch[0].length <= 500 for batch in batches)
