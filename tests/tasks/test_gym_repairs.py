"""Defects made in a family's data surely show, and the report tells where."""

import random
import re

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.tasks import gym
from itertl.tasks.gym.repairs import break_machine, break_rules, break_table, difference, outputs, report_run
from itertl.tasks.gym.rules import apply, draw_rules
from itertl.tasks.gym.state_machine import draw_machine
from itertl.tasks.gym.table import draw_table
from itertl.verify import verify
from itertl.verilog.tokens import code_id

pytestmark = pytest.mark.usefixtures("kept_workers")

BROKEN_DATA = ("state_machine", "truth_table", "guarded_value", "guarded_register")
MODULE = re.compile(r"^module .*?^endmodule\n", re.MULTILINE | re.DOTALL)


def test_a_broken_machine_differs_in_the_last_cycle_of_the_run_only() -> None:
    rng = random.Random(1)
    for states in (2, 3, 5, 8) * 20:
        machine = draw_machine(rng, states, 1 if states == 2 else rng.choice((1, 2)))
        wrong, run = break_machine(machine, rng)
        right, found = outputs(machine, run), outputs(wrong, run)
        assert None not in (right[-1], found[-1])
        assert right[-1] != found[-1]
        assert all(a == b or None in (a, b) for a, b in zip(right[:-1], found[:-1], strict=True))
        text = report_run(machine, wrong, run, ("p", "q")[: machine.inputs], "y", rng)
        assert text.count("\ncycle ") == len(run)
        assert text.endswith(f"y = {found[-1]:0{machine.width}b}, expected {right[-1]:0{machine.width}b}")


def test_a_machine_does_not_differ_from_itself() -> None:
    machine = draw_machine(random.Random(2), 5, 2)
    assert difference(machine, machine) is None


def test_a_broken_table_differs_in_the_rows_that_are_named() -> None:
    rng = random.Random(3)
    for _ in range(60):
        table = draw_table(rng, 4, 2, 0.2)
        wrong, rows = break_table(table, rng)
        changed = [(at, row) for at in (0, 1) for row in table.rows if table.outputs[at][row] != wrong.outputs[at][row]]
        assert changed == rows
        assert all(table.outputs[at][row] is not None for at, row in rows)


def test_broken_rules_differ_on_the_values_that_are_named() -> None:
    rng = random.Random(4)
    widths = dict.fromkeys("pqrs", 1) | {"a": 4, "b": 4}
    for _ in range(60):
        rules = draw_rules(rng, rng.randint(3, 8), 4, "ab", ("copy", "invert", "sum", "xor", "left", "right", "up"))
        wrong, row = break_rules(rules, widths, rng)
        assert apply(rules, row) != apply(wrong, row)


def _to_repair(names: tuple[str, ...], count: int) -> list[Task]:
    tasks = gym.generate("base", count, 5, families=names)
    return [task for task in tasks if "form:code_to_repair" in task.tags]


def test_the_wrong_code_has_the_header_and_another_body() -> None:
    tasks = _to_repair(BROKEN_DATA, 200)
    assert len(tasks) > 20
    for task in tasks:
        (code,) = MODULE.findall(task.instruction)
        assert code.startswith(task.header)
        assert code != task.reference


@pytest.mark.slow
def test_no_wrong_code_passes() -> None:
    tasks = _to_repair(BROKEN_DATA, 100)
    codes = [MODULE.findall(task.instruction)[0] for task in tasks]
    candidates = [
        Candidate(task.id, 0, 0, 0, "", code, code, code_id(task.id, code))
        for task, code in zip(tasks, codes, strict=True)
    ]
    verdicts = list(verify(candidates, tasks))
    assert len(verdicts) > 10
    assert {verdict.outcome for verdict in verdicts} == {Outcome.MISMATCH}
