"""Memory by calculation: parameter counts of real models, and activations as PyTorch really keeps them."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tests.training.whole_process import smollm2 as shape_of_smollm2

from itertl.config import LoraConfig
from itertl.policy.adapters import add_adapters
from itertl.policy.arithmetic import multiplies_bfloat16
from itertl.policy.memory import (
    GIB,
    KNOWN,
    Load,
    Shape,
    activation_bytes,
    adapter_parameters,
    flowing_bytes,
    sampling_memory,
    serving_memory,
    shape_of,
    training_memory,
)
from itertl.training.attention import attend_by_rows

SMALL = Shape(2, 256, 704, 8, 4, 32, 500, 512)


@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("deepseek-ai/deepseek-coder-6.7b-base", 6.74),
        ("Qwen/Qwen2.5-Coder-7B", 7.62),
        ("Qwen/Qwen2.5-Coder-1.5B", 1.54),
    ],
)
def test_known_models_have_the_parameters_that_they_are_named_for(name: str, billions: float) -> None:
    assert KNOWN[name].parameters == pytest.approx(billions * 1e9, rel=0.005)


def build(shape: Shape) -> Any:
    config = transformers.LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        max_position_embeddings=shape.context,
        tie_word_embeddings=shape.tied,
    )
    return transformers.LlamaForCausalLM(config)


@pytest.mark.parametrize("tied", [False, True])
def test_the_shape_of_a_model_gives_its_parameters_exactly(tied: bool) -> None:
    model = build(replace(SMALL, tied=tied))
    shape = shape_of(model.config)
    assert shape == replace(SMALL, tied=tied)
    assert shape.parameters == sum(p.numel() for p in model.parameters())


def saved_bytes(model: Any, tokens: int, bfloat16: bool, *, cast: bool = True, wide: bool = False) -> float:
    """What the forward pass through the decoder keeps per token, each storage once, parameters left out.

    `cast`: the weights are float32, and what autocast keeps of them in bfloat16 is left out, too. `wide`:
    attention is that of training on a processor.
    """
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept: dict[int, tuple[int, Any]] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = (storage.nbytes(), storage)
        return tensor

    if wide:
        attend_by_rows(model)
    with (
        torch.autocast("cpu", torch.bfloat16, enabled=bfloat16),
        torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor),
    ):
        model.model(input_ids=torch.zeros(1, tokens, dtype=torch.long), use_cache=False)
    weights = 2 * sum(a * b for a, b in SMALL.matrices) * SMALL.layers if bfloat16 and cast else 0
    return (sum(size for size, _ in kept.values()) - weights) / tokens


@pytest.mark.parametrize("bfloat16", [False, True])
def test_activations_are_what_a_forward_pass_keeps(bfloat16: bool) -> None:
    measured = saved_bytes(build(SMALL), 512, bfloat16, wide=True)
    calculated = SMALL.layers * activation_bytes(SMALL, bfloat16=bfloat16, float32_stream=True, wide=True)
    assert measured == pytest.approx(calculated, rel=0.15)


def test_adapters_add_little_to_the_activations() -> None:
    model = build(SMALL).to(torch.bfloat16)
    inner = add_adapters(model, LoraConfig(rank=8), 1).get_base_model()
    whole = training_memory(SMALL, Load(rank=8, tokens=1)).activations - flowing_bytes(SMALL, bfloat16=True)
    assert saved_bytes(inner, 512, True, cast=False) == pytest.approx(whole, rel=0.15)


def test_memory_does_what_it_should_as_the_job_changes() -> None:
    shape = KNOWN["deepseek-ai/deepseek-coder-6.7b-base"]
    full = training_memory(shape, Load())
    assert training_memory(shape, Load(checkpointing=True)).activations < full.activations / 5
    assert training_memory(shape, Load(processes=8)).weights == full.weights / 8
    assert training_memory(shape, Load(tokens=16384)).activations == 2 * full.activations
    lora = training_memory(shape, Load(rank=32, checkpointing=True))
    assert lora.optimizer < 0.02 * full.optimizer
    assert 12 * GIB < lora.weights < 14 * GIB
    assert training_memory(shape, Load(rank=32, four_bit=True)).weights < 0.35 * lora.weights
    assert adapter_parameters(shape, 64) == 2 * adapter_parameters(shape, 32)


def test_grouped_heads_make_the_cache_small() -> None:
    wide, grouped = KNOWN["deepseek-ai/deepseek-coder-6.7b-base"], KNOWN["Qwen/Qwen2.5-Coder-7B"]
    assert wide.token_bytes == 512 * 1024
    assert grouped.token_bytes == 56 * 1024
    assert sampling_memory(wide, 32, 1024, 1024).cache > 9 * sampling_memory(grouped, 32, 1024, 1024).cache
    assert serving_memory(grouped, 64, 2048).total < 30 * GIB


def test_memory_reads_as_a_sum_of_its_uses() -> None:
    text = str(training_memory(KNOWN["Qwen/Qwen2.5-Coder-1.5B"], Load(checkpointing=True)))
    assert text.startswith(
        f"{training_memory(KNOWN['Qwen/Qwen2.5-Coder-1.5B'], Load(checkpointing=True)).total / GIB:.1f}"
    )
    assert "weights 5.8" in text
    assert "cache" not in text


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SmolLM2's shape in bfloat16, as it is published."""
    return shape_of_smollm2(tmp_path_factory.mktemp("smollm2"), "bfloat16")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "dtype", "rank", "checkpointing", "tokens"),
    [
        ("embedded", "float32", 0, False, 4096),
        ("embedded", "bfloat16", 0, False, 4096),
        ("smollm2", "bfloat16", 0, False, 512),
        ("smollm2", "bfloat16", 16, True, 1024),
    ],
)
def test_the_peak_of_a_training_process_is_foreseen(
    shape: str, dtype: str, rank: int, checkpointing: bool, tokens: int, request: pytest.FixtureRequest
) -> None:
    if shape == "smollm2" and dtype == "bfloat16" and not multiplies_bfloat16():
        pytest.skip("this processor has no products in bfloat16, and would take a quarter of an hour for each of these")
    policy = shape if shape == "embedded" else str(request.getfixturevalue("smollm2"))
    job = {"policy": policy, "dtype": dtype, "rank": rank, "checkpointing": checkpointing, "tokens": tokens}
    argv = [sys.executable, "-m", "tests.training.whole_process", json.dumps(job)]
    found = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    assert found["foreseen"] == pytest.approx(found["peak"], rel=0.2)
