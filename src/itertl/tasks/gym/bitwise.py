"""Families that rearrange or summarise the bits of one word: parity, codes, shifts, displays.

itertl gym --family gray --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.design import Design, Family, Names, Row, Rows, always, bits, body, case, inp, lit, out, reg, span

WORDS_IN = ("a", "in", "din", "data", "x")
WORDS_OUT = ("y", "out", "dout", "result", "z")


def _parity(n: Names, width: int, odd: bool, append: bool) -> Design:
    """The parity bit alone, or with `append` the word with its parity bit on top."""
    a, y = n.a, n.y
    bit = f"~^{a}" if odd else f"^{a}"
    code = f"{{{bit}, {a}}}" if append else bit
    kind = "odd" if odd else "even"
    wide = f"{y} is {width + 1} bits wide: the parity bit on top, {a} below it"
    where = wide if append else f"{y} is the parity bit"
    rule = f"{a} and the parity bit together hold an {kind} number of ones"
    return Design(
        ports=(inp(width, a), out(width + 1 if append else 1, y)),
        body=body(f"assign {y} = {code};"),
        texts=(
            f"Generate {kind} parity for the {bits(width)} word {a}: {rule}. {where}.",
            f"{kind.capitalize()} parity generator, {width} data bits {a}. {where}; {rule}.",
            f"- data {a}: {width} bit\n- {where}\n- {rule}",
            f"Before transmission every {bits(width)} word {a} gets a parity bit such that {rule}. {where}.",
            f"{where}. Choose the parity bit of {a} ({width} bit) so that {rule}.",
        ),
    )


def _parity_values(rows: Rows, width: int, odd: bool, append: bool) -> Iterator[Row]:
    for row in rows:
        ones = f"{row['a']:b}".count("1") + int(odd)
        yield {"y": ones % 2 * (1 << width) + row["a"] if append else ones % 2}


PARITY = Family(
    "parity",
    1,
    _parity,
    oracle=_parity_values,
    parameters={"width": (3, 4, 5, 6, 7, 8, 12, 16), "odd": (False, True), "append": (False, True)},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("parity", "parity_gen", "parity{width}", "par_unit"),
        "a": WORDS_IN,
        "y": ("p", "parity_out", "y", "out", "code"),
    },
)


def _gray(n: Names, width: int, decode: bool) -> Design:
    a, y, top = n.a, n.y, width - 1
    if decode:
        lines = [f"assign {y}[{i}] = {y}[{i + 1}] ^ {a}[{i}];" for i in range(top - 1, -1, -1)]
        code = [f"assign {y}[{top}] = {a}[{top}];", *lines]
        title, source, target = "Gray to binary", "Gray code", "binary"
        rule = f"bit {top} is copied, every lower bit of {y} is the XOR of the {y} bit above it and the same bit of {a}"
    else:
        code = [f"assign {y} = {a} ^ ({a} >> 1);"]
        title, source, target = "binary to Gray", "binary", "Gray code"
        rule = f"bit {top} is copied, every lower bit of {y} is the XOR of the same bit of {a} and the {a} bit above it"
    return Design(
        ports=(inp(width, a), out(width, y)),
        body=body(*code),
        texts=(
            f"Convert the {bits(width)} {source} word {a} to {target} on {y}: {rule}.",
            f"{title} converter, {width} bits, input {a}, output {y}. In it, {rule}.",
            f"- input {a}: {source}, {width} bit\n- output {y}: {target}, {width} bit\n- {rule}",
            f"A position encoder uses reflected Gray code. Write the {title} conversion of the {bits(width)} value {a} "
            f"into {y}. Reminder: {rule}.",
            f"{y} shall be the {target} form of {a}, which is {source} of {width} bits; {rule}.",
        ),
    )


def _gray_values(rows: Rows, width: int, decode: bool) -> Iterator[Row]:
    for row in rows:
        value, flip = 0, 0
        for i in range(width - 1, -1, -1):
            bit = row["a"] >> i & 1
            value, flip = 2 * value + (bit + flip) % 2, (bit + flip) % 2 if decode else bit
        yield {"y": value}


GRAY = Family(
    "gray",
    1,
    _gray,
    oracle=_gray_values,
    parameters={"width": (2, 3, 4, 5, 6, 7, 8), "decode": (False, True)},
    shifted={"width": (10, 12, 16, 20, 24)},
    names={
        "module": ("gray", "gray_conv", "gray_code", "converter", "code_conv{width}"),
        "a": WORDS_IN,
        "y": WORDS_OUT,
    },
)

UNITS = {1: "bits", 2: "2-bit pairs", 4: "nibbles", 8: "bytes"}


def _reverse(n: Names, width: int, unit: int) -> Design:
    a, y, count = n.a, n.y, width // unit
    parts = [f"{a}[{i}]" if unit == 1 else f"{a}[{i * unit + unit - 1}:{i * unit}]" for i in range(count)]
    units = UNITS[unit]
    inside = "" if unit == 1 else f" The order of bits inside each of the {units} stays as it is."
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


def _majority(n: Names, inputs: int, vector: bool, invert: bool) -> Design:
    names = [n.a, n.b, n.c, n.d, n.e, n.f, n.g][:inputs]
    bits_in = [f"{n.v}[{i}]" for i in range(inputs)] if vector else names
    y, need = n.y, inputs // 2 + 1
    if inputs == 3:
        a, b, c = bits_in
        code = f"({a} & {b}) | ({a} & {c}) | ({b} & {c})"
    else:
        code = f"({' + '.join(bits_in)}) > 3'd{need - 1}"
    value = f"~({code})" if invert else code
    said = f"the bits of {n.v}" if vector else ", ".join(names[:-1]) + f" and {names[-1]}"
    one, zero = ("0", "1") if invert else ("1", "0")
    return Design(
        ports=((inp(inputs, n.v),) if vector else tuple(inp(1, i) for i in names)) + (out(1, y),),
        body=body(f"assign {y} = {value};"),
        texts=(
            f"Build a {inputs}-input {'inverted majority gate' if invert else 'majority voter'}. {y} is {one} when at least {need} of {said} are 1, and {zero} "
            "otherwise.",
            f"{y} = {one} if {need} or more of {said} are 1, else {y} = {zero}. Combinational.",
            f"- {inputs} votes: {said}\n- {need} ones or more: {y} = {one}\n- otherwise: {y} = {zero}",
            f"A fault-tolerant system has {inputs} copies of one signal: {said}. Output {one} on {y} if most of them "
            "are "
            f"1, {zero} if most are 0.",
            f"Count the ones among {said}; with {need} or more {y} becomes {one}, with fewer {zero}.",
        ),
    )


def _majority_values(rows: Rows, inputs: int, vector: bool, invert: bool) -> Iterator[Row]:
    for row in rows:
        ones = f"{row['v']:b}".count("1") if vector else sum(row[role] for role in "abcdefg"[:inputs])
        yield {"y": int((2 * ones > inputs) != invert)}


MAJORITY = Family(
    "majority",
    1,
    _majority,
    oracle=_majority_values,
    parameters={"inputs": (3, 5), "vector": (False, True), "invert": (False, True)},
    shifted={"inputs": (7,)},
    names={
        "module": ("majority", "voter", "maj{inputs}", "vote"),
        "a b c d e f g": (
            "a b c d e f g",
            "x0 x1 x2 x3 x4 x5 x6",
            "in0 in1 in2 in3 in4 in5 in6",
            "v0 v1 v2 v3 v4 v5 v6",
        ),
        "v": ("in", "votes", "data", "w"),
        "y": ("y", "out", "vote_out", "z"),
    },
)

SHIFTS = {
    "left": ("<<", "left", "filling with zeros"),
    "right": (">>", "right", "filling with zeros"),
    "arithmetic": (">>>", "right", "filling with copies of the sign bit (the top bit)"),
    "rotate_left": ("<<", "left", "so that bits leaving at the top come back at the bottom"),
    "rotate_right": (">>", "right", "so that bits leaving at the bottom come back at the top"),
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

SEGMENTS = ("3f", "06", "5b", "4f", "66", "6d", "7d", "07", "7f", "6f")


def _seven_segment(n: Names, digits: int, low: bool, blank: bool) -> Design:
    d, y = n.d, n.y
    codes = [f"{int(s, 16) ^ (0x7F if low else 0):02x}" for s in SEGMENTS[:digits]]
    dark, lamps = ("7f", "00") if low else ("00", "7f")
    other = dark if blank else lamps
    arms = {f"4'd{i}": f"{y} = 7'h{code};" for i, code in enumerate(codes)}
    listed = ", ".join(f"{i}: {code}" for i, code in enumerate(codes))
    state = "dark" if blank else "all on"
    polarity = f"a segment lights at {0 if low else 1}"
    return Design(
        ports=(inp(4, d), reg(7, y)),
        body=body(always("*", case(d, arms, f"{y} = 7'h{other};"))),
        texts=(
            f"Decode the digit {d} for a seven-segment display on {y}, bits 6 to 0 = g f e d c b a; {polarity}. "
            f"Codes in hexadecimal: {listed}; other values: {other} ({state}).",
            f"Seven-segment decoder, {d} to {y} (hex patterns): {listed}, anything else {other}. In {y}, {polarity}.",
            f"- {d}: 4-bit digit\n- {y}: segments gfedcba, {polarity}\n- hex patterns {listed}\n- all others: {other}",
            f"A display shows the digit {d}. Drive its 7 segments {y} (g on top, {polarity}) with these hex values: "
            f"{listed}. For larger {d} use {other}, {state}.",
            f"Look up the 7-bit pattern {y} of {d}, written in hex: {listed}. Every other digit gives {other}, "
            f"since {polarity}.",
        ),
    )


def _seven_segment_values(rows: Rows, digits: int, low: bool, blank: bool) -> Iterator[Row]:
    shapes = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")
    for row in rows:
        lit_up = shapes[row["d"]] if row["d"] < digits else "" if blank else "abcdefg"
        yield {"y": sum(1 << i for i, segment in enumerate("abcdefg") if (segment in lit_up) != low)}


SEVEN_SEGMENT = Family(
    "seven_segment",
    2,
    _seven_segment,
    oracle=_seven_segment_values,
    parameters={"digits": (4, 6, 8, 10), "low": (False, True), "blank": (True, False)},
    names={
        "module": ("seven_segment", "seg7", "display_dec", "hex_display"),
        "d": ("digit", "d", "bcd", "in", "value"),
        "y": ("seg", "segments", "y", "leds", "out"),
    },
)
