"""What a design looks like from outside, read from its elaborated syntax tree: ports, clocks, resets.

    read_interface(code, top)  ->  Interface

A clock is an input whose edges trigger an always block and that the block does not test; an input that the block
tests and whose edge also triggers it is an asynchronous reset. A synchronous reset is a one-bit input that the first
condition of a clocked block tests alone and that is named like one or leads to constants only. Clocks are followed
through port connections and plain assignments. What the bench cannot drive is named in `unsupported`.

    python -c "from itertl.verilog.interface import *; print(read_interface('module t(input c); endmodule', 't'))"
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from pyslang.ast import ArgumentDirection, ExpressionKind, SymbolKind

from itertl.errors import DataError
from itertl.verilog.clocking import Clocking, find_clocking
from itertl.verilog.frontend import MAX_PARSED, elaborate, parse, syntax_error
from itertl.verilog.nesting import TRUSTED_CHAIN, too_nested
from itertl.verilog.sized import meant
from itertl.verilog.tokens import to_ascii, tokens

MAX_CONSTANTS = 512
_DIRECTIONS = {
    ArgumentDirection.In: "input",
    ArgumentDirection.Out: "output",
    ArgumentDirection.InOut: "inout",
    ArgumentDirection.Ref: "ref",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Port:
    """One port: `direction` is input, output, inout or ref; `width` in bits, 0 where it is neither bits nor an array.

    `shape` says how many elements an unpacked array has, outermost first; its leftmost one is in the highest bits.
    """

    name: str
    direction: str
    width: int
    signed: bool = False
    shape: tuple[int, ...] = ()

    @property
    def element(self) -> int:
        """The bits of an element; without a shape, of the port."""
        return self.width // math.prod(self.shape)

    def __str__(self) -> str:
        size = f"{self.element} bit{'s' * (self.element != 1)}"
        return f"{self.direction} {self.name} ({' x '.join([*map(str, self.shape), size])})"


@dataclasses.dataclass(frozen=True, slots=True)
class Interface:
    """The ports of `top` in their order, how it is clocked and reset; `unsupported` is "" or a sentence.

    `constants` are the numbers in the code as (width in bits, value): what inputs may be compared with.
    """

    top: str
    ports: tuple[Port, ...]
    clocking: Clocking
    unsupported: str = ""
    constants: tuple[tuple[int, int], ...] = ()

    @property
    def inputs(self) -> tuple[Port, ...]:
        """The inputs, clock included; what the bench drives into ports of both directions is among them."""
        return tuple(p for p in self.ports if p.direction in ("input", "inout"))

    @property
    def inouts(self) -> tuple[Port, ...]:
        """The ports of both directions."""
        return tuple(p for p in self.ports if p.direction == "inout")

    @property
    def outputs(self) -> tuple[Port, ...]:
        """The outputs, in the order in which the bench concatenates them; ports of both directions are among them."""
        return tuple(p for p in self.ports if p.direction in ("output", "inout"))


def read_interface(code: str, top: str) -> Interface:
    """Read the interface of module `top` in `code`; raise DataError where it does not elaborate."""
    text = to_ascii(code)
    if error := too_nested(tokens(text), MAX_PARSED, TRUSTED_CHAIN):
        raise DataError(f"module {top} cannot be read, {error}")
    tree = parse(meant(text))
    if error := syntax_error(tree):
        raise DataError(f"module {top} cannot be read, {error}")
    elaborated = elaborate(tree, top, share_instances=False)
    if elaborated.error or elaborated.top is None:
        raise DataError(f"module {top} does not elaborate, {elaborated.error or 'no such module'}")
    ports = read_ports(elaborated.top)
    clocking = find_clocking(elaborated.top, {p.name: p.width for p in ports if p.direction == "input"})
    return Interface(top, ports, clocking, _unsupported(ports, clocking), _constants(elaborated.top))


def read_ports(top: Any) -> tuple[Port, ...]:
    """Return the ports of an elaborated instance."""
    found = []
    for port in top.body.portList:
        kind, shape = port.type if port.kind == SymbolKind.Port and not port.isNullPort else None, []
        while kind is not None and kind.isUnpackedArray and kind.hasFixedRange:
            shape.append(int(kind.fixedRange.width))
            kind = kind.arrayElementType
        if kind is None or not kind.isIntegral:
            found.append(Port(port.name, "ref", 0))
        else:
            width, signed = kind.bitWidth * math.prod(shape), kind.isSigned and not shape
            found.append(Port(port.name, _DIRECTIONS[port.direction], width, signed, tuple(shape)))
    return tuple(found)


def differences(expected: Sequence[Port], found: Sequence[Port]) -> str:
    """Return what is wrong with the ports `found` in one sentence, or ""; order and signedness are free."""
    wanted, given = {p.name: p for p in expected}, {p.name: p for p in found}
    if missing := [str(p) for n, p in wanted.items() if n not in given]:
        return f"expected port {missing[0]}, found none of that name"
    if extra := [str(p) for n, p in given.items() if n not in wanted]:
        return f"port {extra[0]} is not part of the task"
    for name, port in wanted.items():
        other = given[name]
        if (other.direction, other.width, other.shape) != (port.direction, port.width, port.shape):
            return f"expected {port}, found {given[name]}"
    return ""


def _constants(top: Any) -> tuple[tuple[int, int], ...]:
    found: dict[tuple[int, int], None] = {}

    def see(literal: Any) -> None:
        if not literal.value.hasUnknown and len(found) < MAX_CONSTANTS:
            width = literal.type.bitWidth
            found[width, int(literal.value) & (1 << width) - 1] = None  # 8'sh80 is negative, but driven as its bits

    top.visit(lookup_table={ExpressionKind.IntegerLiteral: see})
    return tuple(found)


def _unsupported(ports: Sequence[Port], clocking: Clocking) -> str:
    for port in ports:
        if port.direction not in ("input", "output", "inout"):
            return (
                f"unsupported interface: {port.name} is neither an input nor an output of bits, or of an array of them"
            )
    if not any(p.direction in ("output", "inout") for p in ports):
        return "unsupported interface: no outputs, so nothing of it can be compared"
    widths = {p.name: p.width for p in ports}
    if wide := [name for name in clocking.clocks if widths[name] != 1]:
        return f"unsupported interface: the clock is a bit of the vector {wide[0]}"
    return ""
