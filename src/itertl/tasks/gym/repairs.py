"""Code to repair whose defect surely shows: it is made in a family's data, and comes with a report of what goes wrong.

    break_machine(machine, rng)  ->  another machine, and the shortest run after reset on which the two differ
    break_table(table, rng)      ->  another table, and the rows that differ
    break_rules(rules, rng)      ->  other rules, and inputs on which they differ

A report states inputs, what the wrong code gives, and what is right.

    itertl gym --family state_machine --seed 1
"""

import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from itertl.tasks.gym.code_texts import REPAIR, behaviour, beside, whole
from itertl.tasks.gym.design import Design, Form, Names, Row, Telling
from itertl.tasks.gym.rules import Rule, Rules, apply
from itertl.tasks.gym.state_machine import Arm, Machine, step
from itertl.tasks.gym.table import Table

Fault = Callable[[Names, random.Random], tuple[Design, str]]  # a wrong design with real names, and a report
Run = Sequence[tuple[int, ...]]  # the inputs in one cycle after another
REPORTED = ("Bug report:", "Seen in simulation:", "This was reported:", "A test failed:", "What goes wrong:")


def repair(texts: Sequence[Telling | str], fault: Fault) -> Telling:
    """Return the telling of a design by one of `texts`, wrong code, and a report."""

    def tell(names: Names, rng: random.Random) -> str:
        wrong, report = fault(names, rng)
        code = whole(names.module, wrong.ports, wrong.body)
        return beside(behaviour(texts, names, rng), rng.choice(REPAIR), code, f"{rng.choice(REPORTED)} {report}", rng)

    return Telling(Form.CODE_TO_REPAIR, tell)


def break_machine(machine: Machine, rng: random.Random) -> tuple[Machine, Run]:
    """Return a machine with one arrow, or one output, changed so that the outputs show it, and a run that does."""
    while True:
        wrong = _changed(machine, rng)
        run = difference(machine, wrong)
        if run is not None:
            return wrong, run


def _changed(machine: Machine, rng: random.Random) -> Machine:
    state = rng.randrange(machine.states)
    if machine.moore and rng.random() < 0.3:
        outs = list(machine.outs)
        outs[state] = (outs[state] or 0) ^ 1 << rng.randrange(machine.width)
        return replace(machine, outs=tuple(outs))
    arms = list(machine.arms[state])
    at = rng.randrange(len(arms))
    arm = arms[at]
    if not machine.moore and rng.random() < 0.4:
        arms[at] = arm._replace(out=arm.out ^ 1 << rng.randrange(machine.width))
    elif arm.input >= 0 and rng.random() < 0.3:
        arms[at] = arm._replace(level=1 - arm.level)
    else:
        arms[at] = arm._replace(target=rng.randrange(machine.states))
    changed: list[tuple[Arm, ...]] = list(machine.arms)
    changed[state] = tuple(arms)
    return replace(machine, arms=tuple(changed))


def difference(right: Machine, wrong: Machine) -> Run | None:
    """Return a shortest run after reset at whose last cycle the outputs differ, None if there is none."""
    values = list(product((0, 1), repeat=right.inputs))
    before: dict[tuple[int, int], tuple[tuple[int, int], tuple[int, ...]] | None] = {(0, 0): None}
    queue = deque([(0, 0)])
    while queue:
        pair = queue.popleft()
        for value in values:
            one, other = step(right, pair[0], value), step(wrong, pair[1], value)
            expected = right.outs[pair[0]] if right.moore else one.out
            found = wrong.outs[pair[1]] if wrong.moore else other.out
            if expected is not None and found is not None and expected != found:
                return [*_path(before, pair), value]
            reached = (one.target, other.target)
            if reached not in before:
                before[reached] = (pair, value)
                queue.append(reached)
    return None


def _path(
    before: Mapping[tuple[int, int], tuple[tuple[int, int], tuple[int, ...]] | None], pair: tuple[int, int]
) -> list[tuple[int, ...]]:
    """Return the inputs that lead to a pair of states."""
    inputs: list[tuple[int, ...]] = []
    link = before[pair]
    while link is not None:
        inputs.insert(0, link[1])
        link = before[link[0]]
    return inputs


def outputs(machine: Machine, run: Run) -> list[int | None]:
    """Return the output in each cycle of a run after reset."""
    state, found = 0, []
    for value in run:
        arm = step(machine, state, value)
        found.append(machine.outs[state] if machine.moore else arm.out)
        state = arm.target
    return found


def report_run(right: Machine, wrong: Machine, run: Run, ins: Sequence[str], out: str, rng: random.Random) -> str:
    """Return the lines of a failing trace, one a cycle."""
    pairs = list(zip(outputs(right, run), outputs(wrong, run), strict=True))
    lines = [
        f"cycle {k}: {_settings(zip(ins, value, strict=True))}; {out} = {_bits(found, right.width)}"
        + (f", expected {_bits(expected, right.width)}" if k == len(run) else "")
        for k, (value, (expected, found)) in enumerate(zip(run, pairs, strict=True), 1)
    ]
    head = rng.choice(
        (
            f"counted from the end of reset, {out} was sampled just before the active clock edge of each cycle.",
            f"from reset on, each line gives a cycle's inputs and {out} just before the active edge that ends the cycle.",
        )
    )
    return "\n".join([head, *lines])


def _bits(value: int | None, width: int) -> str:
    return "x" * width if value is None else f"{value:0{width}b}"


def _settings(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in pairs)


def break_table(table: Table, rng: random.Random) -> tuple[Table, list[tuple[int, int]]]:
    """Return a table with one to three values of an output changed, and these as (output, row)."""
    at = rng.randrange(len(table.outputs))
    column = list(table.outputs[at])
    cared = [row for row in table.rows if column[row] is not None]
    rows = rng.sample(cared, min(len(cared), rng.choice((1, 1, 2, 3))))
    for row in rows:
        column[row] = 1 - (column[row] or 0)
    columns = [*table.outputs[:at], tuple(column), *table.outputs[at + 1 :]]
    return replace(table, outputs=tuple(columns)), [(at, row) for row in sorted(rows)]


def report_rows(
    table: Table, wrong: list[tuple[int, int]], ins: Sequence[str], outs: Sequence[str], rng: random.Random
) -> str:
    """Return one of the rows that are wrong."""
    at, row = rng.choice(wrong)
    right = table.outputs[at][row] or 0
    settings = _settings(zip(ins, (row >> k & 1 for k in reversed(range(len(ins)))), strict=True))
    return f"with {settings}, {outs[at]} is {1 - right} where {right} is expected."


def break_rules(rules: Rules, widths: Mapping[str, int], rng: random.Random) -> tuple[Rules, Row]:
    """Return rules of which two have changed places, or one does something else, and values that tell them apart."""
    while True:
        ordered = list(rules.ordered)
        at = rng.randrange(len(ordered))
        default = rules.default
        if at and rng.random() < 0.5:
            ordered[at - 1], ordered[at] = ordered[at], ordered[at - 1]
        elif at and rng.random() < 0.5:
            first, second = ordered[at - 1], ordered[at]
            ordered[at - 1 : at + 1] = [Rule(first.test, second.act), Rule(second.test, first.act)]
        else:
            ordered[at], default = Rule(ordered[at].test, default), ordered[at].act
        wrong = replace(rules, ordered=tuple(ordered), default=default)
        for _ in range(40):
            row = {role: rng.randrange(1 << width) for role, width in widths.items()}
            if apply(rules, row) != apply(wrong, row):
                return wrong, row


def report_values(
    rules: Rules, wrong: Rules, row: Row, names: Mapping[str, str], register: bool, rng: random.Random
) -> str:
    """Return values of the inputs and what comes out."""
    settings = _settings((names[role], value) for role, value in row.items())
    found, right, y = apply(wrong, row), apply(rules, row), names["y"]
    if register:
        return f"after an edge before which {settings}, {y} is {found}; it should be {right}."
    return f"with {settings}, {y} is {found}; it should be {right}."
