"""Families that summarise or translate the bits of one word: parity, codes, votes, displays.

itertl gym --family gray --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.design import (
    Design,
    Family,
    Names,
    Row,
    Rows,
    always,
    bits,
    body,
    case,
    either,
    inp,
    out,
    reg,
)

WORDS_IN = ("a", "in", "din", "data", "x")
WORDS_OUT = ("y", "out", "dout", "result", "z")


def _parity(n: Names, width: int, odd: bool, append: bool) -> Design:
    """The parity bit alone, or with `append` the word with its parity bit on top."""
    a, y = n.a, n.y
    bit = f"~^{a}" if odd else f"^{a}"
    code = f"{{{bit}, {a}}}" if append else bit
    kind = "odd" if odd else "even"
    wide = either(
        f"{y} is {width + 1} bits wide: the parity bit on top, {a} below it",
        f"{y} has {width + 1} bits, {a} and above it, as the most significant one, the parity bit",
    )
    where = wide if append else f"{y} is the parity bit"
    rule = either(
        f"{a} and the parity bit together hold an {kind} number of ones",
        f"the number of ones in {a} and the parity bit, taken together, is {kind}",
        f"counting the ones of {a} and of its parity bit gives an {kind} number",
    )
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
    held_out=True,
)


def _gray(n: Names, width: int, decode: bool) -> Design:
    a, y, top = n.a, n.y, width - 1
    if decode:
        lines = [f"assign {y}[{i}] = {y}[{i + 1}] ^ {a}[{i}];" for i in range(top - 1, -1, -1)]
        code = [f"assign {y}[{top}] = {a}[{top}];", *lines]
        title, source, target = "Gray to binary", "Gray code", "binary"
        rule = either(
            f"bit {top} is copied, every lower bit of {y} is the XOR of the {y} bit above it and the same bit of {a}",
            f"{y}[i] is {y}[i+1] XOR {a}[i] for all i below {top}, and {y}[{top}] is {a}[{top}]",
            f"each bit of {y} is the XOR of all bits of {a} from bit {top} down to its own position",
        )
    else:
        code = [f"assign {y} = {a} ^ ({a} >> 1);"]
        title, source, target = "binary to Gray", "binary", "Gray code"
        rule = either(
            f"bit {top} is copied, every lower bit of {y} is the XOR of the same bit of {a} and the {a} bit above it",
            f"{y}[i] is {a}[i+1] XOR {a}[i] for all i below {top}, and {y}[{top}] is {a}[{top}]",
            f"{y} is {a} XORed with {a} shifted right by one place, a 0 coming in on top",
        )
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
