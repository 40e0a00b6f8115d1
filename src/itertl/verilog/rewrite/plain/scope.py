"""What the writers of one module share: its names, what it declares, and how to write a value or a statement.

scope.name(symbol)  ->  "gg_0_x"              scope.fresh("t")  ->  "t_1"
"""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from pyslang.ast import SymbolKind
from pyslang.parsing import TokenKind

KEYWORDS = frozenset(
    name.removesuffix("Keyword").lower() for name in TokenKind.__members__ if name.endswith("Keyword")
)  # without underscores
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ODD = re.compile(r"\W+", re.ASCII)


class UnsupportedError(Exception):
    """What stands here cannot be said in plain Verilog; `construct` names it."""

    def __init__(self, construct: str) -> None:
        """Name the construct."""
        super().__init__(construct)
        self.construct = construct


def is_keyword(name: str) -> bool:
    """True if `name` may be a keyword of SystemVerilog: escaping one too many does no harm."""
    return name.replace("_", "").lower() in KEYWORDS


def spelled(name: str) -> str:
    """Return `name` as source: escaped, with the space that ends it, where it is no plain identifier."""
    return name if _PLAIN.fullmatch(name) and not is_keyword(name) else f"\\{name} "


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """How a variable, a net or an argument is kept: a vector of `width` bits, or `words` of them."""

    name: str
    width: int
    words: int = 0
    signed: bool = False
    net: bool = False  # driven by assignments and ports alone
    ranged: bool = False  # declared with a range, even where that has one bit: only so can a bit be selected


@dataclasses.dataclass(slots=True)
class Scope:
    """One module while it is written. `value`, `run` and `subroutine` write an expression, a statement, a function."""

    body: Any
    context: Any  # for evaluating constants
    value: Callable[[Any], str]
    run: Callable[[Any], str]
    subroutine: Callable[..., str]
    taken: set[str] = dataclasses.field(default_factory=set)
    kept: dict[tuple[str, int], Kept] = dataclasses.field(default_factory=dict)
    module: dict[tuple[str, int], Kept] = dataclasses.field(default_factory=dict)  # the module's own, no locals
    lines: list[str] = dataclasses.field(default_factory=list)  # finished items of the module
    origins: dict[str, int] = dataclasses.field(default_factory=dict)  # such an item -> where in the design it is from
    helpers: dict[str, str] = dataclasses.field(default_factory=dict)  # what was made for a purpose -> its name
    declared: list[str] = dataclasses.field(default_factory=list)  # of the procedure being written
    before: list[str] | None = None  # statements that the one being written needs before it; None: there is no room
    jumps: dict[str, str] = dataclasses.field(default_factory=dict)  # what is left early -> the flag that says so
    result: str = ""  # of the function being written
    in_function: bool = False  # which may call no task
    stand_in: tuple[Any, Kept] | None = None  # a value without a name, and what it is called in a helper
    current: Any = None  # what a compound assignment names
    subroutines: dict[str, str] = dataclasses.field(default_factory=dict)
    open_subroutines: list[str] = dataclasses.field(default_factory=list)
    recursive: set[str] = dataclasses.field(default_factory=set)

    def fresh(self, wanted: str) -> str:
        """Return a plain name like `wanted` that nothing in the module has yet."""
        base = _ODD.sub("_", wanted).strip("_") or "unnamed"
        base = base if base[0].isalpha() or base[0] == "_" else f"n{base}"
        base = f"{base}_" if is_keyword(base) else base
        name, number = base, 0
        while name in self.taken:
            number += 1
            name = f"{base}_{number}"
        self.taken.add(name)
        return name

    def flag(self, what: str) -> str:
        """Return the name of a new flag, declared in the procedure, that says that `what` is left early."""
        name = self.jumps[what] = self.fresh("left")
        self.declared.append(f"reg {name};")
        return name

    def known(self, expression: Any) -> Any:
        """Return the constant that an expression is (a number, a list of them, a text), or None."""
        found = expression.constant
        if not found:
            found = expression.eval(self.context)
        return found.value if found else None

    def local_path(self, symbol: Any) -> str:
        """Return the path of a symbol below the module."""
        path, root = str(symbol.hierarchicalPath), f"{self.body.hierarchicalPath}."
        return path.removeprefix(root)


def has_strength(symbol: Any) -> bool:
    """True if an assignment, a gate or a net is declared with a drive strength; slang's own answer reads no other."""
    above = symbol.syntax.parent if symbol.syntax is not None else None
    return getattr(above, "strength", None) is not None


def key_of(symbol: Any) -> tuple[str, int]:
    """Return what tells a symbol from others: unnamed blocks share their path, generated ones their place.

    What a modport shows is the interface's own.
    """
    if symbol.kind == SymbolKind.ModportPort and symbol.internalSymbol is not None:
        symbol = symbol.internalSymbol
    return str(symbol.hierarchicalPath), int(symbol.location.offset)
