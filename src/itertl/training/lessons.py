"""Tokenised groups, reduced to what an objective learns from.

A sequence whose coefficient is 0 whatever the policy says is left out here, so that it costs no pass at all: a group
without an active pair keeps its reference only, and its coefficients are constant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from itertl.config import TrainingConfig
from itertl.identity import digest
from itertl.policy.prompt import encode_prompt, encode_target
from itertl.records import Group
from itertl.training import objectives
from itertl.training.objective import KL, Scored, find_objective
from itertl.training.rows import Example


@dataclass(frozen=True)
class Lesson:
    """A tokenised group: targets are candidates, then the reference where there is one; tensors as in `objectives`.

    `active` tells whether some pair of the whole group has scores that differ by more than the gap; `constant`
    whether the derivative of the objective does not depend on S.
    """

    example: Example
    score_K: Tensor
    passed_K: Tensor
    length_K: Tensor
    count_K: Tensor
    reference: int | None
    active: bool
    constant: bool
    old_K: Tensor | None = None
    start_K: Tensor | None = None

    @property
    def tokens(self) -> int:
        """Tokens of the prompt, once, and of all targets."""
        return len(self.example.prompt) + sum(map(len, self.example.targets))

    @property
    def key(self) -> str:
        """What the lesson's sequences are known by: a digest of their tokens."""
        return digest(repr(self.example.prompt), repr(self.example.targets))


def build_lessons(groups: Sequence[Group], tokenizer: Any, settings: TrainingConfig, context: int) -> list[Lesson]:
    """Tokenise the groups, leaving out sequences beyond `context` tokens and groups that teach nothing."""
    lessons = (_lesson(group, tokenizer, settings, context) for group in groups)
    return [lesson for lesson in lessons if lesson.example.targets]


def needs_start(settings: TrainingConfig) -> bool:
    """Return True if the objective looks at log-probabilities under the policy that training starts from."""
    return find_objective(settings.objective, settings.parameters).needs_start or settings.parameters.get(KL, 0.0) > 0


def _lesson(group: Group, tokenizer: Any, settings: TrainingConfig, context: int) -> Lesson:
    prompt = encode_prompt(tokenizer, group.prompt)
    targets: list[list[int]] = []
    rows: list[tuple[float, float, float]] = []

    def add(text: str, score: float, right: bool, count: int) -> bool:
        target = encode_target(tokenizer, text)
        if len(prompt) + len(target) > context:
            return False
        targets.append(target)
        rows.append((score, float(right), float(count)))
        return True

    for text, score, right, count in zip(group.candidates, group.scores, group.passed, group.counts, strict=True):
        add(text, score, right, count)
    has_reference = bool(group.reference) and add(group.reference, group.reference_score, False, 0)
    reference = len(targets) - 1 if has_reference else None
    score_K, passed_K, count_K = torch.tensor(rows, dtype=torch.float32).reshape(-1, 3).unbind(1)
    gap = find_objective(settings.objective, settings.parameters).gap(settings.parameters)
    kept, constant = _matters(settings, Scored(score_K, passed_K, count_K, reference, gap))
    targets = [targets[k] for k in kept]
    return Lesson(
        Example(prompt, targets),
        score_K[kept],
        passed_K[kept],
        torch.tensor([float(len(target)) for target in targets]),
        count_K[kept],
        len(targets) - 1 if has_reference and targets else None,
        bool(objectives.pairs(score_K, gap).any()),
        constant,
    )


def _matters(settings: TrainingConfig, group: Scored) -> tuple[list[int], bool]:
    """Return the sequences that the objective can have a derivative for, and whether that derivative is constant."""
    kept, constant = find_objective(settings.objective, settings.parameters).matters(group)
    if settings.parameters.get(KL, 0.0) > 0 and bool(group.count_K.any()):
        kept, constant = group.everything, False
    return sorted(kept), constant
