"""A state machine in the forms in which engineers write one: tables, arrows, sentences, equations, pseudo-code.

Each function gets a `Look` (the machine, and the names of its states, inputs and output) and a generator. None of
them speaks of clock and reset: the family does.

    itertl gym --family state_machine --seed 3
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from itertl.tasks.gym.layout import grid
from itertl.tasks.gym.state_machine import Arm, Machine, step

ARROWS = ("{a} --{c}--> {b}", "{a} -> {b} : {c}", "{a} --[{c}]--> {b}", "{a} =({c})=> {b}", "{a} --> {b} [{c}]")


@dataclass(frozen=True, slots=True)
class Look:
    """A machine with the names under which a text speaks of it."""

    machine: Machine
    states: Sequence[str]
    ins: Sequence[str]
    out: str  # "" where a text leaves the output out

    def value(self, value: int | None) -> str:
        """Return a value of the output as it is written, `-` where it is open."""
        return "-" * self.machine.width if value is None else f"{value:0{self.machine.width}b}"


def conditions(look: Look, arms: Sequence[Arm]) -> list[dict[str, int]]:
    """Return for each arm the inputs and levels that lead to it: its own, and the opposites of those before it."""
    found, ahead = [], dict[str, int]()
    for arm in arms:
        found.append(ahead if arm.input < 0 else {**ahead, look.ins[arm.input]: arm.level})
        if arm.input >= 0:
            ahead = {**ahead, look.ins[arm.input]: 1 - arm.level}
    return found


def as_state_table(look: Look, rng: random.Random) -> str:
    """Return a row for each state, or for each state and condition."""
    if look.machine.inputs == 1 and rng.random() < 0.6:
        return _crosswise(look, rng)
    shown_out = [look.out] if look.out else []
    cells = []
    for state, arms in zip(look.states, look.machine.arms, strict=True):
        k = look.states.index(state)
        for arm, condition in zip(arms, conditions(look, arms), strict=True):
            value = look.machine.outs[k] if look.machine.moore else arm.out
            levels = [str(condition.get(name, "*")) for name in look.ins]
            cells.append(([state, *levels], [look.states[arm.target], *([look.value(value)] if look.out else [])]))
    table = grid(["state", *look.ins], ["next state", *shown_out], cells, rng)
    return f"{table}\n\n(* stands for 0 and 1.)" if "*" in table else table


def _crosswise(look: Look, rng: random.Random) -> str:
    """Return a row for each state with a column for each value of the only input."""
    x, cells = look.ins[0], []
    for k, state in enumerate(look.states):
        taken = [step(look.machine, k, (level,)) for level in (0, 1)]
        row = [look.states[arm.target] for arm in taken]
        if look.out:
            row += [look.value(look.machine.outs[k])] if look.machine.moore else [look.value(arm.out) for arm in taken]
        cells.append(([state], row))
    heads = [f"next ({x}=0)", f"next ({x}=1)"]
    if look.out:
        heads += [look.out] if look.machine.moore else [f"{look.out} ({x}=0)", f"{look.out} ({x}=1)"]
    return grid(["state"], heads, cells, rng)


def as_arrows(look: Look, rng: random.Random) -> str:
    """Return the arrows of a state diagram; a Moore output stands beside the state, a Mealy output on the arrow."""
    arrow = rng.choice(ARROWS)
    shown = look.out and not look.machine.moore
    lines = []
    for state, arms in zip(look.states, look.machine.arms, strict=True):
        for arm, condition in zip(arms, conditions(look, arms), strict=True):
            on = ", ".join(f"{name}={level}" for name, level in condition.items()) or "always"
            label = f"{on} / {look.out}={look.value(arm.out)}" if shown else on
            lines.append(arrow.format(a=state, b=look.states[arm.target], c=label))
    if rng.random() < 0.2:
        rng.shuffle(lines)
    if look.out and look.machine.moore:
        style = rng.choice(("{s} ({y}={v})", "{s}: {y}={v}", "{s} / {y}={v}"))
        outs = [
            style.format(s=state, y=look.out, v=look.value(value))
            for state, value in zip(look.states, look.machine.outs, strict=True)
        ]
        lines = [*outs, "", *lines] if rng.random() < 0.6 else [*lines, "", *outs]
    return "\n".join(lines)


def as_words(look: Look, rng: random.Random) -> str:
    """Return sentences: where each state goes, and what the output is there."""
    go = rng.choice(("the next state is {b}", "it goes to {b}", "the machine moves to {b}", "{b} follows"))
    parts = []
    for k, (state, arms) in enumerate(zip(look.states, look.machine.arms, strict=True)):
        said = _moves(look, state, arms, go)
        if look.out and look.machine.moore:
            value = look.machine.outs[k]
            shown = f"{look.out} does not matter" if value is None else f"{look.out} is {look.value(value)}"
            said = f"{said} {'There' if k % 2 else f'In {state}'} {shown}."
        parts.append(said)
    return " ".join(parts) if len(look.states) < 4 and rng.random() < 0.5 else "- " + "\n- ".join(parts)


def _moves(look: Look, state: str, arms: Sequence[Arm], go: str) -> str:
    """Return the sentence about the ways out of a state; conditions are told in their order of priority."""
    shown = look.out and not look.machine.moore
    parts = []
    for k, arm in enumerate(arms):
        there = f"it stays in {state}" if look.states[arm.target] == state else go.format(b=look.states[arm.target])
        if shown:
            there += f" with {look.out} = {look.value(arm.out)}"
        on = f"{look.ins[arm.input]} is {arm.level}"
        parts.append(there if len(arms) == 1 else f"if {on}, {there}" if arm.input >= 0 else f"otherwise {there}")
        if k and arm.input >= 0:
            parts[-1] = f"else {parts[-1]}"
    always = "in any case " if len(arms) == 1 else ""
    return f"From {state}: {always}{'; '.join(parts)}."


def as_rules(look: Look, rng: random.Random) -> str:
    """Return one bullet for each state, terse."""
    lines = []
    for k, (state, arms) in enumerate(zip(look.states, look.machine.arms, strict=True)):
        parts = []
        for arm in arms:
            on = f"{look.ins[arm.input]}={arm.level}: " if arm.input >= 0 else "else " if len(arms) > 1 else "always "
            shown = f" ({look.out}={look.value(arm.out)})" if look.out and not look.machine.moore else ""
            parts.append(f"{on}{look.states[arm.target]}{shown}")
        shown = f" [{look.out}={look.value(look.machine.outs[k])}]" if look.out and look.machine.moore else ""
        lines.append(f"- {state}{shown}: {', '.join(parts)}")
    note = "The first condition that holds decides."
    return "\n".join([*lines, note] if rng.random() < 0.5 else [note, *lines])


def as_pseudo_code(look: Look, rng: random.Random) -> str:
    """Return a case over the states in no language in particular."""
    head, branch, move = rng.choice(
        (
            ("case state of", "{s}:", "state := {t}"),
            ("switch (state):", "case {s}:", "goto {t}"),
            ("match state", "when {s}", "next = {t}"),
        )
    )
    lines = [head]
    for k, (state, arms) in enumerate(zip(look.states, look.machine.arms, strict=True)):
        lines.append(f"  {branch.format(s=state)}")
        if look.out and look.machine.moore:
            lines.append(f"    {look.out} is {look.value(look.machine.outs[k])}")
        for j, arm in enumerate(arms):
            on = f"if {look.ins[arm.input]} = {arm.level}" if arm.input >= 0 else ""
            word = f"else {on}".strip() + ": " if j else f"{on}: " if on else ""
            shown = f", {look.out} is {look.value(arm.out)}" if look.out and not look.machine.moore else ""
            lines.append(f"    {word}{move.format(t=look.states[arm.target])}{shown}")
    return "\n".join(lines)


def as_one_hot(look: Look, rng: random.Random) -> str:
    """Return an equation for each state's flip-flop, and for each bit of the output."""
    style = rng.choice((("~{}", " & ", " | "), ("not {}", " and ", " or "), ("!{}", " && ", " || ")))
    into: dict[str, list[str]] = {state: [] for state in look.states}
    ones: list[list[str]] = [[] for _ in range(look.machine.width)]
    for k, (state, arms) in enumerate(zip(look.states, look.machine.arms, strict=True)):
        if look.machine.moore:
            _note(ones, look.machine.outs[k] or 0, state)
        for arm, condition in zip(arms, conditions(look, arms), strict=True):
            term = _product(state, condition, style)
            into[look.states[arm.target]].append(term)
            if not look.machine.moore:
                _note(ones, arm.out, term)
    next_ = rng.choice(("next_{}", "{}_next", "D_{}", "{}+"))
    lines = [f"{next_.format(state)} = {style[2].join(terms) or '0'}" for state, terms in into.items()]
    if look.out:
        names = [look.out] if len(ones) == 1 else [f"{look.out}[{k}]" for k in range(len(ones))]
        lines += [f"{name} = {style[2].join(terms) or '0'}" for name, terms in zip(names, ones, strict=True)]
    legend = f"{next_.format(look.states[0])} is the value of the flip-flop {look.states[0]} after the next clock edge"
    return "\n".join(lines) + f"\n({legend}, and so on; exactly one of the flip-flops is 1.)"


def _note(ones: list[list[str]], value: int, term: str) -> None:
    for k, terms in enumerate(ones):
        if value >> k & 1:
            terms.append(term)


def _product(state: str, condition: dict[str, int], style: tuple[str, str, str]) -> str:
    literals = [state, *(name if level else style[0].format(name) for name, level in condition.items())]
    text = style[1].join(literals)
    return f"({text})" if len(literals) > 1 else text
