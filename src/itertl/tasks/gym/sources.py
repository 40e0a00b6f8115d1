"""Where the designs of a family come from: a list of all parameter combinations, or endless draws.

A design is built once, with marks for names; its digest, up to names and spelling, says which split it is in.

    listed(COUNTER, wide=False)   ->  every design of the trained range, none twice
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial

from itertl.tasks.gym.code_texts import UNSUITED, code_tellings
from itertl.tasks.gym.design import HELD_FORMS, Combination, Design, Family, Telling, stable_hash
from itertl.tasks.gym.naming import marks
from itertl.tasks.gym.normal import design_digest
from itertl.tasks.gym.right_values import right_values


@dataclass(frozen=True, slots=True)
class Entry:
    """A built design with its parameters; `digest` has 64 bits and tells designs apart up to names and spelling."""

    combination: Combination
    design: Design
    digest: int
    tellings: tuple[Telling, ...]


def built(family: Family, combination: Combination) -> Entry:
    """Build the design of a combination."""
    design = family.build(marks(family, combination), **combination)
    tellings = design.tellings
    if any(telling.form not in UNSUITED for telling in tellings):
        tellings += code_tellings(design, partial(right_values, family, combination, design.ports))
    return Entry(combination, design, design_digest(design.ports, design.body), tellings)


@cache
def combinations(family: Family, wide: bool) -> tuple[Combination, ...]:
    """Return the combinations of a family that lists them: inside the trained range, or beyond it in one at least."""
    values = {key: (*inside, *family.shifted.get(key, ())) for key, inside in family.parameters.items()}
    every = [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    found = [c for c in every if wide == any(c[key] in outside for key, outside in family.shifted.items())]
    return tuple(c for c in found if family.valid is None or family.valid(**c))


@cache
def listed(family: Family, wide: bool) -> tuple[Entry, ...]:
    """Return the distinct designs of a family that lists its combinations, in an order that tells nothing.

    What lies inside the trained range is not wide: a rotation of 8 bits by 5 to the left is one by 3 to the right.
    """
    inside = {entry.digest for entry in listed(family, False)} if wide else set()
    entries = {entry.digest: entry for entry in (built(family, c) for c in combinations(family, wide))}
    entries = {digest: entry for digest, entry in entries.items() if digest not in inside}
    return tuple(sorted(entries.values(), key=lambda entry: stable_hash(f"{family.name} {entry.digest}")))


def drawn(family: Family, rng: random.Random, wide: bool) -> Iterator[Entry]:
    """Yield designs of a family that draws them, without end; some may come again."""
    assert family.draw is not None
    while True:
        yield built(family, family.draw(rng, wide))


def some_design(family: Family) -> Entry:
    """Return one design of the trained range, always the same."""
    if family.draw is not None:
        return built(family, family.draw(random.Random(family.name), False))
    return listed(family, False)[0]


@cache
def tells_held_form(family: Family) -> bool:
    """Return whether the family tells in a form that training never reads."""
    return any(telling.form in HELD_FORMS for telling in some_design(family).tellings)
