"""The stage that makes a tiny base: with random weights, or after reading generated tasks."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.conftest import SHAPE

from itertl.config import PolicyConfig, TinyConfig
from itertl.policy.load import load_policy
from itertl.policy.tiny import build_tiny
from itertl.training.stages import obtain_base


@pytest.mark.parametrize("width", [32, 64, 96, 160])
def test_any_multiple_of_32_is_a_width(tokenizer: Any, width: int) -> None:
    model = build_tiny(TinyConfig(width=width, layers=1), tokenizer, 1)
    assert model(input_ids=torch.tensor([[1, 2, 3]])).logits.shape == (1, 3, len(tokenizer))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("tasks", [0, 20])
def test_a_tiny_base_reads_as_many_tasks_as_it_is_told(tmp_path: Path, tasks: int, dtype: str) -> None:
    values = {"path": None, "dtype": dtype, "tiny": {"width": 32, "layers": 2}, "pretrain": {"tasks": tasks}}
    obtain_base(PolicyConfig.model_validate(values), 1, out=tmp_path)
    model, tokenizer = load_policy(tmp_path)
    assert model.config.hidden_size == SHAPE.width
    assert len(tokenizer) <= TinyConfig.vocabulary
    log = tmp_path / "training.jsonl"
    assert (len(log.read_text().splitlines()) if log.exists() else 0) == -(-tasks // 16)
