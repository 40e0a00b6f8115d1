"""Families that work on the value of a number: magnitude, limits, decimal digits, widths, and counting of bits.

itertl gym --family saturating --seed 1
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
    chain,
    inp,
    lit,
    out,
    reg,
    span,
)

WIDTHS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16)
OPERANDS = ("a b", "x y", "op_a op_b", "in1 in2", "lhs rhs")


def _absolute(n: Names, width: int) -> Design:
    a, y, top = n.a, n.y, n.a + f"[{width - 1}]"
    least = -(1 << (width - 1))
    return Design(
        ports=(inp(width, a), out(width, y)),
        body=body(f"assign {y} = {top} ? -{a} : {a};"),
        texts=(
            f"Output on {y} the absolute value of the {bits(width)} two's complement number {a}. "
            f"For {least}, return the same bit pattern.",
            f"{y} = |{a}|, {width} bits, {a} signed; {y} = -{a} if bit {width - 1} of {a} is 1, else {a}.",
            f"- signed input {a} ({width} bit)\n- output {y}: {a} if it is not negative, otherwise its two's "
            "complement "
            "negation (same width)",
            f"A sensor delivers the signed {bits(width)} value {a}; only its magnitude matters. Negate {a} when it is "
            f"negative, pass it on otherwise, and cut the result to {width} bits on {y}.",
            f"Drop the sign of {a} ({bits(width)}, two's complement): negative values are negated modulo {1 << width}, "
            f"others reach {y} unchanged.",
        ),
    )


def _absolute_values(rows: Rows, width: int) -> Iterator[Row]:
    for row in rows:
        yield {"y": min(row["a"], (1 << width) - row["a"])}


ABSOLUTE = Family(
    "absolute",
    1,
    _absolute,
    oracle=_absolute_values,
    parameters={"width": WIDTHS},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("absolute", "abs{width}", "abs_value", "magnitude"),
        "a": ("a", "in", "x", "din", "value"),
        "y": ("y", "out", "mag", "result", "abs_out"),
    },
)


def _extremum(n: Names, width: int, largest: bool, signed: bool) -> Design:
    a, b, y = n.a, n.b, n.y
    left, right = (f"$signed({a})", f"$signed({b})") if signed else (a, b)
    sign = ">" if largest else "<"
    word, short, kind = ("larger", "max", "") if largest else ("smaller", "min", "")
    kind = "signed (two's complement)" if signed else "unsigned"
    return Design(
        ports=(inp(width, a), inp(width, b), out(width, y)),
        body=body(f"assign {y} = ({left} {sign} {right}) ? {a} : {b};"),
        texts=(
            f"Drive {y} with the {word} of the two {kind} {bits(width)} numbers {a} and {b}.",
            f"{y} = {short}({a}, {b}) for {bits(width)} {kind} operands, combinational.",
            f"- inputs {a}, {b}: {width} bit, {kind}\n- output {y}: {short}imum of both",
            f"From the {kind} {bits(width)} inputs {a} and {b}, choose whichever is {word} and copy it to {y}.",
            f"Compare {a} with {b} as {kind} {bits(width)} numbers; the {word} one appears on {y}.",
        ),
    )


def _extremum_values(rows: Rows, width: int, largest: bool, signed: bool) -> Iterator[Row]:
    top = 1 << (width - 1) if signed else 0
    for row in rows:
        yield {"y": (max if largest else min)(row["a"], row["b"], key=lambda value: value ^ top)}


EXTREMUM = Family(
    "extremum",
    1,
    _extremum,
    oracle=_extremum_values,
    parameters={"width": WIDTHS, "largest": (False, True), "signed": (False, True)},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("extremum", "min_max", "select_value", "chooser"),
        "a b": OPERANDS,
        "y": ("y", "out", "result", "best"),
    },
)


def _saturating(n: Names, width: int, subtract: bool) -> Design:
    a, b, y, t = n.a, n.b, n.y, n.t
    if subtract:
        code = [f"assign {y} = ({a} < {b}) ? {lit(0, width)} : {a} - {b};"]
        limit, overflow, does, formula = "0", f"{a} is less than {b}", "subtracts", f"{a} - {b}"
    else:
        wide = f"wire {span(width + 1)}{t};\nassign {t} = {a} + {b};"
        full = lit((1 << width) - 1, width)
        code = [wide, f"assign {y} = {t}[{width}] ? {full} : {t}[{width - 1}:0];"]
        limit, overflow = str((1 << width) - 1), f"the sum exceeds {width} bits"
        does, formula = "adds", f"{a} + {b}"
    return Design(
        ports=(inp(width, a), inp(width, b), out(width, y)),
        body=body(*code),
        texts=(
            f"Write an unsigned {bits(width)} unit that {does} with saturation: {y} is {formula}, or {limit} if "
            f"{overflow}.",
            f"{y} = {formula} for unsigned {bits(width)} operands, clamped to {limit} when {overflow}.",
            f"- unsigned operands {a} and {b}, {width} bit\n- {y} = {formula}\n- {limit} instead, if {overflow}",
            f"Sound samples must not wrap around. Compute {formula} ({bits(width)}, unsigned) for {y}, but stick to "
            f"{limit} whenever {overflow}.",
            f"If {overflow}, {y} reads {limit}; in all other cases it is the unsigned {bits(width)} value {formula}.",
        ),
    )


def _saturating_values(rows: Rows, width: int, subtract: bool) -> Iterator[Row]:
    for row in rows:
        exact = row["a"] - row["b"] if subtract else row["a"] + row["b"]
        yield {"y": min(max(exact, 0), (1 << width) - 1)}


SATURATING = Family(
    "saturating",
    2,
    _saturating,
    oracle=_saturating_values,
    parameters={"width": WIDTHS, "subtract": (False, True)},
    shifted={"width": (20, 24, 32, 48)},
    names={
        "module": ("saturating", "sat_unit", "sat{width}", "clamp_arith"),
        "a b": OPERANDS,
        "y": ("y", "out", "result", "sat_out"),
        "t": ("total", "wide", "full"),
    },
)


def _bcd_adder(n: Names, carry_in: bool, carry_out: bool) -> Design:
    a, b, s, t = n.a, n.b, n.s, n.t
    total = f"{a} + {b}" + (f" + {n.ci}" if carry_in else "")
    carry = [f"assign {n.co} = {t} > 5'd9;"] if carry_out else []
    flag = f" {n.co} is 1 when {total} exceeds 9." if carry_out else ""
    return Design(
        ports=(
            inp(4, a),
            inp(4, b),
            *([inp(1, n.ci)] if carry_in else []),
            out(4, s),
            *([out(1, n.co)] if carry_out else []),
        ),
        body=body(
            f"wire [4:0] {t};",
            f"assign {t} = {total};",
            *carry,
            f"assign {s} = ({t} > 5'd9) ? {t}[3:0] + 4'd6 : {t}[3:0];",
        ),
        texts=(
            f"Add two BCD digits. Let T be the 5-bit total {total}. If T is above 9, {s} is the lower 4 bits of T plus 6 "
            f"(modulo 16), otherwise {s} is T itself.{flag}",
            f"BCD digit adder: {s} = {total}, with 6 added (4-bit wrap-around) if that, in 5 bits, is greater "
            f"than 9.{flag}",
            f"- 4-bit digits {a} and {b}\n- 5-bit binary total T: {total}\n- T <= 9: {s} is T\n- T > 9: {s} is the "
            "lower 4 bits of T + 6" + (f"\n- {n.co} = 1 exactly if T > 9" if carry_out else ""),
            f"A decimal counter adds the digits {a} and {b}: {total}, kept in 5 bits. Results above 9 are corrected by "
            f"adding 6; {s} has the lower 4 bits in any case.{flag}",
            f"{s} is the decimal digit of {total}: the low 4 bits of the 5-bit total, plus 6 modulo 16 when that "
            f"total exceeds 9.{flag}",
        ),
    )


def _bcd_adder_values(rows: Rows, carry_in: bool, carry_out: bool) -> Iterator[Row]:
    for row in rows:
        total = row["a"] + row["b"] + (row["ci"] if carry_in else 0)
        yield {"s": (total + 6 if total > 9 else total) % 16} | ({"co": int(total > 9)} if carry_out else {})


BCD_ADDER = Family(
    "bcd_adder",
    2,
    _bcd_adder,
    oracle=_bcd_adder_values,
    parameters={"carry_in": (False, True), "carry_out": (False, True)},
    names={
        "module": ("bcd_adder", "bcd_add", "digit_adder", "decimal_adder"),
        "a b": ("a b", "x y", "digit_a digit_b", "in1 in2"),
        "s": ("sum", "s", "out", "digit"),
        "t": ("total", "raw", "temp"),
        "ci": ("cin", "ci", "carry_in"),
        "co": ("cout", "co", "carry_out"),
    },
)


def _extend(n: Names, width: int, wide: int, signed: bool) -> Design:
    a, y, extra = n.a, n.y, wide - width
    top = f"{a}[{width - 1}]"
    fill = f"{{{extra}{{{top}}}}}" if signed else lit(0, extra)
    kind, copies = ("sign", f"copies of bit {width - 1} of {a}") if signed else ("zero", "zeros")
    return Design(
        ports=(inp(width, a), out(wide, y)),
        body=body(f"assign {y} = {{{fill}, {a}}};"),
        texts=(
            f"Extend {a} from {width} to {wide} bits by {kind} extension; the result is {y}.",
            f"{kind.capitalize()} extension: {y} ({bits(wide)}) holds {a} ({bits(width)}) in its low bits and {extra} "
            f"{copies} above.",
            f"- input {a}, {width} bit\n- output {y}, {wide} bit\n- upper {extra} bits of {y}: {copies}\n"
            f"- lower {width} bits: {a}",
            f"An instruction carries the {bits(width)} immediate {a}. Widen it to {wide} bits on {y}, filling the "
            "upper "
            f"{extra} bits with {copies}.",
            f"{y} has {wide} bits: {a} ({width} of them) on the right, {copies} on the left.",
        ),
    )


def _extend_values(rows: Rows, width: int, wide: int, signed: bool) -> Iterator[Row]:
    for row in rows:
        negative = signed and row["a"] >= 1 << (width - 1)
        yield {"y": (row["a"] - (1 << width) if negative else row["a"]) % (1 << wide)}


EXTEND = Family(
    "extend",
    1,
    _extend,
    oracle=_extend_values,
    parameters={"width": (2, 3, 4, 5, 6, 8, 12), "wide": (6, 8, 12, 16, 32), "signed": (True, False)},
    shifted={"wide": (48, 64), "width": (16, 20, 24)},
    names={
        "module": ("extend", "extender", "imm_ext", "widen"),
        "a": ("a", "in", "imm", "din", "x"),
        "y": ("y", "out", "ext", "dout", "wide"),
    },
    valid=lambda width, wide, signed: wide > width + 1,
)


def _popcount(n: Names, width: int, ones: bool) -> Design:
    a, y, size = n.a, n.y, width.bit_length()
    terms = " + ".join(f"{a}[{i}]" if ones else f"!{a}[{i}]" for i in range(width))
    bit = "1" if ones else "0"
    word = "ones" if ones else "zeros"
    return Design(
        ports=(inp(width, a), out(size, y)),
        body=body(f"assign {y} = {terms};"),
        texts=(
            f"Count the bits of the {bits(width)} input {a} that are {bit}. The number goes to {y} ({bits(size)}).",
            f"{y} = number of {word} in {a} ({width} bit), combinational.",
            f"- input {a}: {width} bit\n- output {y}: {size} bit\n- {y} is how many bits of {a} equal {bit}",
            f"A voting circuit has {width} lines on {a}. Report on {y}, in binary, how many of them are at {bit}.",
            f"Present on {y} the count of {word} among the {width} bits of {a}, from 0 to {width}.",
        ),
    )


def _popcount_values(rows: Rows, width: int, ones: bool) -> Iterator[Row]:
    for row in rows:
        yield {"y": f"{row['a']:0{width}b}".count("1" if ones else "0")}


POPCOUNT = Family(
    "popcount",
    1,
    _popcount,
    oracle=_popcount_values,
    parameters={"width": (3, 4, 5, 6, 7, 8), "ones": (True, False)},
    shifted={"width": (10, 12, 16, 20, 24, 32)},
    names={
        "module": ("popcount", "bit_count", "count_bits", "counter_comb"),
        "a": ("a", "in", "data", "din", "bits"),
        "y": ("count", "y", "out", "num", "total"),
    },
)


def _leading(n: Names, width: int, leading: bool) -> Design:
    a, y, size = n.a, n.y, width.bit_length()
    order = range(width - 1, -1, -1) if leading else range(width)
    arms = [(f"{a}[{i}]", f"{y} = {lit(k, size)};") for k, i in enumerate(order)]
    word, end, way = ("leading", "most", "down") if leading else ("trailing", "least", "up")
    return Design(
        ports=(inp(width, a), reg(size, y)),
        body=body(always("*", chain(*arms, ("", f"{y} = {lit(width, size)};")))),
        texts=(
            f"Count the {word} zeros of the {bits(width)} input {a}: {y} is the number of 0 bits before the first 1, "
            f"starting at the {end} significant bit. If {a} is 0, {y} is {width}.",
            f"{y} = {word} zero count of {a} ({width} bit); {y} = {width} for {a} = 0. Combinational.",
            f"- {a}: {width} bit input\n- {y}: {bits(size)} count of {word} zeros\n- search from the {end} significant "
            "bit "
            f"for the first 1\n- no 1 at all: {width}",
            f"To normalise numbers, find how many zeros {a} ({bits(width)}) has, seen from its {end} significant bit, "
            f"ahead of the first 1. Put this on {y}; an all-zero input counts as {width}.",
            f"Going {way} from the {end} significant bit of {a} ({width} bit), {y} tells how many zeros come before a "
            f"1, or {width} without any 1.",
        ),
    )


def _leading_values(rows: Rows, width: int, leading: bool) -> Iterator[Row]:
    for row in rows:
        text = f"{row['a']:0{width}b}"[:: 1 if leading else -1]
        yield {"y": (text + "1").index("1")}


LEADING_ZEROS = Family(
    "leading_zeros",
    2,
    _leading,
    oracle=_leading_values,
    parameters={"width": (3, 4, 5, 6, 7, 8), "leading": (True, False)},
    shifted={"width": (10, 12, 16, 20, 24)},
    names={
        "module": ("zero_count", "count_zeros", "clz", "normalizer", "lzc"),
        "a": ("a", "in", "data", "din", "value"),
        "y": ("count", "y", "out", "zeros", "num"),
    },
)
