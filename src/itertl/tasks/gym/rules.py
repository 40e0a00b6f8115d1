"""Prioritised rules as data: conditions and actions, each said in Verilog, in English and in Python.

    Rule(Part("greater", "a", "b", 0), Part("copy", "b", "", 0))          if a > b, the result is b

The first rule whose condition holds decides; without one, the default does.

    itertl gym --family guarded_value --seed 3
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from itertl.tasks.gym.design import Row


class Part(NamedTuple):
    """A condition or an action: its kind, up to two operands (roles), a constant."""

    kind: str
    x: str
    y: str
    k: int


class Rule(NamedTuple):
    """What holds, and what happens then."""

    test: Part
    act: Part


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules in the order of their priority, what happens if none applies, and the width of all words in bits."""

    ordered: tuple[Rule, ...]
    default: Part
    width: int

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that the rules read, sorted."""
        parts = [self.default, *(part for rule in self.ordered for part in rule)]
        return tuple(sorted({role for part in parts for role in (part.x, part.y)} - {""}))


Meaning = tuple[str, tuple[str, ...], Callable[[int, int, int], int]]  # Verilog, English, Python of x, y and k
TESTS: Mapping[str, Meaning] = {
    "high": ("{x}", ("{x} is 1", "{x} is high", "{x} = 1"), lambda x, y, k: x),
    "low": ("!{x}", ("{x} is 0", "{x} is low", "{x} = 0"), lambda x, y, k: 1 - x),
    "both": ("{x} && {y}", ("{x} and {y} are both 1", "both {x} and {y} are 1"), lambda x, y, k: x & y),
    "neither": ("!{x} && !{y}", ("neither {x} nor {y} is 1", "{x} and {y} are both 0"), lambda x, y, k: 1 - (x | y)),
    "differ": ("{x} != {y}", ("{x} and {y} differ", "{x} is different from {y}"), lambda x, y, k: x ^ y),
    "equal": ("{x} == {y}", ("{x} equals {y}", "{x} and {y} are equal"), lambda x, y, k: x == y),
    "greater": ("{x} > {y}", ("{x} is greater than {y} (unsigned)", "{x} > {y}, unsigned"), lambda x, y, k: x > y),
    "is": ("{x} == {v}", ("{x} is exactly {k}", "{x} equals {k}"), lambda x, y, k: x == k),
    "least": ("{x} >= {v}", ("{x} is at least {k}", "{x} is {k} or more"), lambda x, y, k: x >= k),
    "odd": ("{x}[0]", ("{x} is odd", "bit 0 of {x} is 1"), lambda x, y, k: x & 1),
}
ACTS: Mapping[str, Meaning] = {
    "constant": ("{v}", ("{k}", "the constant {k}"), lambda x, y, k: k),
    "copy": ("{x}", ("{x}", "the value of {x}"), lambda x, y, k: x),
    "invert": ("~{x}", ("{x} with every bit inverted", "the bitwise complement of {x}"), lambda x, y, k: ~x),
    "sum": ("{x} + {y}", ("{x} + {y} ({modulo})", "the sum of {x} and {y}, {modulo}"), lambda x, y, k: x + y),
    "difference": ("{x} - {y}", ("{x} - {y} ({modulo})", "{x} minus {y}, {modulo}"), lambda x, y, k: x - y),
    "and": ("{x} & {y}", ("the bitwise AND of {x} and {y}", "{x} AND {y}, bit by bit"), lambda x, y, k: x & y),
    "xor": ("{x} ^ {y}", ("the bitwise XOR of {x} and {y}", "{x} XOR {y}, bit by bit"), lambda x, y, k: x ^ y),
    "up": ("{x} + {v}", ("{x} + {k} ({modulo})", "{x} plus {k}, {modulo}"), lambda x, y, k: x + k),
    "down": ("{x} - {v}", ("{x} - {k} ({modulo})", "{x} minus {k}, {modulo}"), lambda x, y, k: x - k),
    "left": ("{{{x}[{h}:0], 1'b0}}", ("{x} shifted left by one bit, bit 0 becoming 0",), lambda x, y, k: x << 1),
    "right": (
        "{{1'b0, {x}[{m}:1]}}",
        ("{x} shifted right by one bit, a 0 coming in at the top",),
        lambda x, y, k: x >> 1,
    ),
}


def run(meanings: Mapping[str, Meaning], part: Part, row: Row) -> int:
    """Return what a condition or an action gives for the values of the roles."""
    return meanings[part.kind][2](row.get(part.x, 0), row.get(part.y, 0), part.k)


def apply(rules: Rules, row: Row) -> int:
    """Return the result of the first rule that holds."""
    act = next((rule.act for rule in rules.ordered if run(TESTS, rule.test, row)), rules.default)
    return run(ACTS, act, row) % (1 << rules.width)


def write(meanings: Mapping[str, Meaning], part: Part, names: Mapping[str, str], width: int) -> str:
    """Return a part in Verilog."""
    x, y = names.get(part.x, ""), names.get(part.y, "")
    return meanings[part.kind][0].format(x=x, y=y, v=f"{width}'d{part.k}", m=width - 1, h=width - 2)


def tell(meanings: Mapping[str, Meaning], part: Part, names: Mapping[str, str], width: int, rng: random.Random) -> str:
    """Return a part in English."""
    said = meanings[part.kind][1]
    x, y = names.get(part.x, ""), names.get(part.y, "")
    return said[int(rng.random() * len(said))].format(x=x, y=y, k=part.k, modulo=f"modulo {1 << width}")


def draw_rules(rng: random.Random, count: int, width: int, words: Sequence[str], kinds: Sequence[str]) -> Rules:
    """Draw `count` rules over the flags p, q, r, s and two words; none is hidden by those before it.

    For that, each flag is looked at once, and each comparison of words comes once, with constants apart from others'.
    """
    flags, (a, b), top = rng.sample("pqrs", 4), words, 1 << width
    tests = [
        Part("equal", a, b, 0),
        Part("greater", a, b, 0),
        Part("is", a, "", rng.randrange(top // 2)),
        Part("least", b, "", rng.randrange(top // 2, top - 1)),
        Part("odd", rng.choice((a, b)), "", 0),
    ]
    alone, pair = ("high", "high", "low"), ("both", "neither", "differ")
    if rng.random() < 0.4:
        tests = [Part(rng.choice(pair), flags.pop(), flags.pop(), 0), *tests]
    tests += [Part(rng.choice(alone), flag, "", 0) for flag in flags]
    chosen = rng.sample(tests, min(count, len(tests)))
    acts = rng.sample(_actions(rng, width, words, kinds), len(chosen) + 1)
    return Rules(tuple(Rule(t, act) for t, act in zip(chosen, acts, strict=False)), acts[-1], width)


def _actions(rng: random.Random, width: int, words: Sequence[str], kinds: Sequence[str]) -> list[Part]:
    """Return different actions, at least nine."""
    a, b = words
    both = {"sum", "difference", "and", "xor"}
    found = [Part("constant", "", "", k) for k in {0, (1 << width) - 1, rng.randrange(1 << width)}]
    for kind in kinds:
        if kind in both:
            found.append(Part(kind, a, b, 0))
        elif kind in ("up", "down"):
            found.append(Part(kind, a, "", rng.choice((1, 1, 1, 2))))
        else:
            found.append(Part(kind, a, "", 0))
    return [*found, Part("copy", b, "", 0)]
