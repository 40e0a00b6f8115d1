"""Families of prioritised rules: a value that the first applicable rule gives, and a register that obeys it.

itertl gym --family guarded_register --seed 1
"""

import random
from collections.abc import Callable, Iterator
from functools import partial

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
    always,
    body,
    chain,
    inp,
    lit,
    reg,
)
from itertl.tasks.gym.repairs import break_rules, repair, report_values
from itertl.tasks.gym.rules import ACTS, TESTS, Part, Rules, apply, draw_rules, tell, write
from itertl.tasks.gym.wording import reword

Said = tuple[list[tuple[str, str]], str]  # (condition, result) of each rule, the default's result
LATCHES = (
    "synthesis finds a latch for {y}.",
    "{y} keeps an old value in some cases, though nothing here may be stored.",
    "the tool warns of an inferred latch ({y}).",
)
Build = Callable[[Names, Rules], Design]
WORDS = frozenset("abdy")  # roles of whole words; the others are single bits


def _ports(n: Names, rules: Rules, register: bool) -> tuple[str, ...]:
    read = [role for role in rules.roles if not (register and role == "y")]
    return tuple(inp(rules.width if role in WORDS else 1, vars(n)[role]) for role in read)


def _arms(n: Names, rules: Rules, assign: str) -> list[tuple[str, str]]:
    names, width = vars(n), rules.width
    arms = [
        (write(TESTS, test, names, width), f"{n.y} {assign} {write(ACTS, act, names, width)};")
        for test, act in rules.ordered
    ]
    return [*arms, ("", f"{n.y} {assign} {write(ACTS, rules.default, names, width)};")]


def _value(n: Names, rules: Rules) -> Design:
    head = (
        "{y} ({w} bits) is combinational and follows these rules.",
        "The value of {y} ({w} bits) comes about without a clock.",
        "Give {y}, {w} bits wide, the value that these rules say, by combinational logic.",
        "No storage is needed here: {y} ({w} bits) depends on the inputs as said below.",
    )
    texts = _texts(rules, "{y} is {v}", head)
    return Design(
        ports=(*_ports(n, rules, False), reg(rules.width, n.y)),
        body=body(always("*", chain(*_arms(n, rules, "=")))),
        texts=(*texts, repair(texts, partial(_wrong, rules, _value, False)), repair(texts, partial(_latched, rules))),
    )


def _wrong(rules: Rules, build: Build, register: bool, n: Names, rng: random.Random) -> tuple[Design, str]:
    wrong, row = break_rules(rules, {role: rules.width if role in WORDS else 1 for role in rules.roles}, rng)
    return build(n, wrong), report_values(rules, wrong, row, vars(n), register, rng)


def _latched(rules: Rules, n: Names, rng: random.Random) -> tuple[Design, str]:
    """Return the value without its default, so that it is held where no rule applies, and a report."""
    ports = (*_ports(n, rules, False), reg(rules.width, n.y))
    return Design(ports, body(always("*", chain(*_arms(n, rules, "=")[:-1]))), ()), rng.choice(LATCHES).format(y=n.y)


def _register(n: Names, rules: Rules, start: int, style: str) -> Design:
    c = clocking(n, style)
    head = (
        f"{{y}} is a register of {{w}} bits. On the {c.edge} it changes by these rules, in which every value is the one "
        "before the edge.",
        f"On the {c.edge}, the {{w}}-bit register {{y}} gets a new value. All values below are those before the edge.",
        f"These rules say what the {{w}}-bit register {{y}} holds after the {c.edges}, given the values just before it.",
        f"The register {{y}} ({{w}} bits) is updated with each {c.edges}; what is named below counts as it was before "
        "that edge.",
    )
    texts = _texts(rules, "{y} becomes {v}", head)
    return Design(
        ports=(*c.ports, *_ports(n, rules, True), reg(rules.width, n.y)),
        body=body(c.always(f"{n.y} <= {lit(start, rules.width)};", *_arms(n, rules, "<="))),
        texts=(*texts, repair(texts, partial(_wrong, rules, partial(_register, start=start, style=style), True))),
        reset=c.resets(n.y, str(start)),
    )


def _texts(rules: Rules, clause: str, head: tuple[str, ...]) -> tuple[Telling, ...]:
    forms = (
        (Form.PROSE, _sentences),
        (Form.RULES, _listed),
        (Form.TABLE, _tabled),
        (Form.PSEUDO_CODE, _coded),
    )
    return tuple(Telling(form, _told(rules, clause, head, text)) for form, text in forms)


def _told(
    rules: Rules, clause: str, head: tuple[str, ...], text: Callable[[Said, str, str, random.Random], str]
) -> Callable[[Names, random.Random], str]:
    def told(n: Names, rng: random.Random) -> str:
        names, width = vars(n), rules.width

        def act(part: Part) -> str:
            return f"{n.y} (no change)" if part == Part("copy", "y", "", 0) else tell(ACTS, part, names, width, rng)

        said = [(tell(TESTS, rule.test, names, width, rng), act(rule.act)) for rule in rules.ordered]
        begin = reword(rng.choice(head).format(y=n.y, w=width), rng)
        words = [names[role] for role in rules.roles if role in WORDS and role != "y"]
        if words:
            has = f"{'has' if len(words) == 1 else 'have'} {width} bits{' each' * (len(words) > 1)}"
            begin += f" {' and '.join(words)} {has}."
        return text((said, act(rules.default)), n.y, clause, rng).replace("@", begin, 1)

    return told


def _sentences(said: Said, y: str, clause: str, rng: random.Random) -> str:
    rules, default = said
    parts = []
    for k, (test, value) in enumerate(rules):
        start = "If" if not k else rng.choice(("Otherwise, if", "Failing that, if", "If not, but"))
        parts.append(f"{start} {test}, {clause.format(y=y, v=value)}.")
    end = rng.choice(("If none of this is the case", "Otherwise", "In all other cases"))
    return f"@ {' '.join(parts)} {end}, {clause.format(y=y, v=default)}."


def _listed(said: Said, y: str, clause: str, rng: random.Random) -> str:
    rules, default = said
    lines = [f"{test}: {clause.format(y=y, v=value)}" for test, value in rules]
    if rng.random() < 0.3:
        note = f"Start from the default, {clause.format(y=y, v=default)}; where several lines apply, the last one wins."
        lines.reverse()
    else:
        note = f"The first line that applies decides; if none does, {clause.format(y=y, v=default)}."
    listed = "\n".join(f"{k}. {line}" for k, line in enumerate(lines, 1))
    return f"@ {note}\n\n{listed}" if rng.random() < 0.6 else f"@\n\n{listed}\n\n{note}"


def _tabled(said: Said, y: str, clause: str, rng: random.Random) -> str:
    rules, default = said
    lines = [f"{k} | {test} | {value}" for k, (test, value) in enumerate(rules, 1)]
    lines.append(f"{len(lines) + 1} | anything else | {default}")
    if rng.random() < 0.3:
        rng.shuffle(lines)
    return "\n".join(["@ Priority 1 is the highest.\n", f"priority | condition | {y}", "--- | --- | ---", *lines])


def _coded(said: Said, y: str, clause: str, rng: random.Random) -> str:
    rules, default = said
    assign, then = rng.choice((":=", "=", "<-")), rng.choice((" then", ":"))
    lines = [f"{'else ' if k else ''}if {test}{then} {y} {assign} {value}" for k, (test, value) in enumerate(rules)]
    return "\n".join(["@\n", *lines, f"else{then.replace(' then', '')} {y} {assign} {default}"])


def _draw_value(rng: random.Random, wide: bool) -> Combination:
    count = rng.randint(6, 8) if wide else rng.randint(3, 5)
    width = rng.choice((3, 4, 5, 6, 8, 8)) if not wide else rng.choice((4, 8, 10, 12, 16))
    kinds = ("copy", "invert", "sum", "difference", "and", "xor", "left", "right", "up")
    return {"rules": draw_rules(rng, count, width, "ab", kinds)}


def _draw_register(rng: random.Random, wide: bool) -> Combination:
    count = rng.randint(6, 8) if wide else rng.randint(3, 5)
    width = rng.choice((3, 4, 5, 6, 8, 8)) if not wide else rng.choice((4, 8, 10, 12, 16))
    kinds = ("copy", "invert", "sum", "xor", "left", "right", "up", "down", "difference")
    return {
        "rules": draw_rules(rng, count, width, "yd", kinds),
        "start": rng.choice((0, 0, 1, (1 << width) - 1, rng.randrange(1 << width))),
        "style": rng.choice(RESETS),
    }


def _valued(rows: Rows, rules: Rules) -> Iterator[Expected]:
    for row in rows:
        yield {"y": apply(rules, row)}


def _obeyed(rows: Rows, rules: Rules, start: int, style: str) -> Iterator[Expected]:
    value = start
    for row in rows:
        yield {"y": value}
        value = apply(rules, {**row, "y": value})


FLAGS = ("p q r s", "req ack err ok", "f0 f1 f2 f3", "hot dry full far", "m0 m1 m2 m3", "c1 c2 c3 c4")
GUARDED_VALUE = Family(
    "guarded_value",
    2,
    _value,
    names={
        "module": ("rules", "select", "decide", "priority_value", "policy", "chooser"),
        "p q r s": FLAGS,
        "a b": ("a b", "x y", "lhs rhs", "u v", "in1 in2"),
        "y": ("y", "out", "result", "value", "z"),
    },
    oracle=_valued,
    draw=_draw_value,
)
GUARDED_REGISTER = Family(
    "guarded_register",
    3,
    _register,
    names={
        "module": ("reg_rules", "control_reg", "unit", "guarded", "acc_ctrl", "tracker"),
        "p q r s": FLAGS,
        "d": ("d", "din", "data", "x", "arg"),
        "y": ("q", "y", "acc", "level", "value", "r"),
    },
    oracle=_obeyed,
    draw=_draw_register,
)
