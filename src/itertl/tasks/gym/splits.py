"""Drawing tasks: which design, names and telling, and which split a task belongs to.

    base, train   what models are trained on: to begin with, and in iterations
    dev, test     the same families and forms, other designs
    shifted       parameters and structures beyond the trained range, the same forms
    unseen        families, and forms of telling, that no other split has

The split of a design follows from its digest up to names and spelling (`normal`), nothing is remembered between calls:
no design is in two splits. In dev, test, shifted and unseen none comes twice; base and train tell one more than once,
in other words and with other names. What solves a published problem is in none (`published`). The version of the gym is
one of a task's tags, and so part of the digest of every set of tasks.

    itertl gym export --split train --count 1000 --seed 0
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, islice
from typing import TypeVar

from itertl.errors import UsageError
from itertl.identity import digest
from itertl.records import Task
from itertl.tasks.gym.compose import compose
from itertl.tasks.gym.design import Family, Form
from itertl.tasks.gym.dialect import draw_varied_names, varied_header
from itertl.tasks.gym.families import FAMILIES
from itertl.tasks.gym.naming import draw_names, fill
from itertl.tasks.gym.published import published
from itertl.tasks.gym.sources import Entry, drawn, listed, tells_held_form

T = TypeVar("T")

SPLITS = ("base", "train", "dev", "test", "shifted", "unseen")
HELD = range(83, 100)
BUCKETS = {  # of the digests modulo 100; unseen has no design of a trained family in common with shifted
    "base": range(0, 40),
    "train": range(40, 65),
    "dev": range(65, 71),
    "test": range(71, 83),
    "shifted": HELD,
    "unseen": HELD,
}
TRAINED = ("base", "train")
FORM = "form:"
TELLINGS = 4  # of a drawn design in base and train: building one takes longer than telling it
DRAWN_TIMES = 4  # as many tasks of a family that draws endless structures as of one that varies a few parameters
VERSION = 5  # of the gym, raised by whatever makes other tasks of the same split and seed
PATIENCE = 300  # draws in a row without a new task, after which a family counts as used up
FORMS_PATIENCE = 3000  # tasks in a row in other forms than those asked for, after which there are none


def generate(
    split: str,
    count: int,
    seed: int,
    *,
    families: Collection[str] = (),
    levels: Collection[int] = (1, 2, 3),
    forms: Collection[str] = (),
    varied: bool = False,
) -> list[Task]:
    """Return `count` distinct tasks of a split, families in fixed shares; with `forms` those told in one of these.

    `varied` draws names and headers from many instead of from the family's own (`dialect`).

    The list follows from the arguments alone, and a shorter list is a prefix of a longer one. Raises UsageError for an
    unknown split, family, level or form, and for a count beyond what the split holds.
    """
    if count < 0:
        raise UsageError(f"expected a count of at least 0, found {count}; ask for the number of tasks you want")
    chosen = select(split, families, levels)
    if unknown := sorted(set(forms) - set(Form)):
        raise UsageError(f"expected forms of telling, found {', '.join(unknown)}; choose among {', '.join(Form)}")
    return first(count, _told(stream(split, seed, chosen, varied=varied), forms), split, chosen)


def first(count: int, tasks: Iterator[Task], split: str, families: Sequence[Family]) -> list[Task]:
    """Return the first `count` tasks of a stream; raise UsageError where it has fewer."""
    found = list(islice(tasks, count))
    if len(found) < count:
        raise UsageError(
            f"expected {count} distinct tasks in split {split!r}, found only {len(found)} in "
            f"{len(families)} families; ask for fewer, or allow more families, levels or forms"
        )
    return found


def _told(tasks: Iterator[Task], forms: Collection[str]) -> Iterator[Task]:
    """Yield the tasks told in one of `forms`, all without any; end where none comes for long."""
    misses = 0
    for task in tasks:
        if forms and form_of(task) not in forms:
            misses += 1
            if misses >= FORMS_PATIENCE:
                return
            continue
        misses = 0
        yield task


def form_of(task: Task) -> str:
    """Return the form in which a task of the gym is told, as its tag says."""
    return next(tag.removeprefix(FORM) for tag in task.tags if tag.startswith(FORM))


def example(family: str, seed: int) -> Task:
    """Return one task of a family: what `itertl gym --family counter --seed 3` shows."""
    _check_names([family])
    for split in ("train", "base", "test", "dev", "shifted", "unseen"):
        tasks = family_tasks(split, seed, FAMILIES[family], set()) if _occurs(FAMILIES[family], split) else iter(())
        if (task := next(tasks, None)) is not None:
            return task
    raise UsageError(f"expected a family with designs, found none in {family}; give it parameters, or a draw")


def select(split: str, families: Collection[str] = (), levels: Collection[int] = (1, 2, 3)) -> list[Family]:
    """Return the families of a split, those named and of these levels; raise UsageError where there are none."""
    if split not in SPLITS:
        raise UsageError(f"expected one of the splits {', '.join(SPLITS)}, found {split!r}; choose one of them")
    _check_names(families)
    if not set(levels) <= {1, 2, 3}:
        raise UsageError(f"expected levels among 1, 2 and 3, found {sorted(levels)}; choose among them")
    possible = occurring(split)
    chosen = [f for f in possible if (not families or f.name in families) and f.level in levels]
    if not chosen:
        raise UsageError(
            f"expected families and levels that occur in split {split!r}, found none in the selection; "
            f"choose among {', '.join(sorted(family.name for family in possible))}"
        )
    return chosen


def occurring(split: str) -> list[Family]:
    """Return the families that a split may have tasks of."""
    return [family for family in FAMILIES.values() if _occurs(family, split)]


def _check_names(families: Collection[str]) -> None:
    if unknown := sorted(set(families) - FAMILIES.keys()):
        known = ", ".join(sorted(FAMILIES))
        raise UsageError(f"expected names of families, found {', '.join(unknown)}; choose among {known}")


def _occurs(family: Family, split: str) -> bool:
    if split == "unseen":
        return family.held_out or tells_held_form(family)
    return not family.held_out and (split != "shifted" or family.draw is not None or bool(family.shifted))


def stream(
    split: str,
    seed: int,
    families: Sequence[Family],
    sources: Mapping[str, Iterator[Task]] | None = None,
    *,
    varied: bool = False,
) -> Iterator[Task]:
    """Yield distinct tasks: round after round, in a fresh order, until all families are used up.

    A round has one task of each family that lists its designs, and `DRAWN_TIMES` of each that draws them. `sources`,
    by family, come from other processes (`apart`).
    """
    order = random.Random(f"gym {split} {seed}")
    if sources is None:
        known: set[int] = set()
        sources = {family.name: family_tasks(split, seed, family, known, varied) for family in families}
    turns = [family.name for family in families for _ in range(times_a_round(family))]
    while turns:
        order.shuffle(turns)
        spent = set()
        for name in turns:
            task = next(sources[name], None)
            if task is None:
                spent.add(name)
            else:
                yield task
        turns = [name for name in turns if name not in spent]


def times_a_round(family: Family) -> int:
    """Return how many tasks of a family a round has."""
    return DRAWN_TIMES if family.draw else 1


def family_tasks(split: str, seed: int, family: Family, known: set[int], varied: bool = False) -> Iterator[Task]:
    """Yield the family's distinct tasks of a split; none of a design in `known` where designs must not come again."""
    rng = random.Random(f"gym {split} {seed} {family.name}")
    seen: set[str] = set()
    misses = 0
    for entry in _entries(split, family, rng):
        task = None
        if split in TRAINED or entry.digest not in known:
            task = _task(split, family, entry, rng, varied) if entry.digest % 100 in BUCKETS[split] else None
        if task is None or task.id in seen or published(entry.digest, entry.design.body):
            misses += 1
            if misses >= PATIENCE:
                return
            continue
        misses = 0
        known.add(entry.digest)
        seen.add(task.id)
        yield task


def _entries(split: str, family: Family, rng: random.Random) -> Iterator[Entry]:
    """Yield designs among which those of a split are; in base and train without end."""
    ranges = {"shifted": (True,), "unseen": (False, True) if family.held_out else (False,)}.get(split, (False,))
    if family.draw is not None:
        wide = ranges[0]
        times = TELLINGS if split in TRAINED else 1
        yield from chain.from_iterable([entry] * times for entry in drawn(family, rng, wide))
    pool = tuple(e for wide in ranges for e in listed(family, wide) if e.digest % 100 in BUCKETS[split])
    while split in TRAINED and pool:
        yield _pick(pool, rng)
    yield from rng.sample(pool, len(pool))


def _task(split: str, family: Family, entry: Entry, rng: random.Random, varied: bool) -> Task | None:
    """Tell one design with names of its own, or return None where no telling is for this split."""
    if family.held_out:
        tellings = entry.tellings
    else:
        tellings = entry.held_tellings if split == "unseen" else entry.trained_tellings
    if not tellings:
        return None
    telling = _pick(tellings, rng)
    combination, body = entry.combination, entry.design.body
    names = draw_varied_names(family, combination, rng, body) if varied else draw_names(family, combination, rng)
    header = fill(entry.header, names)
    instruction = compose(telling, entry.design, names, rng)
    if varied:
        plain, header = header, varied_header(header, rng)
        instruction = instruction.replace(plain, header)
    reference = f"{header}{fill(body, names)}endmodule\n"
    return Task(
        id=f"gym-{split}-{family.name}-{digest(instruction, reference)[:8]}",
        instruction=instruction,
        header=header,
        reference=reference,
        top=names.module,
        suite="gym",
        tags=_tags(family, telling.form, split, VERSION),
    )


@cache
def _tags(family: Family, form: Form, split: str, version: int) -> tuple[str, ...]:
    return (f"family:{family.name}", f"level:{family.level}", f"{FORM}{form}", f"split:{split}", f"gym:{version}")


def _pick(pool: tuple[T, ...], rng: random.Random) -> T:
    return pool[int(rng.random() * len(pool))]
