"""Cellular automata in one dimension: every cell follows from itself and its two neighbours.

itertl gym --family cellular_automaton --seed 1
"""

import random
from collections.abc import Callable, Iterator

from itertl.tasks.gym.clocking import RESETS, Clocking, clocking
from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    body,
    inp,
    lit,
    reg,
)
from itertl.tasks.gym.wording import reword

RULES = tuple(
    r for r in range(1, 255) if r not in (0, 15, 51, 85, 90, 110, 170, 204, 240, 255)
)  # depends on neighbours
BORDERS = {
    "wrap": (
        "The cells form a ring: bit {m} and bit 0 are neighbours.",
        "The ends are joined, so that the left neighbour of bit {m} is bit 0, and the right neighbour of bit 0 is bit "
        "{m}.",
    ),
    "zero": (
        "Beyond both ends, cells count as 0.",
        "Bit {m} has a constant 0 on its left, and bit 0 has one on its right.",
    ),
    "one": (
        "Beyond both ends, cells count as 1.",
        "Bit {m} has a constant 1 on its left, and bit 0 has one on its right.",
    ),
    "mirror": (
        "At the ends, the missing neighbour has the value of the end cell itself.",
        "Bit {m} is its own left neighbour, and bit 0 its own right neighbour.",
    ),
}

TURNS = (
    "all cells take their next values together",
    "the whole row moves on by one generation",
    "every cell is replaced by its next value at once",
    "the next generation takes the place of the present one",
)


def _beyond(q: str, width: int, border: str) -> tuple[str, str]:
    """Return what is left of the top bit and right of bit 0."""
    top, low = f"{q}[{width - 1}]", f"{q}[0]"
    return {"wrap": (low, top), "zero": ("1'b0", "1'b0"), "one": ("1'b1", "1'b1"), "mirror": (top, low)}[border]


def _sum(n: Names, rule: int) -> str:
    """Return the rule as a sum of products, complemented where that is shorter."""
    inverted = rule.bit_count() > 4
    kept = [k for k in range(8) if (rule >> k & 1) != inverted]
    terms = [
        "(" + " & ".join(f"{'' if k >> at & 1 else '~'}{name}" for at, name in ((2, n.l), (1, n.q), (0, n.r))) + ")"
        for k in kept
    ]
    return f"~({' | '.join(terms)})" if inverted else " | ".join(terms)


def _cells(n: Names, rule: int, width: int, border: str, enable: bool, start: int, style: str) -> Design:
    c, q = clocking(n, style), n.q
    left, right = _beyond(q, width, border)
    step = f"{q} <= {_sum(n, rule)};"
    steps = ((n.load, f"{q} <= {n.d};"), *([(n.en, step)] if enable else [("", step)]))
    return Design(
        ports=(*c.ports, inp(1, n.load), inp(width, n.d), *([inp(1, n.en)] if enable else []), reg(width, q)),
        body=body(
            f"wire [{width - 1}:0] {n.l} = {{{left}, {q}[{width - 1}:1]}};",
            f"wire [{width - 1}:0] {n.r} = {{{q}[{width - 2}:0], {right}}};",
            c.always(f"{q} <= {lit(start, width)};", *steps),
        ),
        texts=tuple(
            Telling(form, _told(text, c, rule, width, border, enable))
            for form, text in (
                (Form.PROSE, _numbered),
                (Form.TABLE, _tabled),
                (Form.MINTERMS, _listed),
                (Form.EQUATIONS, _equation),
            )
        ),
        reset=c.resets(q, str(start)),
    )


def _told(
    text: Callable[[int, Names, random.Random], str], c: Clocking, rule: int, width: int, border: str, enable: bool
) -> Callable[[Names, random.Random], str]:
    def told(n: Names, rng: random.Random) -> str:
        turn = rng.choice(TURNS)
        moves = f"if {n.en} is 1, {turn}; otherwise {n.q} does not change" if enable else turn
        begin = rng.choice(
            (
                f"{n.q} is a row of {width} cells, one bit each. On the {c.edge}, {n.q} is loaded with {n.d} if {n.load} "
                f"is 1; otherwise {moves}.",
                f"A one-dimensional cellular automaton has {width} cells, the bits of {n.q}. On the {c.edge}: if "
                f"{n.load} is 1, {n.q} takes the {width}-bit value {n.d}; otherwise {moves}.",
            )
        )
        around = rng.choice(
            (
                "The left neighbour of bit i is bit i+1, the right one is bit i-1.",
                "Bit i+1 is left of bit i, and bit i-1 is right of it.",
                "Bits are written with the highest on the left, so bit i lies between bits i+1 (left) and i-1 (right).",
            )
        )
        ends = rng.choice(BORDERS[border]).format(m=width - 1)
        return f"{reword(begin, rng)} {around} {ends} {text(rule, n, rng)}"

    return told


def _numbered(rule: int, n: Names, rng: random.Random) -> str:
    shown = rng.choice((f"{rule}", f"{rule} (binary {rule:08b})"))
    return rng.choice(
        (
            f"Read left neighbour, cell and right neighbour as a 3-bit number k, the left one in front; the cell's next "
            f"value is bit k of the number {shown}.",
            f"The rule is number {shown}: with k = 4 * left + 2 * cell + right, the cell becomes bit k of that number.",
        )
    )


def _tabled(rule: int, n: Names, rng: random.Random) -> str:
    order = list(range(8))
    if rng.random() < 0.5:
        order.reverse()
    if rng.random() < 0.4:
        head = f"left cell right: {' '.join(f'{k:03b}' for k in order)}"
        row = "next cell".rjust(len("left cell right")) + ": " + " ".join(f"{rule >> k & 1}".rjust(3) for k in order)
        return f"The rule:\n\n{head}\n{row}"
    lines = [f"{k >> 2} | {k >> 1 & 1} | {k & 1} | {rule >> k & 1}" for k in order]
    return "\n".join(["The rule:\n", "left | cell | right | next", "--- | --- | --- | ---", *lines])


def _listed(rule: int, n: Names, rng: random.Random) -> str:
    ones = [k for k in range(8) if rule >> k & 1]
    listed = ", ".join(f"{k:03b}" for k in ones)
    return f"A cell becomes 1 if its neighbourhood (left, itself, right) is one of {listed}; otherwise it becomes 0."


def _equation(rule: int, n: Names, rng: random.Random) -> str:
    names = rng.choice((("L", "C", "R"), ("left", "self", "right"), ("u", "v", "w")))
    before, times, plus = rng.choice((("~", " & ", " | "), ("not ", " and ", " or ")))
    zeros = rng.random() < 0.3
    terms = [
        times.join(name if k >> (2 - at) & 1 else before + name for at, name in enumerate(names))
        for k in range(8)
        if (rule >> k & 1) != zeros
    ]
    value = plus.join(f"({term})" for term in terms)
    value = f"{before}({value})" if zeros else value
    return f"With {names[0]} for the left neighbour, {names[1]} for the cell and {names[2]} for the right one:\n\nnext = {value}"


def _draw(rng: random.Random, wide: bool) -> Combination:
    width = rng.randint(11, 24) if wide else rng.randint(4, 10)
    start = rng.choice((0, 1, 1 << width // 2, 1 << width - 1, (1 << width) - 1))
    return {
        "rule": rng.choice(RULES),
        "width": width,
        "border": rng.choice(tuple(BORDERS)),
        "enable": rng.random() < 0.4,
        "start": start,
        "style": rng.choice(RESETS),
    }


def _evolves(
    rows: Rows, rule: int, width: int, border: str, enable: bool, start: int, style: str
) -> Iterator[Expected]:
    cells = [start >> i & 1 for i in range(width)]  # bit 0 first
    for row in rows:
        yield {"q": sum(bit << i for i, bit in enumerate(cells))}
        if row["load"]:
            cells = [row["d"] >> i & 1 for i in range(width)]
        elif not enable or row["en"]:
            ends = {"wrap": (cells[-1], cells[0]), "zero": (0, 0), "one": (1, 1), "mirror": (cells[0], cells[-1])}
            right, left = ends[border]
            padded = [right, *cells, left]
            cells = [rule >> (padded[i + 2] * 4 + padded[i + 1] * 2 + padded[i]) & 1 for i in range(width)]


CELLULAR = Family(
    "cellular_automaton",
    2,
    _cells,
    names={
        "module": ("cells", "automaton", "ca", "cell_row", "life_row", "evolve"),
        "load d": ("load d", "set init", "ld data", "preset seed"),
        "en": ("en", "step", "go", "run"),
        "q": ("q", "row", "cells_q", "gen"),
        "l r": ("left right", "l r", "nl nr"),
    },
    oracle=_evolves,
    draw=_draw,
)
