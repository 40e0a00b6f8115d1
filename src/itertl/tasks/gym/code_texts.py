"""Two forms that any design can be told in: its behaviour with code that is wrong, or that has gaps.

    «y» is the larger of «a» and «b».          What is wrong here?            assign y = (a < b) ? a : b;
    «y» is the larger of «a» and «b».          Fill in what is missing:       assign y = /* ... */;

The behaviour alone settles the design; the code is what an engineer is handed with it.

    itertl gym export --count 200 --out tasks.jsonl; grep form:code_to_ tasks.jsonl
"""

import random
import re
from collections.abc import Callable, Sequence
from functools import partial

from itertl.tasks.gym import defects
from itertl.tasks.gym.design import HELD_FORMS, Design, Form, Names, Telling
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
VALUES_SHOWN = 0.5  # of the codes to repair
UNSUITED = HELD_FORMS | {Form.CODE_TO_REPAIR, Form.CODE_TO_COMPLETE}
Values = Callable[[Names, random.Random], str]
FENCES = (("```verilog\n", "```"), ("```\n", "```"), ("", ""))


def code_tellings(design: Design, right_values: Values) -> tuple[Telling, ...]:
    """Return the tellings of a design by code, in addition to its own.

    `right_values` gives some cycles of right behaviour, or nothing. A design that has code to repair of its own, with a
    defect that surely shows, gets no other.
    """
    complete = Telling(Form.CODE_TO_COMPLETE, partial(_complete, design, right_values))
    if any(isinstance(text, Telling) and text.form is Form.CODE_TO_REPAIR for text in design.texts):
        return (complete,)
    return Telling(Form.CODE_TO_REPAIR, partial(_repair, design, right_values)), complete


def _repair(design: Design, right_values: Values, names: Names, rng: random.Random) -> str:
    code = defects.inject(_code(design, names), rng)
    if code is None:
        return _complete(design, right_values, names, rng)
    said = right_values(names, rng) if rng.random() < VALUES_SHOWN else ""
    return beside(behaviour(design.texts, names, rng), rng.choice(REPAIR), code, said, rng)


def _complete(design: Design, right_values: Values, names: Names, rng: random.Random) -> str:
    code = _code(design, names)
    start = code.index(");\n") + 3
    values = list(VALUE.finditer(code, start))
    gap = rng.choice(GAPS)
    count = min(len(values), rng.choice((1, 1, 2, len(values))))
    for found in sorted(rng.sample(values, count), key=lambda match: -match.start()):
        code = code[: found.start()] + gap + code[found.end() :]
    said = right_values(names, rng) if rng.random() < VALUES_SHOWN / 2 else ""
    return beside(behaviour(design.texts, names, rng), rng.choice(COMPLETE), code, said, rng)


def _code(design: Design, names: Names) -> str:
    return f"{fill(design.header, names)}{fill(design.body, names)}endmodule\n"


def whole(module: str, ports: Sequence[str], body: str) -> str:
    """Return a module in Verilog."""
    listed = ",\n    ".join(ports)
    return f"module {module}(\n    {listed}\n);\n{body}endmodule\n"


def behaviour(texts: Sequence[Telling | str], names: Names, rng: random.Random) -> str:
    """Return one of the texts, never one in a form that training does not know, nor one that holds code."""
    told = [t for t in texts if isinstance(t, str) or t.form not in UNSUITED]
    chosen = rng.choice(told)
    text = chosen if isinstance(chosen, str) else chosen.text
    if not isinstance(text, str):
        text = text(names, rng)
    wordy = isinstance(chosen, str) or chosen.form in (Form.PROSE, Form.RULES)
    return (reword(text, rng) if wordy else text).strip()


def beside(told: str, request: str, code: str, said: str, rng: random.Random) -> str:
    """Join a behaviour with code, what to do with it, and what else there is to say of it."""
    opened, closed = rng.choice(FENCES)
    asked = f"{request}\n\n{opened}{code}{closed}".strip()
    parts = [asked, told] if rng.random() < 0.3 else [told, asked]
    return "\n\n".join([*parts, said] if said else parts)
