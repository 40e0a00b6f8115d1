"""Where the designs of a family come from: a list of all parameter combinations, or endless draws.

A design is built once, with marks for names; its digest, up to names and spelling, says which split it is in.

    listed(COUNTER, wide=False)   ->  every design of the trained range, none twice
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial

from itertl.tasks.gym.code_texts import UNSUITED, code_tellings
from itertl.tasks.gym.design import HELD_FORMS, Combination, Design, Family, Telling, stable_hash
from itertl.tasks.gym.naming import marks
from itertl.tasks.gym.normal import design_digest
from itertl.tasks.gym.right_values import right_values


@dataclass(frozen=True)
class Entry:
    """A built design with its parameters; `digest` has 64 bits and tells designs apart up to names and spelling.

    Tellings are gathered where a task asks for them: most designs that are drawn belong to another split.
    """

    family: Family
    combination: Combination
    design: Design
    digest: int

    @cached_property
    def tellings(self) -> tuple[Telling, ...]:
        """The design's own tellings, and those by code."""
        own = self.design.tellings
        if all(telling.form in UNSUITED for telling in own):
            return own
        values = partial(right_values, self.family, self.combination, self.design.ports)
        return own + code_tellings(self.design, values)

    @cached_property
    def trained_tellings(self) -> tuple[Telling, ...]:
        """Those in forms that training reads."""
        return tuple(telling for telling in self.tellings if telling.form not in HELD_FORMS)

    @cached_property
    def held_tellings(self) -> tuple[Telling, ...]:
        """Those in forms that training never reads."""
        return tuple(telling for telling in self.tellings if telling.form in HELD_FORMS)

    @cached_property
    def header(self) -> str:
        """The design's header, with marks for names."""
        return self.design.header


def built(family: Family, combination: Combination) -> Entry:
    """Build the design of a combination."""
    design = family.build(marks(family, combination), **combination)
    return Entry(family, combination, design, design_digest(design.ports, design.body))


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
