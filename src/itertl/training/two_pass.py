r"""Exact gradients of a group objective at a memory that does not grow with the number of candidates.

    1. S = log-probabilities of all sequences, without a graph, micro-batch by micro-batch
    2. c_k = d objective / d S_k                                  a few scalars per group
    3. for each micro-batch: (c * S).sum().backward()             graph of one micro-batch only

The gradient equals that of the one-pass loss because an objective sees the model only through S. The first pass is
skipped where the coefficients do not depend on S (`constant`).

A row packs one prompt and several targets that continue it: a target attends to the prompt and to itself, and its
positions start behind the prompt, so that the prompt is computed once per row. Masks follow from lengths, never from
token values. Dropout must be off.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

LOGIT_CHUNK = 4096  # target tokens whose [tokens, V] logits exist at one time
ROW_TOKENS = 640  # longest row that several targets share; attention grows with its square


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


Objective = Callable[[int, Tensor], Tensor]  # (index of the example, S of its targets) -> scalar to be summed


def plan_rows(examples: Sequence[Example], wanted: Sequence[Sequence[int]], *, share: bool) -> list[Row]:
    """Distribute the `wanted` targets of each example over rows; one target per row where `share` is False."""
    rows = []
    for index, (example, targets) in enumerate(zip(examples, wanted, strict=True)):
        part: list[int] = []
        length = len(example.prompt)
        for target in sorted(targets, key=lambda k: len(example.targets[k])):
            size = len(example.targets[target])
            if part and (not share or length + size > ROW_TOKENS):
                rows.append(Row(index, part, length))
                part, length = [], len(example.prompt)
            part.append(target)
            length += size
        if part:
            rows.append(Row(index, part, length))
    return rows


def micro_batches(rows: Sequence[Row], tokens: int) -> Iterator[list[Row]]:
    """Yield the rows, longest first, in batches of at most `tokens` padded tokens (always at least one row)."""
    batch: list[Row] = []
    for row in sorted(rows, key=lambda r: -r.length):
        if batch and (len(batch) + 1) * batch[0].length > tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def row_logps(model: Any, examples: Sequence[Example], rows: Sequence[Row]) -> Tensor:
    """Return S of every target of `rows`, row by row, as one float32 vector [targets]."""
    device = next(model.parameters()).device
    layout = _lay_out(examples, rows)
    packed = {
        "position_ids": layout.position_BT.to(device),
        "attention_mask": _packed_mask(layout.segment_BT).to(device),
    }
    shared = any(len(row.targets) > 1 for row in rows)
    hidden_BTD = model.base_model(input_ids=layout.ids_BT.to(device), use_cache=False, **(packed if shared else {}))[0]
    hidden_ND = hidden_BTD.flatten(0, 1)[layout.source_N.to(device)]
    logp_N = _token_logps(model.get_output_embeddings(), hidden_ND, layout.label_N.to(device))
    zeros = torch.zeros(sum(len(row.targets) for row in rows), device=device)
    return zeros.index_add(0, layout.owner_N.to(device), logp_N)


def two_pass_backward(
    model: Any,
    examples: Sequence[Example],
    objective: Objective,
    *,
    micro_batch: int,
    constant: bool = False,
    share_prompt: bool = True,
) -> tuple[float, list[Tensor]]:
    """Accumulate the gradient of sum_g objective(g, S_g) in the parameters; return that sum and S per example.

    `micro_batch` is the number of padded tokens per forward pass. The returned S come from the first pass; where
    `constant` skips it, from the second. A target whose coefficient is 0 costs no backward pass.
    """
    everything = [list(range(len(example.targets))) for example in examples]
    if constant:
        logps = [torch.zeros(len(example.targets)) for example in examples]
    else:
        with torch.no_grad():
            logps = _all_logps(model, examples, everything, micro_batch, share_prompt)
    coefficients, total = _coefficients(objective, logps)
    needed = [[k for k in range(len(c)) if c[k] != 0] for c in coefficients]
    for batch in micro_batches(plan_rows(examples, needed, share=share_prompt), micro_batch):
        logp_C = row_logps(model, examples, batch)
        weight_C = torch.stack([coefficients[row.example][k] for row in batch for k in row.targets])
        (weight_C.to(logp_C.device) * logp_C).sum().backward()  # type: ignore[no-untyped-call]
        if constant:
            _store(logps, batch, logp_C.detach().cpu())
    if constant:
        with torch.no_grad():
            total = float(sum(objective(g, logp) for g, logp in enumerate(logps)))
    return total, logps


def one_pass_backward(model: Any, examples: Sequence[Example], objective: Objective) -> float:
    """The same gradient with the graph of all sequences at once: the yardstick for tests and benchmarks."""
    rows = plan_rows(examples, [list(range(len(example.targets))) for example in examples], share=False)
    logp_C = row_logps(model, examples, rows)
    loss = logp_C.sum() * 0.0
    for g, example in enumerate(examples):
        own = {row.targets[0]: c for c, row in enumerate(rows) if row.example == g}
        loss = loss + objective(g, torch.stack([logp_C[own[k]] for k in range(len(example.targets))]))
    loss.backward()  # type: ignore[no-untyped-call]
    return float(loss.detach())


@dataclass(frozen=True)
class _Layout:
    """A padded batch of rows: B rows of T positions, N target tokens in all."""

    ids_BT: Tensor
    position_BT: Tensor
    segment_BT: Tensor  # 0 in the prompt, k in the k-th target, -1 in padding
    source_N: Tensor  # flat index of the position that predicts each target token
    label_N: Tensor
    owner_N: Tensor  # which target of the batch the token belongs to


def _lay_out(examples: Sequence[Example], rows: Sequence[Row]) -> _Layout:
    width = max(row.length for row in rows)
    ids_BT = torch.zeros(len(rows), width, dtype=torch.long)
    position_BT = torch.zeros(len(rows), width, dtype=torch.long)
    segment_BT = torch.full((len(rows), width), -1)
    source: list[int] = []
    label: list[int] = []
    owner: list[int] = []
    number = 0
    for b, row in enumerate(rows):
        prompt = examples[row.example].prompt
        parts = [prompt, *(examples[row.example].targets[k] for k in row.targets)]
        start = 0
        for segment, part in enumerate(parts):
            end = start + len(part)
            first = len(prompt) if segment else 0
            ids_BT[b, start:end] = torch.tensor(part)
            position_BT[b, start:end] = torch.arange(first, first + len(part))
            segment_BT[b, start:end] = segment
            if segment:
                source += [b * width + len(prompt) - 1, *range(b * width + start, b * width + end - 1)]
                label += part
                owner += [number] * len(part)
                number += 1
            start = end
    return _Layout(ids_BT, position_BT, segment_BT, torch.tensor(source), torch.tensor(label), torch.tensor(owner))


def _packed_mask(segment_BT: Tensor) -> Tensor:
    """Return the boolean attention mask [B, 1, T, T]: causal, and within the prompt (segment 0) or one's own target."""
    size = segment_BT.shape[1]
    causal_TT = torch.ones(size, size, dtype=torch.bool).tril()
    prompt_B1T = segment_BT[:, None, :] == 0
    own_BTT = segment_BT[:, None, :] == segment_BT[:, :, None]
    return ((prompt_B1T | own_BTT) & causal_TT)[:, None]


def _token_logps(head: Any, hidden_ND: Tensor, label_N: Tensor) -> Tensor:
    """Return log p(label) for each hidden state, float32 [N], without logits of all tokens in memory at once."""

    def chunk_logps(hidden: Tensor, label: Tensor) -> Tensor:
        return -torch.nn.functional.cross_entropy(head(hidden).float(), label, reduction="none")

    parts = zip(torch.split(hidden_ND, LOGIT_CHUNK), torch.split(label_N, LOGIT_CHUNK), strict=True)
    if len(hidden_ND) <= LOGIT_CHUNK or not torch.is_grad_enabled():
        return torch.cat([chunk_logps(hidden, label) for hidden, label in parts])
    return torch.cat([checkpoint(chunk_logps, hidden, label, use_reentrant=False) for hidden, label in parts])


def _all_logps(
    model: Any, examples: Sequence[Example], wanted: Sequence[Sequence[int]], micro_batch: int, share: bool
) -> list[Tensor]:
    logps = [torch.zeros(len(example.targets)) for example in examples]
    for batch in micro_batches(plan_rows(examples, wanted, share=share), micro_batch):
        _store(logps, batch, row_logps(model, examples, batch).cpu())
    return logps


def _store(logps: list[Tensor], batch: Sequence[Row], logp_C: Tensor) -> None:
    places = [(row.example, k) for row in batch for k in row.targets]
    for (example, k), value in zip(places, logp_C, strict=True):
        logps[example][k] = value


def _coefficients(objective: Objective, logps: Sequence[Tensor]) -> tuple[list[Tensor], float]:
    leaves = [logp.clone().requires_grad_() for logp in logps]
    total = sum((objective(g, leaf) for g, leaf in enumerate(leaves)), start=torch.zeros(()))
    gradients = torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)
    return list(gradients), float(total.detach())
