"""Families that move the bits of a word: order, shifts by a variable and by a fixed amount.

itertl gym --family barrel_shifter --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.bitwise import WORDS_IN, WORDS_OUT
from itertl.tasks.gym.design import Design, Family, Names, Row, Rows, bits, body, either, inp, lit, out, span

UNITS = {1: "bits", 2: "2-bit pairs", 4: "nibbles", 8: "bytes"}


def _reverse(n: Names, width: int, unit: int) -> Design:
    a, y, count = n.a, n.y, width // unit
    parts = [f"{a}[{i}]" if unit == 1 else f"{a}[{i * unit + unit - 1}:{i * unit}]" for i in range(count)]
    units = UNITS[unit]
    same = either(
        f"The order of bits inside each of the {units} stays as it is.",
        f"Within the {units} nothing moves.",
        f"Bits keep their places inside their {units}.",
    )
    inside = "" if unit == 1 else f" {same}"
    return Design(
        ports=(inp(width, a), out(width, y)),
        body=body(f"assign {y} = {{{', '.join(parts)}}};"),
        texts=(
            f"Reverse the order of the {units} of the {bits(width)} word {a} and output the result on {y}.{inside}",
            f"{y} = {a} with its {count} {units} in reverse order, {width} bits in all.{inside}",
            f"- input {a}: {width} bit\n- output {y}: {width} bit\n- the lowest of the {units} of {a} becomes the "
            "highest "
            "of the output, and so on" + (f"\n-{inside}" if inside else ""),
            f"Two systems disagree about the order of {units}. Turn {a} ({width} bit) round, last to first, for {y}."
            f"{inside}",
            f"The {units} of {a}, {count} of them, appear on {y} in the opposite order.{inside}",
        ),
    )


def _reverse_values(rows: Rows, width: int, unit: int) -> Iterator[Row]:
    for row in rows:
        text = f"{row['a']:0{width}b}"
        yield {"y": int("".join(text[i : i + unit] for i in range(width - unit, -1, -unit)), 2)}


REVERSE = Family(
    "reverse",
    1,
    _reverse,
    oracle=_reverse_values,
    parameters={"width": (4, 6, 8, 12, 16, 24, 32), "unit": (1, 2, 4, 8)},
    shifted={"width": (40, 48, 56, 64)},
    names={
        "module": ("reverse", "reorder", "swap_order", "reverse{width}", "mirror"),
        "a": WORDS_IN,
        "y": WORDS_OUT,
    },
    valid=lambda width, unit: width % unit == 0 and 2 <= width // unit <= 8,
)


SHIFTS = {
    "left": ("<<", "left", either("filling with zeros", "zeros coming in")),
    "right": (">>", "right", either("filling with zeros", "zeros coming in")),
    "arithmetic": (
        ">>>",
        "right",
        either("filling with copies of the sign bit (the top bit)", "the top bit being repeated"),
    ),
    "rotate_left": (
        "<<",
        "left",
        either("so that bits leaving at the top come back at the bottom", "the top joined to the bottom, nothing lost"),
    ),
    "rotate_right": (
        ">>",
        "right",
        either("so that bits leaving at the bottom come back at the top", "the bottom joined to the top, nothing lost"),
    ),
}


def _barrel(n: Names, width: int, kind: str) -> Design:
    a, s, y = n.a, n.s, n.y
    sign, way, fill = SHIFTS[kind]
    size = (width - 1).bit_length()
    verb = "rotate" if "rotate" in kind else "shift"
    if kind == "arithmetic":
        lines = [f"assign {y} = $signed({a}) >>> {s};"]
    elif verb == "shift":
        lines = [f"assign {y} = {a} {sign} {s};"]
    else:
        part = f"{n.t}[{2 * width - 1}:{width}]" if way == "left" else f"{n.t}[{width - 1}:0]"
        lines = [
            f"wire {span(2 * width)}{n.t};",
            f"assign {n.t} = {{{a}, {a}}} {sign} {s};",
            f"assign {y} = {part};",
        ]
    return Design(
        ports=(inp(width, a), inp(size, s), out(width, y)),
        body=body(*lines),
        texts=(
            f"Implement a {bits(width)} barrel shifter: {verb} {a} {way} by {s} places, {fill}. The result is {y}.",
            f"{y} = {a} {'rotated' if verb == 'rotate' else 'shifted'} {way} by {s} (0 to {(1 << size) - 1}), {width} "
            "bits, "
            f"{fill}.",
            f"- data {a}: {width} bit\n- amount {s}: {size} bit\n- {y}: {verb} {a} {way} by {s}, {fill}\n- "
            "combinational",
            f"Within one cycle the {bits(width)} operand {a} must be moved to the {way} by {s} positions, {fill}. "
            f"Give the outcome on {y}.",
            f"The amount {s} says how far {a} ({width} bit) moves to the {way}, {fill}; {y} is what results.",
        ),
    )


def _barrel_values(rows: Rows, width: int, kind: str) -> Iterator[Row]:
    for row in rows:
        text = f"{row['a']:0{width}b}"
        for _ in range(row["s"]):
            text = _step(text, kind)
        yield {"y": int(text, 2)}


def _step(text: str, kind: str) -> str:
    """Return the bits after one shift or rotation by one place."""
    if kind in ("left", "rotate_left"):
        return text[1:] + (text[0] if kind == "rotate_left" else "0")
    return {"right": "0", "arithmetic": text[0], "rotate_right": text[-1]}[kind] + text[:-1]


BARREL = Family(
    "barrel_shifter",
    1,
    _barrel,
    oracle=_barrel_values,
    parameters={"width": (4, 8, 16, 32), "kind": tuple(SHIFTS)},
    shifted={"width": (64, 128)},
    names={
        "module": ("barrel_shifter", "barrel", "shifter{width}", "shift_unit"),
        "a": WORDS_IN,
        "s": ("amount", "shamt", "s", "n"),
        "y": WORDS_OUT,
        "t": ("twice", "temp", "wide"),
    },
)


def _fixed_shift(n: Names, width: int, places: int, kind: str) -> Design:
    a, y, k = n.a, n.y, places
    _, way, fill = SHIFTS[kind]
    high, low = f"{a}[{width - 1}:{k}]", f"{a}[{width - k - 1}:0]"
    if width - k == 1:
        high, low = f"{a}[{width - 1}]", f"{a}[0]"
    top = f"{a}[{width - 1}]" if k == 1 else f"{a}[{width - 1}:{width - k}]"
    bottom = f"{a}[0]" if k == 1 else f"{a}[{k - 1}:0]"
    sign = f"{a}[{width - 1}]" if k == 1 else f"{{{k}{{{a}[{width - 1}]}}}}"
    value = {
        "left": f"{low}, {lit(0, k)}",
        "right": f"{lit(0, k)}, {high}",
        "arithmetic": f"{sign}, {high}",
        "rotate_left": f"{low}, {top}",
        "rotate_right": f"{bottom}, {high}",
    }[kind]
    verb = "rotate" if "rotate" in kind else "shift"
    by = f"{k} place{'s' if k > 1 else ''}"
    return Design(
        ports=(inp(width, a), out(width, y)),
        body=body(f"assign {y} = {{{value}}};"),
        texts=(
            f"{verb.capitalize()} the {bits(width)} word {a} {way} by {by}, {fill}, and drive {y} with the result.",
            f"{y} is {a} {'rotated' if verb == 'rotate' else 'shifted'} {way} by {k}, {fill}; {width} bits.",
            f"- input {a}, output {y}: {width} bit\n- {verb} {way} by {by}\n- {fill}",
            f"A fixed wiring moves all bits of {a} ({width} bit) {by} to the {way}, {fill}. Describe it for output "
            f"{y}.",
            f"Every bit of {a} goes {by} to the {way} on its way to {y} ({width} bit), {fill}.",
        ),
    )


def _fixed_shift_values(rows: Rows, width: int, places: int, kind: str) -> Iterator[Row]:
    for row in rows:
        text = f"{row['a']:0{width}b}"
        for _ in range(places):
            text = _step(text, kind)
        yield {"y": int(text, 2)}


FIXED_SHIFT = Family(
    "fixed_shift",
    1,
    _fixed_shift,
    oracle=_fixed_shift_values,
    parameters={"width": (4, 5, 6, 8, 12, 16), "places": (1, 2, 3), "kind": tuple(SHIFTS)},
    valid=lambda width, places, kind: places < width - 1,
    shifted={"width": (20, 24, 32), "places": (4, 5)},
    names={
        "module": ("fixed_shift", "shift_const", "shift_by{places}", "wiring"),
        "a": WORDS_IN,
        "y": WORDS_OUT,
    },
)
