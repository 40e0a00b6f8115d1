"""Families of arithmetic on two operands: adding, subtracting, comparing, and the ALU.

itertl gym --family add_sub --seed 1
"""

from collections.abc import Callable, Iterator

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
    lit,
    out,
    reg,
)

WIDTHS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16)
OPERANDS = ("a b", "x y", "op_a op_b", "in1 in2", "lhs rhs")


def _adder(n: Names, width: int, carry_in: bool, carry_out: bool) -> Design:
    a, b, s, co, ci = n.a, n.b, n.s, n.co, n.ci
    left = f"{{{co}, {s}}}" if carry_out else s
    total = f"{a} + {b}" + (f" + {ci}" if carry_in else "")
    extra = f" and the carry input {ci}" if carry_in else ""
    if carry_out:
        carry = either(
            f"{co} is the carry out of the top bit",
            f"the carry of the most significant position goes to {co}",
            f"{co} tells whether the result exceeds {width} bits",
            f"bit {width} of the exact result appears on {co}",
        )
    else:
        carry = either(
            "a carry out of the top bit is dropped",
            f"the result is cut to {width} bits",
            "there is no carry output",
            f"only the low {width} bits are kept",
        )
    return Design(
        ports=(
            inp(width, a),
            inp(width, b),
            *([inp(1, ci)] if carry_in else []),
            out(width, s),
            *([out(1, co)] if carry_out else []),
        ),
        body=body(f"assign {left} = {total};"),
        texts=(
            f"Implement a {bits(width)} adder. {s} is the sum of {a} and {b}{extra}; {carry}.",
            f"{bits(width)} addition: {s} = {total}, modulo {1 << width}. In detail, {carry}.",
            f"- operands {a}, {b}: {width} bit\n"
            + (f"- {ci} is added too\n" if carry_in else "")
            + f"- {s}: {bits(width)} sum\n- {carry}",
            f"A datapath adds two unsigned {bits(width)} numbers {a} and {b}{extra}. Give the sum on {s} in {width} "
            "bits; "
            f"{carry}. Combinational.",
            f"Present {total} on {s} ({width} bit wide, as are {a} and {b}); {carry}.",
        ),
    )


def _adder_values(rows: Rows, width: int, carry_in: bool, carry_out: bool) -> Iterator[Row]:
    for row in rows:
        carry, total = divmod(row["a"] + row["b"] + (row["ci"] if carry_in else 0), 1 << width)
        yield {"s": total} | ({"co": carry} if carry_out else {})


ADDER = Family(
    "adder",
    1,
    _adder,
    oracle=_adder_values,
    parameters={"width": WIDTHS, "carry_in": (False, True), "carry_out": (False, True)},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("adder", "adder{width}", "add{width}", "sum_unit"),
        "a b": OPERANDS,
        "s": ("sum", "s", "out", "total"),
        "ci": ("cin", "ci", "carry_in"),
        "co": ("cout", "co", "carry_out"),
    },
)


def _subtractor(n: Names, width: int, borrow: bool) -> Design:
    a, b, d, bo = n.a, n.b, n.d, n.bo
    flag = f" {bo} is 1 if {a} is less than {b} (unsigned)." if borrow else ""
    return Design(
        ports=(inp(width, a), inp(width, b), out(width, d), *([out(1, bo)] if borrow else [])),
        body=body(f"assign {d} = {a} - {b};", *([f"assign {bo} = {a} < {b};"] if borrow else [])),
        texts=(
            f"Implement a {bits(width)} subtractor: {d} is {a} minus {b}, wrapping modulo {1 << width}.{flag}",
            f"{d} = {a} - {b}, all {bits(width)}, two's complement wrap-around.{flag}",
            f"- inputs {a} and {b}, {width} bit\n- output {d}: difference {a} - {b}, lower {width} bits"
            + (f"\n- output {bo}: borrow, 1 when {a} < {b} unsigned" if borrow else ""),
            f"Take the {bits(width)} number {b} away from {a} and put the result, cut to {width} bits, on {d}.{flag} "
            "No clock.",
            f"{b} is subtracted from {a} ({width} bit each); {d} carries the difference modulo {1 << width}.{flag}",
        ),
    )


def _subtractor_values(rows: Rows, width: int, borrow: bool) -> Iterator[Row]:
    for row in rows:
        below, rest = divmod(row["a"] - row["b"], 1 << width)
        yield {"d": rest} | ({"bo": -below} if borrow else {})


SUBTRACTOR = Family(
    "subtractor",
    1,
    _subtractor,
    oracle=_subtractor_values,
    parameters={"width": WIDTHS, "borrow": (False, True)},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("subtractor", "sub{width}", "sub_unit", "difference"),
        "a b": OPERANDS,
        "d": ("diff", "d", "out", "result"),
        "bo": ("borrow", "bout", "borrow_out"),
    },
)


def _add_sub(n: Names, width: int, subtract: int) -> Design:
    a, b, m, y = n.a, n.b, n.m, n.y
    plus, minus = f"{a} + {b}", f"{a} - {b}"
    one, zero = (minus, plus) if subtract else (plus, minus)
    sub, add = subtract, 1 - subtract
    return Design(
        ports=(inp(width, a), inp(width, b), inp(1, m), out(width, y)),
        body=body(f"assign {y} = {m} ? {one} : {zero};"),
        texts=(
            f"Build a {bits(width)} adder-subtractor. For {m} = {add} the output {y} is {plus}, for {m} = {sub} it is "
            f"{minus}; results wrap modulo {1 << width}.",
            f"{y} = {zero} when {m} is 0, {y} = {one} when {m} is 1. {width} bits, overflow is dropped.",
            f"- operands {a}, {b} and result {y}: {width} bit\n- {m} = 1: {one}\n- {m} = 0: {zero}\n- no carry out",
            f"One unit has to add and to subtract. The mode {m} selects: {add} adds {b} to {a}, {sub} subtracts {b} "
            "from "
            f"{a}. Give the lower {width} bits on {y}.",
            f"With {m} at {sub}, {y} is the {bits(width)} difference {minus}; with {m} at {add}, the sum {plus}. "
            "Carries are lost.",
        ),
    )


def _add_sub_values(rows: Rows, width: int, subtract: int) -> Iterator[Row]:
    for row in rows:
        sign = -1 if row["m"] == subtract else 1
        yield {"y": (row["a"] + sign * row["b"]) % (1 << width)}


ADD_SUB = Family(
    "add_sub",
    1,
    _add_sub,
    oracle=_add_sub_values,
    parameters={"width": WIDTHS, "subtract": (0, 1)},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("add_sub", "addsub{width}", "adder_subtractor", "arith_unit"),
        "a b": OPERANDS,
        "m": ("mode", "sub", "op", "sel"),
        "y": ("y", "result", "out", "res"),
    },
)

RELATIONS = {"less": "<", "greater": ">", "equal": "==", "unequal": "!=", "at_most": "<=", "at_least": ">="}
SPOKEN = {
    "less": "less than",
    "greater": "greater than",
    "equal": "equal to",
    "unequal": "different from",
    "at_most": "less than or equal to",
    "at_least": "greater than or equal to",
}


def _comparator(n: Names, width: int, signed: bool, outputs: str) -> Design:
    a, b = n.a, n.b
    relations = outputs.split()
    ports = {"less": n.lt, "greater": n.gt, "equal": n.eq} if len(relations) > 1 else {relations[0]: n.y}
    left, right = (f"$signed({a})", f"$signed({b})") if signed else (a, b)
    lines = [
        f"assign {ports[r]} = {a} {RELATIONS[r]} {b};"
        if r in ("equal", "unequal")
        else f"assign {ports[r]} = {left} {RELATIONS[r]} {right};"
        for r in relations
    ]
    kind = "signed (two's complement)" if signed else "unsigned"
    said = ", ".join(f"{ports[r]} is 1 if {a} is {SPOKEN[r]} {b}" for r in relations)
    short = ", ".join(f"{ports[r]} = ({a} {RELATIONS[r]} {b})" for r in relations)
    return Design(
        ports=(inp(width, a), inp(width, b), *(out(1, ports[r]) for r in relations)),
        body=body(*lines),
        texts=(
            f"Write a {bits(width)} comparator for {kind} numbers: {said}; otherwise 0.",
            f"Compare {a} with {b}, {bits(width)} {kind}: {short}.",
            f"- inputs {a}, {b}: {width} bit, {kind}\n" + "\n".join(f"- {s}, else 0" for s in said.split(", ")),
            f"Two {kind} {bits(width)} values {a} and {b} must be compared without a clock. Required: {said}, and 0 in "
            "all other cases.",
            f"Interpret {a} and {b} as {kind} numbers of {width} bit. Then {short}, each a single bit.",
        ),
    )


def _comparator_values(rows: Rows, width: int, signed: bool, outputs: str) -> Iterator[Row]:
    half = 1 << (width - 1) if signed else 0
    for row in rows:
        a, b = row["a"] ^ half, row["b"] ^ half  # with the sign bit turned, signed order is unsigned order
        facts = {"less": a < b, "greater": b < a, "equal": a == b, "unequal": a != b}
        facts |= {"at_most": not b < a, "at_least": not a < b}
        if " " in outputs:
            yield {"lt": int(facts["less"]), "gt": int(facts["greater"]), "eq": int(facts["equal"])}
        else:
            yield {"y": int(facts[outputs])}


COMPARATOR = Family(
    "comparator",
    1,
    _comparator,
    oracle=_comparator_values,
    parameters={
        "width": (2, 4, 5, 6, 8, 12, 16),
        "signed": (False, True),
        "outputs": ("less", "greater", "equal", "unequal", "at_most", "at_least", "less equal greater"),
    },
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("comparator", "compare", "cmp{width}", "cmp_unit"),
        "a b": OPERANDS,
        "lt gt eq": ("lt gt eq", "less greater equal"),
        "y": ("y", "out", "result", "flag"),
    },
    valid=lambda width, signed, outputs: not (signed and outputs in ("equal", "unequal")),
)

TABLES: dict[str, tuple[str, ...]] = {
    "arith": ("a + b", "a - b", "a & b", "a | b"),
    "logic": ("a & b", "a | b", "a ^ b", "~a"),
    "mixed": ("a + b", "a - b", "a ^ b", "~(a | b)"),
    "pass": ("a", "b", "a + b", "a & b"),
    "shift": ("a << 1", "a >> 1", "a + b", "a - b"),
    "count": ("a + 1", "a - 1", "a + b", "a ^ b"),
    "full": ("a + b", "a - b", "a & b", "a | b", "a ^ b", "~a", "a << 1", "a >> 1"),
    "swap": ("b - a", "a - b", "a | b", "~(a & b)"),
    "mask": ("a & ~b", "a | ~b", "a ^ b", "a + b"),
}


def _alu(n: Names, width: int, table: str, zero: bool) -> Design:
    size = 3 if len(TABLES[table]) == 8 else 2
    a, b, op, y, z = n.a, n.b, n.op, n.y, n.z
    rows = [r.replace("a", "\0").replace("b", b).replace("\0", a) for r in TABLES[table]]
    code = [r.replace(" 1", f" {lit(1, width)}") if "<" not in r and ">" not in r else r for r in rows]
    arms = {lit(i, size): f"{y} = {row};" for i, row in enumerate(code[:-1])}
    listed = ", ".join(f"{i}: {row}" for i, row in enumerate(rows))
    flag = f" {z} is 1 when {y} is 0." if zero else ""
    if any("<<" in row for row in rows):
        flag += " Shifts bring in a 0."
    return Design(
        ports=(inp(width, a), inp(width, b), inp(size, op), reg(width, y), *([out(1, z)] if zero else [])),
        body=body(
            *([f"assign {z} = {y} == {lit(0, width)};"] if zero else []),
            always("*", case(op, arms, f"{y} = {code[-1]};")),
        ),
        texts=(
            f"Implement a {bits(width)} ALU. {op} selects the operation for {y}: {listed}. Results are cut to {width} "
            f"bits.{flag}",
            f"Combinational {bits(width)} ALU with opcodes {listed}. Inputs {a}, {b}, {op}; output {y}, overflow "
            f"ignored.{flag}",
            f"ALU on {bits(width)} operands {a} and {b}, result {y} (lower {width} bits):\n"
            + "\n".join(f"- {op} = {i}: {row}" for i, row in enumerate(rows))
            + (f"\n-{flag}" if flag else ""),
            f"The processor's execute stage computes {y} from {a} and {b}, {width} bits each, as {op} demands "
            f"({listed}). "
            f"Carries out of the top are lost.{flag}",
            f"For each value of {op} the {bits(width)} output {y} shows another function; {listed}. All results "
            f"wrap.{flag}",
        ),
    )


def _alu_values(rows: Rows, width: int, table: str, zero: bool) -> Iterator[Row]:
    results: dict[str, Callable[[int, int], int]] = {
        "a": lambda a, b: a,
        "b": lambda a, b: b,
        "~a": lambda a, b: -1 - a,
        "a + b": lambda a, b: a + b,
        "a - b": lambda a, b: a - b,
        "b - a": lambda a, b: b - a,
        "a + 1": lambda a, b: a + 1,
        "a - 1": lambda a, b: a - 1,
        "a << 1": lambda a, b: 2 * a,
        "a >> 1": lambda a, b: a // 2,
        "a & b": lambda a, b: a & b,
        "a | b": lambda a, b: a | b,
        "a ^ b": lambda a, b: (a | b) - (a & b),
        "a & ~b": lambda a, b: a - (a & b),
        "a | ~b": lambda a, b: -1 - (b - (a & b)),
        "~(a & b)": lambda a, b: -1 - (a & b),
        "~(a | b)": lambda a, b: -1 - (a | b),
    }
    for row in rows:
        y = results[TABLES[table][row["op"]]](row["a"], row["b"]) % (1 << width)
        yield {"y": y} | ({"z": int(y == 0)} if zero else {})


ALU = Family(
    "alu",
    2,
    _alu,
    oracle=_alu_values,
    parameters={"width": (4, 6, 8, 12, 16), "table": tuple(TABLES), "zero": (False, True)},
    shifted={"width": (24, 32, 48, 64)},
    names={
        "module": ("alu", "alu{width}", "simple_alu", "exec_unit"),
        "a b": ("a b", "x y", "op_a op_b", "in1 in2"),
        "op": ("op", "opcode", "func", "sel"),
        "y": ("result", "out", "res", "alu_out"),
        "z": ("zero", "zf", "is_zero"),
    },
)
