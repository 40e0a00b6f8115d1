"""A register with control inputs of drawn polarity and priority, told as sentences, rules, pseudo-code or a table.

itertl gym --family controlled_register --seed 1
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from itertl.tasks.gym.clocking import RESETS, clocking
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
    lit,
    reg,
)
from itertl.tasks.gym.layout import grid
from itertl.tasks.gym.naming import fill


class Action(NamedTuple):
    """Something a register does in one cycle: as Verilog, in words, and as a function of q, d and the width."""

    code: str
    said: tuple[str, ...]
    short: str
    value: Callable[[int, int, int], int]


ACTIONS: dict[str, Action] = {
    "clear": Action(
        "{zero}", ("{q} becomes 0", "{q} is cleared to 0", "all bits of {q} go to 0"), "0", lambda q, d, w: 0
    ),
    "preset": Action(
        "{ones}", ("all bits of {q} become 1", "{q} is filled with ones"), "all ones", lambda q, d, w: (1 << w) - 1
    ),
    "load": Action(
        "{d}", ("{q} takes {d}", "{d} is stored in {q}", "{q} is loaded with {d}"), "{d}", lambda q, d, w: d
    ),
    "mix": Action(
        "{q} ^ {d}",
        ("{q} becomes the bitwise XOR of {q} and {d}", "those bits of {q} invert in which {d} is 1"),
        "{q} xor {d}",
        lambda q, d, w: q ^ d,
    ),
    "invert": Action(
        "~{q}", ("every bit of {q} inverts", "{q} becomes its bitwise complement"), "not {q}", lambda q, d, w: ~q
    ),
    "up": Action(
        "{q} + {one}",
        ("{q} grows by 1, modulo {size}", "{q} counts up by 1 (after {top} comes 0)"),
        "{q} + 1",
        lambda q, d, w: q + 1,
    ),
    "down": Action(
        "{q} - {one}",
        ("{q} shrinks by 1, modulo {size}", "{q} counts down by 1 (after 0 comes {top})"),
        "{q} - 1",
        lambda q, d, w: q - 1,
    ),
    "add": Action(
        "{q} + {d}",
        ("{d} is added to {q}, modulo {size}", "{q} becomes the sum of {q} and {d}, without the carry"),
        "{q} + {d}",
        lambda q, d, w: q + d,
    ),
    "left": Action(
        "{{{q}[{below}:0], 1'b0}}",
        (
            "{q} moves left by one place and a 0 enters at bit 0",
            "{q} is shifted one place towards bit {high}, filled with 0",
        ),
        "{q} << 1",
        lambda q, d, w: q * 2,
    ),
    "right": Action(
        "{{1'b0, {q}[{high}:1]}}",
        (
            "{q} moves right by one place and a 0 enters at bit {high}",
            "{q} is shifted one place towards bit 0, filled with 0",
        ),
        "{q} >> 1",
        lambda q, d, w: q // 2,
    ),
    "rotate": Action(
        "{{{q}[{below}:0], {q}[{high}]}}",
        ("{q} rotates left by one place", "{q} moves left by one place and its old bit {high} enters at bit 0"),
        "{q} rotated left by 1",
        lambda q, d, w: q * 2 + (q >> (w - 1)),
    ),
}
HOLD = ("{q} keeps its value", "{q} does not change", "nothing happens to {q}")


@dataclass(frozen=True, slots=True)
class Control:
    """An input that asks for an action while it is 1, or while it is 0 where `low`."""

    action: str
    low: bool

    @property
    def role(self) -> str:
        """The role of the input's name."""
        return f"{self.action}_n" if self.low else self.action


Controls = tuple[Control, ...]  # the first has priority over the second, and so on


def _register(n: Names, width: int, controls: Controls, idle: str, initial: int, style: str) -> Design:
    c, q = clocking(n, style), n.q
    known = vars(n)
    used = {*(control.action for control in controls), idle}
    words = {
        "q": q,
        "d": n.d,
        "zero": lit(0, width),
        "ones": lit((1 << width) - 1, width),
        "one": lit(1, width),
        "size": 1 << width,
        "top": (1 << width) - 1,
        "high": width - 1,
        "below": width - 2,
    }
    arms = [
        (f"!{known[k.role]}" if k.low else known[k.role], f"{q} <= {ACTIONS[k.action].code.format_map(words)};")
        for k in controls
    ]
    if idle != "hold":
        arms.append(("", f"{q} <= {ACTIONS[idle].code.format_map(words)};"))
    texts = {Form.PROSE: _prose, Form.RULES: _rules, Form.PSEUDO_CODE: _pseudo_code, Form.TABLE: _table}
    shown = bin(initial).count("1") in (0, width) and width > 1
    return Design(
        ports=(
            *c.ports,
            *(inp(1, known[k.role]) for k in controls),
            *([inp(width, n.d)] if used & {"load", "mix", "add"} else []),
            reg(width, q),
        ),
        body=body(c.always(f"{q} <= {lit(initial, width)};", *arms)),
        texts=tuple(Telling(form, _told(tell, known, words, controls, idle, c.edge)) for form, tell in texts.items()),
        reset=c.resets(q, "all ones" if shown and initial else str(initial)),
    )


Tell = Callable[[list[tuple[str, int, str]], str, Mapping[str, object], random.Random], str]
Rule = tuple[str, int, str]  # name of an input, its active level, its action


def _told(
    tell: Tell, known: Mapping[str, str], words: Mapping[str, object], controls: Controls, idle: str, edge: str
) -> Callable[[Names, random.Random], str]:
    rules = [(known[k.role], int(not k.low), k.action) for k in controls]
    q = f"{words['q']} ({int(str(words['high'])) + 1} bits)"
    intros = (
        f"The register {q} is clocked by the {edge}.",
        f"{q} is a register that changes on the {edge} only.",
        f"Build the register {q}. Whatever happens to it happens on the {edge}.",
    )

    def text(names: Names, rng: random.Random) -> str:
        told = tell(rules, idle, words, rng)
        intro = rng.choice(intros)
        return f"{intro} {told}" if tell is _prose else f"{intro}\n\n{fill(told, names)}"

    return text


def _said(action: str, words: Mapping[str, object], rng: random.Random) -> str:
    return rng.choice(HOLD if action == "hold" else ACTIONS[action].said).format_map(words)


def _prose(rules: list[Rule], idle: str, words: Mapping[str, object], rng: random.Random) -> str:
    shape = rng.choice(
        ("if {name} is {level}, {said}", "with {name} at {level}, {said}", "{name} = {level} means that {said}")
    )
    parts = [shape.format(name=name, level=level, said=_said(a, words, rng)) for name, level, a in rules]
    rest = _said(idle, words, rng)
    order = " over ".join(name for name, _, _ in rules)
    many = len(rules) > 1
    style = rng.randrange(3)
    if style == 0:
        return f"{_capital(', else '.join(parts))}; otherwise {rest}."
    if style == 1:
        rng.shuffle(parts)
        said = " ".join(f"{_capital(part)}." for part in parts)
        return said + (f" The order of priority is {order}." if many else "") + f" If none of these applies, {rest}."
    lead = f"Of the controls, {order} has priority. " if many else ""
    return f"{lead}{_capital(', '.join(parts))}. Without any of them, {rest}."


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _rules(rules: list[Rule], idle: str, words: Mapping[str, object], rng: random.Random) -> str:
    lines = [f"{name} = {level}: {_said(action, words, rng)}" for name, level, action in rules]
    lines.append(f"none of these: {_said(idle, words, rng)}")
    if rng.random() < 0.7:
        head = rng.choice(("The first rule that applies counts:", "Rules, from the strongest to the weakest:"))
        return "\n".join([head, *(f"{k}. {line}" for k, line in enumerate(lines, 1))])
    head = rng.choice(("Of the rules that apply, the last one counts:", "Rules, from the weakest to the strongest:"))
    return "\n".join(
        [head, *(f"{k}. {line}" for k, line in enumerate([f"always: {lines[-1][15:]}", *lines[-2::-1]], 1))]
    )


def _pseudo_code(rules: list[Rule], idle: str, words: Mapping[str, object], rng: random.Random) -> str:
    q = words["q"]
    sign, colon = rng.choice(((" := ", " then"), (" = ", ":"), (" <- ", ":")))
    lines = []
    for k, (name, level, action) in enumerate(rules):
        lines.append(f"{'elsif' if k else 'if'} {name} = {level}{colon}")
        lines.append(f"    {q}{sign}{ACTIONS[action].short.format_map(words)}")
    last = q if idle == "hold" else ACTIONS[idle].short.format_map(words)
    lines += ["else" + (colon if colon == ":" else ""), f"    {q}{sign}{last}"]
    return "\n".join(lines) + f"\n({words['q']} on the right is the old value; results are cut to its width.)"


def _table(rules: list[Rule], idle: str, words: Mapping[str, object], rng: random.Random) -> str:
    cells = []
    for k, (_, _, action) in enumerate(rules):
        before = [str(1 - level) for _, level, _ in rules[:k]]
        row = [*before, str(rules[k][1]), *["-"] * (len(rules) - k - 1)]
        cells.append((row, [ACTIONS[action].short.format_map(words)]))
    last = str(words["q"]) if idle == "hold" else ACTIONS[idle].short.format_map(words)
    cells.append(([str(1 - level) for _, level, _ in rules], [last]))
    table = grid([name for name, _, _ in rules], [f"next {words['q']}"], cells, rng)
    return f"{table}\n(-: any value; results are cut to the width of {words['q']}; shifts fill with 0)"


def _draw(rng: random.Random, wide: bool) -> Combination:
    width = rng.choice((20, 24, 32)) if wide else rng.choice((2, 3, 4, 4, 5, 6, 8, 8, 12, 16))
    chosen = rng.sample(list(ACTIONS), rng.randint(4, 5) if wide else rng.choice((1, 2, 2, 3, 3)))
    idle = rng.choice(("hold", "hold", *(a for a in ("load", "up", "left", "rotate", "invert") if a not in chosen)))
    return {
        "width": width,
        "controls": tuple(Control(action, rng.random() < 0.25) for action in chosen),
        "idle": idle,
        "initial": rng.choice((0, 0, (1 << width) - 1, rng.randrange(1 << width))),
        "style": rng.choice(RESETS),
    }


def _values(rows: Rows, width: int, controls: Controls, idle: str, initial: int, style: str) -> Iterator[Expected]:
    q = initial
    for row in rows:
        yield {"q": q}
        asked = [k.action for k in controls if row[k.role] != int(k.low)]
        action = [*asked, idle][0]
        q = q if action == "hold" else ACTIONS[action].value(q, row.get("d", 0), width) % (1 << width)


_POOLS = {
    "clear": ("clr", "clear", "zero_it", "wipe"),
    "preset": ("preset", "fill_ones", "set_all"),
    "load": ("load", "ld", "take", "wr"),
    "mix": ("mix", "xor_in", "scramble"),
    "invert": ("inv", "flip", "complement"),
    "up": ("inc", "up", "step_up"),
    "down": ("dec", "down", "step_down"),
    "add": ("add", "acc_en", "plus"),
    "left": ("shl", "left", "move_left"),
    "right": ("shr", "right", "move_right"),
    "rotate": ("rol", "rotate", "spin"),
}
CONTROLLED = Family(
    "controlled_register",
    2,
    _register,
    {
        "module": ("ctrl_reg", "controlled_reg", "work_reg", "reg{width}", "priority_reg", "multi_reg"),
        "d": ("d", "din", "operand", "data_in", "value"),
        "q": ("q", "acc", "dout", "state", "r"),
        **_POOLS,
        **{f"{role}_n": tuple(f"{name}_n" for name in pool) for role, pool in _POOLS.items()},
    },
    oracle=_values,
    draw=_draw,
)
