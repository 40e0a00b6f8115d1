"""{<<n{...}}: blocks of n bits from the last on, and what a target takes of a stream, by functions of the module."""

from itertl.verilog.rewrite.plain.scope import Scope
from itertl.verilog.rewrite.plain.types import declared


def reordered(scope: Scope, joined: str, total: int, size: int) -> str:
    """Return `joined`, of `total` bits, with its blocks of `size` bits in the opposite order."""
    wanted = f"stream {total} {size}"
    if wanted not in scope.helpers:
        name = scope.helpers[wanted] = scope.fresh(f"reversed_{total}_{size}")
        blocks = [(min(low + size, total) - 1, low) for low in range(0, total, size)]
        parts = [f"of[{high}:{low}]" if total > 1 else "of" for high, low in blocks]
        scope.lines.append(
            f"function {declared(total)}{name}; input {declared(total)}of; {name} = {{{', '.join(parts)}}}; endfunction"
        )
    return f"{scope.helpers[wanted]}({joined})"


def first_bits(scope: Scope, value: str, given: int, wanted: int) -> str:
    """Return the `wanted` leftmost of `given` bits: a target takes no more (IEEE 1800-2017, 11.4.14.3)."""
    if given == wanted:
        return value
    key = f"first {wanted} {given}"
    if key not in scope.helpers:
        name = scope.helpers[key] = scope.fresh(f"first_{wanted}_{given}")
        scope.lines.append(
            f"function {declared(wanted)}{name}; input {declared(given)}of; {name} = of[{given - 1}:{given - wanted}]; "
            "endfunction"
        )
    return f"{scope.helpers[key]}({value})"
