"""The decoding loop: K samples of each prompt of a batch, all in step, until each has ended.

    new_ids = decode(model, prompts, samples=5, uniform_BT=..., ends={1}, draw=draw, limits=[240, 240])

Each prompt is computed once for its K samples, and samples that have ended leave the batch.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from itertl.sampling.draw import Draw
from itertl.sampling.growing_cache import ATTENTION, can_join, with_room
from itertl.sampling.nucleus import choose

LOOK_EVERY = 8  # tokens between two looks for a text that ends a sample
READ_TOKENS = 4096  # tokens of prompts, padding included, that are computed in one pass: bounds its activations
SHRINK = 0.9  # a batch is compacted when at most this share of its rows still grows
EXACT, COARSE = 1e-3, 0.1  # of logits, relative to the largest: tells wrong from rounded, in float32 and fewer bits


def prepare(model: Any) -> Any:
    """Return `model`, ready to decode: on a CPU with attention that reads prompts once for all of their samples.

    A model whose own code does not get along with that keeps its attention.
    """
    if next(model.parameters()).device.type == "cpu" and model.config._attn_implementation == "sdpa":
        model.set_attn_implementation(ATTENTION)
        if not _continues(model):
            model.set_attn_implementation("sdpa")
    return model


def decode(
    model: Any,
    prompts: Sequence[list[int]],
    samples: int,
    uniform_BT: Tensor,
    ends: Container[int],
    draw: Draw,
    ended: Callable[[list[int]], bool] | None = None,
    limits: Sequence[int] | None = None,
    told: Callable[[int, float], None] = lambda tokens, share: None,
) -> list[list[int]]:
    """Continue each prompt `samples` times until an id of `ends` or its limit; return all new ids.

    `limits` are new tokens per prompt, at most, and by themselves, the width of `uniform_BT`. `ended` tells of the ids
    of a sample, every LOOK_EVERY tokens, whether it can end before that. `told` hears as often of the tokens drawn
    since, and which share of the batch's tokens is probably drawn.
    """
    longest = min(uniform_BT.shape[1], max(limits)) if limits else uniform_BT.shape[1]
    limit_B = [limit for limit in limits or [longest] * len(prompts) for _ in range(samples)]
    cache, logits_BV, mask_BT = _read_prompts(model, prompts, samples)
    outputs: list[list[int]] = [[] for _ in limit_B]
    rows, complete = torch.arange(len(outputs)), set[int]()
    drawn, heard, growing = 0, 0, list(range(len(outputs)))
    for t in range(longest):
        token_B = choose(logits_BV, uniform_BT[rows, t].to(logits_BV.device), draw.temperature, draw.top_p)
        for row, token in zip(rows.tolist(), token_B.tolist(), strict=True):
            if row not in complete:
                outputs[row].append(token)
                look = ended and t % LOOK_EVERY == LOOK_EVERY - 1
                if token in ends or t + 1 >= limit_B[row] or (look and ended and ended(outputs[row])):
                    complete.add(row)
        drawn += len(growing)
        growing = [b for b, row in enumerate(rows.tolist()) if row not in complete]
        if t % LOOK_EVERY == LOOK_EVERY - 1:
            told(drawn - heard, _share(drawn, len(complete), len(growing), longest - t - 1))
            heard = drawn
        if not growing or t + 1 == longest:
            break
        if len(growing) <= SHRINK * len(rows):
            keep = torch.tensor(growing)
            rows, token_B, mask_BT = rows[keep], token_B[keep], mask_BT[keep]
            cache.batch_select_indices(keep.to(token_B.device))
        cache, logits_BV, mask_BT = _step(model, token_B, mask_BT, cache)
    told(drawn - heard, 1.0)
    return outputs


def _share(drawn: int, complete: int, growing: int, left: int) -> float:
    """Return the share of all tokens that is `drawn`, if each is as likely to be the last of its sample.

    At most `left` more are drawn of each of the samples that grow.
    """
    expected = growing * min(left, drawn / complete if complete else left)
    return drawn / (drawn + expected)


def _step(model: Any, token_B: Tensor, mask_BT: Tensor, cache: Any) -> tuple[Any, Tensor, Tensor]:
    """Read one more token a row; return cache, logits of the next token [B, V] and mask [B, T], as `_read_prompts`."""
    position_B = mask_BT.sum(1)
    mask_BT = torch.cat([mask_BT, torch.ones_like(mask_BT[:, :1])], dim=1)
    out = model(
        input_ids=token_B[:, None],
        attention_mask=mask_BT,
        position_ids=position_B[:, None],
        past_key_values=cache,
        use_cache=True,
    )
    return out.past_key_values, out.logits[:, -1], mask_BT


def _continues(model: Any) -> bool:
    """Return True if the model continues prompts that are shared as it continues whole rows: two tokens, four rows.

    A row leaves after the first, and the other prompt has one sample left.
    """
    prompts, tokens, kept = [[3, 2, 1, 2], [2, 1]], torch.tensor([1, 2, 3, 1]), torch.tensor([0, 1, 3])
    device = next(model.parameters()).device
    try:
        with torch.inference_mode():
            cache, _, mask_BT = _read_prompts(model, prompts, 2)
            for step in range(2):
                if step:
                    cache.batch_select_indices(kept.to(device))
                    tokens, mask_BT = tokens[kept], mask_BT[kept]
                cache, found_BV, mask_BT = _step(model, tokens.to(device), mask_BT, cache)
            rows = [prompts[row // 2] + [int(token)] * 2 for row, token in zip(kept.tolist(), tokens, strict=True)]
            whole = [model(input_ids=torch.tensor([row], device=device)).logits[0, -1] for row in rows]
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError):  # whatever its code makes of them
        return False
    wanted_BV = torch.stack(whole).float()
    tolerance = EXACT if model.dtype == torch.float32 else COARSE
    return bool((found_BV.float() - wanted_BV).abs().max() <= tolerance * wanted_BV.abs().max())


def _read_prompts(model: Any, prompts: Sequence[list[int]], samples: int) -> tuple[Any, Tensor, Tensor]:
    """Return the cache, the logits of the first new token [B, V] and the mask [B, T], each prompt repeated."""
    device = next(model.parameters()).device
    width = max(len(prompt) for prompt in prompts)
    mask_PT = torch.zeros(len(prompts), width, dtype=torch.long)
    for p, prompt in enumerate(prompts):  # padded on the left, so that all rows continue at one place
        mask_PT[p, width - len(prompt) :] = 1
    caches, logits = [], []
    for part in _parts([len(prompt) for prompt in prompts]) if can_join(model.config) else [slice(None)]:
        longest = max(len(prompt) for prompt in prompts[part])
        some_PT = mask_PT[part, width - longest :]
        ids_PT = torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts[part]])
        out = model(
            input_ids=ids_PT.to(device),
            attention_mask=some_PT.to(device),
            position_ids=(some_PT.cumsum(1) - 1).clamp(min=0).to(device),
            use_cache=True,
            logits_to_keep=1,
        )
        caches.append(out.past_key_values)
        logits.append(out.logits[:, -1])
    logits_BV = torch.cat(logits).repeat_interleave(samples, 0)
    shared = model.config._attn_implementation == ATTENTION and can_join(model.config)
    return with_room(caches, samples, shared=shared), logits_BV, mask_PT.repeat_interleave(samples, 0).to(device)


def _parts(lengths: Sequence[int]) -> Iterator[slice]:
    """Yield the prompts that are read in one pass, in their order: READ_TOKENS with their padding, or a single one."""
    start, longest = 0, 0
    for p, length in enumerate(lengths):
        longest = max(longest, length)
        if p > start and (p + 1 - start) * longest > READ_TOKENS:
            yield slice(start, p)
            start, longest = p, length
    yield slice(start, len(lengths))
