"""Words: every short sequence of a few input bits, one behind the other, for what waits for one sequence.

    for kind, number, cycles in words(interface): ...     # stretches, which stimuli.py drives
    de_bruijn(symbols, length)                            # each word of so many symbols once, as a cycle

A detector that begins anew behind a match where it should overlap, or the other way round, shows itself in one word of
up to twice its pattern: random cycles, with holds and resets among them, often lack it.
"""

import functools
from collections.abc import Callable, Iterator, Sequence

from itertl.verilog.interface import Interface, Port

KINDS = ("phases", "words", "alone 0", "alone 1", "runs")
_BITS = {0: 0, 1: 0, 2: 8, 3: 10}  # of a word, by the bits of all registers: a match and most of the next one
_WIDEST = 4  # bits of all inputs that make words together
_ALONE = 8  # bits of a word of one input while the others rest
_FOCUSED = 3  # inputs that have words of their own
_RUN = 7  # equal bits in a row: a run of each length up to here comes behind one of each, with one other bit between
_WAITING = 10  # bits of a word from which runs are driven, too: framing and stuffing count equal bits
_PHASES = 48  # cycles in which all inputs change twice


def free(interface: Interface) -> list[Port]:
    """Return the inputs but clocks and resets."""
    out = {r.name for r in interface.clocking.resets} | set(interface.clocking.clocks)
    return [p for p in interface.inputs if p.name not in out]


def words(interface: Interface) -> list[tuple[str, int, int]]:
    """Return kind, number and cycles of the stretches for a design of one clock.

    "phases": every input has another value in each phase, which a gated clock must bear or not. Where the inputs are
    narrow, "words" of all of them together, and of one bit ("alone 1", "alone 0") while the others are held at 1 or 0;
    "runs" of equal bits while the others are held at 1. `number` is that of the input.
    """
    ports = free(interface)
    bits, longest = sum(p.width for p in ports), _longest(interface)
    found = [("phases", 0, _PHASES)] if bits and interface.clocking.registers else []
    if not longest or not 0 < bits <= _WIDEST:
        return found
    found.append(("words", 0, len(_sequence(1 << bits, longest // bits))))
    single = [n for n, p in enumerate(ports) if p.width == 1][:_FOCUSED]
    if bits > 1:
        found += [(f"alone {level}", n, len(_sequence(2, _ALONE))) for n in single for level in (1, 0)]
    if longest >= _WAITING:
        found += [("runs", n, len(_runs())) for n in single]
    return found


def stretch(
    interface: Interface, kind: str, number: int, cycles: int, draw: Callable[[Port], int]
) -> Iterator[dict[str, int]]:
    """Yield the values of the free inputs, two times a cycle, in a stretch that `words` has named."""
    ports = free(interface)
    if kind == "phases":
        yield from ({p.name: draw(p) for p in ports} for _ in range(2 * cycles))
        return
    if kind == "words":
        bits = sum(p.width for p in ports)
        driven = (_split(ports, symbol) for symbol in _sequence(1 << bits, _longest(interface) // bits))
    else:
        level, sequence = (1, _runs()) if kind == "runs" else (int(kind[-1]), _sequence(2, _ALONE))
        held = {p.name: ((1 << p.width) - 1) * level for p in ports}  # what enables is mostly 1
        driven = (held | {ports[number].name: bit} for bit in sequence)
    for values in driven:
        yield from (values, values)


def _longest(interface: Interface) -> int:
    """Return the bits of a word of all inputs; the more state a design has, the more it may wait for."""
    return _BITS[min(sum(width for _, width in interface.clocking.registers), max(_BITS))]


@functools.cache
def _runs() -> tuple[int, ...]:
    """Return runs of ones, one of each length behind one of each, a zero between two; then the same of zeros."""
    ones = [bit for length in _sequence(_RUN, 2) for bit in (*[1] * (length + 1), 0)]
    return (*ones, *(1 - bit for bit in ones))


@functools.cache
def _sequence(symbols: int, length: int) -> tuple[int, ...]:
    """Return a sequence in which every word of so many symbols occurs."""
    cycle = de_bruijn(symbols, length)
    return (*cycle, *cycle[: length - 1])


def de_bruijn(symbols: int, length: int) -> list[int]:
    """Return a cycle that holds each word of `length` symbols once: Lyndon words in order (Fredricksen, 1978)."""
    word, found = [-1], list[int]()
    while word:
        word[-1] += 1
        size = len(word)
        if length % size == 0:
            found += word
        word = [word[i % size] for i in range(length)]
        while word and word[-1] == symbols - 1:
            word.pop()
    return found


def _split(ports: Sequence[Port], number: int) -> dict[str, int]:
    """Return the values of ports, the lowest bits of `number` for the last."""
    values: dict[str, int] = {}
    for port in reversed(ports):
        values[port.name], number = number & ((1 << port.width) - 1), number >> port.width
    return values
