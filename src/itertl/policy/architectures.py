"""What differs between causal language models, and training has to know.

    S needs           the layers below the output embedding (`decoder`), and what becomes of its logits (`finish`)
    rows need         whether several targets may share one (`shares_rows`), and up to which length (`reach`)
    sampling needs    a cache that can be repeated for K samples (`refuse_sampling`)

Nothing here is taken on trust: `itertl.training.scorer` compares with the model's own logits, and shared rows with
rows apart. docs/scaling.md has the table of what was found to work.
"""

from typing import Any

import torch
from torch import Tensor

from itertl.errors import ConfigError, TrainingError

MASKED = {"full_attention", "sliding_attention", "chunked_attention"}  # layers that see what a mask lets them see
CAPS = ("final_logit_softcapping", "logits_soft_cap")
FACTORS = {"logit_scale": 1, "logits_scaling": -1, "lm_head_multiplier": 1, "output_multiplier": 1}  # and exponents


def decoder(model: Any) -> Any:
    """Return the part of a causal language model that computes the hidden states of its last layer.

    That is `base_model`, except where a model that was cut out of a larger one has no module under that name.
    """
    return model.base_model if model.base_model is not model else model.model


def finish(logits: Tensor, config: Any) -> Tensor:
    """Return what a model makes of the product with its output embedding: scaled (Cohere, Granite), capped (Gemma2)."""
    for name, exponent in FACTORS.items():
        if (factor := getattr(config, name, None)) is not None:
            logits = logits * float(factor) ** exponent
    for name in CAPS:
        if (cap := getattr(config, name, None)) is not None:
            logits = cap * torch.tanh(logits / cap)
    return logits


def context_of(model: Any) -> int:
    """Return the tokens that a sequence may have; raise TrainingError where the model's config does not tell."""
    context = getattr(model.config, "max_position_embeddings", None)
    if context is None:
        raise TrainingError(
            f"the config of {type(model).__name__} has no max_position_embeddings, so that the longest sequence is not "
            "known: expected a decoder with attention and a stated context (docs/scaling.md lists what works)"
        )
    return int(context)


def reach(config: Any) -> int | None:
    """Return the tokens up to which a sequence is computed as if it had neither window nor long-context scaling.

    A row's own mask replaces sliding windows and chunks, and the frequencies of `longrope` follow from the longest
    sequence of a batch. Both change nothing up to the window, chunk or original context, which is what is returned;
    None where there is no such limit.
    """
    limits = [getattr(config, "sliding_window", None), getattr(config, "attention_chunk_size", None)]
    return min((int(limit) for limit in (*limits, *_first_contexts(config)) if limit), default=None)


def shares_rows(model: Any) -> bool:
    """Return False where a token's place in the row matters, or tokens are seen that a boolean mask hides."""
    config = model.config
    if not config._attn_implementation.startswith("sdpa") or getattr(config, "alibi", False):
        return False
    layers = set(getattr(config, "layer_types", None) or ())
    if not layers <= MASKED or (len(layers - {"full_attention"}) > 0 and reach(config) is None):
        return False
    return not any(isinstance(module, torch.nn.Conv1d) for module in model.modules())  # of recurrent layers


def sampling_context(model: Any) -> int:
    """Return the tokens, prompt included, to which sampling with a cache may go.

    With `longrope` that is the first context: beyond it a model would compute the keys of all tokens anew, with other
    frequencies, and a cache holds those of before.
    """
    return min([context_of(model), *_first_contexts(model.config)])


def refuse_sampling(model: Any) -> None:
    """Raise an error where sampling in this process cannot repeat a prompt's cache for several samples."""
    context_of(model)
    ids = torch.zeros(1, 1, dtype=torch.long, device=model.device)
    with torch.inference_mode():
        cache = getattr(model(input_ids=ids, use_cache=True), "past_key_values", None)
    layers = list(getattr(cache, "layers", []))
    states = [x for x in layers if hasattr(x, "conv_states") or not hasattr(x, "batch_repeat_interleave")]
    odd = sorted({type(layer).__name__ for layer in states})
    if odd or not layers:
        kept = ", ".join(odd) or "no keys and values"
        raise ConfigError(
            f"{type(model).__name__} cannot be sampled in this process: expected keys and values of each layer, found "
            f"a state of another kind ({kept}); let a server sample it (server.vllm_python, docs/scaling.md)"
        )


def _first_contexts(config: Any) -> list[int]:
    """Return the contexts that a model with `longrope` was first trained with: none, or one for each kind of layer."""
    rope = getattr(config, "rope_parameters", None) or {}
    kinds = [rope, *(value for value in rope.values() if isinstance(value, dict))]
    return [int(x["original_max_position_embeddings"]) for x in kinds if x.get("rope_type") == "longrope"]
