"""The objective that the config names, applied to one lesson, and what is logged of a step."""

from collections.abc import Sequence

from torch import Tensor

from itertl.config import TrainingConfig
from itertl.training import objectives
from itertl.training.lessons import Lesson
from itertl.training.objective import KL, find_objective


def group_loss(lesson: Lesson, logp_K: Tensor, settings: TrainingConfig) -> Tensor:
    """Return the objective of one group for S = `logp_K`, with the penalty on moving away where it is asked for."""
    loss = _objective(lesson, logp_K, settings)
    if (weight := settings.parameters.get(KL, 0.0)) > 0:
        penalty = objectives.divergence(logp_K, _known(lesson.start_K), lesson.length_K, lesson.count_K)
        loss = loss + weight * penalty
    return loss


def _objective(lesson: Lesson, logp_K: Tensor, settings: TrainingConfig) -> Tensor:
    objective = find_objective(settings.objective, settings.parameters)
    known = {"logp_K": logp_K} | {name: getattr(lesson, name) for name in objective.reads - {"logp_K"}}
    for name in objective.reads & {"old_K", "start_K"}:
        known[name] = _known(known[name])
    return objective.loss(**known, **{name: value for name, value in settings.parameters.items() if name != KL})


def statistics(batch: Sequence[Lesson], logps: Sequence[Tensor], settings: TrainingConfig) -> dict[str, float]:
    """Return means over a step: MLE loss and S_ref per token; where the objective knows pairs, L_rank and their share.

    `active` is the share of groups with an active pair.
    """
    reference = [
        float(logp[lesson.reference] / lesson.length_K[lesson.reference])
        for lesson, logp in zip(batch, logps, strict=True)
        if lesson.reference is not None
    ]
    given = settings.parameters
    objective = find_objective(settings.objective, given)
    gap = objective.gap(given)
    margin = given.get("margin", objectives.MARGIN)
    ranking = [
        float(objectives.rank(logp, lesson.length_K, lesson.score_K, margin=margin, gap=gap))
        for lesson, logp in zip(batch, logps, strict=True)
    ]
    row: dict[str, float] = {}
    if "gap" in objective.parameters:
        row = {"rank": sum(ranking) / len(batch), "active": sum(lesson.active for lesson in batch) / len(batch)}
    if reference:
        mean = sum(reference) / len(reference)
        row |= {"mle": -mean, "reference_logp": mean}
    moved = [
        float(objectives.divergence(logp, lesson.start_K, lesson.length_K, lesson.count_K))
        for lesson, logp in zip(batch, logps, strict=True)
        if lesson.start_K is not None
    ]
    return row | ({"divergence": sum(moved) / len(moved)} if moved else {})


def _known(logp_K: Tensor | None) -> Tensor:
    assert logp_K is not None, "log-probabilities of the start are computed before the first step"
    return logp_K
