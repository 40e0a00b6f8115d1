"""Every form of a truth table, read back, is the table again."""

import random
import re
from collections.abc import Callable

import pytest

from itertl.tasks.gym import table_texts
from itertl.tasks.gym.table import Table, Value, draw_table, rows_with

INS, OUTS = ("a", "b", "c", "d", "e"), ("y", "z", "w")
Read = dict[tuple[str, int], Value]  # output and row -> value


def _tables(complete: bool) -> list[tuple[Table, random.Random]]:
    rng = random.Random(3)
    shapes = [(inputs, outputs) for inputs in (2, 3, 4, 5) for outputs in (1, 2) if inputs > 2 or outputs == 1]
    return [(draw_table(rng, i, o, 0.0 if complete else 0.2), rng) for i, o in shapes for _ in range(12)]


def _value(text: str) -> Value:
    return int(text) if text in "01" else None


def _read_grid(text: str, table: Table) -> Read:
    lines = [line for line in text.split("\n\n")[0].splitlines() if not re.fullmatch(r"[-+| ]+", line)]
    head, *rows = (re.findall(r"[\w-]+", line) for line in lines)
    found: Read = {}
    for row in rows:
        cells = dict(zip(head, row, strict=True))
        if cells.keys() >= set(INS[: table.inputs]):
            number = int("".join(cells[name] for name in INS[: table.inputs]), 2)
            found |= {(name, number): _value(cells[name]) for name in OUTS if name in cells}
    return found


def _read_trace(text: str, table: Table) -> Read:
    if ":" in text:
        signals = {name.strip(): re.findall(r"[01x]", values) for name, values in re.findall(r"(\w+) *: (.*)", text)}
        names = list(signals)
        lines = [" ".join(names), *(" ".join(row) for row in zip(*signals.values(), strict=True))]
        return _read_grid("\n".join(lines), table)
    return _read_grid(text, table)


def _read_minterms(text: str, table: Table) -> Read:
    found: Read = {}
    for name, kind, listed, rest in re.findall(r"^(\w)(?:\([a-e, ]+\))? = (.*?)\(([\d, ]*)\)(.*)$", text, re.MULTILINE):
        value = 0 if kind.strip()[-1] == "M" else 1
        found |= {(name, row): 1 - value for row in table.rows}
        found |= {(name, int(k)): value for k in re.findall(r"\d+", listed)}
        found |= {(name, int(k)): None for k in re.findall(r"\d+", rest)}
    return found


def _read_karnaugh(text: str, table: Table) -> Read:
    found: Read = {}
    for block in text.split("\n\n"):
        title = re.match(r"(\w)(?:, for (\w) = ([01]))?:\n", block)
        if not title:
            continue
        head, *rows = block.splitlines()[1:]
        down, across = (side.split() for side in head.split("|")[0].split("\\"))
        columns = [cell.strip() for cell in head.split("|")[1:]]
        for row in rows:
            label, *cells = (cell.strip() for cell in row.split("|"))
            for column, cell in zip(columns, cells, strict=True):
                levels = dict(zip([*down, *across], label + column, strict=True)) | {title[2]: title[3]}
                number = int("".join(levels[name] for name in INS[: table.inputs]), 2)
                found[title[1], number] = _value(cell)
    return found


def _read_equations(text: str, table: Table) -> Read:
    found: Read = {}
    for name, formula in re.findall(r"^(\w) = (.*)$", text, re.MULTILINE):
        code = re.sub(r"(\w)'", r" (not \1) ", formula).lower()
        if "'" in formula:
            code = re.sub(r"(?<=[\w)]) +(?=[a-e(])(?<!not )", " and ", code).replace("+", "or")
        for sign, word in (("~", " not "), ("!", " not "), ("&&", "and"), ("||", "or"), ("&", "and"), ("|", "or")):
            code = code.replace(sign, word)
        for row in table.rows:
            levels = {name: bool(row >> (table.inputs - 1 - k) & 1) for k, name in enumerate(INS[: table.inputs])}
            found[name, row] = int(eval(code.strip(), {}, levels))
    return found


def _read_words(text: str, table: Table) -> Read:
    found: Read = {}
    numbers = r"((?:\d+(?:, | or )?)+)"
    for name, value, listed in re.findall(rf"(\w) is ([01]) if [\w ]+ is {numbers}, and", text):
        found |= {(name, row): 1 - int(value) for row in table.rows}
        found |= {(name, int(k)): int(value) for k in re.findall(r"\d+", listed)}
    for listed, name in re.findall(rf"For {numbers} the value of (\w) does not matter", text):
        found |= {(name, int(k)): None for k in re.findall(r"\d+", listed)}
    return found


@pytest.mark.parametrize(
    ("write", "read", "complete"),
    [
        (table_texts.as_table, _read_grid, False),
        (table_texts.as_trace, _read_trace, False),
        (table_texts.as_minterms, _read_minterms, False),
        (table_texts.as_karnaugh, _read_karnaugh, False),
        (table_texts.as_words, _read_words, False),
        (table_texts.as_equations, _read_equations, True),
    ],
)
def test_what_is_written_reads_as_the_table(
    write: table_texts.Text, read: Callable[[str, Table], Read], complete: bool
) -> None:
    for table, rng in _tables(complete):
        text = write(table, INS[: table.inputs], OUTS[: len(table.outputs)], rng)
        wanted = {
            (name, row): value
            for name, column in zip(OUTS, table.outputs, strict=False)
            for row, value in enumerate(column)
        }
        assert read(text, table) == wanted, text


def test_the_first_output_depends_on_every_input() -> None:
    for table, _ in _tables(False):
        column = table.outputs[0]
        for k in range(table.inputs):
            pairs = [(column[row], column[row ^ 1 << k]) for row in table.rows]
            assert any({0, 1} == set(pair) for pair in pairs)
        assert len(set(table.outputs)) == len(table.outputs)


def test_rows_with() -> None:
    table = Table(2, ((0, 1, 1, None),))
    assert (rows_with(table, 0, 1), rows_with(table, 0, 0), rows_with(table, 0, None)) == ([1, 2], [0], [3])
    assert not table.complete
