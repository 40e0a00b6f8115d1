"""A key/value cache for decoding that grows by blocks: one copy per block instead of one per token.

cache = with_room(model(...).past_key_values)
"""

from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicLayer

BLOCK = 64  # tokens of room that are added at a time


class GrowingLayer(DynamicLayer):  # type: ignore[misc]
    """A layer whose keys and values, [B, heads, T, D], are views of a larger buffer."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.dtype, self.device, self.is_initialized = layer.dtype, layer.device, True
        self.keys, self.values = layer.keys, layer.values
        self._buffers = (layer.keys, layer.values)

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Append the states of new tokens and return all of them."""
        start = self.keys.shape[-2]
        end = start + key_states.shape[-2]
        if end > self._buffers[0].shape[-2] or len(key_states) != len(self._buffers[0]):
            self._buffers = (_enlarged(self.keys, end), _enlarged(self.values, end))
        for buffer, new in zip(self._buffers, (key_states, value_states), strict=True):
            buffer[:, :, start:end] = new
        self.keys, self.values = (buffer[:, :, :end] for buffer in self._buffers)
        return self.keys, self.values


def with_room(cache: Any) -> Any:
    """Return `cache` with its plain layers replaced by growing ones; layers of other kinds stay as they are."""
    cache.layers = [GrowingLayer(layer) if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


def _enlarged(states: Tensor, length: int) -> Tensor:
    batch, heads, old, width = states.shape
    buffer = torch.empty(batch, heads, length + BLOCK, width, dtype=states.dtype, device=states.device)
    buffer[:, :, :old] = states
    return buffer
