"""References simulated against the families' oracles: what the instructions promise, written down again in Python.

Each bench runs two stretches of random inputs, each after a reset. At the second reset it looks at the outputs before
the clock edge, too, where a synchronous reset shows nothing yet and an asynchronous one already all.
"""

import random
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from itertl.tasks import gym
from itertl.tasks.gym.clocking import STYLES
from itertl.tasks.gym.design import Combination, Expected, Family, Names, Row
from itertl.tasks.gym.naming import draw_names, fill
from itertl.tasks.gym.sources import combinations

CYCLES = 60  # of each stretch
CASES = 8  # combinations a family, half of them beyond the trained range
PORT = re.compile(r"(input|output)(?: reg)? (?:\[(\d+):0\] )?«(\w+)»")


@pytest.mark.parametrize("name", gym.FAMILIES)
def test_references_do_what_their_oracle_says(name: str, tmp_path: Path) -> None:
    family, rng = gym.FAMILIES[name], random.Random(name)
    codes: list[str] = []
    expected: list[tuple[Combination, list[Expected]]] = []
    for combination in _some(family, rng):
        code, outputs = _bench(len(codes), family, combination, rng)
        codes.append(code)
        expected.append((combination, outputs))
    source, binary = tmp_path / "all.v", tmp_path / "all.vvp"
    source.write_text("\n".join(codes))
    subprocess.run(["iverilog", "-g2012", "-o", str(binary), str(source)], check=True, timeout=600)
    printed = subprocess.run(["vvp", "-n", str(binary)], check=True, capture_output=True, text=True, timeout=600).stdout
    found: dict[int, list[list[str]]] = {}
    for line in printed.splitlines():
        index, *values = line.split()
        found.setdefault(int(index), []).append(values)
    for number, (combination, outputs) in enumerate(expected):
        assert len(found[number]) == len(outputs)
        for moment, (values, row) in enumerate(zip(found[number], outputs, strict=True)):
            known = [v if row[role] is not None else None for v, role in zip(values, row, strict=True)]
            assert known == [None if v is None else str(v) for v in row.values()], (combination, moment)


def _some(family: Family, rng: random.Random) -> list[Combination]:
    if family.draw is not None:
        return [family.draw(rng, wide) for wide in (False, True) for _ in range(CASES // 2)]
    every = [combinations(family, wide) for wide in (False, True)]
    return [c for part in every for c in rng.sample(part, min(CASES // 2, len(part)))]


def _bench(index: int, family: Family, combination: Combination, rng: random.Random) -> tuple[str, list[Expected]]:
    """Return a module under test with its bench, and what the oracle expects of each printed line."""
    names = draw_names(family, combination, rng)
    marks = Names(**{role: f"«{role}»" for role in vars(names)})
    design = family.build(marks, **combination)
    ports = [(m[1], int(m[2] or 0) + 1, m[3]) for port in design.ports if (m := PORT.fullmatch(port))]
    assert len(ports) == len(design.ports)
    inputs = {role: width for kind, width, role in ports if kind == "input" and role not in ("clk", "rst")}
    outputs = [role for kind, _, role in ports if kind == "output"]
    first, second = _rows(inputs, rng), _rows(inputs, rng)
    steps, expected = _steps(index, family, combination, inputs, outputs, first, second)
    declared = [f"  {'reg' if kind == 'input' else 'wire'} [{width - 1}:0] «{role}»;" for kind, width, role in ports]
    wired = ", ".join(f".«{role}»(«{role}»)" for _, _, role in ports)
    code = [f"module m{index}({', '.join(design.ports)});\n{design.body}endmodule", f"module bench{index};", *declared]
    code += [f"  m{index} dut({wired});", "  initial begin", *steps, "  end", "endmodule", ""]
    ordered: list[Expected] = [{role: row.get(role) for role in outputs} for row in expected]
    return fill("\n".join(code), names), ordered


def _steps(
    index: int,
    family: Family,
    combination: Combination,
    inputs: dict[str, int],
    outputs: Sequence[str],
    first: list[Row],
    second: list[Row],
) -> tuple[list[str], list[Expected]]:
    drive = {id(row): " ".join(f"«{r}» = {inputs[r]}'d{row[r]};" for r in inputs) for row in (*first, *second)}
    shown = f'#1 $display("{index}{" %0d" * len(outputs)}", {", ".join(f"«{role}»" for role in outputs)});'
    style = combination.get("style")
    if style is None or style == "none":
        tick = "" if style is None else " #1 «clk» = 1; #1 «clk» = 0; #1;"
        begin = [] if style is None else ["    «clk» = 0; #1;"]
        steps = [*begin, *(f"    {drive[id(row)]} {shown}{tick}" for row in first)]
        return steps, list(family.oracle(iter(first), **combination))
    edge, asynchronous, low, _ = STYLES[style]
    active, idle = (0, 1) if edge == "negedge" else (1, 0)
    on, off = (0, 1) if low else (1, 0)
    tick = f" #1 «clk» = {active}; #1 «clk» = {idle}; #1;"
    probe = second[0]
    steps = [f"    «clk» = {idle}; «rst» = {off}; #1 «rst» = {on}; {drive[id(first[0])]}{tick} «rst» = {off};"]
    steps += [f"    {drive[id(row)]} {shown}{tick}" for row in first]
    steps += [f"    {drive[id(probe)]} «rst» = {on}; {shown}{tick} {shown} «rst» = {off};"]
    steps += [f"    {drive[id(row)]} {shown}{tick}" for row in second]
    running = list(family.oracle(iter([*first, probe]), **combination))
    fresh = list(family.oracle(iter(second), **combination))
    return steps, [*running[:-1], fresh[0] if asynchronous else running[-1], fresh[0], *fresh]


def _rows(inputs: dict[str, int], rng: random.Random) -> list[Row]:
    """Return inputs of `CYCLES` cycles: single bits with a bias or with long runs, words of all kinds."""
    columns: dict[str, list[int]] = {}
    for role, width in inputs.items():
        share, sticky = rng.choice((0.1, 0.4, 0.6, 0.9)), rng.choice((0.0, 0.0, 0.8))
        values: list[int] = []
        for _ in range(CYCLES):
            if values and rng.random() < sticky:
                values.append(values[-1])
            elif width == 1:
                values.append(int(rng.random() < share))
            else:
                values.append(
                    rng.choice((0, (1 << width) - 1, 1 << rng.randrange(width), *[rng.randrange(1 << width)] * 5))
                )
        columns[role] = values
    return [{role: values[i] for role, values in columns.items()} for i in range(CYCLES)]
