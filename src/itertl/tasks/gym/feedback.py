"""Families of registers whose own bits are shifted back in: pseudo-random sequences and ring counters.

itertl gym --family lfsr --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import Design, Family, Names, Row, Rows, bits, body, either, inp, lit, reg

TAPS = {3: (2, 1), 4: (3, 2), 5: (4, 2), 6: (5, 4), 7: (6, 5), 9: (8, 4), 10: (9, 6), 11: (10, 8), 15: (14, 13)}
LONG_TAPS = {
    17: (16, 13),
    18: (17, 10),
    20: (19, 16),
    22: (21, 20),
    23: (22, 17),
    25: (24, 21),
    28: (27, 24),
    31: (30, 27),
}


def _lfsr(n: Names, width: int, enable: bool, seed: int, style: str) -> Design:
    c, q = clocking(n, style), n.q
    high, low = (TAPS | LONG_TAPS)[width]
    start = lit(seed, width)
    feed = f"{q}[{high}] ^ {q}[{low}]"
    step = (n.en if enable else "", f"{q} <= {{{q}[{width - 2}:0], {feed}}};")
    hold = f" if {n.en} is 1; with {n.en} = 0 it holds" if enable else ""
    rule = either(
        f"shifts left by one and bit 0 becomes {feed}",
        f"moves up by one place, with {feed} as the new bit 0",
        f"takes the value {{{q}[{width - 2}:0], {feed}}}",
    )
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), reg(width, q)),
        body=body(c.always(f"{q} <= {start};", step)),
        texts=(
            f"Implement a {bits(width)} Fibonacci LFSR. On the {c.edge}, {q} {rule}{hold}.",
            f"The {bits(width)} register {q} {rule}, on the {c.edge}{hold}.",
            f"- {bits(width)} linear feedback shift register {q}, {c.edge}\n- new bit 0: {feed}, the others move up "
            "one "
            f"place\n" + (f"- {n.en} = 0: hold\n" if enable else ""),
            f"A test pattern generator holds {width} bits in {q}. At each {c.edges} it {rule} (old values){hold}.",
            f"{q}: pseudo-random sequence, {width} bit. {feed} becomes the new bit 0 while the rest shifts "
            f"left, on the {c.edge}{hold}.",
        ),
        reset=c.resets(q, str(seed)),
    )


def _lfsr_values(rows: Rows, width: int, enable: bool, seed: int, style: str) -> Iterator[Row]:
    high, low = (TAPS | LONG_TAPS)[width]
    cells = [int(bit) for bit in reversed(f"{seed:0{width}b}")]  # bit 0 first
    for row in rows:
        yield {"q": sum(bit << i for i, bit in enumerate(cells))}
        if not enable or row["en"]:
            cells = [int(cells[high] != cells[low]), *cells[:-1]]


LFSR = Family(
    "lfsr",
    2,
    _lfsr,
    oracle=_lfsr_values,
    parameters={"width": tuple(TAPS), "enable": (False, True), "seed": (1, 5), "style": RISING},
    shifted={"width": tuple(LONG_TAPS)},
    names={
        "module": ("lfsr", "lfsr{width}", "prng", "random_gen"),
        "q": ("q", "out", "state", "lfsr_out", "rnd"),
        "en": ("en", "enable", "ce"),
    },
)


def _ring(n: Names, width: int, johnson: bool, left: bool, style: str) -> Design:
    c, q, top = clocking(n, style), n.q, width - 1
    invert = "~" if johnson else ""
    moved = f"{{{q}[{top - 1}:0], {invert}{q}[{top}]}}" if left else f"{{{invert}{q}[0], {q}[{top}:1]}}"
    way, leaving, entering = ("left", top, 0) if left else ("right", 0, top)
    what = f"the inverse of bit {leaving}" if johnson else f"bit {leaving}"
    start = 0 if johnson else 1
    name = "Johnson" if johnson else "ring"
    rule = either(
        f"shifts {way} by one and bit {entering} takes {what}",
        f"moves one place to the {way}, {what} entering at bit {entering}",
        f"steps {way} by one place, and {what} is fed into bit {entering}",
    )
    return Design(
        ports=(*c.ports, reg(width, q)),
        body=body(c.always(f"{q} <= {lit(start, width)};", ("", f"{q} <= {moved};"))),
        texts=(
            f"Design a {bits(width)} {name} counter. On the {c.edge}, {q} {rule}.",
            f"{q} ({width} bit) {rule}, on the {c.edge}.",
            f"- {name} counter with {width} flip-flops, {c.edge}\n- {q} {rule} (old value)",
            f"A row of {width} lamps {q} moves: at each {c.edges} it {rule}.",
            f"{q}, {width} bit, {rule} whenever a {c.edges} comes.",
        ),
        reset=c.resets(q, str(start)),
    )


def _ring_values(rows: Rows, width: int, johnson: bool, left: bool, style: str) -> Iterator[Row]:
    lamps = [0] * width if johnson else [*[0] * (width - 1), 1]  # most significant bit first
    for _ in rows:
        yield {"q": int("".join(map(str, lamps)), 2)}
        leaving = lamps[0] if left else lamps[-1]
        entering = 1 - leaving if johnson else leaving
        lamps = [*lamps[1:], entering] if left else [entering, *lamps[:-1]]


RING = Family(
    "ring_counter",
    1,
    _ring,
    oracle=_ring_values,
    parameters={"width": (3, 4, 5, 6, 8), "johnson": (False, True), "left": (False, True), "style": RISING},
    shifted={"width": (10, 12, 16)},
    names={
        "module": ("ring_counter", "ring{width}", "rotating_counter", "phase_gen"),
        "q": ("q", "out", "ring", "phase", "count"),
    },
)
