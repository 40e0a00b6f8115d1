"""S: the log-probability of a label is what cross_entropy says; attention on a processor is in float32."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.conftest import SHAPE
from tests.training.conftest import ragged

from itertl.policy.tiny import build_tiny
from itertl.policy.weights import load_weights, save_policy
from itertl.training.attention import ATTENTION
from itertl.training.rows import Cost, plan_rows
from itertl.training.scorer import Scorer, join_rows, label_logps


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_value_and_gradient_are_those_of_cross_entropy(scale: float) -> None:
    generator = torch.Generator().manual_seed(1)
    logits_NV = scale * torch.randn(50, 300, generator=generator)
    label_N = torch.randint(300, (50,), generator=generator)
    weight_N = torch.randn(50, generator=generator)
    first, second = (logits_NV.clone().requires_grad_() for _ in range(2))
    expected = -torch.nn.functional.cross_entropy(first, label_N, reduction="none")
    (expected * weight_N).sum().backward()  # type: ignore[no-untyped-call]
    found = label_logps(second * 1.0, label_N)
    (found * weight_N).sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-5)
    torch.testing.assert_close(second.grad, first.grad, rtol=1e-4, atol=1e-6)


@pytest.fixture
def attended(monkeypatch: pytest.MonkeyPatch) -> list[torch.dtype]:
    """The types of the queries that PyTorch's attention gets."""
    seen: list[torch.dtype] = []
    attend = torch.nn.functional.scaled_dot_product_attention

    def note(query: Any, *args: Any, **options: Any) -> Any:
        seen.append(torch.bfloat16 if torch.is_autocast_enabled("cpu") else query.dtype)
        return attend(query, *args, **options)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", note)
    return seen


@pytest.mark.parametrize("cost", [Cost(0.0), Cost(None)])
def test_attention_stays_in_float32_beside_products_in_bfloat16(
    tokenizer: Any, attended: list[torch.dtype], cost: Cost
) -> None:
    examples = ragged(2, [3, 2])
    rows = plan_rows(examples, [[0, 1, 2], [0, 1]], cost, 4096)
    found = {}
    for dtype in ("float32", "bfloat16"):
        scorer = Scorer(build_tiny(SHAPE, tokenizer, seed=1), dtype)
        join_rows(scorer, examples)
        attended.clear()
        found[dtype] = scorer(scorer.lay_out(examples, rows))
        found[dtype].sum().backward()
    assert set(attended) == {torch.float32}
    torch.testing.assert_close(found["bfloat16"], found["float32"], rtol=0.02, atol=0.05)


def test_a_policy_trained_so_is_saved_as_any_other(tokenizer: Any, tmp_path: Path) -> None:
    scorer = Scorer(build_tiny(SHAPE, tokenizer, seed=1), "bfloat16")
    join_rows(scorer, ragged(1, [2]))
    assert scorer.model.config._attn_implementation == ATTENTION
    save_policy(scorer.model, tokenizer, tmp_path)
    assert ATTENTION not in json.dumps(json.loads((tmp_path / "config.json").read_text()))
    assert load_weights(tmp_path).config._attn_implementation == "sdpa"
