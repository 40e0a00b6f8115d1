"""Families of what every reader of Verilog meets first: constants, wires, single gates side by side, parts of words.

itertl gym --family wires --seed 1
"""

import random
from collections.abc import Iterator

from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Names,
    Rows,
    bits,
    body,
    either,
    inp,
    lit,
    out,
    series,
)

COUNTED = {2: "two", 3: "three"}
INPUTS, OUTPUTS = ("a", "b", "c"), ("x", "y", "z")
IN_POOL = ("a b c", "in0 in1 in2", "p q r", "d0 d1 d2", "src_a src_b src_c")
OUT_POOL = ("x y z", "out0 out1 out2", "f g h", "q0 q1 q2", "dst_x dst_y dst_z")
Values = tuple[tuple[int, int], ...]  # (width, value) of each output
Sources = tuple[tuple[int, bool], ...]  # (number of the input, inverted) of each output


def _constants(n: Names, values: Values, spare: int) -> Design:
    names = [getattr(n, role) for role in OUTPUTS[: len(values)]]
    shown = [_value(width, value) for width, value in values]
    pairs = list(zip(names, values, shown, strict=True))
    plain = [
        f"{name} is the {bits(width)} constant {value}." for name, (width, value) in zip(names, values, strict=True)
    ]
    unused = either(
        f" {n.a} has no influence.", f" The input {n.a} is not used.", f" Whatever {n.a} is, nothing changes."
    )
    rest = unused if spare else ""
    held = series([f"{name} at {value}" for name, _, value in pairs])
    return Design(
        ports=(*([inp(spare, n.a)] if spare else []), *(out(width, name) for name, (width, _), _ in pairs)),
        body=body(*(f"assign {name} = {lit(value, width)};" for name, (width, value), _ in pairs)),
        texts=(
            f"Tie {series([f'{name} to {value}' for name, _, value in pairs])}, for good.{rest}",
            f"The module {either('drives constants only', 'has nothing but fixed outputs')}: {held}.{rest}",
            "\n".join(f"- {name} ({bits(width)}): always {value}" for name, (width, _), value in pairs)
            + (f"\n-{rest}" if spare else ""),
            f"{either('Hold', 'Keep')} {held}, {either('at all times', 'without end', 'always')}; there is no logic.{rest}",
            " ".join(plain) + rest,
        ),
    )


def _value(width: int, value: int) -> str:
    if width == 1:
        return either(str(value), "logic high" if value else "logic low")
    if value in (0, (1 << width) - 1):
        return either(str(value), "all ones" if value else "all zeros")
    return either(str(value), f"{value} (binary {value:0{width}b})", f"{width}'d{value}")


def _constant_values(rows: Rows, values: Values, spare: int) -> Iterator[Expected]:
    for _ in rows:
        yield {role: value for role, (_, value) in zip(OUTPUTS, values, strict=False)}


def _draw_constants(rng: random.Random, wide: bool) -> Combination:
    widths = [rng.choice((13, 16, 20, 24, 32) if wide else (1, 1, 1, 2, 3, 4, 5, 6, 8, 12)) for _ in range(_few(rng))]
    values = tuple((w, rng.choice((0, (1 << w) - 1, *[rng.randrange(1 << w)] * 3))) for w in widths)
    return {"values": values, "spare": rng.choice((0, 0, 1, 4, 8))}


def _few(rng: random.Random) -> int:
    return rng.choice((1, 1, 1, 2, 2, 3))


CONSTANTS = Family(
    "constants",
    1,
    _constants,
    {
        "module": ("constants", "fixed", "tie_off", "const_out", "ties"),
        "a": ("a", "in", "unused", "d"),
        "x y z": OUT_POOL,
    },
    oracle=_constant_values,
    draw=_draw_constants,
)


def _wires(n: Names, width: int, inputs: int, sources: Sources) -> Design:
    ins = [getattr(n, role) for role in INPUTS[:inputs]]
    pairs = [(getattr(n, role), ins[at], inverted) for role, (at, inverted) in zip(OUTPUTS, sources, strict=False)]
    turned = (
        either("is the complement of", "is the inverse of", "is NOT") if width == 1 else "is the bitwise complement of"
    )
    same = either("equals", "is a copy of", "is connected straight to", "follows")
    told = [f"{y} {turned if inverted else same} {a}" for y, a, inverted in pairs]
    arrows = "\n".join(f"- {a} -> {'inverter -> ' if inverted else ''}{y}" for y, a, inverted in pairs)
    each = f", {width} bits wide" if width > 1 else ""
    kinds = {inverted for _, _, inverted in pairs}
    what = "wires and inverters" if len(kinds) == 2 else "inverters" if kinds == {True} else "wires"
    return Design(
        ports=(*(inp(width, a) for a in ins), *(out(width, y) for y, _, _ in pairs)),
        body=body(*(f"assign {y} = {'~' if inverted else ''}{a};" for y, a, inverted in pairs)),
        texts=(
            f"{series(told)}{each}.",
            f"The module {either('consists of', 'is nothing but', 'holds only')} {what}{each}: {series(told)}.",
            f"{either('Make these connections', 'Wire it up like this')}{each}:\n{arrows}",
            " ".join(f"{text}." for text in told) + (f" All ports are {width} bits wide." if width > 1 else ""),
            f"No clock, no state{each}: "
            + "; ".join(
                f"{y} {either('shows', 'carries', 'outputs')} {'the complement of ' if inverted else ''}{a}"
                for y, a, inverted in pairs
            )
            + ".",
        ),
    )


def _wire_values(rows: Rows, width: int, inputs: int, sources: Sources) -> Iterator[Expected]:
    full = (1 << width) - 1
    for row in rows:
        yield {
            role: full - row[INPUTS[at]] if inverted else row[INPUTS[at]]
            for role, (at, inverted) in zip(OUTPUTS, sources, strict=False)
        }


def _draw_wires(rng: random.Random, wide: bool) -> Combination:
    inputs, outputs = _few(rng), _few(rng)
    sources = [(at, rng.random() < 0.4) for at in range(inputs)]
    while len(sources) < outputs:
        sources.append((rng.randrange(inputs), rng.random() < 0.4))
    rng.shuffle(sources)
    width = rng.choice((20, 24, 32, 48) if wide else (1, 1, 1, 2, 3, 4, 5, 6, 8, 16))
    return {"width": width, "inputs": inputs, "sources": tuple(sources)}


WIRES = Family(
    "wires",
    1,
    _wires,
    {
        "module": ("wires", "pass_through", "feed", "wiring", "straight"),
        "a b c": IN_POOL,
        "x y z": OUT_POOL,
    },
    oracle=_wire_values,
    draw=_draw_wires,
)

GATES = {  # name: sign between the inputs, whether inverted
    "and": ("&", False),
    "or": ("|", False),
    "xor": ("^", False),
    "nand": ("&", True),
    "nor": ("|", True),
    "xnor": ("^", True),
}
UNMISTAKABLE = ("and", "nand", "nor", "or")  # of three inputs: an XOR of three may mean one of them, or an odd number


def _gate_code(name: str, ins: list[str]) -> str:
    sign, inverted = GATES[name]
    code = f" {sign} ".join(ins)
    return f"~({code})" if inverted else code


def _article(gate: str) -> str:
    return "an" if gate in ("and", "or", "xor", "xnor") else "a"


def _gates(n: Names, width: int, inputs: int, gates: tuple[str, ...]) -> Design:
    ins = [getattr(n, role) for role in INPUTS[:inputs]]
    pairs = [(getattr(n, role), name) for role, name in zip(OUTPUTS, gates, strict=False)]
    joined, each = series(ins), ", bit by bit" if width > 1 else ""
    sized = f" {bits(width)}" if width > 1 else ""
    return Design(
        ports=(*(inp(width, a) for a in ins), *(out(width, y) for y, _ in pairs)),
        body=body(*(f"assign {y} = {_gate_code(name, ins)};" for y, name in pairs)),
        texts=(
            f"{COUNTED[len(pairs)].capitalize()} gates share the{sized} inputs {joined}{each}: "
            + series([f"{y} is their {name.upper()}" for y, name in pairs])
            + ".",
            f"Combine {joined}{each} in {COUNTED[len(pairs)]} ways:\n"
            + "\n".join(f"- {y}: {name.upper()} of {'both' if inputs == 2 else 'all three'}" for y, name in pairs),
            " ".join(f"{y} is the {name.upper()} of {joined}{each}." for y, name in pairs),
            f"The{sized} inputs {joined} feed {COUNTED[len(pairs)]} gates{each}: "
            + series([f"{_article(name)} {name.upper()} gate that drives {y}" for y, name in pairs])
            + ".",
        ),
    )


def _gate_values(rows: Rows, width: int, inputs: int, gates: tuple[str, ...]) -> Iterator[Expected]:
    for row in rows:
        found = dict.fromkeys(OUTPUTS[: len(gates)], 0)
        for i in range(width):
            ones = sum(row[role] >> i & 1 for role in INPUTS[:inputs])
            plain = {"and": ones == inputs, "or": ones > 0, "xor": ones == 1}
            plain |= {"nand": not plain["and"], "nor": not plain["or"], "xnor": not plain["xor"]}
            for role, name in zip(OUTPUTS, gates, strict=False):
                found[role] |= plain[name] << i
        yield found


def _draw_gates(rng: random.Random, wide: bool) -> Combination:
    inputs = rng.choice((2, 2, 3))
    return {
        "width": rng.choice((20, 24, 32, 48) if wide else (1, 1, 1, 2, 3, 4, 8)),
        "inputs": inputs,
        "gates": tuple(rng.sample(sorted(GATES if inputs == 2 else UNMISTAKABLE), rng.choice((2, 2, 3)))),
    }


GATE_SET = Family(
    "gate_set",
    1,
    _gates,
    {
        "module": ("gate_set", "several_gates", "gate_bank", "basic_gates", "logic_set"),
        "a b c": IN_POOL,
        "x y z": OUT_POOL,
    },
    oracle=_gate_values,
    draw=_draw_gates,
)


def _reduction(n: Names, width: int, gates: tuple[str, ...]) -> Design:
    pairs = [(getattr(n, role), name) for role, name in zip(OUTPUTS, gates, strict=False)]
    code = [f"assign {y} = {'~' if GATES[name][1] else ''}{GATES[name][0]}{n.a};" for y, name in pairs]
    every, some = either("every bit", "each single bit"), either("at least one bit", "any bit")
    meant = {
        "and": f"1 if {every} of {n.a} is 1, and 0 otherwise",
        "or": f"1 if {some} of {n.a} is 1, and 0 otherwise",
        "nand": f"0 if {every} of {n.a} is 1, and 1 otherwise",
        "nor": f"0 if {some} of {n.a} is 1, and 1 otherwise",
    }
    return Design(
        ports=(inp(width, n.a), *(out(1, y) for y, _ in pairs)),
        body=body(*code),
        texts=(
            f"Reduce the {bits(width)} word {n.a} to single bits: "
            + series([f"{y} is the {name.upper()} of all its bits" for y, name in pairs])
            + ".",
            " ".join(f"{y} is {meant[name]}." for y, name in pairs) + f" {n.a} has {width} bits.",
            f"All {width} bits of {n.a} are inputs of "
            + series([f"one {width}-input {name.upper()} gate with the output {y}" for y, name in pairs])
            + ".",
            f"- input {n.a}: {width} bits\n" + "\n".join(f"- {y}: {meant[name]}" for y, name in pairs),
        ),
    )


def _reduced_values(rows: Rows, width: int, gates: tuple[str, ...]) -> Iterator[Expected]:
    for row in rows:
        full, some = row["a"] == (1 << width) - 1, row["a"] != 0
        plain = {"and": full, "or": some, "nand": not full, "nor": not some}
        yield {role: int(plain[name]) for role, name in zip(OUTPUTS, gates, strict=False)}


def _draw_reduction(rng: random.Random, wide: bool) -> Combination:
    width = rng.choice((40, 48, 64)) if wide else rng.randrange(3, 33)
    return {"width": width, "gates": tuple(rng.sample(("and", "nand", "nor", "or"), _few(rng)))}


REDUCTION = Family(
    "reduction",
    1,
    _reduction,
    {
        "module": ("reduction", "reduce", "all_any", "wide_gate", "reducer"),
        "a": ("a", "in", "data", "word", "v"),
        "x y z": OUT_POOL,
    },
    oracle=_reduced_values,
    draw=_draw_reduction,
)


def _parts(n: Names, width: int, spans: tuple[tuple[int, int], ...]) -> Design:
    """Each output is one part of the word: (top, bottom)."""
    pairs = [(getattr(n, role), top, low) for role, (top, low) in zip(OUTPUTS, spans, strict=False)]
    ways = [either(f"bits {top} to {low}", f"bits {top} down to {low}", f"bits [{top}:{low}]") for _, top, low in pairs]
    ways = [f"bit {top}" if top == low else way for way, (_, top, low) in zip(ways, pairs, strict=True)]
    verbs = ("Split", "Cut", "Take apart") if len(pairs) > 1 else ("Pick one part of", "Cut a part out of")
    told = [f"{y} is {way} of {n.a}" for way, (y, _, _) in zip(ways, pairs, strict=True)]
    code = [f"assign {y} = {n.a}[{top}{'' if top == low else f':{low}'}];" for y, top, low in pairs]
    return Design(
        ports=(inp(width, n.a), *(out(top - low + 1, y) for y, top, low in pairs)),
        body=body(*code),
        texts=(
            f"{either(*verbs)} the {bits(width)} word {n.a}: {series(told)}.",
            " ".join(f"{text}." for text in told) + f" {n.a} has {width} bits, bit 0 is the lowest.",
            f"Bring parts of {n.a} ({bits(width)}) to outputs of their own:\n"
            + "\n".join(f"- {y}: {way}" for way, (y, _, _) in zip(ways, pairs, strict=True)),
            f"{n.a} is a bus of {width} bits, from which "
            + series(
                [
                    f"{way} {'goes' if way.startswith('bit ') else 'go'} to {y}"
                    for way, (y, _, _) in zip(ways, pairs, strict=True)
                ]
            )
            + ".",
        ),
    )


def _part_values(rows: Rows, width: int, spans: tuple[tuple[int, int], ...]) -> Iterator[Expected]:
    for row in rows:
        digits = f"{row['a']:0{width}b}"[::-1]
        yield {role: int(digits[low : top + 1][::-1], 2) for role, (top, low) in zip(OUTPUTS, spans, strict=False)}


def _draw_parts(rng: random.Random, wide: bool) -> Combination:
    width = rng.choice((20, 24, 32, 48, 64)) if wide else rng.choice((4, 5, 6, 7, 8, 9, 10, 12, 14, 16))
    cuts = sorted(rng.sample(range(1, width), rng.choice((1, 1, 2))))
    spans = [(high - 1, low) for low, high in zip((0, *cuts), (*cuts, width), strict=True)]
    rng.shuffle(spans)
    return {"width": width, "spans": tuple(spans[: rng.choice((1, 2, 3))])}


PARTS = Family(
    "parts",
    1,
    _parts,
    {
        "module": ("parts", "splitter", "field_select", "slices", "bus_split"),
        "a": ("a", "in", "bus", "word", "data"),
        "x y z": OUT_POOL,
    },
    oracle=_part_values,
    draw=_draw_parts,
)
