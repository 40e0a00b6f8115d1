"""Machines are meaningful, and every form of one, read back, is the machine again."""

import random
import re
from collections.abc import Callable

import pytest

from itertl.tasks.gym import state_texts
from itertl.tasks.gym.state_machine import Arm, Machine, draw_machine, step
from itertl.tasks.gym.state_texts import Look

STATES = tuple("ABCDEFGHIJKL")
INS = ("p", "q", "r")
Moves = dict[tuple[str, tuple[int, ...]], tuple[str, str]]  # state and inputs -> next state and output, "" for Moore


def _machines(inputs: int | None = None) -> list[tuple[Machine, random.Random]]:
    rng = random.Random(4)
    shapes = [(states, n) for states in (2, 3, 5, 8, 12) for n in (1, 2, 3) if n == 1 or states > 2]
    return [(draw_machine(rng, s, n), rng) for s, n in shapes if inputs in (None, n) for _ in range(6)]


def _values(machine: Machine) -> list[tuple[int, ...]]:
    return [tuple(v >> k & 1 for k in range(machine.inputs)) for v in range(1 << machine.inputs)]


def _wanted(look: Look) -> Moves:
    machine = look.machine
    moves: Moves = {}
    for k in range(machine.states):
        for value in _values(machine):
            arm = step(machine, k, value)
            moves[look.states[k], value] = (look.states[arm.target], "" if machine.moore else look.value(arm.out))
    return moves


def _looks(inputs: int | None = None) -> list[tuple[Look, random.Random]]:
    return [(Look(m, STATES[: m.states], INS[: m.inputs], "y"), rng) for m, rng in _machines(inputs)]


def _expand(look: Look, rules: list[tuple[str, dict[str, str], str, str]]) -> Moves:
    """Return the moves of rules (state, levels, next state, output), each of which holds for all inputs that fit."""
    moves: Moves = {}
    for state, levels, target, out in rules:
        for value in _values(look.machine):
            named = dict(zip(look.ins, map(str, value), strict=True))
            if all(named[name] == level for name, level in levels.items()) and (state, value) not in moves:
                moves[state, value] = (target, "" if look.machine.moore else out)
    return moves


def _read_arrows(text: str, look: Look) -> Moves:
    rules = []
    for line in text.splitlines():
        found = re.match(
            r"([A-L]) [-=][^A-L]*?((?:[pqr]=[01](?:, )?)+|always)?(?: / y=([01]+))?[\])=>\- ]*([A-L])(.*)", line
        )
        if found:
            label = (found[2] or "") + found[5]
            out = found[3] or "".join(re.findall(r"y=([01]+)", found[5]))
            rules.append((found[1], dict(re.findall(r"([pqr])=([01])", label)), found[4], out))
    return _expand(look, rules)


def _read_lines(text: str, look: Look) -> Moves:
    """Read bullets and pseudo-code, in which the first condition that holds decides."""
    rules, state = [], ""
    for line in text.splitlines():
        if begun := re.match(r"(?:- |  (?:case |when )?)([A-L])(?: \[y=[-01]+\])?:?(?= |$)", line):
            state, line = begun[1], line[begun.end() :]
        for part in re.split(r", (?=else|always|[pqr]=)", line):
            target = re.search(r"(?:[:=] |goto |else |always )([A-L])\b", part)
            if state and target:
                levels = dict(re.findall(r"([pqr]) ?= ?([01])", part))
                out = re.search(r"y(?:=| is )([01]+)", part)
                rules.append((state, levels, target[1], out[1] if out else ""))
    return _expand(look, rules)


def _read_words(text: str, look: Look) -> Moves:
    rules = []
    for state, moves in re.findall(r"From ([A-L]): ([^.]*)\.", text):
        for part in moves.split("; "):
            said = re.sub(r"if [pqr] is [01],", "", part)
            target = re.findall(r"\b([A-L])\b", said)[-1]
            out = re.search(r"y = ([01]+)", part)
            rules.append((state, dict(re.findall(r"([pqr]) is ([01])", part)), target, out[1] if out else ""))
    return _expand(look, rules)


def _read_one_hot(text: str, look: Look) -> Moves:
    moves: Moves = {}
    formulas = dict(re.findall(r"^(\S+) = (.*)$", text, re.MULTILINE))
    ahead = {
        state: next(f for name, f in formulas.items() if re.fullmatch(rf"(next_|D_)?{state}(_next|\+)?", name))
        for state in look.states
    }
    outs = [f for name, f in formulas.items() if re.fullmatch(r"y(\[\d\])?", name)][::-1]
    for k, state in enumerate(look.states):
        for value in _values(look.machine):
            levels = (
                dict.fromkeys(look.states, False) | dict(zip(look.ins, map(bool, value), strict=True)) | {state: True}
            )
            following = [name for name, formula in ahead.items() if _holds(formula, levels)]
            assert len(following) == 1, (text, k)
            out = "".join(str(int(_holds(formula, levels))) for formula in outs)
            moves[state, value] = (following[0], "" if look.machine.moore else out)
    return moves


def _holds(formula: str, levels: dict[str, bool]) -> bool:
    for sign, word in (("~", " not "), ("!", " not "), ("&&", "and"), ("||", "or"), ("&", "and"), ("|", "or")):
        formula = formula.replace(sign, word)
    return bool(eval(formula.strip(), {}, dict(levels)))


@pytest.mark.parametrize(
    ("write", "read"),
    [
        (state_texts.as_arrows, _read_arrows),
        (state_texts.as_rules, _read_lines),
        (state_texts.as_pseudo_code, _read_lines),
        (state_texts.as_words, _read_words),
        (state_texts.as_one_hot, _read_one_hot),
    ],
)
def test_what_is_written_reads_as_the_machine(
    write: Callable[[Look, random.Random], str], read: Callable[[str, Look], Moves]
) -> None:
    for look, rng in _looks():
        text = write(look, rng)
        assert read(text, look) == _wanted(look), text


def test_tables_have_a_line_for_each_state_or_each_way_out_of_it() -> None:
    for look, rng in _looks():
        text = state_texts.as_state_table(look, rng)
        lines = [line for line in text.split("\n\n")[0].splitlines() if re.match(r"[| ]*[A-L]\b", line)]
        assert len(lines) in (look.machine.states, sum(map(len, look.machine.arms)))
        assert [line.strip("| ")[0] for line in lines] == sorted(line.strip("| ")[0] for line in lines)


def test_every_state_is_reached_and_no_two_behave_alike() -> None:
    for machine, rng in _machines():
        runs = [[rng.choice(_values(machine)) for _ in range(30)] for _ in range(60)]
        behaviour = [tuple(_outputs(machine, state, run) for run in runs) for state in range(machine.states)]
        assert len(set(behaviour)) == machine.states
        reached = {0}
        for _ in range(machine.states):
            reached |= {arm.target for state in reached for arm in machine.arms[state]}
        assert len(reached) == machine.states


def _outputs(machine: Machine, state: int, run: list[tuple[int, ...]]) -> tuple[int | None, ...]:
    found = []
    for value in run:
        arm = step(machine, state, value)
        found.append(machine.outs[state] if machine.moore else arm.out)
        state = arm.target
    return tuple(found)


def test_the_first_arm_that_fits_is_taken() -> None:
    arms = (Arm(1, 0, 1, 0), Arm(0, 1, 2, 0), Arm(-1, 0, 0, 0))
    machine = Machine(2, 1, (arms, arms, arms), (0, 1, 0))
    assert [step(machine, 0, value).target for value in ((0, 0), (1, 0), (1, 1), (0, 1))] == [1, 1, 2, 0]
