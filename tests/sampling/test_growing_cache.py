"""The growing cache and the attention that reads it in place, against transformers' own."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from itertl.sampling.growing_cache import BLOCK, attend, with_room

ROWS, HEADS, SHARED, SIZE = 6, 4, 2, 16


def filled(tokens: int, dtype: torch.dtype) -> tuple[Any, Any]:
    """A growing cache and a plain one with equal states of `tokens` tokens, of which the last three came one by one."""
    generator = torch.Generator().manual_seed(0)
    states = [torch.randn(2, ROWS, SHARED, t, SIZE, generator=generator).to(dtype) for t in (tokens - 3, 1, 1, 1)]
    plain, growing = DynamicCache(), DynamicCache()
    for cache in (plain, growing):
        for i, (keys, values) in enumerate(states):
            cache.update(keys, values, 0)
            if i == 0 and cache is growing:
                with_room([cache])
    return growing, plain


def both(growing: Any, plain: Any, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """What both ways of attention give for the same query."""
    a, b = growing.layers[0], plain.layers[0]
    query = torch.randn(len(b.keys), HEADS, 1, SIZE, generator=torch.Generator().manual_seed(1)).to(b.keys.dtype)
    module = SimpleNamespace(num_key_value_groups=HEADS // SHARED, is_causal=True)
    found, _ = attend(module, query, a.keys, a.values, mask, scaling=0.25)
    wanted, _ = sdpa_attention_forward(module, query, b.keys, b.values, mask, scaling=0.25)
    return found, wanted


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("tokens", [9, BLOCK + 2, 3 * BLOCK])
@pytest.mark.parametrize("masked", [False, True])
def test_one_query_attends_as_with_scaled_dot_product_attention(dtype: torch.dtype, tokens: int, masked: bool) -> None:
    growing, plain = filled(tokens, dtype)
    mask = torch.ones(ROWS, 1, 1, tokens, dtype=torch.bool)
    mask[::2, ..., : tokens // 2] = False
    found, wanted = both(growing, plain, mask if masked else None)
    tolerance = 1e-5 if dtype == torch.float32 else 0.02
    torch.testing.assert_close(found, wanted, atol=tolerance, rtol=tolerance)


def test_rows_that_stay_keep_their_states_and_go_on_growing() -> None:
    growing, plain = filled(BLOCK, torch.float32)
    new = torch.randn(2, 3, SHARED, 1, SIZE)
    for cache in (growing, plain):
        cache.batch_select_indices(torch.tensor([1, 2, 5]))
        cache.update(new[0], new[1], 0)
    assert growing.layers[0].keys.equal(plain.layers[0].keys)
    torch.testing.assert_close(*both(growing, plain, None))


def test_rows_that_leave_take_their_memory_with_them() -> None:
    growing, _ = filled(BLOCK, torch.float32)
    growing.batch_select_indices(torch.tensor([0]))
    layer = growing.layers[0]
    held = {
        t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in vars(layer).values() if torch.is_tensor(t)
    }
    held |= {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in getattr(layer, "_buffers", ())}
    assert sum(held.values()) <= 2 * 4 * SHARED * SIZE * 2 * (BLOCK + 3)


def test_a_longer_query_and_states_without_a_buffer_are_left_to_transformers() -> None:
    module = SimpleNamespace(num_key_value_groups=2, is_causal=True)
    query, key = torch.randn(2, HEADS, 5, SIZE), torch.randn(2, 5, SHARED, SIZE).transpose(1, 2)
    for length in (5, 1):
        found, _ = attend(module, query[:, :, :length], key, key, None, scaling=0.25)
        wanted, _ = sdpa_attention_forward(module, query[:, :, :length], key, key, None, scaling=0.25)
        torch.testing.assert_close(found, wanted)
