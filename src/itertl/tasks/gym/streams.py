"""Families that work on a stream of values: collecting bits, summing up, keeping the extreme.

itertl gym --family deserializer --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import Design, Family, Names, Row, Rows, bits, body, either, inp, lit, ordinal, reg, span


def _deserializer(n: Names, width: int, msb: bool, style: str) -> Design:
    c, d, e, q, y, t = clocking(n, style), n.d, n.en, n.q, n.y, n.t
    size = (width - 1).bit_length()
    last = lit(width - 1, size)
    zero = lit(0, size)
    moved = f"{{{q}[{width - 2}:0], {d}}}" if msb else f"{{{d}, {q}[{width - 1}:1]}}"
    way, end, first = ("left", "least", "most") if msb else ("right", "most", "least")
    full = f"{t} == {last}"
    cleared = f"{q} and {y} and the bit count"
    rule = f"{e} = 1 shifts {q} {way} and puts {d} into its {end} significant bit"
    done = either(
        f"{y} is a register: 1 after an edge that took in the {ordinal(width)}, {ordinal(2 * width)}, ... bit since reset, "
        "0 after all other edges",
        f"{y} comes from a register that becomes 1 at each edge with which {width} more bits are complete, counted from reset "
        "on, and 0 at every other edge",
    )
    return Design(
        ports=(*c.ports, inp(1, e), inp(1, d), reg(width, q), reg(1, y)),
        body=body(
            f"reg {span(size)}{t};",
            c.always(
                f"{t} <= {zero};\n{q} <= {lit(0, width)};\n{y} <= 1'b0;",
                (e, f"{q} <= {moved};\n{t} <= ({full}) ? {zero} : {t} + {lit(1, size)};\n{y} <= {full};"),
                ("", f"{y} <= 1'b0;"),
            ),
        ),
        texts=(
            f"Collect serial bits into {width}-bit words, {first} significant bit first. On the {c.edge}, {rule}. "
            f"{done}.",
            f"Serial to parallel, {width} bits: on the {c.edge}, {rule}, otherwise {q} holds. {done}.",
            f"- serial input {d}, taken on the {c.edge} if {e} is 1\n- {rule}\n- {done}",
            f"A receiver gets words of {width} bits over one wire, {first} significant bit first. At each {c.edges}, "
            f"{rule}. "
            f"{done}.",
            f"Turn the bit stream {d} into {bits(width)} words on {q}: {rule} ({c.edge}). {done}.",
        ),
        reset=c.resets(cleared, "0"),
    )


def _deserializer_values(rows: Rows, width: int, msb: bool, style: str) -> Iterator[Row]:
    taken, done = [0] * width, 0
    for row in rows:
        latest = taken[-width:]
        yield {"q": int("".join(map(str, latest if msb else latest[::-1])), 2), "y": done}
        taken += [row["d"]] if row["en"] else []
        done = int(row["en"] == 1 and len(taken) % width == 0)


DESERIALIZER = Family(
    "deserializer",
    3,
    _deserializer,
    oracle=_deserializer_values,
    parameters={"width": (3, 4, 5, 6, 8, 12, 16), "msb": (True, False), "style": RISING},
    shifted={"width": (20, 24, 32)},
    names={
        "module": ("deserializer", "serial_to_parallel", "sipo", "word_collector"),
        "d": ("sin", "din", "serial_in", "d"),
        "en": ("en", "valid", "bit_valid"),
        "q": ("word", "q", "data", "dout"),
        "y": ("done", "ready", "word_valid"),
        "t": ("count", "cnt", "bit_count"),
    },
    held_out=True,
)


def _accumulator(n: Names, width: int, wide: int, enable: bool, clear: bool, style: str) -> Design:
    c, d, q = clocking(n, style), n.d, n.q
    arms = [(n.clear, f"{q} <= {lit(0, wide)};")] if clear else []
    arms.append((n.en if enable else "", f"{q} <= {q} + {d};"))
    hold = f" only if {n.en} is 1; otherwise it holds" if enable else ""
    ahead = f", whatever {n.en} is" if enable else ""
    emptied = either(
        f"{n.clear} = 1 makes {q} 0 at the edge instead of adding{ahead}",
        f"With {n.clear} at 1 the edge clears {q} and adds nothing{ahead}",
        f"{n.clear} goes first: at 1 it brings {q} to 0 at the edge{ahead}",
    )
    empty = f" {emptied}." if clear else ""
    return Design(
        ports=(
            *c.ports,
            *([inp(1, n.clear)] if clear else []),
            *([inp(1, n.en)] if enable else []),
            inp(width, d),
            reg(wide, q),
        ),
        body=body(c.always(f"{q} <= {lit(0, wide)};", *arms)),
        texts=(
            f"Write an accumulator. On the {c.edge}, the unsigned {bits(width)} input {d} is added to the {bits(wide)} "
            "register "
            f"{q}, modulo {1 << wide}{hold}.{empty}",
            f"{q} ({bits(wide)}, wrapping) grows by {d} ({bits(width)}, unsigned) on the {c.edge}{hold}.{empty}",
            f"- running sum {q}: {wide} bit\n- adds unsigned {d} ({width} bit) on the {c.edge}{hold}\n- wraps around\n"
            + (f"-{empty}\n" if clear else ""),
            f"An energy meter sums up the readings {d} ({bits(width)}, unsigned) in {q} ({bits(wide)}, wrap-around), "
            "one at each "
            f"{c.edges}{hold}.{empty}",
            f"{q} is the total of all unsigned values of {d} ({width} bit) so far, modulo {1 << wide}, taken on the "
            f"{c.edge}{hold}.{empty}",
        ),
        reset=c.resets(q, "0"),
    )


def _accumulator_values(rows: Rows, width: int, wide: int, enable: bool, clear: bool, style: str) -> Iterator[Row]:
    added: list[int] = []
    for row in rows:
        yield {"q": sum(added) % (1 << wide)}
        if clear and row["clear"]:
            added = []
        elif not enable or row["en"]:
            added.append(row["d"])


ACCUMULATOR = Family(
    "accumulator",
    1,
    _accumulator,
    oracle=_accumulator_values,
    parameters={
        "width": (2, 4, 8),
        "wide": (8, 12, 16),
        "enable": (False, True),
        "clear": (False, True),
        "style": RISING,
    },
    shifted={"wide": (20, 24, 32), "width": (12, 16)},
    names={
        "module": ("accumulator", "accum", "sum_reg", "integrator"),
        "d": ("d", "din", "data", "in"),
        "q": ("acc", "sum", "total", "q"),
        "en": ("en", "enable", "valid"),
        "clear": ("clear", "clr", "restart"),
    },
)


def _running(n: Names, width: int, largest: bool, enable: bool, style: str) -> Design:
    c, d, q = clocking(n, style), n.d, n.q
    start = 0 if largest else (1 << width) - 1
    test = f"{d} {'>' if largest else '<'} {q}"
    condition = f"{n.en} && {test}" if enable else test
    word = "larger" if largest else "smaller"
    which = "largest" if largest else "smallest"
    only = f" Values at edges with {n.en} = 0 are ignored." if enable else ""
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), inp(width, d), reg(width, q)),
        body=body(c.always(f"{q} <= {lit(start, width)};", (condition, f"{q} <= {d};"))),
        texts=(
            f"Keep the {which} value seen. On the {c.edge}, the {bits(width)} register {q} takes the unsigned input "
            f"{d} if that "
            f"is {word} than {q}.{only}",
            f"If {d} is {word} than {q} (unsigned, {bits(width)}), {q} becomes {d} on the {c.edge}.{only}",
            f"- running {'maximum' if largest else 'minimum'} {q} of the unsigned input {d}, {width} bit\n"
            f"- updated on the {c.edge}" + (f"\n-{only}" if enable else ""),
            f"A weather station records the {which} reading. {d} ({bits(width)}, unsigned) arrives at each {c.edges} "
            "and "
            f"replaces {q} when it is {word}.{only}",
            f"{q} always holds the {which} of the unsigned {bits(width)} values that {d} had at the {c.edges} since "
            f"reset.{only}",
        ),
        reset=c.resets(q, str(start)),
    )


def _running_values(rows: Rows, width: int, largest: bool, enable: bool, style: str) -> Iterator[Row]:
    seen = [0 if largest else (1 << width) - 1]
    for row in rows:
        yield {"q": max(seen) if largest else min(seen)}
        seen += [row["d"]] if not enable or row["en"] else []


RUNNING = Family(
    "running_extreme",
    2,
    _running,
    oracle=_running_values,
    parameters={
        "width": (2, 4, 5, 6, 8, 12, 16),
        "largest": (True, False),
        "enable": (False, True),
        "style": (*RISING, "fall"),
    },
    shifted={"width": (20, 24, 32)},
    names={
        "module": ("running_extreme", "peak_hold", "extreme_hold", "record"),
        "d": ("d", "din", "data", "sample"),
        "q": ("best", "q", "peak", "result"),
        "en": ("en", "enable", "valid"),
    },
)
