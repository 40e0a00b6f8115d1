"""The choice of a token: from the nucleus, with its probabilities, and row by row."""

import pytest
import torch

from itertl.sampling.nucleus import choose


def test_choose_draws_from_the_nucleus_with_its_probabilities() -> None:
    probability = torch.tensor([0.5, 0.3, 0.15, 0.05])
    uniform = (torch.arange(10_000) + 0.5) / 10_000
    chosen = choose(probability.log().expand(10_000, 4), uniform, temperature=1.0, top_p=0.9)
    share = torch.bincount(chosen, minlength=4) / 10_000
    torch.testing.assert_close(share, torch.tensor([0.5, 0.3, 0.15, 0.0]) / 0.95, atol=1e-3, rtol=0)


@pytest.mark.parametrize("spread", [0.01, 6.0])
def test_a_wide_nucleus_is_as_exact_as_a_narrow_one(spread: float) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(50, 500, generator=generator) * spread
    uniform = torch.rand(50, generator=generator)

    def naive(row: torch.Tensor, u: float) -> int:
        p, order = row.softmax(0).sort(descending=True)
        keep = int((p.cumsum(0) - p < 0.95).sum())
        return int(order[int((p[:keep].cumsum(0) <= u * p[:keep].sum()).sum())])

    found = choose(logits, uniform, temperature=1.0, top_p=0.95).tolist()
    assert found == [naive(row, float(u)) for row, u in zip(logits, uniform, strict=True)]


def test_temperature_zero_takes_the_largest() -> None:
    assert choose(torch.tensor([[0.0, 3.0, 1.0]]), torch.tensor([0.99]), 0.0, 1.0).tolist() == [1]


def test_a_row_takes_its_token_whatever_the_other_rows_hold() -> None:
    generator = torch.Generator().manual_seed(0)
    spread = torch.tensor([0.01, 1.0, 3.0, 12.0]).repeat(20)[:, None]  # nuclei of thousands of tokens, and of one
    logits = torch.randn(80, 5000, generator=generator) * spread
    uniform = torch.rand(80, generator=generator)
    alone = [int(choose(logits[i : i + 1], uniform[i : i + 1], 0.8, 0.95)) for i in range(80)]
    assert choose(logits, uniform, 0.8, 0.95).tolist() == alone


def test_all_tokens_are_drawn_where_the_nucleus_is_everything() -> None:
    uniform = (torch.arange(10_000) + 0.5) / 10_000
    share = torch.bincount(choose(torch.zeros(10_000, 100), uniform, 1.0, 1.0), minlength=100) / 10_000
    torch.testing.assert_close(share, torch.full((100,), 0.01), atol=1e-3, rtol=0)
