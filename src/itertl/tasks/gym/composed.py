"""Compositions: the output of one family's design is an input of the next one's, flat or with the parts as modules.

    parts = (Part(COUNTER, {...}, ...), Part(GRAY, {...}, ...))      q of the counter is what the code converter reads

A part is any design of a family in `PARTS`; ports fit where they have as many bits, and clocked parts share clock and
reset. What is said, and what is expected, is what the parts' own texts and oracles say.

    itertl gym --family composition --seed 1
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from itertl.tasks.gym import (
    arithmetic,
    bitwise,
    controls,
    counters,
    lanes,
    logic,
    numeric,
    registers,
    selection,
    shifts,
    vectors,
)
from itertl.tasks.gym.clocking import RISING, STYLES
from itertl.tasks.gym.design import Combination, Design, Expected, Family, Form, Names, Rows, Telling, body, span
from itertl.tasks.gym.naming import MARK, draw_names
from itertl.tasks.gym.sources import combinations

PARTS: tuple[Family, ...] = (
    counters.COUNTER,
    counters.UPDOWN,
    counters.MODULO,
    registers.REGISTER,
    registers.EDGE_DETECTOR,
    registers.SHIFT_REGISTER,
    controls.CONTROLLED,
    lanes.LANES,
    lanes.CAPTURE,
    bitwise.GRAY,
    shifts.REVERSE,
    shifts.FIXED_SHIFT,
    numeric.POPCOUNT,
    numeric.LEADING_ZEROS,
    numeric.EXTREMUM,
    numeric.SATURATING,
    arithmetic.ADDER,
    arithmetic.ADD_SUB,
    arithmetic.COMPARATOR,
    logic.DECODER,
    vectors.NEIGHBOURS,
    vectors.REWIRE,
    selection.MUX_TREE,
    selection.WORD_SELECT,
)
PORT = re.compile(r"(input|output)( reg)? (?:\[(\d+):0\] )?(\S+)")
LISTED = re.compile(r"^- ", re.MULTILINE)
MOST = 48  # names of a composition: ports, inner signals, modules
ROLES = tuple(f"n{k}" for k in range(MOST))
ORDER = ("first", "second", "third", "last")


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a part: its role there, direction, whether it is a variable, and bits."""

    role: str
    output: bool
    variable: bool
    width: int


@dataclass(frozen=True, slots=True)
class Part:
    """A design in a composition; `roles` says which name of the whole stands for which of its own roles."""

    family: Family
    combination: Combination
    ports: tuple[Port, ...]
    roles: Mapping[str, str]
    reads: str  # own role of the input that the part before it drives, or ""
    shows: str  # own role of the output that the next part reads, or ""

    def design(self, n: Names) -> Design:
        """Build the design with the names of the whole."""
        return self.family.build(self.names(n), **self.combination)

    def names(self, n: Names) -> Names:
        """Return the part's names among those of the whole."""
        known = vars(n)
        shared = {role: known[role] for role in ("clk", "rst") if role in known}
        return Names(**shared, **{role: known[name] for role, name in self.roles.items()})


Parts = tuple[Part, ...]


def _ports(design: Design) -> tuple[Port, ...]:
    found = [m for port in design.ports if (m := PORT.fullmatch(port))]
    return tuple(Port(m[4], m[1] == "output", bool(m[2]), int(m[3] or 0) + 1) for m in found)


def _composed(n: Names, parts: Parts, chosen: str, flat: bool, style: str = "none") -> Design:
    known = vars(n)
    designs = [part.design(n) for part in parts]
    links = [(part, port) for part in parts for port in part.ports if port.role == part.shows]
    inner = {part.roles[port.role] for part, port in links}
    ports = dict.fromkeys(
        text
        for part, design in zip(parts, designs, strict=True)
        for text, port in zip(design.ports, part.ports, strict=True)
        if part.roles.get(port.role) not in inner
    )
    modules = [known[role] for role in ROLES[-len(parts) :]]
    declared = [
        f"{'reg' if flat and port.variable else 'wire'} {span(port.width)}{known[part.roles[port.role]]};"
        for part, port in links
    ]
    if flat:
        code = body(*declared) + "".join(design.body for design in designs)
        tellings: tuple[Telling, ...] = (
            Telling(Form.PROSE, _told(parts, designs, n)),
            Telling(Form.RULES, _told(parts, designs, n, "\n\n")),
        )
    else:
        instances = [
            f"{module} u{k}({', '.join(f'.{p.split()[-1]}({p.split()[-1]})' for p in design.ports)});"
            for k, (module, design) in enumerate(zip(modules, designs, strict=True), 1)
        ]
        listed = [
            f"module {module}(\n    " + ",\n    ".join(design.ports) + f"\n);\n{design.body}endmodule\n"
            for module, design in zip(modules, designs, strict=True)
        ]
        code = body(*declared, *instances) + "endmodule\n\n" + "\n".join(listed).removesuffix("endmodule\n")
        tellings = (
            Telling(Form.HIERARCHY, _hierarchy(listed, modules, links, n, ahead=False)),
            Telling(Form.HIERARCHY, _hierarchy(listed, modules, links, n, ahead=True)),
        )
        ports = {port.replace("output reg", "output"): None for port in ports}
    return Design(ports=tuple(ports), body=code, texts=tellings, ordinary=False)


def _told(parts: Parts, designs: list[Design], n: Names, joint: str = " ") -> Callable[[Names, random.Random], str]:
    """Tell the parts one after the other, each with its own reset."""

    def tell(_: Names, rng: random.Random) -> str:
        said = []
        for k, (part, design) in enumerate(zip(parts, designs, strict=True)):
            own = part.names(n)
            texts = [t.text for t in design.tellings if t.form is Form.PROSE]
            text = rng.choice([t for t in texts if not isinstance(t, str) or not LISTED.search(t)] or texts)
            told = text if isinstance(text, str) else text(own, rng)
            place = ORDER[k] if k < len(parts) - 1 else "last"
            shown = f" Its output {vars(own)[part.shows]} is no port, but goes to the next part." if part.shows else ""
            lead = rng.choice((f"The {place} part is this.", f"Part {k + 1} of {len(parts)}."))
            said.append(" ".join([lead, told, *([rng.choice(design.reset)] if design.reset else [])]) + shown)
        intro = rng.choice(
            (
                f"The module consists of {len(parts)} parts, one behind the other.",
                f"Put {len(parts)} parts into one module.",
                f"{len(parts)} blocks in a row make up this module.",
            )
        )
        return joint.join([intro, *said])

    return tell


def _hierarchy(
    listed: list[str], modules: list[str], links: list[tuple[Part, Port]], n: Names, *, ahead: bool
) -> Callable[[Names, random.Random], str]:
    """Tell the connections, with the code of the parts ahead of them or behind."""

    def tell(names: Names, rng: random.Random) -> str:
        joined = [
            f"output {vars(n)[part.roles[port.role]]} of {modules[k]} ({port.width} bit{'s' * (port.width > 1)}) drives the input of the "
            f"same name of {modules[k + 1]}"
            for k, (part, port) in enumerate(links)
        ]
        every = f"{', '.join(modules[:-1])} and {modules[-1]}"
        wiring = rng.choice(
            (
                f"The top module instantiates {every} once each. The {'; the '.join(joined)}. All other ports of the parts "
                "are connected to the ports of that name of the top module.",
                f"Connect one instance each of {every}: the {', and the '.join(joined)}. Ports of the top module go to the "
                "parts' ports of the same name.",
            )
        )
        answer = rng.choice(
            (
                "The answer has to contain all modules, those given here, too.",
                "Give the whole code, including the modules that are shown.",
                "Nothing else is in the project, so repeat the given modules behind the top module.",
            )
        )
        code = "```verilog\n" + "\n".join(listed) + "```"
        intro = rng.choice(("These modules exist:", "Given are the modules below.", "The parts are written already:"))
        parts = [intro, code, f"{wiring} {answer}"] if ahead else [f"{wiring} {answer}", intro, code]
        return "\n\n".join(parts)

    return tell


Choice = tuple[Family, Combination, tuple[Port, ...], frozenset[str]]  # with the roles that the design has names for


def _choice(family: Family, combination: Combination) -> Choice:
    roles = {role: f"«{role}»" for group, _ in family.roles for role in group}
    design = family.build(Names(clk="«clk»", rst="«rst»", **roles), **combination)
    ports = tuple(replace(port, role=port.role[1:-1]) for port in _ports(design))
    return family, combination, ports, frozenset(MARK.findall("".join(design.ports) + design.body))


@cache
def _choices(family: Family, wide: bool, style: str) -> tuple[Choice, ...]:
    listed = combinations(family, wide) or combinations(family, False)
    return tuple(_choice(family, c) for c in listed if c.get("style", style) == style)


def _draw_choice(rng: random.Random, wide: bool, style: str, width: int) -> tuple[Choice, str] | None:
    """Draw a design that has an input of `width` bits (0: any will do), with that input's role; None if none is found."""
    for _ in range(40):
        family = rng.choice(PARTS)
        if family.draw is not None:
            combination = dict(family.draw(rng, wide))
            chosen = _choice(family, combination | ({"style": style} if "style" in combination else {}))
        else:
            chosen = rng.choice(_choices(family, wide, style))
        fitting = [p.role for p in chosen[2] if not p.output and p.role not in ("clk", "rst") and p.width == width]
        if fitting or not width:
            return chosen, rng.choice(fitting) if fitting else ""
    return None


def _draw(rng: random.Random, wide: bool) -> Combination:
    style, count = rng.choice(RISING), rng.choice((2, 2, 3))
    names: list[str] = []
    parts: list[Part] = []
    taken = {"clk", "clock", "clk_in", *(name for s in RISING for name in STYLES[s][3])}
    link, width = "", 0
    for k in range(count):
        if (found := _draw_choice(rng, wide, style, width)) is None:
            return _draw(rng, wide)
        (family, combination, ports, used), reads = found
        own = vars(draw_names(family, combination, rng))
        roles = {role: ROLES[0] for group, _ in family.roles for role in group}  # those that stay so are not used
        for role in sorted(used - {"clk", "rst"}):
            if role == reads:
                roles[role] = link
                continue
            roles[role] = ROLES[len(names)]
            names.append(_fresh(own[role], taken))
        shown = rng.choice([port for port in ports if port.output])
        link, width = roles[shown.role], shown.width
        parts.append(Part(family, combination, ports, roles, reads, shown.role if k < count - 1 else ""))
    modules = [f"{part.family.name}_{rng.randrange(10, 10000)}" for part in parts]
    padding = [f"unused_{k}" for k in range(MOST - count - len(names))]
    clocked = any("style" in part.combination for part in parts)
    return {
        "parts": tuple(parts),
        "chosen": " ".join([*names, *padding, *modules]),
        "flat": rng.random() < 0.5,
        **({"style": style} if clocked else {}),
    }


def _fresh(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it where it is taken."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    taken.add(found)
    return found


def _values(rows: Rows, parts: Parts, chosen: str, flat: bool, style: str = "none") -> Iterator[Expected]:
    known: list[dict[str, int | None]] = [dict(row) for row in rows]
    outputs = [part.roles[p.role] for part in parts for p in part.ports if p.output and p.role != part.shows]
    for part in parts:
        inputs = [p.role for p in part.ports if not p.output and p.role not in ("clk", "rst")]
        own = [{role: row[part.roles[role]] or 0 for role in inputs} for row in known]
        for row, made in zip(known, part.family.oracle(iter(own), **part.combination), strict=True):
            row.update({part.roles[role]: value for role, value in made.items()})
    for row in known:
        yield {role: row.get(role) for role in outputs}


COMPOSITION = Family(
    "composition",
    3,
    _composed,
    {" ".join(ROLES): ("{chosen}",), "module": ("top_level", "assembly", "whole", "combined", "chain_top")},
    oracle=_values,
    draw=_draw,
)
