"""Families of registers whose own bits are shifted back in: pseudo-random sequences and ring counters.

itertl gym --family lfsr --seed 1
"""

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import Design, Family, Names, bits, body, inp, lit, reg

TAPS = {3: (2, 1), 4: (3, 2), 5: (4, 2), 6: (5, 4), 7: (6, 5), 9: (8, 4), 10: (9, 6), 11: (10, 8), 15: (14, 13)}


def _lfsr(n: Names, width: int, enable: bool, seed: int, style: str) -> Design:
    c, q = clocking(n, style), n.q
    high, low = TAPS[width]
    start = lit(seed, width)
    feed = f"{q}[{high}] ^ {q}[{low}]"
    step = (n.en if enable else "", f"{q} <= {{{q}[{width - 2}:0], {feed}}};")
    hold = f" if {n.en} is 1; with {n.en} = 0 it holds" if enable else ""
    rule = f"shifts left by one and bit 0 becomes {feed}"
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), reg(width, q)),
        body=body(c.always(f"{q} <= {start};", step)),
        texts=(
            f"Implement a {bits(width)} Fibonacci LFSR. On the {c.edge}, {q} {rule}{hold}. {c.reset(0, q, str(seed))}",
            f"{c.reset(1, q, str(seed))} Otherwise the {bits(width)} register {q} {rule}, on the {c.edge}{hold}.",
            f"- {bits(width)} linear feedback shift register {q}, {c.edge}\n- new bit 0: {feed}, the others move up "
            "one "
            f"place\n" + (f"- {n.en} = 0: hold\n" if enable else "") + f"- {c.reset(2, q, str(seed))}",
            f"A test pattern generator holds {width} bits in {q}. At each {c.edges} it {rule} (old values){hold}. "
            f"{c.reset(3, q, str(seed))}",
            f"{q}: pseudo-random sequence, {width} bit. Taps {high} and {low} are XORed into bit 0 while the rest "
            "shifts "
            f"left, on the {c.edge}{hold}. {c.reset(4, q, str(seed))}",
        ),
    )


LFSR = Family(
    "lfsr",
    2,
    _lfsr,
    parameters={"width": tuple(TAPS), "enable": (False, True), "seed": (1, 5), "style": RISING},
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
    rule = f"shifts {way} by one and bit {entering} takes {what}"
    return Design(
        ports=(*c.ports, reg(width, q)),
        body=body(c.always(f"{q} <= {lit(start, width)};", ("", f"{q} <= {moved};"))),
        texts=(
            f"Design a {bits(width)} {name} counter. On the {c.edge}, {q} {rule}. {c.reset(0, q, str(start))}",
            f"{c.reset(1, q, str(start))} In all other cases {q} ({width} bit) {rule}, on the {c.edge}.",
            f"- {name} counter with {width} flip-flops, {c.edge}\n- {q} {rule} (old value)\n"
            f"- {c.reset(2, q, str(start))}",
            f"A row of {width} lamps {q} moves: at each {c.edges} it {rule}. {c.reset(3, q, str(start))}",
            f"{q}, {width} bit, {rule} whenever a {c.edges} comes. {c.reset(4, q, str(start))}",
        ),
    )


RING = Family(
    "ring_counter",
    1,
    _ring,
    parameters={"width": (3, 4, 5, 6, 8), "johnson": (False, True), "left": (False, True), "style": RISING},
    names={
        "module": ("ring_counter", "ring{width}", "rotating_counter", "phase_gen"),
        "q": ("q", "out", "ring", "phase", "count"),
    },
    held_out=True,
)
