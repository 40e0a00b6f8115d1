"""Architectures that differ from Llama: windows, chunks, long contexts, scaled logits, states that are no keys."""

from dataclasses import replace
from typing import Any

import pytest
import torch
import transformers
from tests.conftest import SHAPE
from tests.training.conftest import TOKENS, lessons_of, ragged, settings

from itertl.errors import ConfigError, TrainingError
from itertl.policy.architectures import refuse_sampling, sampling_context
from itertl.policy.tiny import build_tiny
from itertl.policy.weights import load_weights
from itertl.sampling.decode import decode
from itertl.sampling.draw import Draw
from itertl.training.optimise import build_optimizers
from itertl.training.rows import Cost, Example, micro_batches, plan_rows
from itertl.training.scorer import Scorer, check_scorer, check_shared, join_rows
from itertl.training.trainer import train_step
from itertl.training.two_pass import all_logps

WINDOW = 32
COMMON: dict[str, Any] = {
    "vocab_size": TOKENS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "pad_token_id": None,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "tie_word_embeddings": False,
}
LONG = {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.0] * 4, "long_factor": [1.0, 1.5, 2.0, 4.0]}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
LINEAR = {f"linear_{name}": 8 for name in ("key_head_dim", "value_head_dim")}
LINEAR |= {"linear_num_key_heads": 2, "linear_num_value_heads": 4}
MIXED = {"layer_types": ["sliding_attention", "full_attention"], "sliding_window": WINDOW, "head_dim": 8}

SHARING: dict[
    str, dict[str, Any]
] = {  # class, config, and what differs from Llama: targets share rows up to the window, chunk or first context
    "MistralForCausalLM": {"sliding_window": WINDOW},
    "Starcoder2ForCausalLM": {"sliding_window": WINDOW},
    "Phi3ForCausalLM": {"rope_parameters": LONG, "original_max_position_embeddings": WINDOW},
    "Gemma3ForCausalLM": MIXED | {"query_pre_attn_scalar": 8},
    "Cohere2ForCausalLM": MIXED,
    "GraniteForCausalLM": {"logits_scaling": 4.0, "embedding_multiplier": 2.0},
    "Llama4ForCausalLM": {
        "head_dim": 8,
        "attention_chunk_size": WINDOW,
        "num_local_experts": 4,
        "intermediate_size_mlp": 48,
        "layer_types": ["chunked_attention", "full_attention"],
    },
}
APART: dict[str, dict[str, Any]] = {  # one target a row
    "Gemma2ForCausalLM": MIXED | {"query_pre_attn_scalar": 8, "final_logit_softcapping": 3.0},
    "FalconForCausalLM": {"alibi": True},
    "Qwen3NextForCausalLM": EXPERTS
    | LINEAR
    | {"head_dim": 8, "shared_expert_intermediate_size": 16, "layer_types": ["linear_attention", "full_attention"]},
}
NAMES = {**SHARING, **APART}


def tiny(name: str, **changes: Any) -> Any:
    """A model with random weights, large enough that attention matters."""
    config_name = {"Gemma3ForCausalLM": "Gemma3TextConfig", "Llama4ForCausalLM": "Llama4TextConfig"}
    config = getattr(transformers, config_name.get(name, name.replace("ForCausalLM", "Config")))
    torch.manual_seed(0)
    model = getattr(transformers, name)(config(**COMMON | NAMES.get(name, {}) | changes)).float().eval()
    for key, parameter in model.named_parameters():
        if parameter.ndim > 1 and not key.endswith("A_log"):
            scale = 1.0 if "embed" in key else 2.0 * parameter.shape[-1] ** -0.5
            parameter.data = torch.randn(parameter.shape) * scale
    return model


def own_logps(model: Any, examples: list[Example]) -> torch.Tensor:
    """S of every target by the model's own logits, each sequence computed alone."""
    found = []
    for prompt, target in [(example.prompt, target) for example in examples for target in example.targets]:
        with torch.no_grad():
            logits = model(torch.tensor([prompt + target])).logits[0, len(prompt) - 1 : -1]
        found.append(logits.log_softmax(-1).gather(1, torch.tensor(target)[:, None]).sum())
    return torch.stack(found)


def error(scorer: Scorer, examples: list[Example], micro_batch: int, own: torch.Tensor) -> float:
    """Largest difference of S from `own`, in nats per token."""
    lengths = torch.tensor([len(target) for example in examples for target in example.targets])
    found = torch.cat(all_logps(scorer, examples, micro_batch=micro_batch))
    return float(((found - own).abs() / lengths).max())


def mixed_examples() -> list[Example]:
    """Sequences within the window and beyond it, of one prompt, of different ones, and in one micro-batch."""
    return [Example([0, 9, 8, 7], [[5, 1], [6, 1], list(range(2, 80)), [4] * 12]), *ragged(5, [3, 4, 2, 3], 20, 60)]


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_s_is_that_of_the_models_own_logits_within_a_window_and_beyond_it(name: str, joined: bool) -> None:
    scorer, examples = Scorer(tiny(name)), mixed_examples()
    check_scorer(scorer)
    if joined:
        join_rows(scorer, examples)
    assert scorer.end_to_end is (joined and name in SHARING)
    check_shared(scorer, examples, 600)
    assert (scorer.cost.quadratic is not None) is (name in SHARING)
    own = own_logps(scorer.model, examples)
    for micro_batch in (100, 100_000):
        assert error(scorer, examples, micro_batch, own) < 1e-5
    if name in SHARING:  # where sharing does not depend on what pays, as many share as can
        scorer.cost = replace(scorer.cost, quadratic=0.0)
        rows = plan_rows(examples, [list(range(len(e.targets))) for e in examples], scorer.cost, 600)
        assert any(len(row.targets) > 1 for row in rows)
        assert error(scorer, examples, 600, own) < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_two_steps_of_training_lower_the_loss(name: str) -> None:
    scorer, chosen = Scorer(tiny(name)), settings(micro_batch=400)
    optimizers, lessons = build_optimizers(scorer, chosen), lessons_of(ragged(3, [3, 2, 3], 20, 40))
    losses = [train_step(scorer, lessons, optimizers, chosen)["loss"] for _ in range(3)]
    assert losses[2] < losses[1] < losses[0]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Qwen3NextForCausalLM"])
def test_greedy_decoding_takes_the_models_own_choices(name: str) -> None:
    model = tiny(name, **{key: 8 for key in ("sliding_window", "attention_chunk_size") if key in NAMES[name]})
    refuse_sampling(model)
    draw = Draw(2, 0.0, 1.0, max_new_tokens=8, batch_size=8, template="", dtype="float32", seed=1, stream="")
    prompts = [[0, *range(5, 25)], [0, *range(30, 38)]]
    with torch.inference_mode():
        outputs = decode(model, prompts, 2, torch.zeros(4, 8), {1}, draw)
        for b, new in enumerate(outputs):
            prompt = prompts[b // 2]
            logits = model(torch.tensor([prompt + new])).logits[0, len(prompt) - 1 : -1]
            lost = logits.max(-1).values - logits.gather(1, torch.tensor(new)[:, None])[:, 0]
            assert float(lost.max()) < 1e-3


def test_sampling_ends_where_a_cache_would_hold_keys_of_other_frequencies() -> None:
    assert sampling_context(tiny("Phi3ForCausalLM")) == WINDOW
    assert sampling_context(tiny("MistralForCausalLM")) == COMMON["max_position_embeddings"]


def test_what_sampling_cannot_repeat_is_refused_by_name() -> None:
    with pytest.raises(
        ConfigError, match=r"Qwen3NextForCausalLM cannot be sampled .* \(LinearAttentionLayer\).*server"
    ):
        refuse_sampling(tiny("Qwen3NextForCausalLM"))


def test_models_that_do_something_unknown_are_refused_by_name() -> None:
    model = tiny("CohereForCausalLM")
    check_scorer(Scorer(model))
    model.logit_scale *= 1.1  # beside what the config says
    with pytest.raises(TrainingError, match=r"CohereForCausalLM computes its logits .*docs/scaling\.md"):
        check_scorer(Scorer(model))
    model = transformers.MptForCausalLM(transformers.MptConfig(vocab_size=TOKENS, d_model=32, n_layers=1, n_heads=4))
    with pytest.raises(TrainingError, match="MptForCausalLM has no max_position_embeddings"):
        check_scorer(Scorer(model))


def test_the_check_of_shared_rows_sees_a_window_where_a_row_exceeds_it() -> None:
    scorer = Scorer(tiny("MistralForCausalLM"))
    scorer.cost = Cost(0.0)  # as if the window were unknown
    check_shared(scorer, [Example([0, 5, 6], [[7, 8, 1], [9, 1]])], 600)
    assert scorer.cost.quadratic is not None
    check_shared(scorer, [Example([0, *range(3, 23)], [[*range(2, 40)], [7, 8, 1], [9, 1]])], 600)
    assert scorer.cost.quadratic is None


def test_rows_are_padded_where_a_window_that_no_config_tells_would_be_lost() -> None:
    scorer, short = Scorer(tiny("MistralForCausalLM")), Example([0, 5, 6], [[7, 8, 1], [9, 1]])
    scorer.cost = Cost(0.0)
    join_rows(scorer, [short])
    assert scorer.end_to_end
    scorer.cost = Cost(0.0)
    join_rows(scorer, [short, Example([0, *range(3, 23)], [[*range(2, 40)]])])
    assert not scorer.end_to_end


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ["FalconForCausalLM", "StableLmForCausalLM", "NemotronForCausalLM"])
def test_rows_are_padded_where_no_layer_reads_where_they_begin(
    name: str, dtype: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = getattr(transformers, name.replace("ForCausalLM", "Config"))(**COMMON)
    scorer = Scorer(getattr(transformers, name)(config).float().eval(), dtype)  # S hardly depends on attention
    join_rows(scorer, mixed_examples())
    assert not scorer.end_to_end
    assert scorer.model.config._attn_implementation == "sdpa"
    assert not caplog.records


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_model_that_names_its_mask_is_scored(dtype: str) -> None:
    scorer = Scorer(tiny("DogeForCausalLM", keep_window_size=64), dtype)
    check_scorer(scorer)
    join_rows(scorer, [Example([0, 5, 6], [[7, 8, 1], [9, 1]])])
    own = own_logps(scorer.model, [Example([0, 5, 6], [[7, 8, 1]])])
    found = all_logps(scorer, [Example([0, 5, 6], [[7, 8, 1]])], micro_batch=100)[0]
    assert torch.allclose(found, own, rtol=0.05)


def test_packed_rows_longer_than_the_window_are_joined_and_fill_no_batch_beyond_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scorer = Scorer(tiny("MistralForCausalLM"))
    examples = [Example([0, 9, 8, 7], [[5, 1 + k] for k in range(12)]), *ragged(5, [1] * 20, 10, 15)]
    join_rows(scorer, examples)
    scorer.cost = replace(scorer.cost, quadratic=0.0)
    computed: list[int] = []
    forward = scorer.model.model.forward

    def note(input_ids: torch.Tensor, **options: Any) -> Any:
        computed.append(input_ids.numel())
        return forward(input_ids=input_ids, **options)

    monkeypatch.setattr(scorer.model.model, "forward", note)
    assert error(scorer, examples, 100, own_logps(scorer.model, examples)) < 1e-5
    assert max(computed[-100:]) <= 100


def test_rows_are_padded_where_a_models_own_code_takes_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = Scorer(tiny("MistralForCausalLM"))
    forward = scorer.model.model.forward

    def narrow(input_ids: Any, position_ids: Any = None, attention_mask: Any = None, use_cache: bool = True) -> Any:
        return forward(input_ids, position_ids=position_ids, attention_mask=attention_mask, use_cache=use_cache)

    monkeypatch.setattr(scorer.model.model, "forward", narrow)
    join_rows(scorer, mixed_examples())
    assert not scorer.end_to_end


def test_sequences_beyond_the_reach_share_no_batch_with_shorter_ones() -> None:
    cost = Cost(0.0, WINDOW)
    examples = mixed_examples()
    rows = plan_rows(examples, [list(range(len(e.targets))) for e in examples], cost, 100_000)
    longest = [
        max(len(examples[r.example].prompt) + len(examples[r.example].targets[k]) for k in r.targets) for r in rows
    ]
    assert all(len(row.targets) == 1 for row, length in zip(rows, longest, strict=True) if length > WINDOW)
    batches = micro_batches(rows, 100_000, cost, together=True)
    far = {id(row) for row, length in zip(rows, longest, strict=True) if length > WINDOW}
    assert len(batches) == 2
    assert sorted(len(batch) for batch in batches) == sorted((len(far), len(rows) - len(far)))
    assert {id(row) in far for row in batches[0]} == {False}


def test_a_model_without_the_default_attention_loads(tokenizer: Any, tmp_path: Any) -> None:
    tiny("Gemma2ForCausalLM").save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert load_weights(tmp_path).config._attn_implementation == "eager"
    build_tiny(SHAPE, tokenizer, seed=1).save_pretrained(tmp_path / "llama")
    assert load_weights(tmp_path / "llama").config._attn_implementation == "sdpa"
