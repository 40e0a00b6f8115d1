"""Optimisation: from groups to a new policy, resumable within the stage.

    loss of a step = (sum over its groups of objective(group)) / groups_per_step

One denominator serves the whole step, so micro-batch size changes memory, never the result. Order, schedule and
arithmetic follow from the seed and the step number alone: a run that continues from a checkpoint ends with the same
weights as one that was never interrupted.
"""

import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from itertl.config import TrainingConfig
from itertl.errors import TrainingError
from itertl.progress import progress
from itertl.records import Group
from itertl.sampling.prompt import encode_prompt, encode_target
from itertl.training import objectives
from itertl.training.models import arithmetic, save_policy
from itertl.training.two_pass import Example, two_pass_backward

CHECKPOINT = "checkpoint.pt"
LOG = "training.jsonl"
MUON_FACTOR = 10.0  # Muon's learning rate relative to AdamW's: its updates have unit spectral norm
FINAL_RATE = 0.1  # learning rate at the end of the cosine, relative to the peak


@dataclass(frozen=True)
class Lesson:
    """A tokenised group: targets are the candidates, then the reference where there is one."""

    example: Example
    score_K: Tensor
    passed_K: Tensor
    length_K: Tensor
    reference: int | None


def fit(
    model: Any,
    tokenizer: Any,
    groups: Sequence[Group],
    settings: TrainingConfig,
    dtype: str,
    seed: int,
    out: Path,
    description: str = "training",
) -> None:
    """Train `model` in place on `groups` and save it to `out`; continue from the checkpoint there, if there is one.

    `out` receives the policy in Hugging Face format and training.jsonl, one line per optimiser step. Raise
    TrainingError where no group can teach anything under the chosen objective.
    """
    lessons = build_lessons(groups, tokenizer, settings.objective, model.config.max_position_embeddings)
    if not lessons:
        raise TrainingError(
            f"none of the {len(groups)} groups holds what objective {settings.objective!r} learns from: expected a "
            "reference, or candidates that passed; use more tasks or references, or a stronger base model"
        )
    steps = settings.steps or math.ceil(settings.passes * len(lessons) / settings.groups_per_step)
    optimizers = build_optimizers(model, settings)
    start, log = _resume(model, optimizers, out)
    order = _order(len(lessons), steps * settings.groups_per_step, seed)
    with progress(description, steps) as advance:
        advance(start)
        for step in range(start, steps):
            batch = [lessons[i] for i in order[step * settings.groups_per_step :][: settings.groups_per_step]]
            rate = learning_rate(step, steps, settings.warm_up)
            for optimizer in optimizers:
                for parameters in optimizer.param_groups:
                    parameters["lr"] = parameters["peak"] * rate
            with arithmetic(dtype):
                row = train_step(model, batch, optimizers, settings)
            log.append({"step": step, "lr": settings.learning_rate * rate, **row})
            advance(1)
            if (step + 1) % settings.checkpoint_steps == 0 and step + 1 < steps:
                _checkpoint(model, optimizers, step + 1, log, out)
    save_policy(model, tokenizer, out)
    (out / LOG).write_text("".join(json.dumps(row) + "\n" for row in log), encoding="utf-8")
    (out / CHECKPOINT).unlink(missing_ok=True)


def build_lessons(groups: Sequence[Group], tokenizer: Any, objective: str, context: int) -> list[Lesson]:
    """Tokenise the groups, leaving out sequences beyond `context` tokens and groups that teach nothing."""
    lessons = (_lesson(group, tokenizer, objective, context) for group in groups)
    return [lesson for lesson in lessons if lesson.reference is not None or bool(lesson.passed_K.any())]


def _lesson(group: Group, tokenizer: Any, objective: str, context: int) -> Lesson:
    prompt = encode_prompt(tokenizer, group.prompt)
    targets: list[list[int]] = []
    scores: list[float] = []
    passed: list[float] = []

    def add(text: str, score: float, right: bool) -> bool:
        target = encode_target(tokenizer, text)
        if len(prompt) + len(target) > context:
            return False
        targets.append(target)
        scores.append(score)
        passed.append(float(right))
        return True

    for text, score, right in zip(group.candidates, group.scores, group.passed, strict=True):
        if objective not in ("mle", "rft") or (objective == "rft" and right):
            add(text, score, right)
    has_reference = bool(group.reference) and add(group.reference, group.reference_score, False)
    return Lesson(
        Example(prompt, targets),
        torch.tensor(scores),
        torch.tensor(passed),
        torch.tensor([float(len(target)) for target in targets]),
        len(targets) - 1 if has_reference else None,
    )


def train_step(
    model: Any, batch: Sequence[Lesson], optimizers: Sequence[torch.optim.Optimizer], settings: TrainingConfig
) -> dict[str, float]:
    """Take one optimiser step on `batch`; return what is logged of it. A step that is not finite changes nothing."""
    denominator = float(settings.groups_per_step)

    def objective(index: int, logp_K: Tensor) -> Tensor:
        return group_loss(batch[index], logp_K, settings) / denominator

    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss, logps = two_pass_backward(
        model,
        [lesson.example for lesson in batch],
        objective,
        micro_batch=settings.micro_batch,
        constant=settings.objective in ("mle", "rft"),
    )
    norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip))
    finite = math.isfinite(norm) and math.isfinite(loss)
    if finite:
        for optimizer in optimizers:
            optimizer.step()
    return {"loss": loss, "grad_norm": norm, "skipped": float(not finite), **_statistics(batch, logps, settings)}


def group_loss(lesson: Lesson, logp_K: Tensor, settings: TrainingConfig) -> Tensor:
    """Return the objective of one group for S = `logp_K`."""
    length_K, score_K, passed_K, reference = lesson.length_K, lesson.score_K, lesson.passed_K, lesson.reference
    ranking = {"weight": settings.rank_weight, "margin": settings.margin, "gap": settings.gap}
    match settings.objective:
        case "mle":
            return objectives.mle(logp_K, length_K, reference)
        case "rank":
            return objectives.ranked_mle(logp_K, length_K, score_K, reference, **ranking)
        case "rtlcoder_code":
            return objectives.rtlcoder_code(logp_K, length_K, score_K, reference, **ranking)
        case "rft":
            return objectives.filtered_mle(logp_K, length_K, passed_K, reference, sample_weight=settings.sample_weight)
        case "verified":
            loss = objectives.filtered_mle(logp_K, length_K, passed_K, reference, sample_weight=settings.sample_weight)
            truth_K = passed_K.clone()
            if reference is not None:
                truth_K[reference] = 1.0
            return loss + settings.rank_weight * objectives.rank(
                logp_K, length_K, truth_K, margin=settings.margin, gap=0.5
            )


def build_optimizers(model: Any, settings: TrainingConfig) -> list[torch.optim.Optimizer]:
    """Return the optimisers, each parameter group with its peak learning rate under the key `peak`."""
    hidden: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    for name, parameter in model.named_parameters():
        inner = parameter.ndim == 2 and "embed" not in name and "lm_head" not in name
        (hidden if inner and settings.optimizer == "muon" else rest).append(parameter)
    rate, decay = settings.learning_rate, settings.weight_decay
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW([{"params": rest, "peak": rate}], lr=rate, weight_decay=decay, betas=(0.9, 0.95))
    ]
    if hidden:
        muon = [{"params": hidden, "peak": rate * MUON_FACTOR}]
        optimizers.append(torch.optim.Muon(muon, lr=rate * MUON_FACTOR, weight_decay=decay))
    return optimizers


def learning_rate(step: int, steps: int, warm_up: float) -> float:
    """Return the learning rate of `step` (from 0) relative to its peak: linear warm-up, then cosine to FINAL_RATE."""
    rising = max(1, round(warm_up * steps))
    if step < rising:
        return (step + 1) / rising
    done = (step - rising) / max(1, steps - rising)
    return FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * done))


def _statistics(batch: Sequence[Lesson], logps: Sequence[Tensor], settings: TrainingConfig) -> dict[str, float]:
    """Mean MLE loss and log-probability per token of the references, and the share of groups with an active pair."""
    reference = [
        float(logp[lesson.reference] / lesson.length_K[lesson.reference])
        for lesson, logp in zip(batch, logps, strict=True)
        if lesson.reference is not None
    ]
    ranking = [
        float(objectives.rank(logp, lesson.length_K, lesson.score_K, margin=settings.margin, gap=settings.gap))
        for lesson, logp in zip(batch, logps, strict=True)
    ]
    active = [bool(objectives.pairs(lesson.score_K, settings.gap).any()) for lesson in batch]
    row = {"rank": sum(ranking) / len(batch), "active": sum(active) / len(batch)}
    if reference:
        mean = sum(reference) / len(reference)
        row |= {"mle": -mean, "reference_logp": mean}
    return row


def _order(count: int, length: int, seed: int) -> list[int]:
    """Return `length` indices below `count`: one shuffled pass after another."""

    def passes() -> Iterator[int]:
        rng = random.Random(f"order:{seed}")
        while True:
            yield from rng.sample(range(count), count)

    stream = passes()
    return [next(stream) for _ in range(length)]


def _checkpoint(
    model: Any, optimizers: Sequence[torch.optim.Optimizer], step: int, log: list[dict[str, float]], out: Path
) -> None:
    state = {"step": step, "log": log, "model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers]}
    partial = out / (CHECKPOINT + ".partial")
    torch.save(state, partial)
    partial.replace(out / CHECKPOINT)


def _resume(model: Any, optimizers: Sequence[torch.optim.Optimizer], out: Path) -> tuple[int, list[dict[str, float]]]:
    if not (out / CHECKPOINT).exists():
        return 0, []
    state = torch.load(out / CHECKPOINT, map_location="cpu", weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, values in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(values)
    return int(state["step"]), list(state["log"])
