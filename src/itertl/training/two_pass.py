r"""Exact gradients of group objectives at a memory that does not grow with the number of candidates.

    1. S = log-probabilities of all sequences, without a graph, micro-batch by micro-batch
    2. c_k = d objective / d S_k                                  a few scalars per group
    3. for each micro-batch: (c * S).sum().backward()             graph of one micro-batch only

The gradient equals that of the one-pass loss because an objective sees the model only through S. Examples whose
coefficients do not depend on S skip the first pass, and the last micro-batch of the first pass keeps its graph, so
that it is not computed again.

Micro-batches are dealt out to the processes of `world`, turn by turn, which exchange S: a few numbers per group. All
processes take part in every turn, with a batch of coefficient 0 where nothing is left for one, since parameters may
be spread over them.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import ceil

import torch
from torch import Tensor

from itertl.training.distributed import ALONE, World, release
from itertl.training.rows import Cost, Example, Row, filling, micro_batches, plan_rows
from itertl.training.scorer import Scorer

Objective = Callable[[int, Tensor], Tensor]  # (index of the example, S of its targets) -> scalar to be summed
NOTHING = (Example([0], [[0]]), Row(0, [0], 2))  # what a process computes in a turn that has no batch for it


def two_pass_backward(
    scorer: Scorer,
    examples: Sequence[Example],
    objective: Objective,
    *,
    micro_batch: int,
    constant: Sequence[bool] | None = None,
    cost: Cost | None = None,
    world: World = ALONE,
) -> tuple[float, list[Tensor]]:
    """Accumulate the gradient of sum_g objective(g, S_g) in the parameters; return that sum and S per example.

    `micro_batch` is the number of tokens per forward pass, padding included. Of examples marked `constant`, S comes
    from the second pass, of the others from the first. A target whose coefficient is 0 costs no backward pass.
    """
    cost = cost or scorer.cost
    fixed = list(constant or [False] * len(examples))
    first = [[] if skip else list(range(len(e.targets))) for e, skip in zip(examples, fixed, strict=True)]
    deal = partial(_deal, tokens=micro_batch, processes=world.size, cost=cost, end_to_end=scorer.end_to_end)
    turns = deal(plan_rows(examples, first, cost, micro_batch), together=True)
    logps = [torch.zeros(len(example.targets)) for example in examples]
    held: Tensor | None = None
    for turn, batches in enumerate(turns):
        with torch.set_grad_enabled(turn == len(turns) - 1):
            held = _forward(scorer, examples, batches[world.rank])
        _store(logps, batches[world.rank], held)
    logps = _exchanged(logps, world)
    coefficients = _coefficients(objective, logps)
    done: set[tuple[int, int]] = set()
    if held is not None:
        _backward(coefficients, turns[-1][world.rank], held)
        done = {(row.example, k) for batch in turns[-1] for row in batch for k in row.targets}
    needed = [[k for k in range(len(c)) if c[k] != 0 and (g, k) not in done] for g, c in enumerate(coefficients)]
    late = [torch.zeros(len(example.targets)) for example in examples]
    for batches in deal(plan_rows(examples, needed, cost, micro_batch)):
        own = batches[world.rank]
        logp_C = _forward(scorer, examples, own)
        _store(late, own, logp_C)
        _backward(coefficients, own, logp_C)
    if any(fixed):
        late = _exchanged(late, world)
        logps = [new if skip else old for new, old, skip in zip(late, logps, fixed, strict=True)]
    with torch.no_grad():
        total = float(sum(objective(g, logp) for g, logp in enumerate(logps)))
    return total, logps


def all_logps(
    scorer: Scorer,
    examples: Sequence[Example],
    *,
    micro_batch: int,
    world: World = ALONE,
    told: Callable[[int], None] = lambda tokens: None,
) -> list[Tensor]:
    """Return S of every target of every example, float32, without a graph; `told` hears of tokens that are done."""
    everything = [list(range(len(example.targets))) for example in examples]
    logps = [torch.zeros(len(example.targets)) for example in examples]
    rows = plan_rows(examples, everything, scorer.cost, micro_batch)
    with torch.no_grad():
        for batches in _deal(rows, micro_batch, world.size, scorer.cost, end_to_end=scorer.end_to_end):
            _store(logps, batches[world.rank], _forward(scorer, examples, batches[world.rank]))
            told(sum(_tokens(examples[row.example], row) for batch in batches for row in batch))
    release(scorer)
    return _exchanged(logps, world)


def one_pass_backward(scorer: Scorer, examples: Sequence[Example], objective: Objective) -> float:
    """The same gradient with the graph of all sequences at once: the yardstick for tests and benchmarks."""
    everything = [list(range(len(example.targets))) for example in examples]
    rows = plan_rows(examples, everything, Cost(None), 0)
    logp_C = _forward(scorer, examples, rows)
    loss = logp_C.sum() * 0.0
    for g, example in enumerate(examples):
        own = {row.targets[0]: c for c, row in enumerate(rows) if row.example == g}
        loss = loss + objective(g, torch.stack([logp_C[own[k]] for k in range(len(example.targets))]))
    loss.backward()  # type: ignore[no-untyped-call]
    return float(loss.detach())


def _deal(
    rows: Sequence[Row], tokens: int, processes: int, cost: Cost, *, end_to_end: bool = False, together: bool = False
) -> list[list[list[Row]]]:
    """Return turns of one batch per process; small steps are cut finer, and the fullest batches come last.

    Rows that fit one batch stay `together` where a second one would be computed twice.
    """
    share = ceil(sum(row.length for row in rows) / processes)
    finer = min(tokens, max([share, *(row.length for row in rows)])) if processes > 1 else tokens
    batches = micro_batches(rows, finer, cost, end_to_end=end_to_end, together=together)
    batches.sort(key=lambda batch: -filling(batch, end_to_end))
    batches += [[] for _ in range(-len(batches) % processes)]
    return [batches[i : i + processes] for i in range(0, len(batches), processes)][::-1]


def _forward(scorer: Scorer, examples: Sequence[Example], batch: Sequence[Row]) -> Tensor:
    layout = scorer.lay_out(examples, batch) if batch else scorer.lay_out([NOTHING[0]], [NOTHING[1]])
    logp_C: Tensor = scorer(layout)
    return logp_C


def _backward(coefficients: Sequence[Tensor], batch: Sequence[Row], logp_C: Tensor) -> None:
    weights = [coefficients[row.example][k] for row in batch for k in row.targets] or [torch.zeros(())]
    (torch.stack(weights).to(logp_C.device) * logp_C).sum().backward()  # type: ignore[no-untyped-call]


def _tokens(example: Example, row: Row) -> int:
    """Return the tokens of a row's targets, and their share of the prompt, which counts once for an example."""
    share = len(example.prompt) * len(row.targets) // len(example.targets)
    return share + sum(len(example.targets[k]) for k in row.targets)


def _store(logps: list[Tensor], batch: Sequence[Row], logp_C: Tensor) -> None:
    places = [(row.example, k) for row in batch for k in row.targets]
    for (example, k), value in zip(places, logp_C.detach().cpu(), strict=False):  # an empty batch has one value
        logps[example][k] = value


def _exchanged(logps: list[Tensor], world: World) -> list[Tensor]:
    """Return the sum over all processes, each of which has filled in its own share."""
    return list(torch.split(world.sum(torch.cat(logps)), [len(logp) for logp in logps]))


def _coefficients(objective: Objective, logps: Sequence[Tensor]) -> list[Tensor]:
    leaves = [logp.clone().requires_grad_() for logp in logps]
    total = sum((objective(g, leaf) for g, leaf in enumerate(leaves)), start=torch.zeros(()))
    return list(torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True))
