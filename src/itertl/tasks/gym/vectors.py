"""Families of wiring: vectors cut, reordered, repeated and put together; words chosen from long vectors; neighbours.

itertl gym --family rewire --seed 1
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    bits,
    body,
    either,
    inp,
    out,
)
from itertl.tasks.gym.layout import grid
from itertl.tasks.gym.naming import fill

INPUTS = ("a", "b", "c")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a vector, from its most significant bit on: bits `high` to `low` of an input, or (source "") a constant.

    `way` is "plain", "reversed" or "inverted"; a piece occurs `times` in a row. A constant is the number `high` in
    `low` bits.
    """

    source: str
    high: int
    low: int
    way: str = "plain"
    times: int = 1

    @property
    def width(self) -> int:
        """Bits of all its copies."""
        return self.times * (self.high - self.low + 1 if self.source else self.low)


Pieces = tuple[Piece, ...]


def _verilog(piece: Piece, n: Names) -> str:
    if not piece.source:
        text = f"{piece.low}'b{piece.high:0{piece.low}b}"
    else:
        name = vars(n)[piece.source]
        if piece.way == "reversed":
            text = f"{{{', '.join(f'{name}[{i}]' for i in range(piece.low, piece.high + 1))}}}"
        else:
            text = ("~" if piece.way == "inverted" else "") + name + _range(piece.high, piece.low)
    return text if piece.times == 1 else f"{{{piece.times}{{{text}}}}}"


def _range(high: int, low: int) -> str:
    return f"[{high}]" if high == low else f"[{high}:{low}]"


def _spoken(piece: Piece, n: Names, rng: random.Random) -> str:
    count = {1: "", 2: "two copies of ", 3: "three copies of ", 4: "four copies of "}.get(
        piece.times, f"{piece.times} copies of "
    )
    if not piece.source:
        return f"{count}the constant {piece.high:0{piece.low}b}" if piece.low > 1 else f"{count}a constant {piece.high}"
    name = vars(n)[piece.source]
    if piece.high == piece.low:
        part = rng.choice((f"bit {piece.high} of {name}", f"{name}[{piece.high}]"))
    else:
        part = rng.choice((f"bits {piece.high} to {piece.low} of {name}", f"{name}[{piece.high}:{piece.low}]"))
    if piece.way == "reversed":
        part += rng.choice(
            (
                f" in reverse order ({name}[{piece.low}] at the more significant end)",
                f" mirrored, so that {name}[{piece.low}] is the more significant end",
            )
        )
    if piece.way == "inverted":
        part = rng.choice(("the complement of ", "the inverted ")) + part
    return count + part


def _rewire(n: Names, widths: tuple[int, ...], outputs: tuple[Pieces, ...]) -> Design:
    ins, outs = [vars(n)[role] for role in INPUTS[: len(widths)]], (n.y, n.z, n.w)[: len(outputs)]
    sizes = [sum(piece.width for piece in pieces) for pieces in outputs]
    lines = [
        f"assign {o} = {{{', '.join(_verilog(p, n) for p in pieces)}}};"
        if len(pieces) > 1
        else f"assign {o} = {_verilog(pieces[0], n)};"
        for o, pieces in zip(outs, outputs, strict=True)
    ]
    given = " and ".join(f"{name} ({bits(width)})" for name, width in zip(ins, widths, strict=True))

    def prose(_: Names, rng: random.Random) -> str:
        parts = []
        rising = False
        for name, size, pieces in zip(outs, sizes, outputs, strict=True):
            falling = rng.random() < 0.6
            rising |= not falling
            said = [_spoken(piece, n, rng) for piece in (pieces if falling else pieces[::-1])]
            end = "most" if falling else "least"
            parts.append(
                f"{name} is {said[0]}."
                if len(said) == 1
                else rng.choice(
                    (
                        f"Put {name} ({bits(size)}) together, beginning at its {end} significant end, from {_then(said)}.",
                        f"From its {end} significant bit on, {name} ({bits(size)}) consists of {_then(said)}.",
                    )
                )
            )
        lead = rng.choice(("Only wires are needed, no logic with memory.", f"The input is {given}.", "This is wiring."))
        note = " Each part keeps its own order, its higher index at the more significant side, unless something else is said."
        return f"{lead} {' '.join(parts)}" + (note if rising or rng.random() < 0.1 else "")

    def table(_: Names, rng: random.Random) -> str:
        cells = []
        for name, size, pieces in zip(outs, sizes, outputs, strict=True):
            top = size - 1
            for piece in pieces:
                cells.append(([f"{name}{_range(top, top - piece.width + 1)}"], [_spoken(piece, n, rng)]))
                top -= piece.width
        if rng.random() < 0.4:
            rng.shuffle(cells)
        return f"Where each bit of {' and '.join(outs)} comes from:\n\n" + grid(["bits"], ["come from"], cells, rng)

    return Design(
        ports=(
            *(inp(width, name) for width, name in zip(widths, ins, strict=True)),
            *(out(size, name) for size, name in zip(sizes, outs, strict=True)),
        ),
        body=body(*lines),
        texts=(Telling(Form.PROSE, prose), Telling(Form.TABLE, lambda names, rng: fill(table(names, rng), names))),
    )


def _then(parts: list[str]) -> str:
    return ", then ".join(parts)


def _draw_rewire(rng: random.Random, wide: bool) -> Combination:
    widths = tuple(
        rng.choice((64, 96, 128, 256)) if wide else rng.choice((3, 4, 6, 8, 8, 12, 16, 24, 32))
        for _ in range(rng.choice((1, 1, 2, 3)))
    )
    outputs: list[Pieces] = []
    missing = list(INPUTS[: len(widths)])
    for k in range(rng.choice((1, 1, 2, 3))):
        count = max(rng.choice((1, 2, 3, 3, 4, 5)), len(missing) if k == 0 else 1)
        pieces = [_piece(rng, widths, missing.pop(0) if missing else None) for _ in range(count)]
        rng.shuffle(pieces)
        outputs.append(tuple(pieces))
    return {"widths": widths, "outputs": tuple(outputs)}


def _piece(rng: random.Random, widths: tuple[int, ...], source: str | None) -> Piece:
    if source is None and rng.random() < 0.15:
        size = rng.randint(1, 4)
        return Piece("", rng.randrange(1 << size), size)
    source = source or rng.choice(INPUTS[: len(widths)])
    width = widths[INPUTS.index(source)]
    if rng.random() < 0.25:
        bit = rng.choice((0, width - 1, rng.randrange(width)))
        return Piece(source, bit, bit, rng.choice(("plain", "plain", "inverted")), rng.choice((1, 1, 2, 3, 4, 8)))
    low = rng.randrange(width - 1)
    high = rng.randint(low + 1, min(width - 1, low + 31))
    reverse = "reversed" if high - low < 16 else "plain"
    return Piece(
        source, high, low, rng.choice(("plain", "plain", "plain", reverse, "inverted")), rng.choice((1, 1, 1, 1, 2, 3))
    )


def _rewired(rows: Rows, widths: tuple[int, ...], outputs: tuple[Pieces, ...]) -> Iterator[Expected]:
    for row in rows:
        texts = {role: f"{row[role]:0{width}b}"[::-1] for role, width in zip(INPUTS, widths, strict=False)}
        yield {role: int("".join(_copied(p, texts) for p in ps), 2) for role, ps in zip("yzw", outputs, strict=False)}


def _copied(piece: Piece, texts: dict[str, str]) -> str:
    """Return the bits of a piece, the most significant first, from texts with bit 0 first."""
    if not piece.source:
        return f"{piece.high:0{piece.low}b}" * piece.times
    part = texts[piece.source][piece.low : piece.high + 1]
    if piece.way == "inverted":
        part = part.translate({48: "1", 49: "0"})
    return (part if piece.way == "reversed" else part[::-1]) * piece.times


REWIRE = Family(
    "rewire",
    1,
    _rewire,
    {
        "module": ("rewire", "wiring", "repack", "bit_shuffle", "format_conv", "splice"),
        "a b c": ("a b c", "in0 in1 in2", "x1 x2 x3", "hi mid lo", "src_a src_b src_c"),
        "y z w": ("y z w", "out0 out1 out2", "dst_a dst_b dst_c", "q r s"),
    },
    oracle=_rewired,
    draw=_draw_rewire,
)


OPERATORS: dict[str, tuple[str, str, Callable[[list[int]], int]]] = {
    "and": (" & ", "are all 1", lambda v: int(all(v))),
    "or": (" | ", "include a 1", lambda v: int(any(v))),
    "xor": (" ^ ", "hold an odd number of ones", lambda v: sum(v) % 2),
    "nand": (" & ", "are not all 1", lambda v: int(not all(v))),
    "nor": (" | ", "are all 0", lambda v: int(not any(v))),
    "xnor": (" ^ ", "hold an even number of ones", lambda v: 1 - sum(v) % 2),
}


def _neighbours(n: Names, width: int, offsets: tuple[int, ...], operator: str, edge: str) -> Design:
    """Bit i of the output is an operation on the bits i + offset of the input.

    `edge` says what stands outside of the vector: "zero" and "one" are constants, "wrap" makes it a ring.
    """
    a: str = n.a
    y = n.y
    sign, said, _ = OPERATORS[operator]

    def moved(offset: int) -> str:
        """The vector whose bit i is bit i + offset of the input."""
        if offset == 0:
            return a
        size = abs(offset)
        fill_in = f"{{{size}{{1'b{int(edge == 'one')}}}}}" if size > 1 else f"1'b{int(edge == 'one')}"
        if offset > 0:
            taken = f"{a}{_range(size - 1, 0)}" if edge == "wrap" else fill_in
            return f"{{{taken}, {a}{_range(width - 1, size)}}}"
        taken = f"{a}{_range(width - 1, width - size)}" if edge == "wrap" else fill_in
        return f"{{{a}{_range(width - 1 - size, 0)}, {taken}}}"

    value = sign.join(moved(offset) for offset in offsets)
    value = f"~({value})" if operator[-2:] in ("nd", "or") and operator[0] in "nx" and operator != "xor" else value
    places = [f"{a}[i{f'{o:+d}' if o else ''}]".replace("+", " + ").replace("-", " - ") for o in offsets]
    listed = f"{', '.join(places[:-1])} and {places[-1]}"
    border = {
        "wrap": (f"indices are taken modulo {width}", f"bit {width - 1} and bit 0 are neighbours"),
        "zero": (f"bits beyond {a}[0] and {a}[{width - 1}] count as 0", "outside the vector there are zeros"),
        "one": (f"bits beyond {a}[0] and {a}[{width - 1}] count as 1", "outside the vector there are ones"),
    }[edge]
    over = either(*border)
    return Design(
        ports=(inp(width, a), out(width, y)),
        body=body(f"assign {y} = {value};"),
        texts=(
            f"For each i from 0 to {width - 1}, {y}[i] is 1 if {listed} {said}, and 0 otherwise; {over}.",
            f"{either('Compare', 'Combine')} bits of the {bits(width)} vector {a} that lie close together. {y}[i] is the {operator.upper()} of {listed}, "
            f"for every i, where {over}.",
            f"- {a}: {width} bits; {y}: {width} bits\n- {y}[i] = {operator.upper()}({', '.join(places)})\n- {over}",
            f"Every bit of {y} ({bits(width)}) looks at {len(offsets)} bits of {a}. Bit i is 1 exactly when {listed} {said}. At the "
            f"ends, {over}.",
        ),
    )


def _draw_neighbours(rng: random.Random, wide: bool) -> Combination:
    width = rng.choice((100, 128, 200, 256)) if wide else rng.choice((4, 6, 8, 10, 12, 16, 20, 32, 48, 64))
    reach = 2 if width < 8 else 3
    offsets = tuple(sorted(rng.sample(range(-reach, reach + 1), rng.choice((2, 2, 3)))))
    return {
        "width": width,
        "offsets": offsets if rng.random() < 0.5 else offsets[::-1],
        "operator": rng.choice(tuple(OPERATORS)),
        "edge": rng.choice(("wrap", "zero", "one")),
    }


def _neighbour_values(rows: Rows, width: int, offsets: tuple[int, ...], operator: str, edge: str) -> Iterator[Expected]:
    outside = int(edge == "one")
    for row in rows:
        word = [row["a"] >> i & 1 for i in range(width)]

        def at(i: int, word: list[int] = word) -> int:
            return word[i % width] if edge == "wrap" or 0 <= i < width else outside

        yield {"y": sum(OPERATORS[operator][2]([at(i + o) for o in offsets]) << i for i in range(width))}


NEIGHBOURS = Family(
    "neighbours",
    2,
    _neighbours,
    {
        "module": ("neighbours", "local_op", "stencil", "adjacent", "bit_window"),
        "a": ("a", "x", "din", "vec", "data"),
        "y": ("y", "out", "res", "z"),
    },
    oracle=_neighbour_values,
    draw=_draw_neighbours,
)
