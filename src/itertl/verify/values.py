"""Values of one input: what is drawn for it, its corners, and the numbers that the code may compare it with."""

import dataclasses
import math
import random
from collections.abc import Callable, Sequence

from itertl.verilog.interface import Interface, Port


def drawer(port: Port, rng: random.Random, special: Sequence[int]) -> Callable[[], int]:
    """Return what draws a value: often uniform, else of `special`, a corner, a single bit, a small one, sparse bits."""
    if port.shape:
        elements = [dataclasses.replace(port, width=port.element, shape=())] * math.prod(port.shape)
        draw_one = drawer(elements[0], rng, special)
        return lambda: join(elements, [draw_one() for _ in elements])
    width, bits, chance = port.width, rng.getrandbits, rng.random
    every = (1 << width) - 1
    corners = (0, every, 1, every - 1, 1 << (width - 1), every >> 1)

    def draw() -> int:
        kind = chance()
        if width == 1 or kind < 0.5:
            return bits(width)
        if kind < 0.65 and special:
            near = (rng.choice(special) + rng.choice((0, 0, 0, 1, -1))) & every
            return near if chance() < 0.9 else near ^ (1 << rng.randrange(width))
        if kind < 0.75:
            return rng.choice(corners)
        if kind < 0.85:
            return 1 << rng.randrange(width)
        if kind < 0.93:
            return rng.randrange(min(every, 15) + 1)
        return bits(width) & bits(width)

    return draw


def corners(port: Port) -> tuple[int, ...]:
    """Return the smallest and largest numbers, without and with a sign; none of a narrow port."""
    every = (1 << port.width) - 1
    return (0, every, every >> 1, every ^ (every >> 1)) if port.width > 3 else ()


def specials(interface: Interface) -> dict[str, list[int]]:
    """Return for each input but the clock the numbers that the code may compare it with."""
    inputs = (p for p in interface.inputs if p.name not in interface.clocking.clocks)
    return {p.name: _special(p, interface.constants) for p in inputs}


def _special(port: Port, constants: Sequence[tuple[int, int]]) -> list[int]:
    """Return the numbers that the code may compare `port`, or an element, with: of its width, or of 32 bits or more."""
    fits = [v for w, v in constants if w == port.element or (w >= 32 and v < 1 << port.element)]
    return fits if port.element > 3 else []


def join(inputs: Sequence[Port], values: Sequence[int]) -> int:
    """Return one vector, the first input in the highest bits."""
    vector = 0
    for port, value in zip(inputs, values, strict=True):
        vector = vector << port.width | value
    return vector
