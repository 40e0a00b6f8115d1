"""Attention on a processor over rows that stand end to end, each of which sees itself alone; in float32.

    attend_by_rows(model)                                                        "sdpa" -> ATTENTION
    decoder(input_ids=ids_1N, position_ids=..., attention_mask=UNUSED, rows=Rows((Span(0, 7), Span(7, 19))))

All other operations of a decoder treat each token by itself, so that rows of any lengths can share a pass as one row,
if attention sees where each begins and ends.

PyTorch's attention for processors cuts rows of a few hundred tokens into blocks that are too small for a processor's
bfloat16 products: forward and backward pass together take 1.4 to 3 times as long as in float32 at 250 and 128 tokens.
Attention is few of a layer's operations and was a fifth of the time of a training step. So it is float32 here, whatever
autocast says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from itertl.training.rows import Span

ATTENTION = "sdpa_by_rows"
UNUSED = torch.ones(1, 1, 1, 1, dtype=torch.bool)  # a mask that the model hands on as it is, and nobody reads


@dataclass
class Rows:
    """What a pass hands to attention, which counts in `layers` how many have read it."""

    spans: Sequence[Span]
    layers: int = 0


def attend_by_rows(model: Any) -> bool:
    """Let a model on a processor whose attention is PyTorch's attend by rows where it gets `rows`.

    Return False for any other model, which stays as it is.
    """
    if next(model.parameters()).device.type != "cpu" or model.config._attn_implementation not in ("sdpa", ATTENTION):
        return False
    if not model._can_set_attn_implementation():  # its own code calls PyTorch's
        return False
    model.set_attn_implementation(ATTENTION)
    return True


def attend_as_before(model: Any) -> None:
    """Undo `attend_by_rows`."""
    model.set_attn_implementation("sdpa")


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    rows: Rows | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Return what transformers' "sdpa" returns of queries, keys and values [B, heads, T, D], as float32 [B, T, H, D].

    With `rows` B is 1, no token sees one of another row, and `attention_mask` is not read.
    """
    with torch.autocast(query.device.type, enabled=False):
        wide = [tensor.float() for tensor in (query, key, value)]
        if rows is None:
            return sdpa_attention_forward(module, *wide, attention_mask, **options)  # type: ignore[no-any-return]
        rows.layers += 1
        parts = [
            sdpa_attention_forward(module, *(x[:, :, row.begin : row.end] for x in wide), row.mask, **options)[0]
            for row in rows.spans
        ]
        return torch.cat(parts, dim=1), None


AttentionInterface.register(ATTENTION, _attend)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
