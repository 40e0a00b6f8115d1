"""A key/value cache for decoding: prompts that their K samples share, and answers that grow by blocks.

    model.set_attn_implementation(ATTENTION)                          on a CPU
    cache = with_room([model(...).past_key_values], samples=5, shared=True)

A layer whose prompts are shared holds each prompt once, which spares the memory and the reading of K - 1 copies; its
attention looks at the prompt and at the answer, one after the other. Only `attend` can do that, so other ways of
attention get whole rows, each with a copy of its prompt.

On a CPU `scaled_dot_product_attention` takes 3 to 5 times as long for a single query as the two matrix products that
it stands for; these want whole buffers, since a view that ends before its buffer does is copied first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

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

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        super().__init__()
        self.dtype, self.device, self.is_initialized = keys.dtype, keys.device, True
        self.keys, self.values = keys, values

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Append the states of new tokens and return all of them."""
        end = self.keys.shape[-2] + key_states.shape[-2]
        self.keys = _appended(self.keys, key_states, end)
        self.values = _appended(self.values, value_states, end)
        return self.keys, self.values

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep these rows, in buffers of their own; keys are let go before values are copied."""
        self.keys = _selected(self.keys, indices)
        self.values = _selected(self.values, indices)


@dataclass(frozen=True)
class Prompts:
    """Keys and values of P prompts, [P, heads, T, D], and the cells of a grid, P by `width`, where their rows stand.

    Rows are in the order of their cells, `cell_B`; a prompt has at most `width` of them.
    """

    keys: Tensor
    values: Tensor
    width: int
    cell_B: Tensor

    def select(self, indices: Tensor) -> Self:
        """Return what is left with these rows only, which have to be in ascending order."""
        prompt_B = self.cell_B[indices] // self.width
        kept_P, prompt_B, rows_P = torch.unique(prompt_B, return_inverse=True, return_counts=True)
        rank_B = torch.arange(len(indices), device=indices.device) - (rows_P.cumsum(0) - rows_P)[prompt_B]
        width = int(rows_P.max())
        keys, values = self.keys, self.values
        if len(kept_P) < len(keys):
            keys, values = keys[kept_P], values[kept_P]
        return replace(self, keys=keys, values=values, width=width, cell_B=prompt_B * width + rank_B)

    def scores(self, query_BHGD: Tensor) -> Tensor:
        """Return the products of each row's queries with the keys of its prompt, [B, H, G, T]."""
        return self._collected(torch.bmm(self._spread(query_BHGD), self.keys.flatten(0, 1).transpose(1, 2)))

    def mixed(self, weight_BHGT: Tensor) -> Tensor:
        """Return the sums of the values of each row's prompt, [B, H, G, D]."""
        return self._collected(torch.bmm(self._spread(weight_BHGT), self.values.flatten(0, 1)))

    def whole(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of whole rows: each with a copy of its prompt in front of its answer."""
        prompt_B = self.cell_B // self.width
        return torch.cat([self.keys[prompt_B], keys], dim=2), torch.cat([self.values[prompt_B], values], dim=2)

    def _spread(self, rows_BHGX: Tensor) -> Tensor:
        """Return rows as [P * H, width * G, X]: those of a prompt beside each other, 0 in cells without a row."""
        _, heads, group, size = rows_BHGX.shape
        cells = len(self.keys) * self.width
        if len(rows_BHGX) < cells:
            rows_BHGX = rows_BHGX.new_zeros(cells, heads, group, size).index_copy(0, self.cell_B, rows_BHGX)
        grid = rows_BHGX.view(-1, self.width, heads, group, size).transpose(1, 2)
        return grid.reshape(len(self.keys) * heads, self.width * group, size)

    def _collected(self, grid: Tensor) -> Tensor:
        """Return what `_spread` has taken apart as rows again, [B, H, G, X]."""
        heads = self.keys.shape[1]
        grid = grid.view(len(self.keys), heads, self.width, -1, grid.shape[-1]).transpose(1, 2)
        rows = grid.reshape(len(self.keys) * self.width, heads, -1, grid.shape[-1])
        return rows if len(self.cell_B) == len(rows) else rows[self.cell_B]


class SharedPromptLayer(GrowingLayer):
    """A growing layer of answers, behind prompts that all samples of a prompt share.

    `update` returns the states of the answers alone; where they are keys, the prompts hang on the tensor.
    """

    def __init__(self, keys: Tensor, values: Tensor, samples: int) -> None:
        """Begin `samples` rows behind each of the prompts, whose states are given, [P, heads, T, D]."""
        empty = keys.new_zeros(len(keys) * samples, keys.shape[1], BLOCK, keys.shape[3])
        super().__init__(empty[:, :, :0], torch.zeros_like(empty)[:, :, :0])
        rows = torch.arange(len(keys) * samples, device=keys.device)
        self.prompts = Prompts(keys.contiguous(), values.contiguous(), samples, rows)

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Append the states of new tokens and return those of the answers."""
        keys, values = super().update(key_states, value_states)
        keys.prompts = self.prompts  # type: ignore[attr-defined]
        return keys, values

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep these rows, which are in ascending order, and the prompts of which one is left."""
        super().batch_select_indices(indices)
        self.prompts = self.prompts.select(indices)

    def get_seq_length(self) -> int:
        """Return the tokens of a row, its prompt included."""
        return int(self.prompts.keys.shape[2] + self.keys.shape[2])

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return the tokens that a mask for `query_length` more has, and where they begin."""
        return self.get_seq_length() + query_length, 0


def can_join(config: Any) -> bool:
    """Return True if all layers of a model are of the kind that grows here, so that its caches can be joined."""
    return all(type(layer) is DynamicLayer for layer in DynamicCache(config=config).layers)


def with_room(parts: Sequence[Any], samples: int = 1, *, shared: bool = False) -> Any:
    """Return one cache with all rows of the caches `parts`, which end, each row `samples` times.

    Plain layers are replaced by growing ones, with prompts that are `shared` if `attend` is what reads them; layers of
    other kinds stay, and want a single part.
    """
    cache = parts[0]
    for i, layer in enumerate(cache.layers):
        if type(layer) is not DynamicLayer or not layer.is_initialized:
            layer.batch_repeat_interleave(samples)
            continue
        layers = [part.layers[i] for part in parts]
        keys = _taken(layers, "keys", 1 if shared else samples, room=0 if shared else BLOCK)
        values = _taken(layers, "values", 1 if shared else samples, room=0 if shared else BLOCK)
        cache.layers[i] = SharedPromptLayer(keys, values, samples) if shared else GrowingLayer(keys, values)
    return cache


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Return what attention of `query` [B, heads, 1, D] to the rows of a shared cache gives, [B, 1, heads, D].

    Longer queries, other caches, and attention that adds something to the products, are left to transformers' own
    function, which gets whole rows.
    """
    prompts: Prompts | None = getattr(key, "prompts", None)
    plain = options.get("position_bias") is None and options.get("softcap") is None and _is_plain(attention_mask)
    if prompts is None or query.shape[2] != 1 or not plain:
        whole = prompts.whole(key, value) if prompts else (key, value)
        return sdpa_attention_forward(module, query, *whole, attention_mask, **options)  # type: ignore[no-any-return]
    batch, heads, _, size = query.shape
    shared, before, tokens = key.shape[1], prompts.keys.shape[2], key.shape[2]
    scale = options.get("scaling") or size**-0.5
    query_BHGD = (query * scale).reshape(batch, shared, heads // shared, size)
    keys, values = _buffer(key).flatten(0, 1), _buffer(value).flatten(0, 1)  # [B * kv heads, room, D]
    own = torch.bmm(query_BHGD.flatten(0, 1), keys.transpose(1, 2)).view(batch, shared, heads // shared, -1)
    score = torch.cat([prompts.scores(query_BHGD), own], dim=-1)
    score[..., before + tokens :] = float("-inf")
    if attention_mask is not None:
        score[..., : before + tokens].masked_fill_(~attention_mask, float("-inf"))
    weight = torch.softmax(score, dim=-1)
    answer = torch.bmm(weight[..., before:].flatten(0, 1), values).view_as(query_BHGD)
    return (prompts.mixed(weight[..., :before]) + answer).reshape(batch, 1, heads, size), None


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


def _taken(layers: Sequence[Any], name: str, samples: int, room: int) -> Tensor:
    """Return the rows of all layers, each `samples` times, with room behind them, and let the layers' own go.

    All end at one place: what a layer lacks to the longest stands in front of its tokens, as 0.
    """
    parts: list[Tensor] = [getattr(layer, name) for layer in layers]
    for layer in layers:
        setattr(layer, name, None)
    _, heads, _, width = parts[0].shape
    tokens = max(part.shape[2] for part in parts)
    if len(parts) == samples == 1 and not room:
        return parts.pop()
    rows = sum(len(part) for part in parts)
    buffer = torch.zeros(rows, samples, heads, tokens + room, width, dtype=parts[0].dtype, device=parts[0].device)
    start = 0
    for part in parts:
        buffer[start : start + len(part), :, :, tokens - part.shape[2] : tokens] = part[:, None]
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
