"""Sampling with transformers in this process: batched, with one random stream per sample.

The uniform numbers of a sample follow from (run, iteration, task, index) alone, and batches have a fixed composition,
so an interrupted job continues with the samples that an undisturbed one would have drawn. Prompts of similar length
share a batch, finished samples leave it, and each prompt is computed once for its K samples.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from itertl.machine.device import give_back_memory
from itertl.policy.architectures import refuse_sampling, sampling_context
from itertl.policy.folder import policy_digest
from itertl.policy.load import load_policy
from itertl.policy.prompt import encode_prompt, prompt_renderer
from itertl.policy.weights import end_ids, load_shape
from itertl.progress import Advance, progress
from itertl.records import Candidate, Task
from itertl.sampling.candidate import cut, drawn_before, make_candidate, sample_seed
from itertl.sampling.checks import GREEDY_TOKENS, Expected
from itertl.sampling.decode import LOOK_EVERY, decode, prepare
from itertl.sampling.draw import Draw
from itertl.sampling.precision import decoding_dtype


def sample(policy: Path, tasks: Sequence[Task], draw: Draw, *, done: Iterable[Candidate] = ()) -> Iterator[Candidate]:
    """Yield `draw.samples` candidates for each task, batch by batch; those in `done` are not yielded again.

    A batch of which some samples are missing is drawn again as a whole, and only what is missing is yielded.
    """
    digest = policy_digest(policy)
    known = drawn_before(done, digest)
    model, tokenizer = _load(policy, draw.dtype)
    refuse_sampling(model)
    render = prompt_renderer(tokenizer, draw.template, draw.chat, draw.system, draw.begin)
    prompts = {task.id: render(task) for task in tasks}
    title = f"sampling, {draw.stream}, in {str(model.dtype).removeprefix('torch.')}"
    work = sum(map(len, prompts.values()))  # characters: longer prompts have longer answers, and come later
    with progress(title, len(tasks) * draw.samples, work, unit="samples") as advance:
        advance.found(len(known), 0)
        for batch in _batches(tasks, prompts, tokenizer, draw):
            missing = [(t, i) for t in batch for i in range(draw.samples) if (t.id, i) not in known]
            part = sum(len(prompts[task.id]) for task in batch)
            if not missing:
                advance.found(0, part)
                continue
            under_way = _UnderWay(advance, part)
            drawn = _draw_batch(model, tokenizer, batch, [prompts[task.id] for task in batch], draw, digest, under_way)
            for candidate in drawn:
                if (candidate.task_id, candidate.index) not in known:
                    yield candidate
            advance(len(missing), work=part - under_way.told)
            give_back_memory()
    del model
    give_back_memory()


@dataclass
class _UnderWay:
    """Tells of a batch of `work` while it is drawn: of tokens and of work, and not yet of samples."""

    advance: Advance
    work: float
    told: float = 0.0

    def __call__(self, tokens: int, share: float) -> None:
        more = max(0.0, share * self.work - self.told)
        self.told += more
        self.advance(0, tokens=tokens, work=more)


def expect_greedy(policy: Path, prompts: Sequence[str], draw: Draw) -> list[Expected]:
    """Return how the policy continues each prompt at temperature 0, with the lead of each token it takes."""
    model, tokenizer = _load(policy, draw.dtype)
    greedy, found = replace(draw, temperature=0.0, top_p=1.0), []
    for prompt in prompts:
        ids = encode_prompt(tokenizer, prompt)
        with torch.inference_mode():
            (new,) = decode(model, [ids], 1, torch.zeros(1, GREEDY_TOKENS), end_ids(model, tokenizer), greedy)
            whole = torch.tensor([ids + new[:-1]], device=model.device)
            logits_TV = model(input_ids=whole).logits[0, len(ids) - 1 :].float()
        top_T2 = logits_TV.topk(2, dim=-1).values
        texts = tuple(tokenizer.decode(new[: i + 1], skip_special_tokens=True) for i in range(len(new)))
        found.append(Expected(prompt, texts, tuple((top_T2[:, 0] - top_T2[:, 1]).tolist())))
    return found


def _load(policy: Path, dtype: str) -> tuple[Any, Any]:
    width = getattr(load_shape(policy).get_text_config(), "hidden_size", 0)
    model, tokenizer = load_policy(policy, dtype=decoding_dtype(width, dtype))
    return prepare(model), tokenizer


def _batches(tasks: Sequence[Task], prompts: Mapping[str, str], tokenizer: Any, draw: Draw) -> list[list[Task]]:
    lengths = {task.id: len(encode_prompt(tokenizer, prompts[task.id])) for task in tasks}
    size = max(1, draw.batch_size // draw.samples)
    ordered = sorted(tasks, key=lambda task: (lengths[task.id], task.id))
    return [ordered[i : i + size] for i in range(0, len(ordered), size)]


def _draw_batch(
    model: Any,
    tokenizer: Any,
    tasks: Sequence[Task],
    prompts: Sequence[str],
    draw: Draw,
    policy: str,
    told: Callable[[int, float], None],
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
        limits = [min(draw.max_new_tokens, context - len(ids[p])) for p in short]
        stopped = _stop_finder(tokenizer, draw.stop) if draw.stop else None
        with torch.inference_mode():
            some = [ids[p] for p in short]
            drawn = decode(model, some, draw.samples, uniform_BT[rows], ends, draw, stopped, limits, told)
        for row, tokens in zip(rows.tolist(), drawn, strict=True):
            outputs[row] = tokens
    candidates = []
    for b, tokens in enumerate(outputs):
        task, index, prompt = tasks[b // draw.samples], b % draw.samples, prompts[b // draw.samples]
        ended = bool(tokens) and tokens[-1] in ends
        completion = tokenizer.decode(tokens[:-1] if ended else tokens, skip_special_tokens=True)
        candidates.append(make_candidate(task, index, draw, policy, prompt, completion, ended=ended))
    return candidates


def _stop_finder(tokenizer: Any, stops: Sequence[str]) -> Callable[[list[int]], bool]:
    """Return what tells whether a sample holds one of `stops` near its end; what follows the stop is cut later."""
    reach = LOOK_EVERY + max(len(stop.encode()) for stop in stops)  # tokens: none is shorter than a byte
    return lambda ids: cut(tokenizer.decode(ids[-reach:], skip_special_tokens=True), stops)[1]
