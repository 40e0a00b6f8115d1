"""Sampling with transformers in this process: batched, with one random stream per sample.

The uniform numbers of a sample follow from (run, iteration, task, index) alone, and batches have a fixed composition,
so an interrupted job continues with the samples that an undisturbed one would have drawn. Prompts of similar length
share a batch, finished samples leave it, and each prompt is computed once for its K samples.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from itertl.progress import progress
from itertl.records import Candidate, Task
from itertl.sampling.candidate import cut, drawn_before, make_candidate, sample_seed
from itertl.sampling.checks import GREEDY_TOKENS, Expected
from itertl.sampling.draw import Draw
from itertl.sampling.growing_cache import with_room
from itertl.sampling.prompt import encode_prompt, prompt_renderer
from itertl.training.architectures import refuse_sampling, sampling_context
from itertl.training.models import arithmetic, end_ids, load_policy, policy_digest

NUCLEUS_WIDTH = 64  # tokens that are looked at before all of them are sorted
LOOK_EVERY = 8  # tokens between two looks for a text that ends a sample
SHRINK = 0.9  # a batch is compacted when at most this share of its rows still grows


def sample(policy: Path, tasks: Sequence[Task], draw: Draw, *, done: Iterable[Candidate] = ()) -> Iterator[Candidate]:
    """Yield `draw.samples` candidates for each task, batch by batch; those in `done` are not yielded again.

    A batch of which some samples are missing is drawn again as a whole, and only what is missing is yielded.
    """
    digest = policy_digest(policy)
    known = drawn_before(done, digest)
    reduced = torch.cuda.is_available() and draw.dtype != "float32"  # else every step would convert all weights again
    model, tokenizer = load_policy(policy, dtype=torch.bfloat16 if reduced else torch.float32)
    refuse_sampling(model)
    render = prompt_renderer(tokenizer, draw.template, draw.chat, draw.system, draw.begin)
    prompts = {task.id: render(task) for task in tasks}
    work = sum(map(len, prompts.values()))  # characters: longer prompts have longer answers, and come later
    with progress(f"sampling, {draw.stream}", len(tasks) * draw.samples, work) as advance:
        advance.found(len(known), 0)
        for batch in _batches(tasks, prompts, tokenizer, draw):
            missing = [(t, i) for t in batch for i in range(draw.samples) if (t.id, i) not in known]
            part = sum(len(prompts[task.id]) for task in batch)
            if not missing:
                advance.found(0, part)
                continue
            drawn = _draw_batch(model, tokenizer, batch, [prompts[task.id] for task in batch], draw, digest)
            for candidate in drawn:
                if (candidate.task_id, candidate.index) not in known:
                    yield candidate
            advance(len(missing), tokens=sum(len(tokenizer.encode(c.completion)) for c in drawn), work=part)


def choose(logits_BV: Tensor, uniform_B: Tensor, temperature: float, top_p: float) -> Tensor:
    """Return one token per row, int64 [B]: by inverse transform within the nucleus, or the largest at temperature 0.

    The nucleus is the smallest set of largest tokens whose probability reaches `top_p` (Holtzman et al. 2020).
    """
    if temperature == 0:
        return logits_BV.argmax(dim=-1)
    probability_BV = torch.softmax(logits_BV.float() / temperature, dim=-1)
    width = min(NUCLEUS_WIDTH, probability_BV.shape[-1])
    largest_BW, token_BW = probability_BV.topk(width, dim=-1)
    if bool((largest_BW.sum(dim=-1) < top_p).any()):  # some nucleus is wider
        largest_BW, token_BW = probability_BV.sort(dim=-1, descending=True)
    total_BW = largest_BW.cumsum(dim=-1)
    kept_BW = (total_BW - largest_BW) < top_p
    mass_B = (largest_BW * kept_BW).sum(dim=-1)
    place_B = torch.searchsorted(total_BW, (uniform_B * mass_B)[:, None], right=True)[:, 0]
    place_B = torch.minimum(place_B, kept_BW.sum(dim=-1) - 1)
    return token_BW.gather(1, place_B[:, None])[:, 0]


def expect_greedy(policy: Path, prompts: Sequence[str], draw: Draw) -> list[Expected]:
    """Return how the policy continues each prompt at temperature 0, with the lead of each token it takes."""
    model, tokenizer = load_policy(policy)
    greedy, found = replace(draw, temperature=0.0, top_p=1.0), []
    for prompt in prompts:
        ids = encode_prompt(tokenizer, prompt)
        with torch.inference_mode(), arithmetic(_decode_dtype(model, draw.dtype)):
            (new,) = decode(model, [ids], 1, torch.zeros(1, GREEDY_TOKENS), end_ids(model, tokenizer), greedy)
            whole = torch.tensor([ids + new[:-1]], device=model.device)
            logits_TV = model(input_ids=whole).logits[0, len(ids) - 1 :].float()
        top_T2 = logits_TV.topk(2, dim=-1).values
        texts = tuple(tokenizer.decode(new[: i + 1], skip_special_tokens=True) for i in range(len(new)))
        found.append(Expected(prompt, texts, tuple((top_T2[:, 0] - top_T2[:, 1]).tolist())))
    return found


def _batches(tasks: Sequence[Task], prompts: Mapping[str, str], tokenizer: Any, draw: Draw) -> list[list[Task]]:
    lengths = {task.id: len(encode_prompt(tokenizer, prompts[task.id])) for task in tasks}
    size = max(1, draw.batch_size // draw.samples)
    ordered = sorted(tasks, key=lambda task: (lengths[task.id], task.id))
    return [ordered[i : i + size] for i in range(0, len(ordered), size)]


def _draw_batch(
    model: Any, tokenizer: Any, tasks: Sequence[Task], prompts: Sequence[str], draw: Draw, policy: str
) -> list[Candidate]:
    seeds = [sample_seed(draw.seed, draw.stream, task.id, i) for task in tasks for i in range(draw.samples)]
    uniform_BT = torch.from_numpy(
        np.stack([np.random.default_rng(seed).random(draw.max_new_tokens, dtype=np.float32) for seed in seeds])
    )
    ids = [encode_prompt(tokenizer, prompt) for prompt in prompts]
    context = sampling_context(model)
    short = [p for p, prompt in enumerate(ids) if len(prompt) < context]  # the others leave no room for an answer
    outputs: list[list[int]] = [[] for _ in seeds]
    ends = end_ids(model, tokenizer)
    if short:
        rows = torch.tensor([p * draw.samples + i for p in short for i in range(draw.samples)])
        limit = min(draw.max_new_tokens, context - max(len(ids[p]) for p in short))
        with torch.inference_mode(), arithmetic(_decode_dtype(model, draw.dtype)):
            stopped = _stop_finder(tokenizer, draw.stop) if draw.stop else None
            drawn = decode(model, [ids[p] for p in short], draw.samples, uniform_BT[rows, :limit], ends, draw, stopped)
        for row, tokens in zip(rows.tolist(), drawn, strict=True):
            outputs[row] = tokens
    candidates = []
    for b, tokens in enumerate(outputs):
        task, index, prompt = tasks[b // draw.samples], b % draw.samples, prompts[b // draw.samples]
        ended = bool(tokens) and tokens[-1] in ends
        completion = tokenizer.decode(tokens[:-1] if ended else tokens, skip_special_tokens=True)
        candidates.append(make_candidate(task, index, draw, policy, prompt, completion, ended=ended))
    return candidates


def _decode_dtype(model: Any, dtype: str) -> str:
    """On a CPU decoding waits for memory, and converting to bfloat16 costs more than it saves."""
    return "float32" if dtype == "auto" and model.device.type == "cpu" else dtype


def _stop_finder(tokenizer: Any, stops: Sequence[str]) -> Callable[[list[int]], bool]:
    """Return what tells whether a sample holds one of `stops` near its end; what follows the stop is cut later."""
    reach = LOOK_EVERY + max(len(stop.encode()) for stop in stops)  # tokens: none is shorter than a byte
    return lambda ids: cut(tokenizer.decode(ids[-reach:], skip_special_tokens=True), stops)[1]


def decode(
    model: Any,
    prompts: Sequence[list[int]],
    samples: int,
    uniform_BT: Tensor,
    ends: Container[int],
    draw: Draw,
    ended: Callable[[list[int]], bool] | None = None,
) -> list[list[int]]:
    """Continue each prompt `samples` times until an id of `ends` or the width of `uniform_BT`; return all new ids.

    `ended` tells of the ids of a sample, every LOOK_EVERY tokens, whether it can end before that.
    """
    device = next(model.parameters()).device
    width = max(len(prompt) for prompt in prompts)
    ids_PT = torch.zeros(len(prompts), width, dtype=torch.long)
    mask_PT = torch.zeros(len(prompts), width, dtype=torch.long)
    for p, prompt in enumerate(prompts):  # padded on the left, so that all rows continue at one place
        ids_PT[p, width - len(prompt) :] = torch.tensor(prompt)
        mask_PT[p, width - len(prompt) :] = 1
    position_PT = (mask_PT.cumsum(1) - 1).clamp(min=0)
    out = model(
        input_ids=ids_PT.to(device),
        attention_mask=mask_PT.to(device),
        position_ids=position_PT.to(device),
        use_cache=True,
        logits_to_keep=1,
    )
    cache = out.past_key_values
    cache.batch_repeat_interleave(samples)
    cache = with_room(cache)
    logits_BV = out.logits[:, -1].repeat_interleave(samples, 0)
    mask_BT = mask_PT.repeat_interleave(samples, 0).to(device)
    position_B = mask_BT.sum(1)
    outputs: list[list[int]] = [[] for _ in range(len(mask_BT))]
    rows, complete = torch.arange(len(mask_BT)), set[int]()
    for t in range(uniform_BT.shape[1]):
        token_B = choose(logits_BV, uniform_BT[rows, t].to(device), draw.temperature, draw.top_p)
        for row, token in zip(rows.tolist(), token_B.tolist(), strict=True):
            if row not in complete:
                outputs[row].append(token)
                if token in ends or (ended and t % LOOK_EVERY == LOOK_EVERY - 1 and ended(outputs[row])):
                    complete.add(row)
        growing = [b for b, row in enumerate(rows.tolist()) if row not in complete]
        if not growing or t + 1 == uniform_BT.shape[1]:
            break
        if len(growing) <= SHRINK * len(rows):
            keep = torch.tensor(growing)
            rows, token_B, mask_BT, position_B = rows[keep], token_B[keep], mask_BT[keep], position_B[keep]
            cache.batch_select_indices(keep.to(device))
        mask_BT = torch.cat([mask_BT, torch.ones_like(mask_BT[:, :1])], dim=1)
        out = model(
            input_ids=token_B[:, None],
            attention_mask=mask_BT,
            position_ids=position_B[:, None],
            past_key_values=cache,
            use_cache=True,
        )
        cache, logits_BV, position_B = out.past_key_values, out.logits[:, -1], position_B + 1
    return outputs
