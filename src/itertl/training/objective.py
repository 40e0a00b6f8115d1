"""The objectives that a config can name, each one value, and how one's own is found.

    training.objective: rank                              one of `OBJECTIVES`
    training.objective: package.module:OBJECTIVE          an `Objective` of one's own
    training.parameters: {weight: 0.5}                    what the loss takes by keyword

The loss's signature says what it reads: arguments by position are named as in `itertl.training.objectives`, those by
keyword only are parameters, with their defaults. Every objective takes one more, KL. Whether log-probabilities of an
earlier policy are needed follows from those names.
"""

import difflib
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from itertl.dotted import value_at
from itertl.errors import ConfigError
from itertl.training import objectives

READABLE = frozenset({"logp_K", "old_K", "start_K", "length_K", "score_K", "passed_K", "count_K", "reference"})
KL = "kl_weight"  # parameter of every objective: weight of the penalty on moving away from the previous policy


@dataclass(frozen=True)
class Scored:
    """What is known of a group before the policy is asked; tensors as in `objectives`, `gap` in units of the score."""

    score_K: Tensor
    passed_K: Tensor
    count_K: Tensor
    reference: int | None
    gap: float

    @property
    def anchor(self) -> set[int]:
        """The reference, where there is one."""
        return set() if self.reference is None else {self.reference}

    @property
    def passed(self) -> set[int]:
        """The candidates that passed."""
        return {k for k in range(len(self.passed_K)) if self.passed_K[k]}

    @property
    def everything(self) -> set[int]:
        """All sequences."""
        return set(range(len(self.score_K)))

    @property
    def paired(self) -> set[int]:
        """Sequences of at least one active pair."""
        active_KK = objectives.pairs(self.score_K, self.gap)
        return {k for k in self.everything if active_KK[k].any() or active_KK[:, k].any()}


Matters = Callable[[Scored], tuple[set[int], bool]]  # sequences with a derivative; whether it is the same for every S


def reference_only(group: Scored) -> tuple[set[int], bool]:
    """The reference, by a constant derivative."""
    return group.anchor, True


def reference_and_passed(group: Scored) -> tuple[set[int], bool]:
    """The reference and what passed, by a constant derivative."""
    return group.anchor | group.passed, True


def all_where_paired(group: Scored) -> tuple[set[int], bool]:
    """Every sequence where some pair is active (a softmax couples them), else the reference."""
    return (group.everything, False) if group.paired else (group.anchor, True)


def all_where_paired_and_referenced(group: Scored) -> tuple[set[int], bool]:
    """As `all_where_paired`, but nothing without a reference, which the ranking term multiplies."""
    return all_where_paired(group) if group.anchor else (set(), True)


def reference_and_paired(group: Scored) -> tuple[set[int], bool]:
    """The reference and the sequences of active pairs."""
    return (group.anchor | group.paired, False) if group.paired else (group.anchor, True)


def all_where_advantaged(group: Scored) -> tuple[set[int], bool]:
    """Every sequence where the scores of the samples differ, else the reference."""
    advantaged = bool(objectives.advantages(group.score_K, group.count_K).any())
    return (group.everything, False) if advantaged else (group.anchor, True)


def all_where_mixed(group: Scored) -> tuple[set[int], bool]:
    """Every sequence where some are right (the reference is) and some are not, else the right ones."""
    right = group.anchor | group.passed
    return (group.everything, False) if right and right != group.everything else (right, True)


def everything(group: Scored) -> tuple[set[int], bool]:
    """Every sequence: always right, and never cheaper than it has to be."""
    return group.everything, False


@dataclass(frozen=True)
class Objective:
    """A loss of one group and the sequences that it can have a derivative for.

    A sequence that `matters` leaves out must have derivative 0 for every S: it is not computed. Raises ConfigError
    where the loss takes something that there is not.
    """

    loss: Callable[..., Tensor]
    matters: Matters = everything

    def __post_init__(self) -> None:
        if unknown := sorted(self.reads - READABLE):
            raise ConfigError(
                f"the loss {self.loss.__name__!r} takes {', '.join(unknown)}: expected arguments among "
                f"{', '.join(sorted(READABLE))}, and parameters behind a `*`"
            )

    @property
    def reads(self) -> frozenset[str]:
        """Names of what the loss reads of a group."""
        return frozenset(name for name, own in self._arguments.items() if own.kind is not own.KEYWORD_ONLY)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The loss's parameters by name, each with its default, or `inspect.Parameter.empty`."""
        return {name: own.default for name, own in self._arguments.items() if own.kind is own.KEYWORD_ONLY}

    def gap(self, given: Mapping[str, float]) -> float:
        """Return the score difference that makes a pair: as `given`, or the loss's default."""
        return float(given.get("gap", self.parameters.get("gap", objectives.GAP)))

    @property
    def needs_start(self) -> bool:
        """Whether log-probabilities under the policy that training starts from, or that drew the group, are read."""
        return bool(self.reads & {"start_K", "old_K"})

    @property
    def _arguments(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.loss).parameters


OBJECTIVES: dict[str, Objective] = {
    "mle": Objective(objectives.mle, reference_only),
    "rft": Objective(objectives.filtered_mle, reference_and_passed),
    "rank": Objective(objectives.ranked_mle, all_where_paired),
    "verified": Objective(objectives.verified, all_where_mixed),
    "rtlcoder_code": Objective(objectives.rtlcoder_code, all_where_paired_and_referenced),
    "rrhf": Objective(objectives.rrhf, reference_and_paired),
    "dpo": Objective(objectives.dpo, reference_and_paired),
    "grpo": Objective(objectives.grpo, all_where_advantaged),
}


def find_objective(name: str, parameters: Mapping[str, float] | None = None) -> Objective:
    """Return the objective called `name`, or one's own at `package.module:OBJECTIVE`.

    Raises ConfigError where there is none, and where `parameters` are not what its loss takes.
    """
    if ":" in name:
        objective = value_at(name, "objective", Objective)
    elif name in OBJECTIVES:
        objective = OBJECTIVES[name]
    else:
        near = difflib.get_close_matches(name, OBJECTIVES, n=1)
        hint = f"did you mean {near[0]!r}" if near else f"known are {', '.join(OBJECTIVES)}"
        raise ConfigError(f"no training.objective is called {name!r}: {hint}; one's own is package.module:OBJECTIVE")
    _check(name, objective.parameters, parameters or {})
    return objective


def _check(name: str, known: Mapping[str, Any], given: Mapping[str, float]) -> None:
    """Raise ConfigError where `given` are not the parameters `known` of the objective `name`, or KL."""
    listed = ", ".join([*known, KL])
    if unknown := sorted(given.keys() - known.keys() - {KL}):
        raise ConfigError(f"training.parameters: {name} takes no {', '.join(unknown)}; its parameters are {listed}")
    required = {key for key, default in known.items() if default is inspect.Parameter.empty}
    if missing := sorted(required - given.keys()):
        raise ConfigError(f"training.parameters: {name} needs a value for {', '.join(missing)}")
    limits = {key: 1.0 if name == "grpo" and key == "clip" else math.inf for key in given}
    for key, value in given.items():
        if (name in OBJECTIVES or key == KL) and not 0 <= value < limits[key]:
            raise ConfigError(f"training.parameters.{key}: expected a number from 0 to {limits[key]:g}, found {value}")
