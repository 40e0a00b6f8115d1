"""How much of the space of designs a run's samples have reached, iteration by iteration and all together.

    explore([(designs of iteration 1, right ones of iteration 1), ...])[t].so_far      # union over iterations

Designs are (task, code_id), so that layout alone makes no new one. What grows although samples are no more of them is
what iteration is for: another policy draws other designs.
"""

from collections.abc import Iterable
from dataclasses import dataclass

Key = tuple[str, str]  # task_id, code_id


@dataclass(frozen=True, slots=True)
class Reach:
    """Distinct designs, distinct ones that passed, and tasks of which at least one design passed."""

    designs: int
    right: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Explored:
    """Samples that hold a design in one iteration, what they reach alone, and with those of all iterations before."""

    samples: int
    alone: Reach
    so_far: Reach


def explore(iterations: Iterable[tuple[Iterable[Key], Iterable[Key]]]) -> list[Explored]:
    """Return what each iteration reaches, given its samples' designs, one a sample, and those that passed."""
    found, every, every_right = [], set[Key](), set[Key]()
    for drawn, passed in iterations:
        samples, designs = 0, set[Key]()
        for key in drawn:
            samples += 1
            designs.add(key)
        right = set(passed) & designs
        every |= designs
        every_right |= right
        found.append(Explored(samples, _reach(designs, right), _reach(every, every_right)))
    return found


def _reach(designs: set[Key], right: set[Key]) -> Reach:
    return Reach(len(designs), len(right), len({task for task, _ in right}))
