"""Columns of text: grids of values with a head, and signals over time.

grid(("a", "b"), ("y",), [(["0", "0"], ["1"]), ...], rng)       trace([("clk", ["0", "1"]), ...], rng)

itertl gym --family truth_table --seed 3
"""

import random
from collections.abc import Sequence

BARRED = 5  # columns that are set between bars; more of them read better without


def grid(
    ins: Sequence[str], outs: Sequence[str], cells: Sequence[tuple[list[str], list[str]]], rng: random.Random
) -> str:
    """Return lines of two groups of cells under two groups of names, in one of four layouts."""
    lines = [(list(ins), list(outs)), *cells]
    style = int(rng.random() * 4)
    if style == 0 and len(ins) + len(outs) <= BARRED:
        rule = "|" + " --- |" * (len(ins) + len(outs))
        drawn = [f"| {' | '.join([*a, *b])} |" for a, b in lines]
        return "\n".join([drawn[0], rule, *drawn[1:]])
    if style == 1:
        return "\n".join(",".join([*a, *b]) for a, b in lines)
    wide = [max(map(len, column)) for column in zip(*([*a, *b] for a, b in lines), strict=True)]
    split = len(ins)
    drawn = [
        " ".join(v.rjust(w) for v, w in zip(a, wide[:split], strict=True))
        + " | "
        + " ".join(v.rjust(w) for v, w in zip(b, wide[split:], strict=True))
        for a, b in lines
    ]
    rule = "-" * (len(drawn[0]) - len(drawn[0].split("|")[1]) - 1) + "+" + "-" * len(drawn[0].split("|")[1])
    return "\n".join([drawn[0], *([rule] if style == 2 else []), *drawn[1:]])


def trace(lines: Sequence[tuple[str, Sequence[str]]], rng: random.Random) -> str:
    """Return values over time, one line a signal or one line a moment."""
    if rng.random() < 0.5:
        wide = max(len(name) for name, _ in lines)
        gap = rng.choice((" ", ""))
        if any(len(v) > 1 for _, values in lines for v in values):
            gap = " "
        size = max(len(v) for _, values in lines for v in values)
        return "\n".join(f"{name.ljust(wide)} : {gap.join(v.rjust(size) for v in values)}" for name, values in lines)
    head = ["time", *(name for name, _ in lines)]
    rows = [[str(at), *values] for at, values in enumerate(zip(*(v for _, v in lines), strict=True))]
    joint = rng.choice((" | ", ",", " "))
    wide_cells = [0 if joint == "," else max(len(row[k]) for row in (head, *rows)) for k in range(len(head))]
    return "\n".join(joint.join(v.rjust(w) for v, w in zip(row, wide_cells, strict=True)) for row in (head, *rows))
