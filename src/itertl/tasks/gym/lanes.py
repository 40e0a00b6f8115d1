"""Families of registers of which parts are written: byte lanes, and bits that capture events.

itertl gym --family lanes --seed 1
"""

import random
from collections.abc import Iterator

from itertl.tasks.gym.clocking import RESETS, clocking
from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    bits,
    body,
    chain,
    either,
    inp,
    lit,
    reg,
    span,
)
from itertl.tasks.gym.layout import grid


def _spans(sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return highest and lowest bit of each lane, the lowest lane first."""
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    return [(start + size - 1, start) for start, size in zip(starts, sizes, strict=True)]


def _part(high: int, low: int) -> str:
    return f"[{high}:{low}]" if high != low else f"[{high}]"


def _lanes(n: Names, sizes: tuple[int, ...], order: tuple[int, ...], low: bool, initial: int, style: str) -> Design:
    """Bit `order[k]` of the enables belongs to lane k."""
    c, d, q, be = clocking(n, style), n.d, n.q, n.be
    width, count, level = sum(sizes), len(sizes), int(not low)
    parts = [_part(*s) for s in _spans(sizes)]
    tests = [f"{'!' if low else ''}{be}[{k}]" for k in order]
    writes = [f"if ({test})\n    {q}{part} <= {d}{part};" for test, part in zip(tests, parts, strict=True)]

    def rows(rng: random.Random) -> list[tuple[int, str]]:
        pairs = list(zip(order, parts, strict=True))
        return pairs if rng.random() < 0.5 else sorted(pairs) if rng.random() < 0.5 else pairs[::-1]

    def prose(_: Names, rng: random.Random) -> str:
        listed = ", ".join(f"{be}[{k}] for {q}{part}" for k, part in rows(rng))
        return rng.choice(
            (
                f"The {bits(width)} register {q} is written in {count} parts on the {c.edge}. Each part has an enable, namely "
                f"{listed}. Where an enable is {level}, that part takes the same bits of {d}; the others keep their value.",
                f"{q} stores {d} ({bits(width)}) on the {c.edge}, but only in those parts whose enable is {level} ({listed}). "
                "All other bits stay as they are.",
                f"A write to {q}, {width} bits wide, happens on the {c.edge} and is masked (by {listed}). An enable at "
                f"{level} lets {d} into its part, one at {1 - level} preserves what is there.",
            )
        )

    def table(names: Names, rng: random.Random) -> str:
        cells = [([f"{names.be}[{k}]"], [f"{names.q}{part}", f"{names.d}{part}"]) for k, part in rows(rng)]
        return (
            f"On the {c.edge}, each enable that is {level} copies its part of {d} into {q} ({bits(width)}); parts whose enable is "
            f"{1 - level} do not change.\n\n" + grid(["enable"], ["written", "source"], cells, rng)
        )

    def code(names: Names, rng: random.Random) -> str:
        lines = [f"if {names.be}[{k}] = {level}: {names.q}{part} := {names.d}{part}" for k, part in rows(rng)]
        return (
            f"On the {c.edge} all of this happens at once; bits of {q} ({width} bits) that are not named hold.\n\n"
            + "\n".join(lines)
        )

    return Design(
        ports=(*c.ports, inp(count, be), inp(width, d), reg(width, q)),
        body=body(c.always(f"{q} <= {lit(initial, width)};", ("", "\n".join(writes)))),
        texts=(Telling(Form.PROSE, prose), Telling(Form.TABLE, table), Telling(Form.PSEUDO_CODE, code)),
        reset=c.resets(q, str(initial)),
    )


def _draw_lanes(rng: random.Random, wide: bool) -> Combination:
    count = rng.randint(5, 8) if wide else rng.randint(2, 4)
    size = rng.choice((2, 4, 8, 8, 8, 16))
    sizes = (size,) * count if rng.random() < 0.5 else tuple(rng.randint(1, 12) for _ in range(count))
    order = list(range(count))
    if rng.random() < 0.4:
        rng.shuffle(order)
    return {
        "sizes": sizes,
        "order": tuple(order),
        "low": rng.random() < 0.3,
        "initial": rng.choice((0, 0, rng.randrange(1 << sum(sizes)))),
        "style": rng.choice(RESETS),
    }


def _lane_values(
    rows: Rows, sizes: tuple[int, ...], order: tuple[int, ...], low: bool, initial: int, style: str
) -> Iterator[Expected]:
    width = sum(sizes)
    state = f"{initial:0{width}b}"[::-1]
    owner = [k for k, size in zip(order, sizes, strict=True) for _ in range(size)]
    for row in rows:
        yield {"q": int(state[::-1], 2)}
        word = f"{row['d']:0{width}b}"[::-1]
        state = "".join(
            new if (row["be"] >> k & 1) != low else old for k, old, new in zip(owner, state, word, strict=True)
        )


LANES = Family(
    "lanes",
    2,
    _lanes,
    {
        "module": ("lanes", "masked_reg", "byte_reg", "lane_reg", "partial_write"),
        "be": ("be", "byte_en", "strobe", "wstrb", "mask"),
        "d": ("d", "din", "wdata", "data_in"),
        "q": ("q", "dout", "data_out", "word"),
    },
    oracle=_lane_values,
    draw=_draw_lanes,
)


EVENTS = {
    "rise": ("{d} & ~{old}", "goes from 0 to 1"),
    "fall": ("~{d} & {old}", "goes from 1 to 0"),
    "change": ("{d} ^ {old}", "changes"),
    "high": ("{d}", "is 1"),
}


def _capture(n: Names, width: int, event: str, clear: str, set_first: bool, flag: str, style: str) -> Design:
    """Bits that stay set until cleared; `clear` is "all" (one input) or "each" (a mask), `flag` an extra output."""
    c, d, q, old, clr = clocking(n, style), n.d, n.q, n.old, n.clr
    found, said = EVENTS[event][0].format(d=d, old=old), EVENTS[event][1]
    zero = lit(0, width)
    kept = f"{q} & ~{clr}"
    if clear == "each":
        value = f"({kept}) | ({found})" if set_first else f"({q} | ({found})) & ~{clr}"
        step = f"{q} <= {value};"
    else:
        step = chain((clr, f"{q} <= {found if set_first else zero};"), ("", f"{q} <= {q} | ({found});"))
    stored = event != "high"
    flags = {"any": f"|{q}", "every": f"&{q}", "": ""}
    bit = "each bit of " if width > 1 else ""
    same = "the same bit of " if width > 1 else ""
    cleared = (
        f"A 1 in {clr} clears the {'same bit' if width > 1 else 'bit'} of {q}"
        if clear == "each"
        else f"{clr} = 1 clears {q}"
    )
    wins = (
        either(
            "If both come at the same edge, the event wins and the bit is 1",
            "An event is never lost: with both together the bit becomes 1",
            "Setting has priority over clearing",
        )
        if set_first
        else either(
            "If both come at the same edge, clearing wins and the bit is 0",
            "An event at an edge that clears is lost: the bit becomes 0",
            "Clearing has priority over setting",
        )
    )
    seen = (
        f" The event is a comparison with the value of {d} at the previous {c.edges}, which a register keeps."
        if stored
        else ""
    )
    extra = {
        "any": f" {n.y} is 1, at once, while any bit of {q} is 1.",
        "every": f" {n.y} is 1, at once, while all bits of {q} are 1.",
        "": "",
    }[flag]
    return Design(
        ports=(
            *c.ports,
            inp(width, d),
            inp(width if clear == "each" else 1, clr),
            reg(width, q),
            *([f"output {n.y}"] if flag else []),
        ),
        body=body(
            *([f"reg {span(width)}{old};"] if stored else []),
            *([f"assign {n.y} = {flags[flag]};"] if flag else []),
            c.always(
                (f"{old} <= {zero};\n" if stored else "") + f"{q} <= {zero};",
                ("", (f"{old} <= {d};\n" if stored else "") + step),
            ),
        ),
        texts=(
            f"{either('Record', 'Capture', 'Collect')} events. On the {c.edge}, {bit}{q} ({bits(width)}) is set when "
            f"{same}{d} {said}, and stays set until it is cleared.{seen} {cleared}. {wins}.{extra}",
            f"{bit.capitalize()}{q} ({bits(width)}) {either('remembers', 'keeps in mind')} that {same}{d} {said} at a {c.edges}. "
            f"{cleared}, on the {c.edge} as well. {wins}.{seen}{extra}",
            f"- sticky {either('flags', 'bits')} {q}, {bits(width)}, clocked by the {c.edge}\n- set: {same}{d} {said}\n- {cleared}\n"
            f"- {wins}" + (f"\n-{seen}" if seen else "") + (f"\n-{extra}" if extra else ""),
        ),
        reset=c.resets(f"the stored {d} and {q}" if stored else q, "0"),
    )


def _capture_values(
    rows: Rows, width: int, event: str, clear: str, set_first: bool, flag: str, style: str
) -> Iterator[Expected]:
    state, last = [0] * width, 0
    for row in rows:
        value = sum(bit << i for i, bit in enumerate(state))
        shown = {"any": int(any(state)), "every": int(all(state)), "": 0}[flag]
        yield {"q": value, "y": shown} if flag else {"q": value}
        for i in range(width):
            was, now = last >> i & 1, row["d"] >> i & 1
            hit = {"rise": now > was, "fall": now < was, "change": now != was, "high": now == 1}[event]
            gone = row["clr"] >> i & 1 if clear == "each" else row["clr"]
            state[i] = int(hit) if gone and set_first else 0 if gone else int(hit or state[i])
        last = row["d"]


CAPTURE = Family(
    "capture",
    2,
    _capture,
    {
        "module": ("capture", "sticky", "event_flags", "irq_flags", "edge_capture"),
        "d": ("d", "in", "events", "irq_in", "sig"),
        "clr": ("clr", "ack", "clear", "w1c"),
        "q": ("q", "pending", "flags", "status"),
        "y": ("any_out", "irq", "summary", "y"),
        "old": ("old", "prev", "last_d"),
    },
    oracle=_capture_values,
    parameters={
        "width": (1, 2, 4, 8),
        "event": tuple(EVENTS),
        "clear": ("all", "each"),
        "set_first": (False, True),
        "flag": ("", "any", "every"),
        "style": RESETS,
    },
    shifted={"width": (16, 24, 32)},
    valid=lambda width, event, clear, set_first, flag, style: width > 1 or (clear == "all" and not flag),
)
