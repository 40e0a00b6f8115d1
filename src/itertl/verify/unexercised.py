"""What verification has not exercised of a reference, in short facts; nothing is said of it by a design that passes.

facts(coverage, interface)      ->  ("led never became 1", "counter[22:12] never moved", "n == 5999999 never true")
with_undriven(facts, trace, outputs)  ->  ("y[3] is never 0 or 1, so nothing of it is compared", ...)
"""

from collections.abc import Iterator, Sequence

from itertl.verify.coverage import Coverage
from itertl.verilog.interface import Interface, Port

MOST = 8  # facts; a last one counts the rest
UNDRIVEN = "is never 0 or 1, so nothing of it is compared"


def facts(coverage: Coverage, interface: Interface) -> tuple[str, ...]:
    """Return what is known of a reference to exist and has not been seen: outputs, then registers, then points."""
    said = {"".join(fact.split()): fact for fact in _facts(coverage, len(interface.outputs))}  # `s==9`, `s == 9`: one
    found = list(said.values())
    if len(found) > MOST:
        found = [*found[: MOST - 1], f"and {len(found) - MOST + 1} more"]
    return tuple(found)


def undriven(trace: str, outputs: Sequence[Port]) -> tuple[str, ...]:
    """Return a fact for each of the `outputs` of which a reference's trace shows bits that are x or z all the time."""
    row, column, found = sum(port.width for port in outputs), 0, []
    for port in outputs:
        shown = (trace[at::row] for at in range(column, column + port.width))
        if bits := [port.width - 1 - n for n, values in enumerate(shown) if "0" not in values and "1" not in values]:
            found.append(f"{port.name}{_ranges(bits, port.width)} {UNDRIVEN}")
        column += port.width
    return tuple(found)


def with_undriven(found: tuple[str, ...], trace: str, outputs: Sequence[Port]) -> tuple[str, ...]:
    """Return facts with those about bits that a reference never drives in front, each said once."""
    open_ = undriven(trace, outputs)
    said = {fact.removesuffix(UNDRIVEN) + "never moved" for fact in open_}
    both = [*open_, *(fact for fact in found if fact not in said)]
    return tuple(both if len(both) <= MOST else [*both[: MOST - 1], f"and {len(both) - MOST + 1} more"])


def bare(found: tuple[str, ...]) -> tuple[str, ...]:
    """Return the facts that a proof leaves: it says nothing about bits that the reference never drives."""
    return tuple(fact for fact in found if fact.endswith(UNDRIVEN))


def _facts(coverage: Coverage, outputs: int) -> Iterator[str]:
    probe = coverage.probe
    told = set()
    for number, (name, width) in enumerate(zip(probe.names, probe.widths, strict=True)):
        bits = coverage.unmoved(number)
        if not bits or name in told:
            continue
        told.add(name)
        if width == 1 and number < outputs and (seen := coverage.values(number, 0) & {"0", "1"}):
            yield f"{name} never became {'1' if '0' in seen else '0'}"
        else:
            yield f"{name}{_ranges(bits, width)} never moved"
    for number in coverage.missed:
        yield probe.points[number].fact


def _ranges(bits: Sequence[int], width: int) -> str:
    """Return the select of bits, highest first, "" for all of them."""
    if len(bits) == width:
        return ""
    parts: list[list[int]] = []
    for bit in bits:
        if parts and parts[-1][1] == bit + 1:
            parts[-1][1] = bit
        else:
            parts.append([bit, bit])
    return f"[{', '.join(str(a) if a == b else f'{a}:{b}' for a, b in parts)}]"
