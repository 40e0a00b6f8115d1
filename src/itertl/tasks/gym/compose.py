"""From a telling to an instruction: what all families share in how they are said.

    compose(telling, design, names, rng)
    -> "Task: code the module `acc`.\\n\\nAt every rising edge of clk ... rst = 1 forces ...\\n\\nUse one clock only."

A family tells the behaviour. Around it stand, each drawn apart from the others: an opening, the ports (as a sentence, a
list or a table, or not at all, for the header has them), the reset (ahead, behind or as one more item), remarks that
are true of every design. In prose, terms are drawn among equivalent ones (`wording`), and sentences may become a list.

    itertl gym --family counter --seed 3
"""

import random
import re
from collections.abc import Sequence
from functools import lru_cache

from itertl.tasks.gym.design import Design, Form, Names, Telling, series
from itertl.tasks.gym.naming import say
from itertl.tasks.gym.wording import CLOCKED, CLOSINGS, OPENINGS, UNCLOCKED, articles, reword

PORT = re.compile(r"(input|output)(?: reg)? (?:\[(\d+):0\] )?(\S+)")
SENTENCE_END = re.compile(r"(?<=[.:;]) (?=[A-Z«])|(?<=\.) ")
ITEM = re.compile(r"^- ", re.MULTILINE)
BULLETS = ("- ", "- ", "* ", "+ ", "#. ")
OPENED, PORTS_LISTED, REMARKED, ITEMISED = 0.55, 0.3, 0.35, 0.2  # shares of the texts


def compose(telling: Telling, design: Design, names: Names, rng: random.Random) -> str:
    """Return the instruction of one telling, with real names."""
    core = telling.text if isinstance(telling.text, str) else telling.text(names, rng)
    reset = _one(design.reset, rng) if design.reset else ""
    if telling.form is Form.RULES:
        core = reword(core, rng)
    if telling.form is Form.PROSE:
        core = _prose(reword(core, rng), reword(reset, rng), rng)
    elif reset:
        core = _apart([core, reword(reset, rng)], rng)
    parts = [core]
    if rng.random() < PORTS_LISTED:
        parts.insert(int(rng.random() * 1.4), _ports(design.ports, rng))
    if rng.random() < OPENED:
        parts.insert(0, _one(OPENINGS, rng))
    if rng.random() < REMARKED:
        parts.append(_remarks(design, rng))
    joint = " " if telling.form is Form.PROSE and "\n" not in "".join(parts) and rng.random() < 0.6 else "\n\n"
    return articles(say(joint.join(parts), names, rng))


def _prose(core: str, reset: str, rng: random.Random) -> str:
    """Return the sentences of a behaviour and of its reset, as a paragraph or as a list."""
    listed = core.startswith("- ") or "\n- " in core
    if not listed and rng.random() < ITEMISED:
        core = "- " + "\n- ".join(SENTENCE_END.split(core))
        listed = True
    if reset:
        ahead = rng.random() < 0.3
        if listed and not (ahead and not core.startswith("- ")):
            core = f"- {reset}\n{core}" if ahead else f"{core}\n- {reset}"
        else:
            core = f"{reset} {core}" if ahead else f"{core} {reset}"
    return _bullets(core, _one(BULLETS, rng)) if listed else core


def _bullets(text: str, bullet: str) -> str:
    """Return a list with other bullets; `#` counts."""
    if bullet == "- ":
        return text
    if "#" not in bullet:
        return ITEM.sub(bullet, text)
    number = iter(range(1, 100))
    return ITEM.sub(lambda _: bullet.replace("#", str(next(number))), text)


def _apart(parts: list[str], rng: random.Random) -> str:
    """Join parts that are no prose, the last one ahead or behind."""
    return "\n\n".join(reversed(parts) if rng.random() < 0.3 else parts)


def _ports(ports: Sequence[str], rng: random.Random) -> str:
    """Return the ports with direction and width, in one of several styles."""
    rows = [row for port in ports if (row := _port(port))]
    style = int(rng.random() * 5)
    if style == 0:
        lines = [f"{name} | {direction} | {width}" for direction, width, name in rows]
        return "\n".join(["port | direction | bits", "--- | --- | ---", *lines])
    if style == 1:
        title = _one(("Ports:", "Interface:", "Signals:", "I/O:"), rng)
        return "\n".join([title, *(f"  {name}: {direction}, {_bits(width)}" for direction, width, name in rows)])
    if style == 2:
        title = _one(("Ports", "Pins", "The module's ports"), rng)
        return (
            f"{title}: " + ", ".join(f"{name} ({direction}, {_bits(width)})" for direction, width, name in rows) + "."
        )
    groups = {d: [f"{n} ({_bits(w)})" for direction, w, n in rows if direction == d] for d in ("input", "output")}
    if style == 3:
        return f"Inputs: {', '.join(groups['input']) or 'none'}. Outputs: {', '.join(groups['output'])}."
    return f"It reads {series(groups['input']) or 'nothing'} and drives {series(groups['output'])}."


@lru_cache(maxsize=1 << 12)
def _port(port: str) -> tuple[str, int, str] | None:
    """Return direction, width in bits and name of a declared port, None for another kind of declaration."""
    found = PORT.fullmatch(port)
    return (found[1], int(found[2] or 0) + 1, found[3]) if found else None


def _bits(width: int) -> str:
    return "1 bit" if width == 1 else f"{width} bits"


def _remarks(design: Design, rng: random.Random) -> str:
    """Return one or two sentences that hold for every design with, or without, a clock."""
    special = (CLOCKED if "«clk»" in design.body else UNCLOCKED) if design.ordinary else ()
    pool = (*CLOSINGS, *special)
    return " ".join(rng.sample(pool, 1 + int(rng.random() * 1.5)))


def _one(pool: Sequence[str], rng: random.Random) -> str:
    return pool[int(rng.random() * len(pool))]
