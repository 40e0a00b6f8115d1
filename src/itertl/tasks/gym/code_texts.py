"""Two forms that any design can be told in: its behaviour with code that is wrong, or that has gaps.

    «y» is the larger of «a» and «b».          What is wrong here?            assign y = (a < b) ? a : b;
    «y» is the larger of «a» and «b».          Fill in what is missing:       assign y = /* ... */;

The behaviour alone settles the design; the code is what an engineer is handed with it.

    itertl gym export --count 200 --out tasks.jsonl; grep form:code_to_ tasks.jsonl
"""

import random
import re
from functools import partial

from itertl.tasks.gym import defects
from itertl.tasks.gym.design import Design, Form, Names, Telling
from itertl.tasks.gym.naming import fill
from itertl.tasks.gym.wording import reword

REPAIR = (
    "The code below is meant to do this, but has a mistake. Give the corrected module.",
    "What follows was written for it and fails its tests. Repair it.",
    "A colleague's version misbehaves; find the error and write the module again.",
    "There is a bug in this attempt:",
    "Review found one wrong place in this module. Correct it:",
    "Debug this code so that it meets the description.",
    "The present implementation is not right. Fix it and return all of it.",
)
COMPLETE = (
    "Complete this code and return the whole module.",
    "Parts of the module are missing. Fill the gaps:",
    "The following skeleton is given; replace the placeholders.",
    "Finish what was begun here:",
    "Some expressions got lost. Restore them.",
    "Here is a draft with holes in it:",
    "Replace every placeholder of this module with the right expression.",
)
GAPS = ("/* ... */", "/* TODO */", "____", "/* missing */", "???", "/* your code */")
VALUE = re.compile(r"(?<= = |<= )[^;\n]+(?=;)")
FENCES = (("```verilog\n", "```"), ("```\n", "```"), ("", ""))


def code_tellings(design: Design) -> tuple[Telling, ...]:
    """Return the tellings of a design by code, in addition to its own, which have to be prose."""
    return (
        Telling(Form.CODE_TO_REPAIR, partial(_repair, design)),
        Telling(Form.CODE_TO_COMPLETE, partial(_complete, design)),
    )


def _repair(design: Design, names: Names, rng: random.Random) -> str:
    code = _code(design, names)
    return _with_code(design, rng.choice(REPAIR), defects.inject(code, rng) or code, rng)


def _complete(design: Design, names: Names, rng: random.Random) -> str:
    code = _code(design, names)
    start = code.index(");\n") + 3
    values = list(VALUE.finditer(code, start))
    gap = rng.choice(GAPS)
    count = min(len(values), rng.choice((1, 1, 2, len(values))))
    for found in sorted(rng.sample(values, count), key=lambda match: -match.start()):
        code = code[: found.start()] + gap + code[found.end() :]
    return _with_code(design, rng.choice(COMPLETE), code, rng)


def _code(design: Design, names: Names) -> str:
    ports = ",\n    ".join(design.ports)
    return f"module {names.module}(\n    {fill(ports, names)}\n);\n{fill(design.body, names)}endmodule\n"


def _with_code(design: Design, request: str, code: str, rng: random.Random) -> str:
    """Join a behaviour, in one of the design's own wordings, with code and what to do with it."""
    told = [telling.text for telling in design.tellings if isinstance(telling.text, str)]
    opened, closed = rng.choice(FENCES)
    asked = f"{request}\n\n{opened}{code}{closed}".strip()
    behaviour = reword(rng.choice(told).strip(), rng)
    return f"{asked}\n\n{behaviour}" if rng.random() < 0.3 else f"{behaviour}\n\n{asked}"
