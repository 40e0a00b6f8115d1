"""State machines as data: how they are drawn, run, and written in Verilog (`state_texts` has the texts).

    Arm(0, 1, 2, 1)                    with input 0 at 1, go to state 2; a Mealy output is 1 meanwhile
    machine.arms[3]                    the arms of state 3, tried in order; the last has no condition (input -1)
    step(machine, 3, (1, 0))           the arm that is taken

State 0 is the one after reset. Every state can be reached from it, and no two states behave alike.

    itertl gym --family state_machine --seed 3
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from itertl.tasks.gym.design import always, case, indent


class Arm(NamedTuple):
    """One way out of a state: the input bit and level it waits for, the next state, a Mealy machine's output."""

    input: int  # -1: always
    level: int
    target: int
    out: int


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of 1-bit inputs. `outs` are a Moore machine's outputs (None: open), empty for a Mealy machine's."""

    inputs: int
    width: int  # of the output in bits
    arms: tuple[tuple[Arm, ...], ...]
    outs: tuple[int | None, ...]

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.arms)

    @property
    def moore(self) -> bool:
        """Whether the output depends on the state alone."""
        return bool(self.outs)

    @property
    def code_width(self) -> int:
        """Bits of a binary state code."""
        return (len(self.arms) - 1).bit_length()


def step(machine: Machine, state: int, inputs: Sequence[int]) -> Arm:
    """Return the arm that a state takes with these inputs."""
    return next(arm for arm in machine.arms[state] if arm.input < 0 or inputs[arm.input] == arm.level)


def draw_machine(rng: random.Random, states: int, inputs: int) -> Machine:
    """Draw a machine; draws that have states which are out of reach, or behave alike, are thrown away."""
    while True:
        width = 1 if states < 4 or rng.random() < 0.7 else 2
        moore = rng.random() < 0.5
        open_share = 0.15 if moore and states > 3 and rng.random() < 0.2 else 0.0
        arms = tuple(_arms(rng, state, states, inputs, 0 if moore else width) for state in range(states))
        outs = tuple(None if rng.random() < open_share else rng.getrandbits(width) for _ in arms) if moore else ()
        machine = Machine(inputs, width, arms, outs)
        if _meaningful(machine):
            return machine


def _arms(rng: random.Random, state: int, states: int, inputs: int, width: int) -> tuple[Arm, ...]:
    """Draw the arms of a state: it looks at one or two inputs, or at none now and then; it tends to the next state."""
    looks = 0 if rng.random() < 0.08 else 1 if inputs == 1 or rng.random() < 0.6 else 2
    order = rng.sample(range(inputs), looks)
    targets = rng.sample(range(states), min(looks + 1, states))
    if state + 1 < states and state + 1 not in targets:
        targets[int(rng.random() * len(targets))] = state + 1
    targets += targets[: looks + 1 - len(targets)]
    levels = [*(int(rng.random() < 0.7) for _ in order), 0]
    return tuple(
        Arm(i, level, target, rng.getrandbits(width) if width else 0)
        for i, level, target in zip((*order, -1), levels, targets, strict=True)
    )


def _meaningful(machine: Machine) -> bool:
    """Return whether every input counts, every state is reached, some output changes, and no two states are alike."""
    if {arm.input for arms in machine.arms for arm in arms} - {-1} != set(range(machine.inputs)):
        return False
    reached, fresh = {0}, [0]
    while fresh:
        found = {arm.target for arm in machine.arms[fresh.pop()]} - reached
        reached |= found
        fresh += found
    return len(reached) == machine.states and _classes(machine) == machine.states


def _classes(machine: Machine) -> int:
    """Return into how many classes of different behaviour the states fall (open outputs count as a value)."""
    values = [tuple(v >> k & 1 for k in range(machine.inputs)) for v in range(1 << machine.inputs)]
    taken = [[step(machine, state, value) for value in values] for state in range(machine.states)]
    outs: Sequence[object] = machine.outs or [tuple(arm.out for arm in arms) for arms in taken]
    kinds = list(outs)
    count = len(set(kinds))
    while True:
        kinds = [(outs[s], *(kinds[arm.target] for arm in taken[s])) for s in range(machine.states)]
        numbers = {kind: k for k, kind in enumerate(dict.fromkeys(kinds))}
        if len(numbers) == count:
            return count
        kinds, count = [numbers[kind] for kind in kinds], len(numbers)


def choice(arms: Sequence[Arm], ins: Sequence[str], values: Sequence[str]) -> str:
    """Return a conditional expression that gives the value of the arm that is taken."""
    text = values[len(arms) - 1]
    for arm, value in zip(reversed(arms[:-1]), reversed(values[: len(arms) - 1]), strict=True):
        if value != text:
            text = f"{'' if arm.level else '!'}{ins[arm.input]} ? {value} : {text}"
    return text


def next_state(
    machine: Machine,
    ports: tuple[str, str],
    ins: Sequence[str],
    codes: Sequence[str],
    other: str,
    values: Sequence[str] | None = None,
) -> str:
    """Return a combinational block from `ports`, the present state, to the next; `codes` are the states in Verilog.

    `values`, if given, stand in the place of the next state's code; `other` is for all codes that are none.
    """
    state, target = ports
    arms = {
        code: f"{target} = {choice(found, ins, [(values or codes)[arm.target] for arm in found])};"
        for code, found in zip(codes, machine.arms, strict=True)
    }
    return always("*", case(state, arms, f"{target} = {other};"))


def output(machine: Machine, state: str, target: str, ins: Sequence[str], codes: Sequence[str]) -> str:
    """Return a combinational block that assigns the output."""

    def literal(value: int | None) -> str:
        return f"{machine.width}'b" + ("x" * machine.width if value is None else f"{value:0{machine.width}b}")

    if machine.moore:
        values = [literal(value) for value in machine.outs]
    else:
        values = [choice(found, ins, [literal(arm.out) for arm in found]) for found in machine.arms]
    rest = max(dict.fromkeys(values), key=values.count)
    groups: dict[str, list[str]] = {}
    for code, value in zip(codes, values, strict=True):
        groups.setdefault(value, []).append(code)
    arms = {", ".join(found): f"{target} = {value};" for value, found in groups.items() if value != rest}
    return always("*", case(state, arms, f"{target} = {rest};"))


def constants(names: Sequence[str], width: int) -> str:
    """Return the declaration of the states as constants, coded in binary in their order."""
    codes = (f"{name} = {width}'d{k}" for k, name in enumerate(names))
    return f"localparam [{width - 1}:0]\n" + indent(",\n".join(codes)) + ";"
