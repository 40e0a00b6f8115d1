"""A truth table in the forms in which engineers write one.

Each function gets the table, the names of the inputs (the most significant first) and of the outputs, and a generator
that draws the layout.

    itertl gym --family truth_table --seed 3
"""

import random
from collections.abc import Callable, Sequence

from itertl.tasks.gym.layout import grid, trace
from itertl.tasks.gym.table import Table, Value, rows_with

Text = Callable[[Table, Sequence[str], Sequence[str], random.Random], str]
DONT_CARE = ("-", "x", "X", "d")
NEGATIONS: tuple[tuple[str, str, str, str], ...] = (  # not (before, behind), and, or
    ("~", "", " & ", " | "),
    ("!", "", " && ", " || "),
    ("not ", "", " and ", " or "),
    ("", "'", " ", " + "),
    ("NOT ", "", " AND ", " OR "),
)


def as_table(table: Table, ins: Sequence[str], outs: Sequence[str], rng: random.Random) -> str:
    """Return rows of values under the names, columns and rows in any order."""
    mark = rng.choice(DONT_CARE)
    columns = list(range(len(ins)))
    if rng.random() < 0.4:
        rng.shuffle(columns)
    rows = _ordered(table, columns, rng)
    cells = [
        (
            [str(i >> (len(ins) - 1 - k) & 1) for k in columns],
            [mark if column[i] is None else str(column[i]) for column in table.outputs],
        )
        for i in rows
    ]
    text = grid([ins[k] for k in columns], list(outs), cells, rng)
    return text if table.complete else f"{text}\n\n{_legend(mark, rng)}"


def _ordered(table: Table, columns: Sequence[int], rng: random.Random) -> list[int]:
    """Return the rows as a counter over the columns would bring them, backwards, or shuffled."""
    last = table.inputs - 1
    rows = [sum((j >> (last - at) & 1) << (last - k) for at, k in enumerate(columns)) for j in table.rows]
    kind = rng.random()
    if kind < 0.15:
        rng.shuffle(rows)
    elif kind < 0.3:
        rows.reverse()
    elif kind < 0.4:
        rows = [rows[j ^ j >> 1] for j in table.rows]
    return rows


def _legend(mark: str, rng: random.Random) -> str:
    return rng.choice(
        (
            f"{mark} marks a value that does not matter.",
            f"Where {mark} stands, either value will do.",
            f"({mark}: don't care)",
            f"An entry {mark} is a don't-care: 0 and 1 are both right.",
        )
    )


def as_karnaugh(table: Table, ins: Sequence[str], outs: Sequence[str], rng: random.Random) -> str:
    """Return one Karnaugh map for each output (two, one beside each value of an input, for five inputs)."""
    mark = rng.choice(DONT_CARE)
    order = rng.sample(range(len(ins)), len(ins))
    apart, axes = (order[:1], order[1:]) if len(ins) > 4 else ([], order)
    cut = len(axes) // 2 + int(len(axes) % 2 and rng.random() < 0.5)
    down, across = axes[:cut], axes[cut:]
    turn = rng.random() < 0.2
    maps = [
        f"{f'{out}, for {ins[apart[0]]} = {fixed}' if apart else out}:\n"
        + _map(table, column, ins, (apart, down, across), (fixed, turn, mark))
        for out, column in zip(outs, table.outputs, strict=True)
        for fixed in ((0, 1) if apart else (0,))
    ]
    text = "\n\n".join(maps)
    return text if table.complete else f"{text}\n\n{_legend(mark, rng)}"


def _map(
    table: Table,
    column: Sequence[Value],
    ins: Sequence[str],
    axes: tuple[list[int], list[int], list[int]],
    look: tuple[int, bool, str],
) -> str:
    """Return one map; `axes` are the inputs kept apart, down and across, `look` the fixed value, a turn, the mark."""
    (apart, down, across), (fixed, turn, mark) = axes, look
    rows, columns = _gray(len(down), turn), _gray(len(across), turn)

    def cell(row: str, col: str) -> str:
        values = dict(zip((*apart, *down, *across), str(fixed) * len(apart) + row + col, strict=True))
        found = column[int("".join(values[k] for k in range(table.inputs)), 2)]
        return mark if found is None else str(found)

    corner = f"{' '.join(ins[k] for k in down)} \\ {' '.join(ins[k] for k in across)}"
    lines = [[corner, *columns], *([row, *(cell(row, col) for col in columns)] for row in rows)]
    return "\n".join(
        " | ".join([line[0].rjust(len(corner)), *(v.rjust(len(across)) for v in line[1:])]) for line in lines
    )


def _gray(bits: int, turn: bool) -> list[str]:
    """Return the values of `bits` bits so that neighbours differ in one, possibly started half-way."""
    codes = [f"{i ^ i >> 1:0{bits}b}" for i in range(1 << bits)]
    half = len(codes) // 2
    return codes[half:] + codes[:half] if turn else codes


def as_minterms(table: Table, ins: Sequence[str], outs: Sequence[str], rng: random.Random) -> str:
    """Return, for each output, the list of its minterms or maxterms, and of what does not matter."""
    style = rng.choice((("Σm(", " + d("), ("sum of minterms m(", ", don't-cares d("), ("sum m(", " + sum d(")))
    if rng.random() < 0.4:
        style = rng.choice((("ΠM(", " · D("), ("product of maxterms M(", ", don't-cares D("), ("prod M(", " * D(")))
    listed = 0 if "M" in style[0] else 1
    args = f"({', '.join(ins)})" if rng.random() < 0.6 else ""
    lines = []
    for k, out in enumerate(outs):
        rows, unsaid = rows_with(table, k, listed), rows_with(table, k, None)
        extra = f"{style[1]}{_numbers(unsaid)})" if unsaid else ""
        lines.append(f"{out}{args} = {style[0]}{_numbers(rows)}){extra}")
    order = rng.choice(
        (
            f"{ins[0]} is the most significant bit of a term's number, {ins[-1]} the least significant.",
            f"Terms are numbered with {ins[0]} as MSB and {ins[-1]} as LSB (order {', '.join(ins)}).",
            f"In the numbers, the inputs stand in the order {' '.join(ins)}, the most significant first.",
        )
    )
    return "\n".join([order, *lines] if rng.random() < 0.5 else [*lines, order])


def _numbers(rows: Sequence[int]) -> str:
    return ", ".join(str(i) for i in rows)


def as_equations(table: Table, ins: Sequence[str], outs: Sequence[str], rng: random.Random) -> str:
    """Return each output as a sum of products, or a product of sums, of all its terms; for complete tables."""
    before, behind, times, plus = rng.choice(NEGATIONS)
    sums = rng.random() < 0.3
    lines = []
    for k, out in enumerate(outs):
        terms = []
        for row in rows_with(table, k, 0 if sums else 1):
            literals = [
                name if (row >> (len(ins) - 1 - i) & 1) != sums else f"{before}{name}{behind}"
                for i, name in enumerate(ins)
            ]
            terms.append(f"({(plus if sums else times).join(literals)})")
        lines.append(f"{out} = {(times if sums else plus).join(terms)}")
    note = (
        ""
        if behind != "'"
        else f"\n({ins[0]}' is the complement of {ins[0]}; + is OR, and terms side by side are ANDed.)"
    )
    return "\n".join(lines) + note


def as_words(table: Table, ins: Sequence[str], outs: Sequence[str], rng: random.Random) -> str:
    """Return sentences that list the numbers for which each output is 1 (or 0)."""
    number = f"{{{', '.join(ins)}}}"
    kind = int(rng.random() * 3)
    parts = [
        (
            f"Read {number} as a binary number, {ins[0]} being its most significant bit.",
            f"Let n be the number whose bits are {', '.join(ins)}, the most significant first.",
            f"Together, {' '.join(ins)} form an unsigned number with {ins[0]} in front.",
        )[kind]
    ]
    said = ("it", "n", "that number")[kind]
    for k, out in enumerate(outs):
        ones, zeros, unsaid = (rows_with(table, k, v) for v in (1, 0, None))
        value, rows = (1, ones) if len(ones) <= len(zeros) else (0, zeros)
        open_ = f" For {_or(unsaid)} the value of {out} does not matter." if unsaid else ""
        rest = "in all other cases" if not unsaid else "for all remaining numbers"
        parts.append(f"{out} is {value} if {said} is {_or(rows)}, and {1 - value} {rest}.{open_}")
    return " ".join(parts)


def _or(rows: Sequence[int]) -> str:
    words = [str(i) for i in rows]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def as_trace(table: Table, ins: Sequence[str], outs: Sequence[str], rng: random.Random) -> str:
    """Return a timing diagram in which every combination of the inputs is seen, some of them twice."""
    order = list(table.rows)
    rng.shuffle(order)
    order += rng.sample(order, len(order) // 4)
    bits = len(ins)
    lines = [(name, [str(i >> (bits - 1 - k) & 1) for i in order]) for k, name in enumerate(ins)]
    lines += [
        (name, ["x" if column[i] is None else str(column[i]) for i in order])
        for name, column in zip(outs, table.outputs, strict=True)
    ]
    return trace(lines, rng)
