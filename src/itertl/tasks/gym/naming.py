"""Names: the marks that stand for them while a design is built, the draw of real ones, and putting these in.

    marks(family, combination).q   ->  "«q»"         draw_names(family, combination, rng).q   ->  "dout"
    fill("assign «y» = «a»[3];", names)              ->  "assign out = x[3];"
    say("«y» is the sum of «a» and «b»", names, rng) ->  "'sum' is the sum of 'a' and 'b'"

A name that a sentence also uses as a word stands in quotes, and so do all names of that text.
"""

import random
import re
from collections.abc import Sequence
from functools import cache, lru_cache

from itertl.tasks.gym.clocking import CLOCKS, STYLES
from itertl.tasks.gym.design import Combination, Family, Names

MARK = re.compile(r"«(\w+)»")
SPOKEN = re.compile(r"«(\w+)»(\w*(?:\[[\d:]+\])?)")
WORD = re.compile(r"[a-z]\w*")
BEHIND_DIGITS = re.compile(r"[0-9_](?<!\w[0-9_])[0-9_]*([a-z]\w*)")
APART = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
QUOTES = ("'", "`", '"')
QUOTED = 0.2  # of the texts that could do without


def marks(family: Family, combination: Combination) -> Names:
    """Return what stands for the names in a design's texts: each role in guillemets."""
    roles = {role: f"«{role}»" for group, _ in family.roles for role in group}
    if "style" in combination:
        roles |= {"clk": "«clk»", "rst": "«rst»"}
    return Names(**roles)


def draw_names(family: Family, combination: Combination, rng: random.Random) -> Names:
    """Draw a name for each role, and for clock and reset where the family has a clocking style; no name twice."""
    names: dict[str, str] = {}
    if style := combination.get("style"):
        names["clk"] = CLOCKS[int(rng.random() * len(CLOCKS))]
        resets = STYLES[style][3]
        names["rst"] = resets[int(rng.random() * len(resets))]
    taken = set(names.values())
    for roles, pool in family.roles:
        start = int(rng.random() * len(pool))
        for place in range(len(pool)):
            chosen = pool[start + place - len(pool)]
            parts = chosen.format_map(combination).split() if "{" in chosen else _split(chosen)
            if taken.isdisjoint(parts):
                break
        names.update(zip(roles, parts, strict=True))
        taken.update(parts)
    return Names(**names)


@cache
def _split(names: str) -> Sequence[str]:
    return names.split()


def fill(text: str, names: Names) -> str:
    """Return a text, of code say, with the names in the place of their marks."""
    return _filled(list(_parts(text)), names)


def say(text: str, names: Names, rng: random.Random) -> str:
    """Return a text for people: as `fill`, names in quotes where they would read as words."""
    known = vars(names)
    parts = MARK.split(text)  # every second one is a role
    used = {known[role] for role in parts[1::2]}
    unclear = "in" in used or not used.isdisjoint(_words(" ".join(parts[::2]).lower()))
    if not unclear and rng.random() >= QUOTED:
        return _filled(parts, names)
    quote = QUOTES[int(rng.random() * len(QUOTES))]
    return SPOKEN.sub(lambda match: f"{quote}{known[match.group(1)]}{match.group(2)}{quote}", text)


def _words(text: str) -> list[str]:
    """Return what reads as a word in a text of small letters: what follows on digits, too."""
    if not text.isascii():
        return WORD.findall(text)
    return text.translate(APART).split() + BEHIND_DIGITS.findall(text)


def _filled(parts: list[str], names: Names) -> str:
    known = vars(names)
    parts[1::2] = [known[role] for role in parts[1::2]]
    return "".join(parts)


@lru_cache(maxsize=1 << 14)
def _parts(text: str) -> tuple[str, ...]:
    """Return the text cut at its marks: listed designs are told again and again."""
    return tuple(MARK.split(text))
