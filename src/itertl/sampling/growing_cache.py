"""A key/value cache for decoding that grows by blocks, and attention of one query per row that reads it in place.

    model.set_attn_implementation(ATTENTION)                          on a CPU
    cache = with_room([model(...).past_key_values], samples=5)

On a CPU `scaled_dot_product_attention` takes 3 to 5 times as long for a single query as the two matrix products that
it stands for; these want whole buffers, since a view that ends before its buffer does is copied first.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.cache_utils import DynamicCache, DynamicLayer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

BLOCK = 64  # tokens of room that are added at a time
ATTENTION = "itertl_decoding"  # name of `attend` among the attention functions of transformers


class GrowingLayer(DynamicLayer):  # type: ignore[misc]
    """A layer whose keys and values, [B, heads, T, D], are views of larger buffers; the room behind them is finite."""

    def __init__(self, layers: Sequence[Any], samples: int) -> None:
        """Take the rows of all `layers`, each `samples` times, and leave them empty."""
        super().__init__()
        self.dtype, self.device, self.is_initialized = layers[0].dtype, layers[0].device, True
        self.keys = _repeated([layer.keys for layer in layers], samples)
        for layer in layers:
            layer.keys = None
        self.values = _repeated([layer.values for layer in layers], samples)
        for layer in layers:
            layer.values = None

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Append the states of new tokens and return all of them."""
        start = self.keys.shape[-2]
        end = start + key_states.shape[-2]
        self.keys = _appended(self.keys, key_states, end)
        self.values = _appended(self.values, value_states, end)
        return self.keys, self.values

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep these rows, in buffers of their own; keys are let go before values are copied."""
        self.keys = _selected(self.keys, indices)
        self.values = _selected(self.values, indices)


def can_join(config: Any) -> bool:
    """Return True if all layers of a model are of the kind that grows here, so that its caches can be joined."""
    return all(type(layer) is DynamicLayer for layer in DynamicCache(config=config).layers)


def with_room(parts: Sequence[Any], samples: int = 1) -> Any:
    """Return one cache with all rows of the caches `parts`, which end, each row `samples` times.

    Plain layers are replaced by growing ones; layers of other kinds stay, and want a single part.
    """
    cache = parts[0]
    for i, layer in enumerate(cache.layers):
        if type(layer) is DynamicLayer and layer.is_initialized:
            cache.layers[i] = GrowingLayer([part.layers[i] for part in parts], samples)
        else:
            layer.batch_repeat_interleave(samples)
    return cache


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Return what attention of `query` [B, heads, 1, D] to the rows of a growing cache gives, [B, 1, heads, D].

    Longer queries, and keys and values that are not views of buffers, are left to transformers' own function.
    """
    batch, heads, length, size = query.shape
    plain = options.get("position_bias") is None and options.get("softcap") is None and _is_plain(attention_mask)
    if length != 1 or not plain or not (_in_buffer(key) and _in_buffer(value)):
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)  # type: ignore[no-any-return]
    tokens, shared = key.shape[2], key.shape[1]
    scale = options.get("scaling") or size**-0.5
    keys, values = _buffer(key).flatten(0, 1), _buffer(value).flatten(0, 1)  # [B * kv heads, room, D]
    folded = (query * scale).reshape(batch * shared, heads // shared, size)
    score = torch.bmm(folded, keys.transpose(1, 2)).view(batch, shared, heads // shared, -1)
    score[..., tokens:] = float("-inf")
    if attention_mask is not None:
        score[..., :tokens].masked_fill_(~attention_mask[..., :tokens], float("-inf"))
    weight = torch.softmax(score, dim=-1).flatten(0, 1)
    return torch.bmm(weight, values).view(batch, 1, heads, -1), None


AttentionInterface.register(ATTENTION, attend)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)


def _is_plain(mask: Tensor | None) -> bool:
    return mask is None or (mask.dtype == torch.bool and mask.shape[1] == 1)


def _room(states: Tensor) -> int:
    """Return the tokens that the buffer behind a view holds; its heads lie one after the other."""
    return states.stride(1) // states.shape[-1]


def _in_buffer(states: Tensor) -> bool:
    batch, heads, _, size = states.shape
    step = states.stride(1)
    whole = states.stride()[1:] == (step, size, 1) and step % size == 0 and _room(states) >= states.shape[2]
    return whole and (batch == 1 or states.stride(0) == heads * step)


def _buffer(states: Tensor) -> Tensor:
    """Return the whole of the buffer that `states` [B, heads, T, D] is the beginning of."""
    batch, heads, _, size = states.shape
    return states.as_strided((batch, heads, _room(states), size), states.stride())


def _appended(states: Tensor, new: Tensor, end: int) -> Tensor:
    if not _in_buffer(states) or end > _room(states):
        states = _enlarged(states, end + BLOCK)
    states = _buffer(states)[:, :, :end]
    states[:, :, end - new.shape[-2] :] = new
    return states


def _repeated(states: Sequence[Tensor], samples: int) -> Tensor:
    """Return the rows of all `states`, each `samples` times, as the beginning of a buffer with room."""
    _, heads, tokens, width = states[0].shape
    rows = sum(len(part) for part in states)
    buffer = torch.zeros(rows, samples, heads, tokens + BLOCK, width, dtype=states[0].dtype, device=states[0].device)
    start = 0
    for part in states:
        buffer[start : start + len(part), :, :, :tokens] = part[:, None]
        start += len(part)
    return buffer.flatten(0, 1)[:, :, :tokens]


def _enlarged(states: Tensor, room: int) -> Tensor:
    batch, heads, old, width = states.shape
    buffer = torch.zeros(batch, heads, room, width, dtype=states.dtype, device=states.device)
    buffer[:, :, :old] = states
    return buffer[:, :, :old]


def _selected(states: Tensor, rows: Tensor) -> Tensor:
    buffer = _buffer(states) if _in_buffer(states) else states
    return buffer[rows][:, :, : states.shape[-2]]
