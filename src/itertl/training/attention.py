"""Attention of training on a processor: in float32, also where the other products are in bfloat16.

    attend_in_float32(model)            "sdpa" -> "sdpa in float32"

PyTorch's attention for processors cuts rows of a few hundred tokens into blocks that are too small for a processor's
bfloat16 products: forward and backward pass together take 1.4 to 3 times as long as in float32 at 250 and 128 tokens.
Attention is few of a layer's operations and was a fifth of the time of a training step. On a GPU bfloat16 stays.
"""

from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

ATTENTION = "sdpa_in_float32"


def attend_in_float32(model: Any) -> None:
    """Let a model on a processor whose attention is PyTorch's compute it in float32, whatever autocast says."""
    if next(model.parameters()).device.type == "cpu" and model.config._attn_implementation == "sdpa":
        model.set_attn_implementation(ATTENTION)


def _attend(module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any) -> tuple[Any, None]:
    """Return what transformers' "sdpa" returns of queries, keys and values [B, heads, T, D], as float32 [B, T, H, D].

    `mask` is boolean, [B, 1, T, T], or None.
    """
    with torch.autocast(query.device.type, enabled=False):
        wide = (query.float(), key.float(), value.float())
        return sdpa_attention_forward(module, *wide, mask, **options)  # type: ignore[no-any-return]


AttentionInterface.register(ATTENTION, _attend)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
