"""Names and headers as strangers write them, instead of those that belong to a family.

    draw_varied_names(family, combination, rng, body).q  ->  "heater", "q_o", "K", ...
    varied_header("module acc(\\n    input clk,\\n    output reg [7:0] q\\n);\\n", rng)
    ->  "module acc (\\n  input wire clk,\\n  output logic [7:0] q\\n);\\n"

A model that reads a family's few names alone learns to recall them; one that reads any name has to copy what the header
says. Clock and reset keep their names, which tell what they do. The behaviour is the same, and so is the digest.

    itertl run configs/smollm2.yaml     with tasks.gym.varied: true
"""

import random
import re
from string import ascii_letters

from itertl.tasks.gym.design import Combination, Family, Names
from itertl.tasks.gym.naming import MARK, draw_names

_AFFIXES = "{}_in {}_i {}_o {}_x {}_a {}_b {}_r {}0 {}1 {}2 i_{} o_{} my_{} the_{} u_{} p1_{} next_{}"
_WORDS = (  # none is one of the language's
    "ack addr alarm arm axis band bank beam bell bias block body bolt bound box brake branch bridge buffer burst button "
    "chain channel chip code coil cold color column cool core corner crank cycle data deck delay depth dial "
    "digit dir door drive duty echo engine entry error fan far fast fault feed field fire flag flow flush "
    "frame fuel full gain gap gate go grant green group guard half hand head heat high hit home horn hot image "
    "index info item jump key kind lamp lane last latch left level lever lid light limit line link list lock loop low "
    "mark mask match mean mid mode motor move near node note num odd offset pace pack page pair part pass path peak phase "
    "pin pixel plan point port power press probe prod pump push quick rail range rank rate read ready red relay reply "
    "right ring road room row run sample scale scan seat seen send sense sent shape shut side sign size skip slot slow "
    "sound spare speed spin stage start stat step stop sum sw tail tank temp tick tilt tone top total track train turn "
    "unit up valid valve value vec vote walk warm water way wheel width win wind word write yaw zone"
)
_ENDINGS = "a b c d e x y z lo hi s t u v one two"
AFFIXES, WORDS, ENDINGS = _AFFIXES.split(), _WORDS.split(), _ENDINGS.split()
MANY = len(ENDINGS)  # names that can be told apart by an ending
TOPS = ("top", "top_module", "Top", "dut", "circuit", "main_block", "unit_a", "device")
IDENTIFIER = re.compile(r"(?<![\w«'$])[A-Za-z_]\w*")
DERIVED = re.compile(r"«(\w+)»(\w+)")
OUTPUT = re.compile(r"^( *output) (reg )?(.*)$", re.MULTILINE)


def draw_varied_names(family: Family, combination: Combination, rng: random.Random, body: str) -> Names:
    """Draw a name for each role, a third of them the family's own; none stands in `body`, and none is there twice."""
    names = draw_names(family, combination, rng)
    own = vars(names)
    taken = set(IDENTIFIER.findall(MARK.sub("", body))) | {own[r] for r in ("clk", "rst") if own.get(r)}
    derived = DERIVED.findall(body)
    for roles, _ in family.roles:
        if not {"clk", "rst"}.isdisjoint(roles):
            taken |= {own[role] for role in roles}
            continue
        for _ in range(20):
            drawn = _module(own["module"], rng) if roles == ("module",) else _group([own[r] for r in roles], rng)
            new = dict(zip(roles, drawn, strict=True))
            behind = {new.get(role, own[role]) + rest for role, rest in derived if role in own}
            if len(set(drawn)) == len(drawn) and taken.isdisjoint(drawn) and behind.isdisjoint(drawn):
                break
        else:
            new = {role: f"{role}_{index}" for index, role in enumerate(roles)}
        own.update(new)
        taken |= set(new.values())
    return names


def _module(own: str, rng: random.Random) -> list[str]:
    """Return one name of a module: the family's, the same in capitals, or one that says nothing."""
    way = rng.random()
    if way < 0.4:
        return [own]
    return ["".join(part.capitalize() for part in own.split("_"))] if way < 0.7 else [rng.choice(TOPS)]


def _group(own: list[str], rng: random.Random) -> list[str]:
    """Return as many names as there are in `own`, of one kind: its own, these with an affix, letters, or words."""
    way = rng.random()
    if way < 0.3:
        return own
    if way < 0.55:
        affix = rng.choice(AFFIXES)
        return [affix.format(name) for name in own]
    if way < 0.8:
        if rng.random() < 0.5 or len(own) > MANY:
            letter, first = rng.choice(ascii_letters), rng.choice((0, 1, 1, 2))
            return [f"{letter}{first + i}" for i in range(len(own))]
        start = rng.randrange(26 - len(own)) + rng.choice((0, 26))
        return list(ascii_letters[start : start + len(own)])
    if 1 < len(own) <= MANY and rng.random() < 0.5:
        word = rng.choice(WORDS)
        return [f"{word}_{ending}" for ending in rng.sample(ENDINGS, len(own))]
    return rng.sample(WORDS, len(own))


def varied_header(header: str, rng: random.Random) -> str:
    """Return the same header in one of the ways in which people declare ports; `logic` may stand for a variable."""
    kind, plain = rng.choice(("", "", "", "wire ", "logic ")), rng.choice(("", "", "wire "))

    def output(match: re.Match[str]) -> str:
        direction, variable, rest = match.groups()
        if kind == "logic ":
            return f"{direction} logic {rest}"
        return f"{direction} {variable or kind}{rest}"

    text = OUTPUT.sub(output, header)
    text = re.sub(r"^( *input) (?!signed)", rf"\1 {plain}", text, flags=re.MULTILINE) if kind else text
    if rng.random() < 0.5:
        text = text.replace("(\n", " (\n", 1)
    margin = rng.choice(("    ", "    ", "  ", "\t"))
    return text.replace("\n    ", f"\n{margin}")
