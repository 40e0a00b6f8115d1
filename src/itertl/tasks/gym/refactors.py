"""Code that works, in part, and is wanted in another form: a latch to remove, a clocked block whose logic moves out.

    nested ifs or a case, with a value missing here and there     ->  a case that remembers nothing
    one always block for a register and what it loads             ->  the combinational half, as a module of its own

What is handed over can be no answer: the one holds what it should not, the other has other ports.

itertl gym --family refactor --seed 1
"""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from itertl.tasks.gym.code_texts import FENCES
from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    always,
    bits,
    body,
    case,
    chain,
    indent,
    inp,
    lit,
    reg,
)
from itertl.tasks.gym.naming import fill

CONTROLS = ("s0", "s1", "s2", "s3")


class Value(NamedTuple):
    """What one place of the code assigns; `x` and `y` are roles, `number` a constant."""

    kind: str
    x: str = ""
    y: str = ""
    number: int = 0


KINDS: Mapping[str, tuple[str, Callable[[int, int], int]]] = {
    "copy": ("{x}", lambda x, y: x),
    "not": ("~{x}", lambda x, y: ~x),
    "and": ("{x} & {y}", lambda x, y: x & y),
    "or": ("{x} | {y}", lambda x, y: x | y),
    "xor": ("{x} ^ {y}", lambda x, y: x ^ y),
    "add": ("{x} + {y}", lambda x, y: x + y),
    "sub": ("{x} - {y}", lambda x, y: x - y),
    "up": ("{x} + {one}", lambda x, y: x + 1),
    "down": ("{x} - {one}", lambda x, y: x - 1),
}
Values = tuple[Value | None, ...]  # by the number that the controls make; None: nothing is assigned


def _verilog(value: Value, n: Names, width: int) -> str:
    if value.kind == "constant":
        return lit(value.number, width)
    known = vars(n)
    return KINDS[value.kind][0].format(x=known[value.x], y=known.get(value.y), one=lit(1, width))


def _refactor(
    n: Names, controls: int, width: int, values: Values, idle: Value, split: bool, nested: bool, order: tuple[int, ...]
) -> Design:
    """`idle`: what stands where nothing is assigned, or with `split` the reset value. `order`: of the nested ifs."""
    roles = CONTROLS[:controls]
    pins = [vars(n)[role] for role in roles]
    arms: dict[str, str] = {}
    rest = n.q if split else _verilog(idle, n, width)
    for text in dict.fromkeys(_verilog(v, n, width) for v in values if v is not None):
        labels = [k for k, v in enumerate(values) if v is not None and _verilog(v, n, width) == text]
        arms[", ".join(f"{controls}'b{k:0{controls}b}" for k in labels)] = f"{n.y} = {text};"
    chosen = case(f"{{{', '.join(reversed(pins))}}}", arms, f"{n.y} = {rest};")
    if split:
        chosen = chain((n.clr, f"{n.y} = {_verilog(idle, n, width)};"), ("", chosen))

    def tell(names: Names, rng: random.Random) -> str:
        return _said(n, names, controls, width, values, idle, split, nested, order, rng)

    def turned(names: Names, rng: random.Random) -> str:
        return _said(n, names, controls, width, values, idle, split, not nested, order, rng)

    data = [inp(width, n.q)] if split else []
    return Design(
        ports=(
            *([inp(1, n.clr)] if split else []),
            *(inp(1, pin) for pin in pins),
            *data,
            inp(width, n.a),
            inp(width, n.b),
            reg(width, n.y),
        ),
        body=body(always("*", chosen)),
        texts=(Telling(Form.CODE_TO_REFACTOR, tell), Telling(Form.CODE_TO_REFACTOR, turned)),
    )


def _given(n: Names, controls: int, width: int, values: Values, sign: str, nested: bool, order: tuple[int, ...]) -> str:
    """Return the statement of the code that is handed over: it assigns to `n.y`, or under a clock to `n.q`."""
    target = n.y if sign == "=" else n.q
    pins = [vars(n)[role] for role in CONTROLS[:controls]]
    if not nested:
        arms = {
            f"{controls}'b{k:0{controls}b}": f"{target} {sign} {_verilog(v, n, width)};"
            for k, v in enumerate(values)
            if v is not None
        }
        lines = [f"    {label}: {action}" for label, action in arms.items()]
        return "\n".join([f"case ({{{', '.join(reversed(pins))}}})", *lines, "endcase"])

    def tree(left: tuple[int, ...], number: int) -> str:
        if not left:
            value = values[number]
            return "" if value is None else f"{target} {sign} {_verilog(value, n, width)};"
        pin, on, off = pins[left[0]], tree(left[1:], number | 1 << left[0]), tree(left[1:], number)
        if on == off:
            return on
        if not on:
            return f"if (!{pin}) begin\n{indent(off)}\nend"
        yes = f"if ({pin}) begin\n{indent(on)}\nend"
        return f"{yes} else begin\n{indent(off)}\nend" if off else yes

    return tree(order, 0)


def _said(
    n: Names,
    names: Names,
    controls: int,
    width: int,
    values: Values,
    idle: Value,
    split: bool,
    nested: bool,
    order: tuple[int, ...],
    rng: random.Random,
) -> str:
    """Return what is asked, names still to be filled in, with the code that is handed over, names filled in."""
    pins = [vars(n)[role] for role in CONTROLS[:controls]]
    ports = [*(inp(1, pin) for pin in pins), inp(width, n.a), inp(width, n.b)]
    statement = _given(n, controls, width, values, "<=" if split else "=", nested, order)
    value = _verilog(idle, n, width)
    if split:
        action = chain((n.clr, f"{n.q} <= {value};"), ("", statement))
        ports = ["input clk", inp(1, n.clr), *ports, reg(width, n.q)]
        block = always("posedge clk", action)
        asked = _split_asked(n, width, rng)
    else:
        ports.append(reg(width, n.y))
        block = always("*", statement)
        asked = _latch_asked(n, value, rng)
    opened, closed = rng.choice(FENCES)
    code = f"module old(\n    {f',{chr(10)}    '.join(ports)}\n);\n{body(block)}endmodule\n"
    shown = fill(f"{opened}{code}{closed}".strip(), names)
    return f"{asked}\n\n{shown}" if rng.random() < 0.7 else f"{shown}\n\n{asked}"


def _latch_asked(n: Names, value: str, rng: random.Random) -> str:
    why = rng.choice(
        (
            f"Synthesis warns of a latch: there are inputs for which the module old assigns nothing to {n.y}.",
            f"The module old was meant to be combinational, but keeps the last {n.y} where no branch assigns it.",
            f"This code remembers {n.y} for some inputs, which nobody wants.",
        )
    )
    what = rng.choice(
        (
            f"Rewrite it as {n.module} without memory. Where old assigns nothing, {n.y} has to be {value}; for all other "
            "inputs nothing changes.",
            f"Turn it into the purely combinational {n.module}: {n.y} = {value} for exactly those inputs at which old "
            "would hold its value, and what old assigns for the rest.",
            f"{n.module} shall give the same {n.y} wherever old assigns one, and {value} wherever it does not. No latch may "
            "be left.",
        )
    )
    return f"{why} {what}"


def _split_asked(n: Names, width: int, rng: random.Random) -> str:
    why = rng.choice(
        (
            "The register and its logic shall come apart.",
            "Our style guide wants two blocks, one for the logic and one for the register.",
            f"In the module old one always block does it all, and the logic ahead of {n.q} cannot be tested alone.",
        )
    )
    what = rng.choice(
        (
            f"Write the combinational half as {n.module}: from the present {n.q}, an input now, and the other inputs it "
            f"computes {n.y} ({bits(width)}), the value that {n.q} of old has after the next edge of clk.",
            f"{n.module} is the logic alone, without clock: {n.y} is what old would load into {n.q} at an edge, given "
            f"{n.q} before it and the remaining inputs.",
            f"Move the logic to {n.module}. There {n.q} is an input, the value before the edge, and {n.y} the value after "
            "it; the module has no clock and no memory.",
        )
    )
    note = rng.choice(
        (
            f"The reset input {n.clr} belongs to the logic. Where old leaves {n.q} alone, {n.y} equals {n.q}.",
            f"That includes {n.clr}, and the cases in which {n.q} keeps its value: {n.y} = {n.q} there.",
        )
    )
    return f"{why} {what} {note}"


def _draw(rng: random.Random, wide: bool) -> Combination:
    controls = 4 if wide else rng.choice((2, 2, 3))
    width, split = rng.choice((1, 2, 4, 6, 8, 12, 16)), rng.random() < 0.5
    sources = ("a", "b", "q") if split else ("a", "b")
    found: list[Value | None] = [_value(rng, sources, width) for _ in range(rng.choice((2, 3, 3, 4)))]
    count = 1 << controls
    values = [rng.choice(found) for _ in range(count)]
    for k in rng.sample(range(count), rng.randint(1, count // 2)):
        values[k] = None
    if all(v is None for v in values) or len(set(values)) < 3:
        return _draw(rng, wide)
    idle = Value("constant", number=rng.choice((0, 0, (1 << width) - 1, rng.randrange(1 << width))))
    if not split and rng.random() < 0.3:
        idle = Value("copy", rng.choice(sources))
    return {
        "controls": controls,
        "width": width,
        "values": tuple(values),
        "idle": idle,
        "split": split,
        "nested": rng.random() < 0.5,
        "order": tuple(rng.sample(range(controls), controls)),
    }


def _value(rng: random.Random, sources: tuple[str, ...], width: int) -> Value:
    kind = rng.choice((*KINDS, "constant"))
    if kind == "constant":
        return Value(kind, number=rng.randrange(1 << width))
    x, y = rng.sample(sources, 2)
    return Value(kind, x, y if kind in ("and", "or", "xor", "add", "sub") else "")


def _values(
    rows: Rows,
    controls: int,
    width: int,
    values: Values,
    idle: Value,
    split: bool,
    nested: bool,
    order: tuple[int, ...],
) -> Iterator[Expected]:
    for row in rows:
        value = values[sum(row[role] << k for k, role in enumerate(CONTROLS[:controls]))]
        if split and row["clr"]:
            value = idle
        if value is None and split:
            yield {"y": row["q"]}
            continue
        kind, x, y, number = value or idle
        full = number if kind == "constant" else KINDS[kind][1](row[x], row.get(y, 0))
        yield {"y": full % (1 << width)}


REFACTOR = Family(
    "refactor",
    2,
    _refactor,
    {
        "module": ("clean", "rewritten", "new_version", "refactored", "comb_part", "revised"),
        "s0 s1 s2 s3": ("en up load mode", "c0 c1 c2 c3", "p q0 r0 s0", "first second third fourth", "k0 k1 k2 k3"),
        "a b": ("a b", "x y", "op1 op2", "din step"),
        "q": ("state", "reg_q", "cnt", "acc"),
        "y": ("next", "result", "res", "value_out", "d_out"),
        "clr": ("rst", "clear", "init", "reset"),
    },
    oracle=_values,
    draw=_draw,
    held_out=True,
)
