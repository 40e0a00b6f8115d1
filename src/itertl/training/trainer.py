"""Optimisation: from groups to a new policy, resumable within the stage, by one process or many.

    loss of a step = (sum over its groups of objective(group)) / (groups of a full step)

One denominator serves all steps of a stage, so the micro-batch and the number of processes change memory and time,
never the result. It is `groups_per_step`, or the number of lessons where there are fewer. The last step of a pass,
which has the lessons that are left over, divides by it, too: a mean over its own would give one lesson that is left
over the weight of a full step, and which one that is the shuffling decides. So every lesson weighs the same, and the
momentum of the steps before outweighs a few that are left over.

Order, schedule and arithmetic follow from the seed and the step number alone: a run that continues from a checkpoint
ends with the same weights as one that was never interrupted.
"""

import dataclasses
import json
import math
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from itertl.config import TrainingConfig
from itertl.disk.names import TRAINING
from itertl.errors import TrainingError
from itertl.policy.architectures import context_of
from itertl.progress import Advance, silent
from itertl.records import Group
from itertl.training.checkpoint import load_checkpoint, save_checkpoint
from itertl.training.distributed import ALONE, World
from itertl.training.lessons import Lesson, build_lessons, needs_start
from itertl.training.loss import group_loss, statistics
from itertl.training.mismatch import few_drawn, mismatch, score, write_mismatch
from itertl.training.optimise import Optimizers, build_optimizers, relative_rate, set_rate
from itertl.training.saved import Seen, look
from itertl.training.scorer import Scorer, check_shared, join_rows
from itertl.training.two_pass import all_logps, two_pass_backward
from itertl.words import counted

CLIP = 1.0  # gradient norm above which it is scaled down
SKIPPED = 0.05  # share of steps with a gradient that is not finite above which training fails
BACKWARD = 2  # time of a backward pass, in forward passes
START = "start.json"  # log-probabilities under the policy that training starts from, by lesson

Replayed = tuple[Path, Sequence[Group]]  # the policy that an earlier iteration made, and the groups it learned from
Track = Callable[[int, float], AbstractContextManager[Advance]]  # number of steps, their work -> what hears of them


def fit(
    scorer: Scorer,
    tokenizer: Any,
    groups: Sequence[Group],
    settings: TrainingConfig,
    seed: int,
    out: Path,
    *,
    replayed: Sequence[Replayed] = (),
    world: World = ALONE,
    track: Track = silent,
) -> Seen:
    """Train the model in place on `groups`; continue from the checkpoint below `out`, if there is one.

    `out` receives training.jsonl, one line per optimiser step, and mismatch.json where there are samples; saving the
    policy is the caller's, and comparing it with what is returned: how the trained model scores a few of its lessons.
    Raise TrainingError where no group can teach anything under the chosen objective, and where too many steps have a
    gradient that is not finite.
    """
    context = context_of(scorer.model)
    lessons = build_lessons(groups, tokenizer, settings, context)
    for policy, old in replayed:
        lessons += _as_drawn(build_lessons(old, tokenizer, settings, context), policy)
    if not lessons:
        raise TrainingError(
            f"none of {counted(len(groups), 'groups')} holds what objective {settings.objective!r} learns from: "
            "expected a reference, or candidates that passed or whose scores differ; use more tasks or references, or "
            "a stronger base model"
        )
    steps = number_of_steps(len(lessons), settings)
    batches = _batches(len(lessons), settings.groups_per_step, steps, seed)
    full = min(len(lessons), settings.groups_per_step)
    examples = [lesson.example for lesson in lessons]
    if world.mesh is None:
        join_rows(scorer, examples)
    check_shared(scorer, examples, settings.micro_batch, world)
    optimizers = build_optimizers(scorer, settings)
    passes = [lesson.tokens * (BACKWARD + 1 + (not lesson.constant)) for lesson in lessons]
    works = [sum(passes[i] for i in chosen) for chosen in batches]
    before = sum(lesson.tokens for lesson in lessons) if needs_start(settings) else 0
    drawn = few_drawn(groups, tokenizer, context)
    then = score(scorer, drawn, settings.micro_batch, world)
    with track(steps, before + sum(works)) as advance:
        if needs_start(settings):
            lessons = _with_start(scorer, lessons, settings, out, world, advance)
        start, log = load_checkpoint(scorer, optimizers, out, world)
        advance.found(start, sum(works[:start]))
        for step in range(start, steps):
            batch = [lessons[i] for i in batches[step]]
            rate = relative_rate(step, steps, settings)
            set_rate(optimizers, rate)
            row = train_step(scorer, batch, optimizers, settings, world, full)
            log.append({"step": step, "lr": settings.learning_rate * rate, **row})
            _refuse_divergence(log, steps, settings)
            advance(1, tokens=sum(lesson.tokens for lesson in batch), work=works[step])
            if (step + 1) % settings.checkpoint_steps == 0 and step + 1 < steps:
                save_checkpoint(scorer, optimizers, step + 1, log, out, world)
        seen = look(scorer, [lessons[i] for i in batches[-1]] if batches else lessons, world)
    found = mismatch(drawn, then, score(scorer, drawn, settings.micro_batch, world))
    scorer.zero_grad(set_to_none=True)
    if world.rank == 0:
        write_mismatch(found, out)
        (out / TRAINING).write_text("".join(json.dumps(row) + "\n" for row in log), encoding="utf-8")
    return seen


def number_of_steps(lessons: int, settings: TrainingConfig) -> int:
    """Return the optimiser steps of a stage: fixed by the config, or so many passes over the lessons.

    A pass takes ceil(lessons / groups_per_step) steps; of a fraction of a pass the same is true.
    """
    if settings.steps:
        return settings.steps
    passes = int(settings.passes)
    rest = round((settings.passes - passes) * lessons, 6)  # lessons; 1.1 - 1 is more than 0.1
    return passes * math.ceil(lessons / settings.groups_per_step) + math.ceil(rest / settings.groups_per_step)


def train_step(
    scorer: Scorer,
    batch: Sequence[Lesson],
    optimizers: Optimizers,
    settings: TrainingConfig,
    world: World = ALONE,
    full: int = 0,
) -> dict[str, float]:
    """Take one optimiser step on `batch`, the loss divided by `full`, the lessons of a full step (0: as configured).

    Return what is logged of it, the loss as the mean over `batch`. A step that is not finite changes nothing.
    """
    denominator = full or settings.groups_per_step

    def objective(index: int, logp_K: Tensor) -> Tensor:
        return group_loss(batch[index], logp_K, settings) / denominator

    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss, logps = two_pass_backward(
        scorer,
        [lesson.example for lesson in batch],
        objective,
        micro_batch=settings.micro_batch,
        constant=[lesson.constant for lesson in batch],
        world=world,
    )
    total = torch.nn.utils.clip_grad_norm_([p for p in scorer.parameters() if p.requires_grad], CLIP)
    norm = float(total.full_tensor() if isinstance(total, DTensor) else total)
    finite = math.isfinite(norm) and math.isfinite(loss)
    if finite:
        for optimizer in optimizers:
            optimizer.step()
    mean = loss * denominator / len(batch)
    return {"loss": mean, "grad_norm": norm, "skipped": float(not finite), **statistics(batch, logps, settings)}


def _with_start(
    scorer: Scorer, lessons: Sequence[Lesson], settings: TrainingConfig, out: Path, world: World, advance: Advance
) -> list[Lesson]:
    """Add log-probabilities under the policy as it is before the first step, kept in `out` for later calls."""
    path = out / START
    if world.share(path.exists()):
        advance.found(0, sum(lesson.tokens for lesson in lessons))
    else:
        examples = [lesson.example for lesson in lessons]

        def told(tokens: int) -> None:
            advance(0, tokens=tokens, work=tokens)

        found = all_logps(scorer, examples, micro_batch=settings.micro_batch, world=world, told=told)
        if world.rank == 0:
            rows = {lesson.key: logp_K.tolist() for lesson, logp_K in zip(lessons, found, strict=True)}
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps(rows), encoding="utf-8")
            partial.rename(path)
        world.barrier()
    known = world.share(json.loads(path.read_text(encoding="utf-8")) if world.rank == 0 else {})
    starts = [torch.tensor(known[lesson.key]) for lesson in lessons]
    return [
        dataclasses.replace(x, start_K=start_K, old_K=start_K if x.old_K is None else x.old_K)
        for x, start_K in zip(lessons, starts, strict=True)
    ]


def _as_drawn(lessons: Sequence[Lesson], policy: Path) -> list[Lesson]:
    """Add to the lessons of an earlier iteration what it found before its first step: who drew them, thought so."""
    path = policy / START
    if not path.exists():
        return list(lessons)
    known = json.loads(path.read_text(encoding="utf-8"))
    return [dataclasses.replace(lesson, old_K=torch.tensor(known[lesson.key])) for lesson in lessons]


def _refuse_divergence(log: Sequence[dict[str, float]], steps: int, settings: TrainingConfig) -> None:
    skipped = sum(row["skipped"] for row in log)
    if skipped > max(1.0, SKIPPED * steps):
        raise TrainingError(
            f"{skipped:.0f} of {len(log)} optimiser steps had a gradient that is not finite and were skipped; a stage "
            f"of {steps} may skip {SKIPPED:.0%}: lower training.learning_rate"
        )


def _batches(count: int, size: int, steps: int, seed: int) -> list[list[int]]:
    """Return the indices below `count` that each step learns from: `size` of them, fewer in the last step of a pass.

    One shuffled pass follows another, so that no step holds a lesson twice.
    """
    rng = random.Random(f"order:{seed}")
    batches: list[list[int]] = []
    while len(batches) < steps:
        order = rng.sample(range(count), count)
        batches += [order[i : i + size] for i in range(0, count, size)]
    return batches[:steps]
