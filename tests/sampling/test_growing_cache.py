"""The growing cache and the attention that reads its prompts once, against transformers' own with whole rows."""

import copy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from itertl.sampling import decode as decoding
from itertl.sampling.decode import prepare
from itertl.sampling.growing_cache import ATTENTION, BLOCK, attend, with_room

PROMPTS, SAMPLES, PROMPT = 3, 2, 7  # six rows behind prompts of seven tokens
ROWS, HEADS, SHARED, SIZE = PROMPTS * SAMPLES, 4, 2, 16


class Pair:
    """A plain cache of whole rows and a growing one with equal states, which change together."""

    def __init__(self, tokens: int, dtype: torch.dtype = torch.float32, *, shared: bool = True, parts: int = 1) -> None:
        """Begin with prompts, read in so many parts, and `tokens` of an answer, one by one."""
        self.generator = torch.Generator().manual_seed(0)
        self.dtype = dtype
        prompts = self._states(PROMPTS, PROMPT)
        caches = [DynamicCache() for _ in range(parts)]
        for cache, part in zip(caches, torch.chunk(prompts, parts, dim=1), strict=True):
            cache.update(part[0], part[1], 0)
        self.growing: Any = with_room(caches, SAMPLES, shared=shared)
        self.plain = DynamicCache()
        self.plain.update(*prompts.repeat_interleave(SAMPLES, 1), 0)
        self.keys = self.growing.layers[0].keys
        for _ in range(tokens):
            self.grow()

    def grow(self) -> None:
        """Append a token to all rows."""
        states = self._states(len(self.plain.layers[0].keys), 1)
        self.plain.update(states[0], states[1], 0)
        self.keys, self.values = self.growing.update(states[0], states[1], 0)

    def select(self, *rows: int) -> None:
        """Keep these rows, and append a token."""
        for cache in (self.plain, self.growing):
            cache.batch_select_indices(torch.tensor(rows))
        self.grow()

    def check(self, mask: Tensor | None = None, length: int = 1, **options: Any) -> None:
        """Both ways of attention give the same for the same query."""
        whole = self.plain.layers[0]
        query = torch.randn(len(whole.keys), HEADS, length, SIZE, generator=self.generator).to(self.dtype)
        module = SimpleNamespace(num_key_value_groups=HEADS // SHARED, is_causal=True)
        found, _ = attend(module, query, self.keys, self.values, mask, scaling=0.25, **options)
        wanted, _ = sdpa_attention_forward(module, query, whole.keys, whole.values, mask, scaling=0.25, **options)
        tolerance = 1e-5 if self.dtype == torch.float32 else 0.02
        torch.testing.assert_close(found, wanted, atol=tolerance, rtol=tolerance)

    def _states(self, rows: int, tokens: int) -> Tensor:
        return torch.randn(2, rows, SHARED, tokens, SIZE, generator=self.generator).to(self.dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("tokens", [1, BLOCK + 2, 3 * BLOCK])
@pytest.mark.parametrize("masked", [False, True])
def test_one_query_attends_as_with_scaled_dot_product_attention(dtype: torch.dtype, tokens: int, masked: bool) -> None:
    pair = Pair(tokens, dtype)
    mask = torch.ones(ROWS, 1, 1, PROMPT + tokens, dtype=torch.bool)
    mask[::2, ..., : PROMPT // 2] = False
    pair.check(mask if masked else None)


def test_prompts_that_were_read_in_parts_are_joined() -> None:
    Pair(3, parts=3).check()


@pytest.mark.parametrize("rows", [(0, 1, 2, 3, 4, 5), (1, 2, 5), (0, 1), (4,), (0, 1, 2)])
def test_rows_that_stay_attend_to_their_own_prompt_and_go_on_growing(rows: tuple[int, ...]) -> None:
    pair = Pair(BLOCK)
    pair.select(*rows)
    pair.check()
    pair.select(len(rows) - 1)
    pair.check()


def test_the_mask_covers_prompt_and_answer() -> None:
    pair = Pair(2)
    layer, plain = pair.growing.layers[0], pair.plain.layers[0]
    assert layer.get_seq_length() == plain.get_seq_length() == PROMPT + 2
    assert layer.get_mask_sizes(1) == plain.get_mask_sizes(1)


def held(layer: Any) -> int:
    """Return the bytes of all tensors that a layer holds, each storage once."""
    values = [*vars(layer).values(), *(vars(layer.prompts).values() if hasattr(layer, "prompts") else ())]
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in values if torch.is_tensor(t)}
    return sum(storages.values())


def test_a_prompt_is_held_once_for_all_of_its_samples() -> None:
    copied, shared = (held(Pair(1, shared=way).growing.layers[0]) for way in (False, True))
    token = 2 * 4 * SHARED * SIZE  # bytes of keys and values
    assert shared <= copied - (ROWS - PROMPTS) * PROMPT * token + 8 * ROWS


@pytest.mark.parametrize("shared", [False, True])
def test_rows_that_leave_take_their_memory_with_them(shared: bool) -> None:
    pair = Pair(BLOCK, shared=shared)
    pair.growing.batch_select_indices(torch.tensor([0]))
    assert held(pair.growing.layers[0]) <= 2 * 4 * SHARED * SIZE * (2 * BLOCK + PROMPT + 3)


def test_rows_that_do_not_share_grow_as_transformers_own() -> None:
    pair = Pair(BLOCK + 2, shared=False)
    pair.select(1, 2, 5)
    assert pair.keys.equal(pair.plain.layers[0].keys)
    pair.check()


def test_a_longer_query_gets_whole_rows() -> None:
    pair = Pair(5)
    pair.check(torch.ones(ROWS, 1, 3, PROMPT + 5, dtype=torch.bool).tril(PROMPT + 2), length=3)


def test_a_model_that_changes_keys_on_their_way_keeps_its_own_attention(
    tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepare(copy.deepcopy(tiny)).config._attn_implementation == ATTENTION
    monkeypatch.setattr(decoding, "with_room", _forgetful)
    assert prepare(copy.deepcopy(tiny)).config._attn_implementation == "sdpa"


def _forgetful(parts: Any, samples: int, *, shared: bool) -> Any:
    """A cache whose keys lose their prompts before attention sees them, as if the model had made others of them."""
    cache = with_room(parts, samples, shared=shared)
    for layer in cache.layers if shared else ():
        update = layer.update
        layer.update = lambda *args, update=update: tuple(states.clone() for states in update(*args))
    return cache
