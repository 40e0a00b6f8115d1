"""Families of combinational logic that select, encode and combine bits.

itertl gym --family priority_encoder --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.design import (
    Design,
    Family,
    Names,
    Row,
    Rows,
    always,
    binary,
    bits,
    body,
    case,
    chain,
    either,
    inp,
    lit,
    out,
    reg,
)

OPERATORS = {"and": "&", "or": "|", "xor": "^", "nand": "&", "nor": "|", "xnor": "^"}
WIDTHS = (1, 2, 3, 4, 5, 6, 8, 12, 16)


def _gate(n: Names, op: str, inputs: int, width: int) -> Design:
    ins = [n.a, n.b, n.c, n.d][:inputs]
    expression = f" {OPERATORS[op]} ".join(ins)
    value = f"~({expression})" if op in ("nand", "nor", "xnor") else expression
    which, y, wide = ", ".join(ins[:-1]) + f" and {ins[-1]}", n.y, width > 1
    each = "bitwise " if wide else ""
    meaning = ""
    if inputs > 2 and op in ("xor", "xnor"):
        number = "an odd" if op == "xor" else "an even"
        meaning = f" It is 1 {'in each position ' if wide else ''}where {number} number of the inputs are 1."
    return Design(
        ports=(*(inp(width, i) for i in ins), out(width, y)),
        body=body(f"assign {y} = {value};"),
        texts=(
            f"Build a combinational {inputs}-input {op.upper()} gate. The output {y} is the {each}{op.upper()} of "
            f"{which}, all {bits(width)} wide.{meaning}",
            f"{y} = {each}{op.upper()} of the {inputs} {bits(width)} inputs {which}. No clock.{meaning}",
            f"- inputs: {', '.join(ins)} ({bits(width)} each)\n- output: {y} ({bits(width)})\n"
            f"- function: {y} = {op}({', '.join(ins)}){', bit by bit' if wide else ''}"
            + (f"\n-{meaning}" if meaning else ""),
            f"A circuit needs the {each}{op} of the {bits(width)} signals {which}. Write the module that drives {y} "
            f"with this value, using continuous logic only.{meaning}",
            f"Connect {which} ({bits(width)}) through one {each}{op.upper()} function to the output {y}; "
            f"{y} follows its inputs without any storage.{meaning}",
        ),
    )


def _gate_values(rows: Rows, op: str, inputs: int, width: int) -> Iterator[Row]:
    for row in rows:
        y = 0
        for i in range(width):
            ones = sum(row[role] >> i & 1 for role in "abcd"[:inputs])
            plain = {"and": ones == inputs, "or": ones > 0, "xor": ones % 2 == 1}
            inverted = {"nand": "and", "nor": "or", "xnor": "xor"}
            y |= (not plain[inverted[op]] if op in inverted else plain[op]) << i
        yield {"y": y}


GATE = Family(
    "gate",
    1,
    _gate,
    oracle=_gate_values,
    parameters={"op": tuple(OPERATORS), "inputs": (2, 3, 4), "width": (1, 2, 4, 8, 16)},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("{op}_gate", "{op}{inputs}", "gate_{op}", "logic_{op}"),
        "a b c d": ("a b c d", "in0 in1 in2 in3", "x0 x1 x2 x3", "p q r s"),
        "y": ("y", "out", "f", "z"),
    },
)

EXPRESSIONS = {  # form: its value for a b c = 000, 001, ... 111
    "({a} & {b}) | {c}": "01010111",
    "({a} | {b}) & {c}": "00010101",
    "({a} & {b}) ^ {c}": "01010110",
    "({a} ^ {b}) & {c}": "00010100",
    "({a} ^ {b}) | {c}": "01111101",
    "~({a} & {b}) | {c}": "11111101",
    "~({a} | {b}) & {c}": "01000000",
    "({a} & {b}) | ({a} & {c})": "00000111",
    "({a} & ~{b}) | ({b} & {c})": "00011101",
    "({a} | {b}) ^ ({b} & {c})": "00101110",
    "({a} & ~{b}) | (~{a} & {c})": "01011100",
    "~({a} ^ {b}) & ~{c}": "10000010",
}
WORDS = {"&": "AND", "|": "OR", "^": "XOR", "~": "NOT "}


def _expression(n: Names, form: str, width: int) -> Design:
    code = form.format(a=n.a, b=n.b, c=n.c)
    words = code
    for sign, word in WORDS.items():
        words = words.replace(sign, word)
    y, ins = n.y, f"{n.a}, {n.b} and {n.c}"
    each = " for every bit position" if width > 1 else ""
    return Design(
        ports=(inp(width, n.a), inp(width, n.b), inp(width, n.c), out(width, y)),
        body=body(f"assign {y} = {code};"),
        texts=(
            f"Implement the boolean function {y} = {words}{each}. All ports are {bits(width)}.",
            f"Given the {bits(width)} inputs {ins}, drive the output {y} with {words}{each}.",
            f"- ports: {ins} in, {y} out, {bits(width)} each\n- logic: {words}{each}\n- purely combinational",
            f"A combinational block computes {words}{each} and presents the result on {y} ({bits(width)}). "
            "Write it with a single assignment.",
            f"Three {bits(width)} signals {ins} enter, one leaves: {y} must always equal {words}{each}.",
        ),
    )


def _expression_values(rows: Rows, form: str, width: int) -> Iterator[Row]:
    truth = EXPRESSIONS[form]
    for row in rows:
        columns = [(row["a"] >> i & 1) * 4 + (row["b"] >> i & 1) * 2 + (row["c"] >> i & 1) for i in range(width)]
        yield {"y": sum(int(truth[column]) << i for i, column in enumerate(columns))}


EXPRESSION = Family(
    "expression",
    1,
    _expression,
    oracle=_expression_values,
    parameters={"form": tuple(EXPRESSIONS), "width": (1, 2, 4, 8)},
    shifted={"width": (12, 16, 24, 32, 48)},
    names={
        "module": ("bool_func", "logic_block", "comb_logic", "expr"),
        "a b c": ("a b c", "x y z", "p q r", "in0 in1 in2"),
        "y": ("f", "out", "result", "res"),
    },
)


def _mux(n: Names, ways: int, width: int) -> Design:
    ins = [n.a, n.b, n.c, n.d, n.e, n.f, n.g, n.h][:ways]
    size = ways.bit_length() - 1
    s, y = n.s, n.y
    if ways == 2:
        code = f"assign {y} = {s} ? {ins[1]} : {ins[0]};"
    else:
        arms = {lit(i, size): f"{y} = {name};" for i, name in enumerate(ins[:-1])}
        code = always("*", case(s, arms, f"{y} = {ins[-1]};"))
    order = ", ".join(f"{i}: {name}" for i, name in enumerate(ins))
    pairs = ", ".join(f"{name} for {i}" for i, name in enumerate(ins))
    return Design(
        ports=(*(inp(width, i) for i in ins), inp(size, s), out(width, y) if ways == 2 else reg(width, y)),
        body=body(code),
        texts=(
            f"Design a {ways}-to-1 multiplexer for {bits(width)} data. {s} chooses what appears on {y}: {pairs}.",
            f"{bits(width)} {ways}:1 mux. Select {s}, output {y}; selection {order}.",
            f"- {ways} data inputs of {width} bit\n- select input {s}\n- {y} is combinational and equals, by {s}: "
            f"{order}",
            f"Only one of {ways} {bits(width)} sources may drive {y} at a time. Depending on the value of {s}, pass "
            f"on {pairs}. No clock is involved.",
            f"The output {y} copies the data input whose number is on {s} (numbers: {order}). Data width {width}.",
        ),
    )


def _mux_values(rows: Rows, ways: int, width: int) -> Iterator[Row]:
    for row in rows:
        yield {"y": [row[role] for role in "abcdefgh"[:ways]][row["s"]]}


MUX = Family(
    "mux",
    1,
    _mux,
    oracle=_mux_values,
    parameters={"ways": (2, 4, 8), "width": WIDTHS},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("mux{ways}", "mux{ways}to1", "mux", "selector", "data_selector"),
        "a b c d e f g h": (
            "a b c d e f g h",
            "in0 in1 in2 in3 in4 in5 in6 in7",
            "d0 d1 d2 d3 d4 d5 d6 d7",
            "x0 x1 x2 x3 x4 x5 x6 x7",
        ),
        "s": ("sel", "s", "select"),
        "y": ("y", "out", "dout", "z"),
    },
)


def _demux(n: Names, ways: int, width: int) -> Design:
    outs = [n.a, n.b, n.c, n.d, n.e, n.f, n.g, n.h][:ways]
    size = ways.bit_length() - 1
    zero = lit(0, width)
    lines = [f"assign {y} = ({n.s} == {lit(i, size)}) ? {n.x} : {zero};" for i, y in enumerate(outs)]
    order = ", ".join(f"{i}: {name}" for i, name in enumerate(outs))
    return Design(
        ports=(inp(width, n.x), inp(size, n.s), *(out(width, y) for y in outs)),
        body=body(*lines),
        texts=(
            f"Design a 1-to-{ways} demultiplexer for {bits(width)} data. The value of {n.s} names the output that "
            f"receives {n.x} ({order}); all other outputs are 0.",
            f"{bits(width)} 1:{ways} demux. {n.x} goes to the output selected by {n.s} ({order}), the rest stay 0.",
            f"- data input {n.x}, {width} bit\n- select {n.s}\n- outputs by select value: {order}\n"
            "- an output that is not selected is 0",
            f"Route {n.x} ({bits(width)}) to exactly one of {ways} destinations according to {n.s}: {order}. "
            "Drive 0 on every other destination. Combinational.",
            f"Depending on {n.s}, one output copies {n.x} while the others are held at 0. "
            f"Numbers of the outputs: {order}. Width {width}.",
        ),
    )


def _demux_values(rows: Rows, ways: int, width: int) -> Iterator[Row]:
    for row in rows:
        yield {role: row["x"] if row["s"] == i else 0 for i, role in enumerate("abcdefgh"[:ways])}


DEMUX = Family(
    "demux",
    1,
    _demux,
    oracle=_demux_values,
    parameters={"ways": (2, 4, 8), "width": (1, 2, 3, 4, 8, 16)},
    shifted={"width": (20, 24, 32, 48, 64)},
    names={
        "module": ("demux{ways}", "demux1to{ways}", "demux", "router", "distributor"),
        "a b c d e f g h": ("a b c d e f g h", "out0 out1 out2 out3 out4 out5 out6 out7", "y0 y1 y2 y3 y4 y5 y6 y7"),
        "s": ("sel", "s", "select"),
        "x": ("din", "in", "data", "x"),
    },
)


def _decoder(n: Names, size: int, enable: bool, low: bool) -> Design:
    count = 1 << size
    hot, zero = f"{lit(1, count)} << {n.a}", lit(0, count)
    value = f"{n.en} ? ({hot}) : {zero}" if enable else hot
    if low:
        value = f"~({value})"
    active, idle = ("0", "1") if low else ("1", "0")
    gated = f" While {n.en} is 0, all bits of {n.y} are {idle}." if enable else ""
    kind = f"{size}-to-{count} decoder with active-{'low' if low else 'high'} outputs"
    return Design(
        ports=(inp(size, n.a), *([inp(1, n.en)] if enable else []), out(count, n.y)),
        body=body(f"assign {n.y} = {value};"),
        texts=(
            f"Implement a {kind}: bit number {n.a} of {n.y} is {active} and all other bits are {idle}.{gated}",
            f"{kind[0].upper() + kind[1:]}, input {n.a}, output {n.y}. {n.y}[{n.a}] = {active}, others {idle}.{gated}",
            f"- input {n.a}: {size} bit\n- output {n.y}: {count} bit\n- the bit of {n.y} selected by {n.a} is "
            f"{active}\n"
            f"- the remaining bits are {idle}" + (f"\n- {n.en} = 0: all bits are {idle}" if enable else ""),
            f"A memory system needs {count} select lines on {n.y}. The {bits(size)} address {n.a} picks the only line "
            f"that is {active}; the rest are {idle}.{gated} Combinational logic.",
            f"{n.y} has one line for each value of {n.a} ({size} bit). Only the line that belongs to the present value "
            f"is driven to {active}, every other one to {idle}.{gated}",
        ),
    )


def _decoder_values(rows: Rows, size: int, enable: bool, low: bool) -> Iterator[Row]:
    for row in rows:
        lines = ["1" if low else "0"] * (1 << size)
        if not enable or row["en"]:
            lines[-1 - row["a"]] = "0" if low else "1"
        yield {"y": int("".join(lines), 2)}


DECODER = Family(
    "decoder",
    1,
    _decoder,
    oracle=_decoder_values,
    parameters={"size": (2, 3, 4), "enable": (False, True), "low": (False, True)},
    shifted={"size": (5, 6)},
    names={
        "module": ("decoder", "dec{size}", "line_decoder", "addr_decoder", "onehot_decoder"),
        "a": ("a", "sel", "addr", "in", "code"),
        "en": ("en", "enable", "ce"),
        "y": ("y", "out", "dec", "lines", "onehot"),
    },
)


def _encoder(n: Names, size: int, valid: bool) -> Design:
    count = 1 << size
    arms = {binary(1 << i, count): f"{n.y} = {lit(i, size)};" for i in range(1, count)}
    extra = [f"assign {n.v} = |{n.a};"] if valid else []
    any_bit = either(f"{n.a} is not 0", f"at least one bit of {n.a} is 1", f"some bit of {n.a} is set")
    flag = f" {n.v} is 1 when {any_bit}, and 0 for {n.a} = 0." if valid else ""
    return Design(
        ports=(inp(count, n.a), reg(size, n.y), *([out(1, n.v)] if valid else [])),
        body=body(*extra, always("*", case(n.a, arms, f"{n.y} = {lit(0, size)};"))),
        texts=(
            f"Write a {count}-to-{size} encoder for the one-hot input {n.a}. {n.y} is the index of the bit that is 1. "
            f"If not exactly one bit is 1, {n.y} is 0.{flag}",
            f"{count}:{size} one-hot encoder. {n.a} -> index on {n.y}; any input that is not one-hot gives {n.y} = "
            f"0.{flag}",
            f"- one-hot input {n.a}, {count} bit\n- {n.y}: number of the set bit, {size} bit\n"
            f"- {n.y} = 0 for every input that is not one-hot" + (f"\n-{flag}" if valid else ""),
            f"One of {count} request lines on {n.a} is active. Report its number on {n.y} in binary; report 0 when "
            "none "
            f"or several are active.{flag} Combinational.",
            f"Convert {n.a} from one-hot to binary on {n.y} ({size} bit). Patterns with no or more than one set bit "
            f"produce 0.{flag}",
        ),
    )


def _encoder_values(rows: Rows, size: int, valid: bool) -> Iterator[Row]:
    for row in rows:
        on = [i for i in range(1 << size) if row["a"] >> i & 1]
        yield {"y": on[0] if len(on) == 1 else 0} | ({"v": int(on != [])} if valid else {})


ENCODER = Family(
    "encoder",
    2,
    _encoder,
    oracle=_encoder_values,
    parameters={"size": (2, 3), "valid": (False, True)},
    shifted={"size": (4, 5)},
    names={
        "module": ("encoder", "onehot_encoder", "binary_encoder", "enc{size}"),
        "a": ("a", "in", "onehot", "lines", "req"),
        "y": ("y", "code", "index", "out"),
        "v": ("valid", "any", "vld"),
    },
)


def _priority(n: Names, width: int, lowest: bool, valid: bool) -> Design:
    size = (width - 1).bit_length()
    order = range(width) if lowest else range(width - 1, -1, -1)
    arms = [(f"{n.a}[{i}]", f"{n.y} = {lit(i, size)};") for i in order][:-1]
    rest = 0 if not lowest else width - 1
    if lowest:
        arms.append((f"{n.a}[{rest}]", f"{n.y} = {lit(rest, size)};"))
    arms.append(("", f"{n.y} = {lit(0, size)};"))
    extra = [f"assign {n.v} = |{n.a};"] if valid else []
    flag = f" {n.v} is 1 {either('when', 'exactly if', 'as long as')} {n.a} is not 0." if valid else ""
    which, bit = ("lowest", "least") if lowest else ("highest", "most")
    return Design(
        ports=(inp(width, n.a), reg(size, n.y), *([out(1, n.v)] if valid else [])),
        body=body(*extra, always("*", chain(*arms))),
        texts=(
            f"Write a {bits(width)} priority encoder. {n.y} is the index of the {which} bit of {n.a} that is 1, and 0 "
            f"if {n.a} is 0.{flag}",
            f"Priority encoder, {width} inputs {n.a}, the {which} index wins, result on {n.y}. All zeros give {n.y} = "
            f"0.{flag}",
            f"- input {n.a}: {width} bit\n- output {n.y}: position of the {bit} significant 1\n- {n.y} = 0 when no bit "
            "is set" + (f"\n- {n.v} = 1 when any bit is set" if valid else ""),
            f"Several of the {width} lines of {n.a} may be active together; the line with the {which} number is "
            "served. "
            f"Put its number on {n.y}, or 0 if no line is active.{flag}",
            f"Find the {bit} significant set bit of {n.a} ({width} bit) and give its position on {n.y}; without any "
            "set "
            f"bit the position reads 0.{flag}",
        ),
    )


def _priority_values(rows: Rows, width: int, lowest: bool, valid: bool) -> Iterator[Row]:
    for row in rows:
        found = [i for i in range(width) if row["a"] >> i & 1] or [0]
        yield {"y": found[0 if lowest else -1]} | ({"v": int(row["a"] > 0)} if valid else {})


PRIORITY_ENCODER = Family(
    "priority_encoder",
    2,
    _priority,
    oracle=_priority_values,
    parameters={"width": (3, 4, 5, 6, 8), "lowest": (False, True), "valid": (False, True)},
    shifted={"width": (10, 12, 16, 20, 24)},
    names={
        "module": ("priority_encoder", "prio_enc", "penc{width}", "pri_encoder"),
        "a": ("in", "req", "a", "lines"),
        "y": ("pos", "index", "y", "out"),
        "v": ("valid", "any", "found"),
    },
)
