"""The stage that makes a tiny base: with random weights, or after reading generated tasks."""

from pathlib import Path

import pytest
from tests.conftest import SHAPE

from itertl.config import PolicyConfig, TinyConfig
from itertl.policy.load import load_policy
from itertl.training.stages import obtain_base


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
