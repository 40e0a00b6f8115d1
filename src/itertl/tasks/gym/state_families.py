"""Families of random state machines: the whole machine, its next-state logic, one bit of that.

itertl gym --family state_machine --seed 1
"""

import random
from collections.abc import Callable, Iterator
from functools import partial

from itertl.tasks.gym import state_texts
from itertl.tasks.gym.clocking import RESETS, Clocking, clocking
from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Row,
    Rows,
    Telling,
    body,
    inp,
    reg,
    series,
)
from itertl.tasks.gym.repairs import break_machine, repair, report_run
from itertl.tasks.gym.state_machine import Machine, constants, draw_machine, next_state, output, step
from itertl.tasks.gym.state_texts import Look
from itertl.tasks.gym.wording import reword

Text = Callable[[Look, random.Random], str]
FORMS: tuple[tuple[Form, Text], ...] = (
    (Form.STATE_TABLE, state_texts.as_state_table),
    (Form.STATE_DIAGRAM, state_texts.as_arrows),
    (Form.PROSE, state_texts.as_words),
    (Form.RULES, state_texts.as_rules),
    (Form.PSEUDO_CODE, state_texts.as_pseudo_code),
)
LABELS: tuple[tuple[str, ...], ...] = (
    tuple("ABCDEFGHIJKL"),
    tuple(f"S{k}" for k in range(12)),
    tuple(f"ST{k}" for k in range(1, 13)),
    tuple("PQRSTUVWXYZO"),
    ("IDLE", "ARMED", "FETCH", "PARSE", "SHIFT", "MERGE", "DRAIN", "FLUSH", "RETRY", "DONE", "ERROR", "HALT"),
    ("RED", "BLUE", "GREEN", "WHITE", "BLACK", "AMBER", "PINK", "GRAY", "BROWN", "TEAL", "LIME", "GOLD"),
)
INPUTS = ("a", "b", "c")
MOVING = (
    "A {kind} machine has the states {states}. It takes its next state on the {edge}. {y}",
    "Build the {kind} state machine below ({count} states: {states}); it moves on the {edge}. {y}",
    "The states of this {kind} machine are {states}, and the state changes on the {edge}, nowhere else. {y}",
    "Once per {edge} the machine goes from one of the states {states} to the next (or stays). It is of the {kind} type. "
    "{y}",
    "This is a {kind} automaton with {count} states ({states}) whose state register is clocked by the {edge}. {y}",
)
MOORE = (
    "Its output {y} depends on the present state alone.",
    "{y} follows from the present state, at once and without a register of its own.",
    "{y} is a combinational function of the state register.",
)
MEALY = (
    "Its output {y} depends on the present state and on the present {ins}, at once.",
    "{y} is combinational: it follows from the present state and the present value of {ins}, without a register.",
    "{y} belongs to the arrow or row that applies at the moment, so it may change with {ins} before the clock edge.",
)


def _machine(n: Names, machine: Machine, label: int, style: str) -> Design:
    c, states = clocking(n, style), LABELS[label][: machine.states]
    ins, width = [vars(n)[role] for role in INPUTS[: machine.inputs]], machine.code_width
    forms = [*FORMS, (Form.EQUATIONS, state_texts.as_one_hot)]
    texts = tuple(Telling(form, _whole(machine, states, c, text)) for form, text in forms)
    return Design(
        ports=(*c.ports, *(inp(1, i) for i in ins), reg(machine.width, n.y)),
        body=body(
            constants(states, width),
            f"reg [{width - 1}:0] {n.s}, {n.t};",
            next_state(machine, (n.s, n.t), ins, states, states[0]),
            output(machine, n.s, n.y, ins, states),
            c.always(f"{n.s} <= {states[0]};", ("", f"{n.s} <= {n.t};")),
        ),
        texts=(*texts, repair(texts, partial(_wrong, machine, label, style))),
        reset=c.resets("the state", states[0]),
    )


def _wrong(machine: Machine, label: int, style: str, names: Names, rng: random.Random) -> tuple[Design, str]:
    wrong, run = break_machine(machine, rng)
    ins = [vars(names)[role] for role in INPUTS[: machine.inputs]]
    return _machine(names, wrong, label, style), report_run(machine, wrong, run, ins, names.y, rng)


def _whole(machine: Machine, states: tuple[str, ...], c: Clocking, text: Text) -> Callable[[Names, random.Random], str]:
    def tell(n: Names, rng: random.Random) -> str:
        ins = tuple(vars(n)[role] for role in INPUTS[: machine.inputs])
        y = n.y if machine.width == 1 else f"{n.y} ({machine.width} bits)"
        shown = rng.choice(MOORE if machine.moore else MEALY).format(y=y, ins=series(ins))
        moved = rng.choice(MOVING).format(
            kind="Moore" if machine.moore else "Mealy",
            states=series(states),
            count=machine.states,
            edge=c.edge,
            y=shown,
        )
        told = text(Look(machine, states, ins, n.y), rng)
        legend = ""
        if None in machine.outs and text is not state_texts.as_one_hot:
            legend = " Where no value of the output is given (-), it does not matter."
        return f"{reword(moved, rng)}{legend}\n\n{told}"

    return tell


def _draw(rng: random.Random, wide: bool) -> Combination:
    states = rng.randint(7, 12) if wide else rng.choice((2, 3, 3, 4, 4, 5, 5, 6))
    inputs = 1 if states == 2 else rng.choice((1, 1, 2, 2, 3))
    return {
        "machine": draw_machine(rng, states, inputs),
        "label": rng.randrange(len(LABELS)),
        "style": rng.choice(RESETS),
    }


def _runs(rows: Rows, machine: Machine, label: int, style: str) -> Iterator[Expected]:
    state = 0
    for row in rows:
        arm = step(machine, state, _levels(machine, row))
        yield {"y": machine.outs[state] if machine.moore else arm.out}
        state = arm.target


def _levels(machine: Machine, row: Row) -> tuple[int, ...]:
    return tuple(row[role] for role in INPUTS[: machine.inputs])


IN_NAMES = ("x w z", "a b c", "go stop mode", "in0 in1 in2", "p q r", "req ack err", "start done fail", "u v w")
STATE_MACHINE = Family(
    "state_machine",
    2,
    _machine,
    names={
        "module": ("fsm", "machine", "controller", "ctrl", "sequencer", "automaton", "state_machine"),
        "a b c": IN_NAMES,
        "y": ("y", "out", "z", "result", "f", "busy", "code_out"),
        "s t": ("state next", "cur nxt", "state_q state_d", "present following"),
    },
    oracle=_runs,
    draw=_draw,
)


# The next state alone: the present state is an input, in a code that the text lists.


def _coded(machine: Machine, code: str, order: int) -> tuple[list[int], int]:
    """Return the states' codes and their width; `order` seeds the codes of the kind `mixed`."""
    states, width = machine.states, machine.code_width
    if code == "one-hot":
        return [1 << k for k in range(states)], states
    if code == "mixed":
        return random.Random(order).sample(range(1 << width), states), width
    return [k ^ k >> 1 if code == "gray" else k for k in range(states)], width


def _next(n: Names, machine: Machine, label: int, code: str, order: int, bit: int | None) -> Design:
    states, ins = LABELS[label][: machine.states], [vars(n)[role] for role in INPUTS[: machine.inputs]]
    codes, width = _coded(machine, code, order)
    found = [f"{width}'b{c:0{width}b}" for c in codes]
    size = width if bit is None else 1
    values = found if bit is None else [f"1'b{c >> bit & 1}" for c in codes]
    arms = next_state(machine, (n.s, n.t), ins, found, f"{size}'b{'x' * size}", values)
    return Design(
        ports=(inp(width, n.s), *(inp(1, i) for i in ins), reg(size, n.t)),
        body=body(arms),
        texts=tuple(Telling(form, _logic(machine, states, codes, width, bit, text)) for form, text in FORMS),
    )


UNUSED = (
    "Other codes do not occur; for them the output does not matter.",
    "For all other codes any output will do.",
    "Codes that are not listed never appear and are don't-cares.",
)
CODED = (
    "The states are coded as",
    "The codes of the states are",
    "In the state register, the states are written",
)
NEXT = (
    "Write only the combinational next-state logic of a state machine: {s} ({w} bits) holds the present state, and {t} "
    "{what}.",
    "The state register of a machine is somewhere else. This module gets its value {s} ({w} bits) and computes {t}, "
    "which {what}; it has no clock.",
    "From the present state {s} ({w} bits) and {ins}, derive {t} without any register: {t} {what}.",
    "Half of a state machine is wanted, the part between {s} (the code of the present state, {w} bits) and {t}, which "
    "{what}.",
    "No register here, just logic: {s}, {w} bits wide, is the state in which a machine is, and {t} {what}.",
)
FOLLOWING = (
    "is the code of the next state",
    "gives the state that follows, in the same code",
    "shows where it goes next",
)
BIT = ("is bit {k} of the next state's code", "gives just one bit of the state that follows, bit {k} of its code")


def _logic(
    machine: Machine, states: tuple[str, ...], codes: list[int], width: int, bit: int | None, text: Text
) -> Callable[[Names, random.Random], str]:
    def tell(n: Names, rng: random.Random) -> str:
        ins = tuple(vars(n)[role] for role in INPUTS[: machine.inputs])
        what = rng.choice(FOLLOWING) if bit is None else f"{rng.choice(BIT).format(k=bit)} (bit 0: LSB)"
        intro = rng.choice(NEXT).format(s=n.s, t=n.t, w=width, what=what, ins=series(ins))
        coded = ", ".join(f"{s} = {c:0{width}b}" for s, c in zip(states, codes, strict=True))
        listed = f"{rng.choice(CODED)} {coded}."
        if machine.states < 1 << width:
            listed += " " + rng.choice(UNUSED)
        told = text(Look(machine, states, ins, ""), rng)
        parts = [listed, told] if rng.random() < 0.5 else [told, listed]
        return "\n\n".join([intro, *parts])

    return tell


def _draw_next(rng: random.Random, wide: bool) -> Combination:
    drawn = _draw(rng, wide)
    machine: Machine = drawn["machine"]
    code = rng.choice(("binary", "binary", "one-hot", "gray", "mixed"))
    width = _coded(machine, code, 0)[1]
    bit = None if rng.random() < 0.55 else rng.randrange(width)
    return {
        "machine": machine,
        "label": drawn["label"],
        "code": code,
        "order": rng.getrandbits(16),
        "bit": bit,
    }


def _follows(rows: Rows, machine: Machine, label: int, code: str, order: int, bit: int | None) -> Iterator[Expected]:
    codes, _ = _coded(machine, code, order)
    for row in rows:
        if row["s"] not in codes:
            yield {"t": None}
            continue
        target = codes[step(machine, codes.index(row["s"]), _levels(machine, row)).target]
        yield {"t": target if bit is None else target >> bit & 1}


NEXT_STATE = Family(
    "next_state",
    2,
    _next,
    names={
        "module": ("next_logic", "fsm_next", "transition", "next_state_logic", "step_fn"),
        "a b c": IN_NAMES,
        "s": ("state", "s", "cur", "present", "state_q"),
        "t": ("next", "n", "nxt", "following", "state_d"),
    },
    oracle=_follows,
    draw=_draw_next,
)
