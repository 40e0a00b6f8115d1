"""Which sequences share a forward pass: rows that pack a prompt with several targets, and micro-batches of rows.

In a packed row a target attends to the prompt and to itself, and its positions start behind the prompt, so that the
prompt is computed once for all of them. That saves tokens and costs attention, which grows with the square of the
row; targets share a row where `Cost` says that it pays. Masks follow from lengths, never from token values.

On a processor the rows of a batch stand end to end, as one row without padding in which attention sees where each
begins (`itertl.training.attention`). Elsewhere they are padded and sorted by length, and batches end where padding
would cost more than another forward pass. A sequence that is longer than the model's window, or than the context that
it was first trained with, has a row of its own, and batches of such rows only, which are padded.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from itertl.policy.architectures import reach, shares_rows

ATTENTION_FACTOR = 1.0  # of masked attention, beside a matrix product of as many multiplications: about 0.8 on CPUs
FULL = 1e9  # instead of LAUNCH, more than any padding costs: as few batches as there can be
LAUNCH = {False: 64.0, True: 400.0}  # tokens that a batch costs by itself on a processor, by bfloat16: as measured
LAUNCH_GPU = 2048.0  # an estimate


@dataclass(frozen=True)
class Example:
    """A tokenised group: the prompt's ids and the ids of each target that continues it (EOS last)."""

    prompt: list[int]
    targets: list[list[int]]


@dataclass(frozen=True)
class Row:
    """Part of an example in one row of a batch: the example's index and the indices of its targets."""

    example: int
    targets: list[int]
    length: int  # tokens: prompt and targets


@dataclass(frozen=True)
class Cost:
    """Relative time of a row of T tokens: T + quadratic * T^2. A `quadratic` of None forbids shared rows.

    `reach` is the longest sequence (prompt and target, in tokens) that may share a row or a batch of shorter ones.
    `launch` is the time of a batch beside that of its rows; None fills batches as far as they go.
    """

    quadratic: float | None
    reach: int | None = None
    launch: float | None = None

    def beyond(self, tokens: int) -> bool:
        """Return True for a sequence that is computed in another way than shorter ones are."""
        return self.reach is not None and tokens > self.reach

    def apart(self, row: Row) -> bool:
        """Return True for a row of one sequence beyond the reach: it shares no batch with others, and is padded."""
        return len(row.targets) == 1 and self.beyond(row.length)

    def __call__(self, tokens: int, *, packed: bool = False) -> float:
        """Return the time of a row in units of a token; causal attention without a mask skips half of the square."""
        return tokens + (self.quadratic or 0.0) * tokens * tokens * (1.0 if packed else 0.5)


def cost_of(model: Any, *, bfloat16: bool = False) -> Cost:
    """Return the cost of rows of a model: a token takes 2 P operations, a pair of tokens 4 x layers x width.

    In bfloat16 a batch converts all weights, and their gradients on the way back, which takes a processor as long as
    some hundred tokens.
    """
    config = model.config
    # not by the model's device: all processes must agree
    launch = LAUNCH_GPU if torch.cuda.is_available() else LAUNCH[bfloat16]
    if not shares_rows(model):
        return Cost(None, reach(config), launch)
    outside = {id(p) for m in (model.get_input_embeddings(), model.get_output_embeddings()) for p in m.parameters()}
    inner = sum(p.numel() for p in model.parameters() if id(p) not in outside)
    quadratic = ATTENTION_FACTOR * 2.0 * config.num_hidden_layers * config.hidden_size / max(1, inner)
    return Cost(quadratic, reach(config), launch)


def plan_rows(examples: Sequence[Example], wanted: Sequence[Sequence[int]], cost: Cost, tokens: int) -> list[Row]:
    """Distribute the `wanted` targets of each example over rows: shared where that is faster and fits `tokens`."""
    rows = []
    for index, (example, targets) in enumerate(zip(examples, wanted, strict=True)):
        prompt = len(example.prompt)
        part: list[int] = []
        length = prompt
        for target in sorted(targets, key=lambda k: len(example.targets[k])):
            size = len(example.targets[target])
            if part and not _pays(cost, prompt, length, size, len(part), tokens):
                rows.append(Row(index, part, length))
                part, length = [], prompt
            part.append(target)
            length += size
        if part:
            rows.append(Row(index, part, length))
    return rows


def _pays(cost: Cost, prompt: int, length: int, size: int, shared: int, tokens: int) -> bool:
    if cost.quadratic is None or length + size > tokens or cost.beyond(prompt + size):
        return False
    return cost(length + size, packed=True) < cost(length, packed=shared > 1) + cost(prompt + size)


def micro_batches(
    rows: Sequence[Row], tokens: int, cost: Cost, *, end_to_end: bool = False, together: bool = False
) -> list[list[Row]]:
    """Return the rows, packed ones apart and longest first, in batches of at most `tokens` tokens, padding included.

    A row that is longer stands alone. Rows that fit one batch all together share it if they are wanted `together`.
    Sequences beyond the reach of `cost` share no batch with others. Of rows `end_to_end` any may share a batch.
    """
    apart: dict[bool, list[Row]] = {False: [], True: []}
    for row in rows:
        apart[cost.apart(row)].append(row)
    if all(apart.values()):
        parts = apart.values()
        near, far = (micro_batches(part, tokens, cost, end_to_end=end_to_end, together=together) for part in parts)
        return near + far
    ordered = sorted(rows, key=lambda row: -row.length)
    if end_to_end and not apart[True]:
        return _filled(ordered, tokens)
    if together and rows and len(rows) * ordered[0].length <= tokens:
        return [ordered]
    batches: list[list[Row]] = []
    for packed in (True, False):
        batches += _parts([row for row in ordered if (len(row.targets) > 1) is packed], tokens, cost)
    return batches


def filling(batch: Sequence[Row], end_to_end: bool) -> int:
    """Return the tokens that a batch computes, padding included."""
    return sum(row.length for row in batch) if end_to_end else len(batch) * max(row.length for row in batch)


def _filled(rows: Sequence[Row], tokens: int) -> list[list[Row]]:
    """Return the rows, longest first, in few batches of about the same size, of at most `tokens` without padding.

    Each row goes to the batch that holds least; where one overflows that way, there is one batch more.
    """
    count = max(1, math.ceil(sum(row.length for row in rows) / max(1, tokens)))
    while True:
        batches: list[list[Row]] = [[] for _ in range(count)]
        held = [(0, number) for number in range(count)]  # a heap: tokens, batch
        for row in rows:
            least, number = held[0]
            heapq.heapreplace(held, (least + row.length, number))
            batches[number].append(row)
        if all(size <= tokens or len(batches[number]) == 1 for size, number in held):
            return [batch for batch in batches if batch]
        count += 1


def _parts(rows: Sequence[Row], tokens: int, cost: Cost) -> list[list[Row]]:
    """Return rows of one kind, longest first, in parts of at most `tokens` padded tokens that take the least time."""
    best, begins = [0.0], [0]
    for end in range(1, len(rows) + 1):
        times = {}
        for begin in range(end - 1, -1, -1):
            size, length = end - begin, rows[begin].length
            if size > 1 and size * length > tokens:
                break
            row = cost(length, packed=len(rows[begin].targets) > 1)
            times[begin] = best[begin] + (FULL if cost.launch is None else cost.launch) + size * row
        begins.append(min(times, key=lambda b: (times[b], b)))
        best.append(times[begins[-1]])
    parts, end = [], len(rows)
    while end:
        parts.append(list(rows[begins[end] : end]))
        end = begins[end]
    return parts[::-1]


@dataclass(frozen=True)
class Span:
    """A row of T tokens within a longer one, with a boolean mask [1, 1, T, T] where it is not just causal."""

    begin: int
    end: int
    mask: Tensor | None = None


@dataclass(frozen=True)
class Layout:
    """A batch as tensors: B rows of T positions, padded, or B = 1 of all rows end to end; N target tokens in all."""

    ids_BT: Tensor
    position_BT: Tensor
    segment_BT: Tensor  # 0 in the prompt, k in the k-th target, -1 in padding
    source_N: Tensor  # flat index of the position that predicts each target token
    label_N: Tensor
    owner_N: Tensor  # which target of the batch the token belongs to
    targets: int
    packed: bool
    spans: tuple[Span, ...] = ()  # of rows end to end, on a processor

    def to(self, device: torch.device) -> "Layout":
        """Return the same layout on `device`."""
        moved: dict[str, Any] = {k: v.to(device) for k, v in vars(self).items() if isinstance(v, Tensor)}
        return replace(self, **moved)


def lay_out(examples: Sequence[Example], rows: Sequence[Row], *, end_to_end: bool = False) -> Layout:
    """Return the tensors of a batch of rows, padded or `end_to_end`."""
    lengths = [row.length for row in rows]
    shape = (1, sum(lengths)) if end_to_end else (len(rows), max(lengths))
    begins = [sum(lengths[:b]) if end_to_end else b * max(lengths) for b in range(len(rows))]
    ids, position = torch.zeros(2, math.prod(shape), dtype=torch.long)
    segment = torch.full((math.prod(shape),), -1)
    source: list[int] = []
    label: list[int] = []
    owner: list[int] = []
    spans: list[Span] = []
    number = 0
    for begin, row in zip(begins, rows, strict=True):
        prompt = examples[row.example].prompt
        start = begin
        for place, part in enumerate([prompt, *(examples[row.example].targets[k] for k in row.targets)]):
            end = start + len(part)
            first = len(prompt) if place else 0
            ids[start:end] = torch.tensor(part)
            position[start:end] = torch.arange(first, first + len(part))
            segment[start:end] = place
            if place:
                source += [begin + len(prompt) - 1, *range(start, end - 1)]
                label += part
                owner += [number] * len(part)
                number += 1
            start = end
        if end_to_end:
            mask = packed_mask(segment[None, begin:start]) if len(row.targets) > 1 else None
            spans.append(Span(begin, start, mask))
    source_N, label_N, owner_N = (torch.tensor(values, dtype=torch.long) for values in (source, label, owner))
    packed = any(len(row.targets) > 1 for row in rows)
    ids_BT, position_BT, segment_BT = (flat.view(shape) for flat in (ids, position, segment))
    return Layout(ids_BT, position_BT, segment_BT, source_N, label_N, owner_N, number, packed, tuple(spans))


def packed_mask(segment_BT: Tensor) -> Tensor:
    """Return the boolean attention mask [B, 1, T, T]: causal, and within the prompt (segment 0) or one's own target."""
    size = segment_BT.shape[1]
    causal_TT = torch.ones(size, size, dtype=torch.bool, device=segment_BT.device).tril()
    prompt_B1T = segment_BT[:, None, :] == 0
    own_BTT = segment_BT[:, None, :] == segment_BT[:, :, None]
    return ((prompt_B1T | own_BTT) & causal_TT)[:, None]
