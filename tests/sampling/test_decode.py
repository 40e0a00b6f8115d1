"""The decoding loop: equal to what transformers itself generates, whatever leaves the batch on the way."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from itertl.sampling import Draw
from itertl.sampling.decode import decode, prepare

DRAW = Draw(
    samples=1,
    temperature=1.0,
    top_p=0.95,
    max_new_tokens=16,
    batch_size=6,
    template="",
    dtype="float32",
    seed=7,
    stream="iteration 1",
)


@pytest.mark.parametrize("prepared", [False, True])
def test_greedy_decoding_equals_generate_for_prompts_of_different_length(tiny: Any, prepared: bool) -> None:
    model = prepare(copy.deepcopy(tiny)) if prepared else tiny
    prompts = [[0, 5, 6, 7, 8, 9, 10], [0, 20, 21], [0, 300]]
    found = decode(model, prompts, 1, torch.zeros(3, 16), ends={1}, draw=replace(DRAW, temperature=0.0))
    for prompt, tokens in zip(prompts, found, strict=True):
        whole = tiny.generate(
            torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
            max_new_tokens=16,
            do_sample=False,
            eos_token_id=1,
            pad_token_id=1,
        )
        assert tokens == whole[0, len(prompt) :].tolist()


@pytest.mark.parametrize("prepared", [False, True])
def test_prompts_that_are_read_in_several_passes_give_the_same_tokens(
    tiny: Any, prepared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = prepare(copy.deepcopy(tiny)) if prepared else tiny
    prompts = [[0, *range(5, 5 + length)] for length in (1, 3, 2, 12, 7, 30)]
    uniform = torch.from_numpy(np.random.default_rng(0).random((12, 20), dtype=np.float32))
    together = decode(model, prompts, 2, uniform, ends=(), draw=DRAW)
    widths: list[tuple[int, ...]] = []
    hook = model.register_forward_pre_hook(
        lambda _, args, given: widths.append(tuple(given["input_ids"].shape)), with_kwargs=True
    )
    monkeypatch.setattr("itertl.sampling.decode.READ_TOKENS", 16)
    assert decode(model, prompts, 2, uniform, ends=(), draw=DRAW) == together
    hook.remove()
    assert widths[:4] == [(3, 4), (1, 13), (1, 8), (1, 31)]  # no pass is wider than its own longest prompt


def test_each_prompt_ends_at_its_own_limit(tiny: Any) -> None:
    uniform = torch.from_numpy(np.random.default_rng(0).random((6, 30), dtype=np.float32))
    prompts = [[0, 5, 6, 7, 8, 9, 10], [0, 20, 21], [0, 300]]
    free = decode(tiny, prompts, 2, uniform, ends=(), draw=DRAW)
    found = decode(tiny, prompts, 2, uniform, ends=(), draw=DRAW, limits=[3, 20, 9])
    assert found == [row[:limit] for row, limit in zip(free, [3, 3, 20, 20, 9, 9], strict=True)]


def test_rows_that_end_early_do_not_disturb_the_others(tiny: Any) -> None:
    prompts = [[0, i, i + 1] for i in range(10, 60)]
    uniform = torch.from_numpy(np.random.default_rng(0).random((50, 30), dtype=np.float32))
    free = decode(tiny, prompts, 1, uniform, ends=(), draw=DRAW)
    common = max(range(400), key=lambda token: sum(token in row[:15] for row in free))
    stopped = decode(tiny, prompts, 1, uniform, ends={common}, draw=DRAW)
    ended = [row for row in stopped if row[-1] == common]
    assert 0 < len(ended) < 50
    for full, short in zip(free, stopped, strict=True):
        assert short == full[: len(short)]


def test_a_batch_under_way_tells_of_its_tokens_and_of_its_share(tiny: Any) -> None:
    heard: list[tuple[int, float]] = []
    uniform = torch.from_numpy(np.random.default_rng(3).random((24, 60), dtype=np.float32))
    ends = set(range(0, 300, 25))  # many tokens end a sample: lengths differ

    def told(tokens: int, share: float) -> None:
        heard.append((tokens, share))

    drawn = decode(tiny, [[0, 5, 6], [0, 7]], 12, uniform, ends, replace(DRAW, top_p=1.0), told=told)
    assert sum(tokens for tokens, _ in heard) == sum(map(len, drawn))
    assert len({len(tokens) for tokens in drawn}) > 5
    assert heard[-1][1] == 1.0
    done = np.cumsum([tokens for tokens, _ in heard]) / sum(map(len, drawn))
    assert len(done) > 3
    for share, (_, said) in zip(done, heard, strict=True):
        assert share / 2 < said < 2 * share
