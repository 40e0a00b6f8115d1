"""What verification has not exercised of a reference, in short facts; nothing is said of it by a design that passes.

facts(coverage, interface)  ->  ("led never became 1", "counter[22:12] never moved", "n == 5999999 never true")
"""

from collections.abc import Iterator, Sequence

from itertl.verify.coverage import Coverage
from itertl.verilog.interface import Interface

MOST = 8  # facts; a last one counts the rest


def facts(coverage: Coverage, interface: Interface) -> tuple[str, ...]:
    """Return what is known of a reference to exist and has not been seen: outputs, then registers, then points."""
    found = list(dict.fromkeys(_facts(coverage, len(interface.outputs))))
    if len(found) > MOST:
        found = [*found[: MOST - 1], f"and {len(found) - MOST + 1} more"]
    return tuple(found)


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
    for number in coverage.unreached:
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
