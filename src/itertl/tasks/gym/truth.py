"""Families of truth tables: the same function as a table, Karnaugh map, list of terms, equation, sentence or trace.

itertl gym --family truth_table --seed 1
"""

import random
from collections.abc import Iterator
from functools import partial

from itertl.tasks.gym import table_texts
from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    body,
    inp,
    reg,
    series,
)
from itertl.tasks.gym.repairs import break_table, repair, report_rows
from itertl.tasks.gym.table import Table, draw_table, verilog

INTRODUCED = (
    "{y} {are} of {ins}:",
    "{y} {depend} on {ins} alone, without a clock or memory:",
    "Combinational logic with {ins} and the {outputs} {y}:",
    "From {ins} derive {y} by combinational logic, as follows.",
    "This defines {y} in terms of {ins}; there is no clock.",
    "A circuit without memory has {ins} and the {outputs} {y}.",
)
TRACED = (
    "{y} {are} of {ins}. This trace shows every combination of the inputs at least once:",
    "The waveform was recorded from a combinational circuit with {ins} and the {outputs} {y}; all input combinations "
    "occur in it.",
    "No clock, no memory: {ins} determine {y} as in this timing diagram, in which each input combination appears.",
)
OPEN = "An x in the {outputs} means that the value does not matter there."


def _inputs(n: Names, inputs: int, vector: bool) -> tuple[str, ...]:
    """Return the names of the input bits, the most significant first."""
    if vector:
        return tuple(f"{n.v}[{k}]" for k in reversed(range(inputs)))
    return (n.a, n.b, n.c, n.d, n.e)[:inputs]


def _table(n: Names, table: Table, vector: bool) -> Design:
    outputs = (n.y, n.z, n.w)[: len(table.outputs)]
    selector = n.v if vector else f"{{{', '.join(_inputs(n, table.inputs, False))}}}"
    ports = (inp(table.inputs, n.v),) if vector else tuple(inp(1, i) for i in _inputs(n, table.inputs, False))
    forms: list[tuple[Form, table_texts.Text]] = [
        (Form.TABLE, table_texts.as_table),
        (Form.MINTERMS, table_texts.as_minterms),
        (Form.KARNAUGH, table_texts.as_karnaugh),
        (Form.WAVEFORM, table_texts.as_trace),
        (Form.PROSE, table_texts.as_words),
    ]
    if table.complete:
        forms.append((Form.EQUATIONS, table_texts.as_equations))
    texts = tuple(_told(form, text, table, vector) for form, text in forms)
    return Design(
        ports=(*ports, *(reg(1, o) for o in outputs)),
        body=body(verilog(table, selector, outputs)),
        texts=(*texts, repair(texts, partial(_wrong, table, vector))),
    )


def _wrong(table: Table, vector: bool, names: Names, rng: random.Random) -> tuple[Design, str]:
    wrong, rows = break_table(table, rng)
    ins, outs = _inputs(names, table.inputs, vector), (names.y, names.z, names.w)
    return _table(names, wrong, vector), report_rows(table, rows, ins, outs, rng)


def _told(form: Form, text: table_texts.Text, table: Table, vector: bool) -> Telling:
    """Return a telling: a sentence about what there is, and the function itself."""

    def tell(n: Names, rng: random.Random) -> str:
        ins = _inputs(n, table.inputs, vector)
        outs = (n.y, n.z, n.w)[: len(table.outputs)]
        traced = form is Form.WAVEFORM
        said = {
            "ins": f"the {table.inputs} bits of the input {n.v}" if vector else f"the inputs {series(ins)}",
            "y": series(outs),
            **_number(len(outs)),
        }
        introduced = rng.choice(TRACED if traced else INTRODUCED).format_map(said)
        if traced and not table.complete:
            introduced += " " + OPEN.format_map(said)
        told = text(table, ins, outs, rng)
        return f"{introduced.replace(':', '.')} {told}" if form is Form.PROSE else f"{introduced}\n\n{told}"

    return Telling(form, tell)


def _number(outputs: int) -> dict[str, str]:
    if outputs == 1:
        return {"are": "is a combinational function", "depend": "depends", "outputs": "output"}
    return {"are": "are combinational functions", "depend": "depend", "outputs": "outputs"}


def _draw(rng: random.Random, wide: bool) -> Combination:
    inputs = 5 if wide else rng.choice((2, 3, 3, 4, 4, 4))
    outputs = rng.choice((1, 1, 1, 2, 2, 3)) if inputs > 2 else 1
    return {"table": draw_table(rng, inputs, outputs, rng.choice((0.0, 0.15, 0.3))), "vector": rng.random() < 0.3}


def _looked_up(rows: Rows, table: Table, vector: bool) -> Iterator[Expected]:
    for row in rows:
        text = f"{row['v']:0{table.inputs}b}" if vector else "".join(str(row[role]) for role in "abcde"[: table.inputs])
        yield dict(zip("yzw", (column[int(text, 2)] for column in table.outputs), strict=False))


NAMES: dict[str, tuple[str, ...]] = {
    "module": ("table_logic", "truth", "lut", "func", "logic_fn", "comb", "decode_fn"),
    "a b c d e": ("a b c d e", "p q r s t", "x1 x2 x3 x4 x5", "in4 in3 in2 in1 in0", "k l m n o", "A B C D E"),
    "v": ("x", "v", "sel", "code", "addr", "in_bits"),
    "y z w": ("y z w", "f g h", "out0 out1 out2", "F G H", "f1 f2 f3", "o1 o2 o3"),
}
TRUTH_TABLE = Family("truth_table", 1, _table, NAMES, oracle=_looked_up, draw=_draw)
