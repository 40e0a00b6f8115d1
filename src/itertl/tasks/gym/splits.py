"""Drawing tasks: which family, parameters, names and phrasing, and which split a task belongs to.

The split of a task follows from the task alone, nothing is remembered between calls. The version of the gym is one of a
task's tags, and so part of the digest of every set of tasks:

    unseen    families held out as a whole
    shifted   parameter combinations held out, told in phrasings held out
    base, train, dev, test   one distribution, made disjoint by a hash of the reference

    itertl gym export --split train --count 1000 --seed 0
"""

import random
from collections.abc import Collection, Iterator
from typing import TypeVar

from itertl.errors import UsageError
from itertl.identity import digest
from itertl.records import Task
from itertl.tasks.gym.clocking import CLOCKS, STYLES
from itertl.tasks.gym.design import Combination, Design, Family, Names, combinations, stable_hash
from itertl.tasks.gym.families import FAMILIES

T = TypeVar("T")

SPLITS = ("base", "train", "dev", "test", "shifted", "unseen")
BUCKETS = {"base": range(0, 55), "train": range(55, 75), "dev": range(75, 83), "test": range(83, 100)}
VERSION = 1  # of the gym, raised by whatever makes other tasks of the same split and seed
PATIENCE = 300  # draws in a row without a new task, after which a family counts as used up


def generate(
    split: str,
    count: int,
    seed: int,
    *,
    families: Collection[str] | None = None,
    levels: Collection[int] = (1, 2, 3),
) -> list[Task]:
    """Return `count` distinct tasks of a split, families in near-equal shares.

    The list follows from the arguments alone, and a shorter list is a prefix of a longer one. Raises UsageError for an
    unknown split, family or level, and for a count beyond what the split holds.
    """
    if count < 0:
        raise UsageError(f"expected a count of at least 0, found {count}; ask for the number of tasks you want")
    chosen = _select(split, families, levels)
    tasks = _stream(split, seed, chosen)
    found: list[Task] = []
    while len(found) < count:
        task = next(tasks, None)
        if task is None:
            raise UsageError(
                f"expected {count} distinct tasks in split {split!r}, found only {len(found)} in "
                f"{len(chosen)} families; ask for fewer, or allow more families or levels"
            )
        found.append(task)
    return found


def example(family: str, seed: int) -> Task:
    """Return one task of a family: what `itertl gym --family counter --seed 3` shows."""
    split = "unseen" if family in FAMILIES and FAMILIES[family].held_out else "train"
    return generate(split, 1, seed, families=[family])[0]


def _select(split: str, families: Collection[str] | None, levels: Collection[int]) -> list[Family]:
    if split not in SPLITS:
        raise UsageError(f"expected one of the splits {', '.join(SPLITS)}, found {split!r}; choose one of them")
    if unknown := sorted(set(families or ()) - FAMILIES.keys()):
        known = ", ".join(sorted(FAMILIES))
        raise UsageError(f"expected names of families, found {', '.join(unknown)}; choose among {known}")
    if not set(levels) <= {1, 2, 3}:
        raise UsageError(f"expected levels among 1, 2 and 3, found {sorted(levels)}; choose among them")
    held = split == "unseen"
    chosen = [
        family
        for name, family in FAMILIES.items()
        if family.held_out == held and (families is None or name in families) and family.level in levels
    ]
    if not chosen:
        which = sorted(name for name, family in FAMILIES.items() if family.held_out == held)
        raise UsageError(
            f"expected families and levels that occur in split {split!r}, found none in the selection; "
            f"choose among {', '.join(which)}"
        )
    return chosen


def _stream(split: str, seed: int, families: list[Family]) -> Iterator[Task]:
    """Yield distinct tasks: round after round one of each family, in a fresh order, until all are used up."""
    order = random.Random(f"gym {split} {seed}")
    sources = [_family_tasks(split, seed, family) for family in families]
    while sources:
        order.shuffle(sources)
        spent = []
        for source in sources:
            task = next(source, None)
            if task is None:
                spent.append(source)
            else:
                yield task
        sources = [s for s in sources if s not in spent]


def _family_tasks(split: str, seed: int, family: Family) -> Iterator[Task]:
    """Yield the family's distinct tasks of a split; they do not depend on which other families are drawn."""
    rng = random.Random(f"gym {split} {seed} {family.name}")
    seen: set[str] = set()
    misses = 0
    while misses < PATIENCE:
        task = _draw(split, family, rng)
        if task is None or task.id in seen:
            misses += 1
            continue
        misses = 0
        seen.add(task.id)
        yield task


def _draw(split: str, family: Family, rng: random.Random) -> Task | None:
    """Draw one task of a family, or None where its reference belongs to another split."""
    trained, held = combinations(family)
    combination = _pick({"shifted": held, "unseen": trained + held}.get(split, trained), rng)
    names = draw_names(family, combination, rng)
    design = family.build(names, **combination)
    header = f"module {names.module}(\n    " + ",\n    ".join(design.ports) + "\n);\n"
    reference = f"{header}{design.body}endmodule\n"
    instruction = _pick(_phrasings(split, family, design), rng).replace(" a 8-", " an 8-").replace("A 8-", "An 8-")
    if split in BUCKETS and stable_hash(reference) % 100 not in BUCKETS[split]:
        return None
    return Task(
        id=f"gym-{split}-{family.name}-{digest(instruction, reference)[:8]}",
        instruction=instruction,
        header=header,
        reference=reference,
        top=names.module,
        suite="gym",
        tags=(f"family:{family.name}", f"level:{family.level}", f"split:{split}", f"gym:{VERSION}"),
    )


def _phrasings(split: str, family: Family, design: Design) -> tuple[str, ...]:
    first_held = len(design.texts) - family.held_phrasings
    if split == "unseen":
        return design.texts
    return design.texts[first_held:] if split == "shifted" else design.texts[:first_held]


def draw_names(family: Family, combination: Combination, rng: random.Random) -> Names:
    """Draw a name for each role, and for clock and reset where the family has a clocking style; no name twice."""
    names: dict[str, str] = {}
    if style := combination.get("style"):
        names["clk"] = _pick(CLOCKS, rng)
        names["rst"] = _pick(STYLES[style][3], rng)
    taken = set(names.values())
    for roles, pool in family.roles:
        start = int(rng.random() * len(pool))
        for chosen in pool[start:] + pool[:start]:
            parts = (chosen.format_map(combination) if "{" in chosen else chosen).split()
            if not taken.intersection(parts):
                break
        names.update(zip(roles, parts, strict=True))
        taken.update(parts)
    return Names(**names)


def _pick(pool: tuple[T, ...], rng: random.Random) -> T:
    return pool[int(rng.random() * len(pool))]
