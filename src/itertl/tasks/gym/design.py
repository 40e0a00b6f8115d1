"""What a family is made of, and the few words of Verilog that the families share.

A family turns structural parameters and names into a `Design`: ports, body, and the same behaviour told in several
phrasings. Its last `held_phrasings` phrasings and a fifth of its parameter combinations are kept from training.

    itertl gym --family mux --seed 3
"""

import hashlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

HELD_SHARE = 0.2  # of a family's parameter combinations: only in the split "shifted"

Combination = Mapping[str, Any]
Names = SimpleNamespace  # role -> name, for example n.q == "dout"


@dataclass(frozen=True, slots=True)
class Design:
    """One concrete module without its name: port declarations, body, and equivalent instructions."""

    ports: tuple[str, ...]
    body: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """A kind of circuit.

    `build(names, **combination)` makes the design. `parameters` lists the values of every structural parameter;
    `valid` drops combinations that make no sense. `names` maps a role (or several, separated by blanks, that are
    named together) to its pool; the role `module` is the module's name. A name may refer to parameters in braces.
    """

    name: str
    level: int  # 1 (a line or two) to 3 (several interacting registers)
    build: Callable[..., Design]
    parameters: Mapping[str, tuple[Any, ...]]
    names: Mapping[str, tuple[str, ...]]
    valid: Callable[..., bool] | None = None
    held_phrasings: int = 1
    held_out: bool = False  # the whole family is only in the split "unseen"
    _roles: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_roles", tuple((tuple(k.split()), v) for k, v in self.names.items()))

    @property
    def roles(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """Roles that are named together, each with its pool."""
        return self._roles


def stable_hash(text: str) -> int:
    """Return 64 bits of SHA-256: the same in every process and on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@cache
def combinations(family: Family) -> tuple[tuple[Combination, ...], tuple[Combination, ...]]:
    """Return the family's parameter combinations: those for training, and those held out (at least one)."""
    keys = tuple(family.parameters)
    every = [dict(zip(keys, values, strict=True)) for values in itertools.product(*family.parameters.values())]
    if family.valid is not None:
        every = [c for c in every if family.valid(**c)]
    every.sort(key=lambda c: stable_hash(f"{family.name} {sorted(c.items())}"))
    held = min(max(1, round(HELD_SHARE * len(every))), len(every) - 2)
    return tuple(every[held:]), tuple(every[:held])


def inp(width: int, name: str) -> str:
    """Declare an input port."""
    return f"input {span(width)}{name}"


def out(width: int, name: str) -> str:
    """Declare an output port that is driven by `assign`."""
    return f"output {span(width)}{name}"


def reg(width: int, name: str) -> str:
    """Declare an output port that is assigned in an `always` block."""
    return f"output reg {span(width)}{name}"


def span(width: int) -> str:
    """Return `[7:0] ` for 8 bits, and nothing for a single bit."""
    return f"[{width - 1}:0] " if width > 1 else ""


def lit(value: int, width: int) -> str:
    """Return a sized literal: binary for a single bit, decimal otherwise."""
    return f"1'b{value}" if width == 1 else f"{width}'d{value}"


def binary(value: int, width: int) -> str:
    """Return a sized binary literal with all its digits."""
    return f"{width}'b{value:0{width}b}"


def bits(width: int) -> str:
    """Return `8-bit`, or `1-bit`: how an instruction names a width."""
    return f"{width}-bit"


def ordinal(number: int) -> str:
    """Return `3rd` for 3."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number // 10 % 10 != 1 else 0, "th")
    return f"{number}{ending}"


def indent(text: str, levels: int = 1) -> str:
    """Indent every line of `text` by four blanks a level."""
    margin = "    " * levels
    return margin + text.replace("\n", "\n" + margin)


def body(*parts: str) -> str:
    """Join statements into the indented body of a module."""
    return indent("\n".join(parts)) + "\n"


def chain(*arms: tuple[str, str]) -> str:
    """Return an if / else if / else chain; an arm is (condition, statements), the last condition may be empty."""
    text = ""
    for index, (condition, action) in enumerate(arms):
        block = "\n" in action
        if index:
            text += " else " if text.endswith("end") else "\nelse "
        text += f"if ({condition})" if condition else "else " * (index == 0)
        text = text.rstrip() + (" begin\n" if block else "\n") + indent(action) + ("\nend" if block else "")
    return text


def always(sensitivity: str, action: str) -> str:
    """Return an always block around `action`."""
    return f"always @({sensitivity}) begin\n{indent(action)}\nend"


def case(selector: str, arms: Mapping[str, str], default: str) -> str:
    """Return a case statement; values are single statements."""
    lines = [f"    {label}: {action}" for label, action in arms.items()]
    return "\n".join([f"case ({selector})", *lines, f"    default: {default}", "endcase"])
