"""What a family is made of: designs, the ways to tell them, an oracle; and the few words of Verilog that families share.

A family turns structural parameters into a `Design`. Where they are few it lists them, with values beyond the trained
range apart; where there are endlessly many structures (machines, tables, expressions) it draws them:

    Family("counter", 1, _counter, oracle=_counts, parameters={"width": (2, 3, 4, 8)}, shifted={"width": (24, 32)}, names=...)
    Family("table", 1, _table, oracle=_looked_up, draw=_random_table, names=...)

`build(names, **combination)` is pure. The names it gets stand for names: each is the role in guillemets («q»), replaced
when a task is drawn, so that a design is built once for all its names. Nothing in `build` may hang on how long a name
is; a text that aligns columns, or that needs chance, is a function of the real names and a generator:

    Telling(Form.PROSE, f"{n.y} is the larger of {n.a} and {n.b}.")
    Telling(Form.TABLE, lambda names, rng: ...)                          names.a is "x0" by then

A text says everything but what `Design.reset` says; where that is given (`clocking.Clocking.resets`), a sentence of it
joins the text. `compose` puts openings, ports and remarks around every text, draws among equivalent terms in prose
(those of `wording`, and those a family gives: `either("wraps around", f"counts modulo {size}")`), and sets names in
quotes where the text uses the same word: a family tells the behaviour, whole and once.

`draw(rng, wide)` returns a combination; `wide=True` asks for one beyond what `wide=False` ever gives (more states,
inputs, levels): the split `shifted`. A key `style` (one of `clocking.STYLES`) gives the design its clock and reset.

`oracle(rows, **combination)` says the same again in Python, without a look at the reference. It gets the inputs of one
clock cycle after another since reset, by role, clock and reset not among them, and yields for each the outputs, by
role, just before the active clock edge; None, or no entry, where nothing is promised. Without a clock each row stands
alone. Every family has one, and tests/tasks/test_gym_oracles.py compares it with the reference.

Which split a design is in follows from the digest of its code up to names and constants' spelling (`normal`), so that
no split measures what another trains on: a family need not care. `held_out` keeps a family, and `HELD_FORMS` a form of
every family, for the split `unseen` alone.

    itertl gym --family mux --seed 3
"""

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import SimpleNamespace
from typing import Any


class Form(StrEnum):
    """How engineers specify hardware; each telling has one, and each task carries it as a tag `form:NAME`."""

    PROSE = "prose"
    RULES = "rules"
    TABLE = "table"
    KARNAUGH = "karnaugh"
    MINTERMS = "minterms"
    EQUATIONS = "equations"
    GATE_LIST = "gate_list"
    PSEUDO_CODE = "pseudo_code"
    STATE_TABLE = "state_table"
    STATE_DIAGRAM = "state_diagram"
    WAVEFORM = "waveform"
    CODE_TO_COMPLETE = "code_to_complete"
    CODE_TO_REPAIR = "code_to_repair"
    CODE_TO_REFACTOR = "code_to_refactor"
    HIERARCHY = "hierarchy"


HELD_FORMS = frozenset(
    {Form.KARNAUGH, Form.WAVEFORM, Form.CODE_TO_REFACTOR}
)  # only in the split "unseen"; the others are trained

Combination = Mapping[str, Any]
Names = SimpleNamespace  # role -> name, for example n.q == "dout"
Row = Mapping[str, int]  # role of an input -> value in one cycle
Expected = Mapping[str, int | None]  # role of an output -> value, None where it is not determined
Oracle = Callable[..., Iterator[Expected]]
Rows = Iterable[Row]


@dataclass(frozen=True, slots=True)
class Telling:
    """One way to tell a design: a text with names in guillemets, or a function of the real names and a generator."""

    form: Form
    text: str | Callable[[Names, random.Random], str]


@dataclass(frozen=True, slots=True)
class Design:
    """One concrete module without its name: port declarations, body, and tellings that say the same.

    A plain string among `texts` is prose. `reset` holds equivalent sentences about the reset; one joins every text.
    An `ordinary` design has one active clock edge, or no memory at all; of another kind fewer general remarks are true.
    """

    ports: tuple[str, ...]
    body: str
    texts: tuple[Telling | str, ...]
    reset: tuple[str, ...] = ()
    ordinary: bool = True

    @property
    def header(self) -> str:
        """The module's header, up to and including the line that ends its ports."""
        return "module «module»(\n    " + ",\n    ".join(self.ports) + "\n);\n"

    @property
    def tellings(self) -> tuple[Telling, ...]:
        """The texts, all as tellings."""
        return tuple(Telling(Form.PROSE, text) if isinstance(text, str) else text for text in self.texts)


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """A kind of circuit.

    `build(names, **combination)` makes the design; `oracle(rows, **combination)` foretells its outputs. `parameters`
    lists the values of every structural parameter, `shifted` more values for some of them, beyond the trained range;
    `valid` drops combinations that make no sense. `draw(rng, wide)`, if given, draws combinations instead. `names` maps
    a role (or several, separated by blanks, that are named together) to its pool; the role `module` is the module's
    name. A name may refer to parameters in braces.
    """

    name: str
    level: int  # 1 (a line or two) to 3 (several interacting registers)
    build: Callable[..., Design]
    names: Mapping[str, tuple[str, ...]]
    oracle: Oracle
    parameters: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    shifted: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    valid: Callable[..., bool] | None = None
    draw: Callable[[random.Random, bool], Combination] | None = None
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


def series(parts: Sequence[str]) -> str:
    """Return `a, b and c`, and nothing for no parts."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def either(*terms: str) -> str:
    """Return what stands in prose for any one of `terms`, all of one meaning; each telling draws for itself."""
    return f"⟦{'¦'.join(terms)}⟧"


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
