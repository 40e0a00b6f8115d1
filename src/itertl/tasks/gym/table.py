"""Truth tables as data: how they are drawn, and how they are written in Verilog (`table_texts` has the texts).

    table = Table(2, ((0, 1, 1, None),))        one output of two inputs; None: its value does not matter
    minterms(table, 0)  ->  [1, 2]

The inputs are single bits; the first is the most significant bit of a row's number.

    itertl gym --family truth_table --seed 3
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from itertl.tasks.gym.design import always, case

Value = int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A function of `inputs` bits; each output has 2 ** inputs values."""

    inputs: int
    outputs: tuple[tuple[Value, ...], ...]

    @property
    def rows(self) -> range:
        """Numbers of the rows."""
        return range(1 << self.inputs)

    @property
    def complete(self) -> bool:
        """Whether every value matters."""
        return not any(None in column for column in self.outputs)


def draw_table(rng: random.Random, inputs: int, outputs: int, open_share: float) -> Table:
    """Draw a table whose first output depends on every input, and whose outputs are neither constant nor equal."""
    size = 1 << inputs
    columns: list[tuple[Value, ...]] = []
    while len(columns) < outputs:
        bits, unsaid = rng.getrandbits(size), 0
        if open_share and rng.random() < 0.8:
            unsaid = sum(1 << i for i in range(size) if rng.random() < open_share)
        needed = inputs if not columns else 1
        if sum(_depends(bits, unsaid, size, 1 << k) for k in range(inputs)) < needed:
            continue
        column = tuple(None if unsaid >> i & 1 else bits >> i & 1 for i in range(size))
        if column not in columns:
            columns.append(column)
    return Table(inputs, tuple(columns))


def _depends(bits: int, unsaid: int, size: int, step: int) -> bool:
    """Return whether two rows that differ in one input, `step` apart, have different values that both matter."""
    upper = _UPPER[size, step]
    return bool((bits ^ bits << step) & ~(unsaid | unsaid << step) & upper)


_UPPER = {(1 << n, 1 << k): sum(1 << i for i in range(1 << n) if i >> k & 1) for n in range(1, 6) for k in range(n)}


def rows_with(table: Table, output: int, value: Value) -> list[int]:
    """Return the numbers of the rows in which an output has a value."""
    return [i for i, found in enumerate(table.outputs[output]) if found == value]


def verilog(table: Table, selector: str, outputs: Sequence[str]) -> str:
    """Return an always block that looks the outputs up; where a value does not matter, the output is X."""
    if len(outputs) == 1:
        return always("*", _single(table, selector, outputs[0]))
    joined = f"{{{', '.join(outputs)}}}"
    rows = [_joined(table, i) for i in table.rows]
    common = max(dict.fromkeys(rows), key=rows.count)
    width = len(outputs)
    arms = {
        f"{table.inputs}'b{i:0{table.inputs}b}": f"{joined} = {width}'b{row};"
        for i, row in enumerate(rows)
        if row != common
    }
    return always("*", case(selector, arms, f"{joined} = {width}'b{common};"))


def _single(table: Table, selector: str, output: str) -> str:
    groups: dict[Value, list[int]] = {v: rows_with(table, 0, v) for v in (1, 0, None)}
    rest = 0 if len(groups[0]) >= len(groups[1]) else 1
    arms = {
        ", ".join(f"{table.inputs}'d{i}" for i in rows): f"{output} = 1'b{'x' if value is None else value};"
        for value, rows in groups.items()
        if rows and value != rest
    }
    return case(selector, arms, f"{output} = 1'b{rest};")


def _joined(table: Table, row: int) -> str:
    return "".join("x" if column[row] is None else str(column[row]) for column in table.outputs)
