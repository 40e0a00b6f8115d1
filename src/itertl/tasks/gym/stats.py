"""What the splits hold, in figures: sizes, what they share, how near they are to training, lengths, state, forms.

    for row in measure(300, seed=0): print(row.split, row.designs, row.shared)

`shared` and `repeated` are 0 by construction (`splits`); `nearest` says what that leaves: the largest Jaccard index of
a design's token n-grams with those of any design in base and train, all identifiers alike. 1 would be a design that
differs in names only.

    itertl gym stats
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from itertl.records import Task
from itertl.tasks.contamination import Grams, code_grams
from itertl.tasks.gym.normal import task_digest
from itertl.tasks.gym.splits import SPLITS, TRAINED, occurring, stream

BASE_TIMES = 10
NEAREST = 100  # designs of a split that are compared with all of base and train


@dataclass(frozen=True, slots=True)
class SplitStats:
    """Figures of the first tasks of one split.

    `designs` counts what differs in more than names; `repeated` those of an evaluation's that come twice; `shared`
    those that stand in base or train, too. `nearest` holds the 10 %, 50 % and 90 % points of the similarity to the
    nearest training design, `words` those of an instruction's length. `clocked` is a share, 0 to 1.
    """

    split: str
    tasks: int
    families: int
    designs: int
    repeated: int
    shared: int
    nearest: tuple[float, float, float] | None  # None for base and train
    words: tuple[float, float, float]
    clocked: float
    forms: Mapping[str, int]


def measure(count: int, seed: int) -> Iterator[SplitStats]:
    """Yield the figures of every split, from its first `count` tasks (of base ten times as many) or all it has."""
    drawn = {split: _tasks(split, count * (BASE_TIMES if split == "base" else 1), seed) for split in SPLITS}
    digests = {split: [task_digest(task) for task in tasks] for split, tasks in drawn.items()}
    trained = {digest: task for split in TRAINED for digest, task in zip(digests[split], drawn[split], strict=True)}
    grams = [code_grams(task.reference) for task in trained.values()]
    for split, tasks in drawn.items():
        evaluated = split not in TRAINED
        known = set(digests[split])
        yield SplitStats(
            split=split,
            tasks=len(tasks),
            families=len({_tag(task, "family") for task in tasks}),
            designs=len(known),
            repeated=len(tasks) - len(known) if evaluated else 0,
            shared=len(known & trained.keys()) if evaluated else 0,
            nearest=_points([_nearest(code_grams(t.reference), grams) for t in tasks[:NEAREST]]) if evaluated else None,
            words=_points([len(task.instruction.split()) for task in tasks]),
            clocked=sum("edge " in task.body for task in tasks) / max(1, len(tasks)),
            forms=Counter(_tag(task, "form") for task in tasks),
        )


def _tasks(split: str, count: int, seed: int) -> list[Task]:
    return list(islice(stream(split, seed, occurring(split)), count))


def _tag(task: Task, name: str) -> str:
    return next(tag.removeprefix(f"{name}:") for tag in task.tags if tag.startswith(f"{name}:"))


def _nearest(grams: Grams, others: Sequence[Grams]) -> float:
    """Return the largest Jaccard index with any of `others`; sizes alone rule most of them out."""
    best, size = 0.0, len(grams)
    for other in others:
        small, large = sorted((size, len(other)))
        if small > best * large:
            common = len(grams & other)
            best = max(best, common / (size + len(other) - common))
    return best


def _points(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the values at 10 %, 50 % and 90 % of the sorted list; zeros where there are none."""
    ordered = sorted(values) or [0]
    return ordered[len(ordered) // 10], ordered[len(ordered) // 2], ordered[len(ordered) * 9 // 10]
