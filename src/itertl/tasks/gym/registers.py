"""Families of registers: storing, shifting, delaying, watching edges.

itertl gym --family shift_register --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RESETS, RISING, clocking
from itertl.tasks.gym.design import Design, Family, Names, Row, Rows, bits, body, either, inp, lit, out, reg, span

ENABLES = ("en", "enable", "ce")


def _register(n: Names, width: int, enable: bool, style: str) -> Design:
    c, d, q = clocking(n, style), n.d, n.q
    arm = (n.en if enable else "", f"{q} <= {d};")
    reset = f"{q} <= {lit(0, width)};"
    hold = f" only if {n.en} is 1 and keeps its value otherwise" if enable else ""
    every = f" when {n.en} = 1, else it holds" if enable else " every time"
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), inp(width, d), reg(width, q)),
        body=body(c.always(reset, arm)),
        texts=(
            f"Implement a {bits(width)} register. On the {c.edge}, {q} takes the value of {d}{hold}.",
            f"{q} ({bits(width)}) samples {d} on the {c.edge}{hold}.",
            f"- {bits(width)} D register, data {d}, output {q}\n- clocked by the {c.edge}\n"
            + (f"- {n.en} = 0 freezes {q}\n" if enable else ""),
            f"A pipeline stage stores the {bits(width)} value {d} in {q} at the {c.edge}{every}.",
            f"{q} remembers {d}, {bits(width)}, with an update at each {c.edges}{hold}.",
        ),
        reset=c.resets(q, "0"),
    )


def _register_values(rows: Rows, width: int, enable: bool, style: str) -> Iterator[Row]:
    kept = 0
    for row in rows:
        yield {"q": kept}
        kept = row["d"] if not enable or row["en"] else kept


REGISTER = Family(
    "register",
    1,
    _register,
    oracle=_register_values,
    parameters={"width": (1, 2, 4, 6, 8, 12, 16), "enable": (False, True), "style": RESETS},
    shifted={"width": (24, 32, 48, 64)},
    names={
        "module": ("register", "dff", "reg{width}", "data_reg", "pipe_reg"),
        "d": ("d", "din", "data_in", "in"),
        "q": ("q", "dout", "data_out", "out"),
        "en": ENABLES,
    },
)


def _toggle(n: Names, initial: int, style: str) -> Design:
    c, t, q, v = clocking(n, style), n.t, n.q, str(initial)
    return Design(
        ports=(*c.ports, inp(1, t), reg(1, q)),
        body=body(c.always(f"{q} <= {lit(initial, 1)};", (t, f"{q} <= ~{q};"))),
        texts=(
            f"Implement a T flip-flop. On the {c.edge}, {q} inverts if {t} is 1 and holds if {t} is 0.",
            f"{q} toggles at each {c.edges} at which {t} is 1.",
            f"- toggle flip-flop with input {t} and output {q}\n- {t} = 1: {q} changes on the {c.edge}\n"
            f"- {t} = 0: {q} stays",
            f"A lamp {q} is switched over whenever {t} is 1 on the {c.edge}; with {t} at 0 it stays as it is.",
            f"One bit of state, {q}: {t} = 1 flips it at the {c.edges}, {t} = 0 leaves it alone.",
        ),
        reset=c.resets(q, v),
    )


def _toggle_values(rows: Rows, initial: int, style: str) -> Iterator[Row]:
    flips = initial
    for row in rows:
        yield {"q": flips % 2}
        flips += row["t"]


TOGGLE = Family(
    "toggle",
    1,
    _toggle,
    oracle=_toggle_values,
    parameters={"initial": (0, 1), "style": RESETS},
    names={
        "module": ("tff", "toggle", "t_flip_flop", "toggle_ff"),
        "t": ("t", "toggle_in", "flip", "en", "change"),
        "q": ("q", "out", "state", "lamp", "dout"),
    },
)


def _shift_register(n: Names, width: int, left: bool, enable: bool, serial: bool, style: str) -> Design:
    """SIPO, or with `serial` SISO: only the bit that leaves is an output."""
    c, d, q = clocking(n, style), n.d, n.q
    store = n.store if serial else q
    last = width - 1 if left else 0
    moved = f"{{{store}[{width - 2}:0], {d}}}" if left else f"{{{d}, {store}[{width - 1}:1]}}"
    parts = [c.always(f"{store} <= {lit(0, width)};", (n.en if enable else "", f"{store} <= {moved};"))]
    if serial:
        parts = [f"reg {span(width)}{store};", f"assign {q} = {store}[{last}];", *parts]
    way, entry = ("left", "least") if left else ("right", "most")
    cleared = "all bits" if serial else q
    enabled = f" while {n.en} is 1; with {n.en} = 0 nothing moves" if enable else ""
    if serial:
        result = either(
            f"The output {q} is bit {last}, the oldest bit",
            f"{q} shows bit {last} only, where the oldest bit is",
            f"Only bit {last}, the next to leave, can be seen, on {q}",
        )
    else:
        result = either(
            f"All {width} bits are visible on {q}",
            f"{q} shows the whole register",
            f"The output {q} is the register with its {width} bits",
        )
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), inp(1, d), out(1, q) if serial else reg(width, q)),
        body=body(*parts),
        texts=(
            f"Write a {bits(width)} shift register. On the {c.edge} it shifts {way} by one and {d} enters at the "
            f"{entry} significant bit{enabled}. {result}.",
            f"At each {c.edges}, a {bits(width)} register shifts {way}{enabled}. "
            f"{d} fills the {entry} significant bit. {result}.",
            f"- {width} stages, clocked by the {c.edge}\n- shift {way}, serial input {d} into the {entry} significant "
            "bit\n" + (f"- shifts only if {n.en} = 1\n" if enable else "") + f"- {result}",
            f"Bits arrive one at a time on {d}. Keep the latest {width} of them: on the {c.edge} move all {way} by one "
            f"place and put {d} into the free {entry} significant place{enabled}. {result}.",
            f"{result}. The {width} bits step {way} at the {c.edges}, {d} coming in at the {entry} significant "
            f"end{enabled}.",
        ),
        reset=c.resets(cleared, "0"),
    )


def _shift_register_values(rows: Rows, width: int, left: bool, enable: bool, serial: bool, style: str) -> Iterator[Row]:
    word = [0] * width
    for row in rows:
        oldest = word[0] if left else word[-1]
        yield {"q": oldest if serial else int("".join(map(str, word)), 2)}
        if not enable or row["en"]:
            word = [*word[1:], row["d"]] if left else [row["d"], *word[:-1]]


SHIFT_REGISTER = Family(
    "shift_register",
    1,
    _shift_register,
    oracle=_shift_register_values,
    parameters={
        "width": (3, 4, 5, 8, 16),
        "left": (False, True),
        "enable": (False, True),
        "serial": (False, True),
        "style": ("sync", "sync_n", "async", "async_n", "fall_n"),
    },
    shifted={"width": (24, 32, 48)},
    names={
        "module": ("shift_register", "shift_reg", "shifter", "sreg{width}"),
        "d": ("d", "din", "sin", "serial_in"),
        "q": ("q", "out", "dout", "data"),
        "store": ("shift", "stage", "taps"),
        "en": ("en", "enable", "shift_en"),
    },
)


def _piso(n: Names, width: int, left: bool, style: str) -> Design:
    c, s, q = clocking(n, style), n.store, n.q
    first = width - 1 if left else 0
    moved = f"{{{s}[{width - 2}:0], 1'b0}}" if left else f"{{1'b0, {s}[{width - 1}:1]}}"
    order = "most significant bit first" if left else "least significant bit first"
    way = "left" if left else "right"
    return Design(
        ports=(*c.ports, inp(1, n.load), inp(width, n.d), out(1, q)),
        body=body(
            f"reg {span(width)}{s};",
            f"assign {q} = {s}[{first}];",
            c.always(f"{s} <= {lit(0, width)};", (n.load, f"{s} <= {n.d};"), ("", f"{s} <= {moved};")),
        ),
        texts=(
            f"Build a {bits(width)} parallel-in serial-out shift register. On the {c.edge}, {n.load} = 1 stores {n.d}; "
            f"otherwise the register shifts {way} by one and a 0 enters. {q} is always bit {first} of the register.",
            f"On the {c.edge}: load the {bits(width)} word {n.d} if {n.load} "
            "is "
            f"1, else shift {way} with 0 filling. Output {q} = bit {first} of the register.",
            f"- parallel input {n.d}, {width} bit\n- {c.edge}: {n.load} = 1 loads, {n.load} = 0 shifts {way}, filling "
            "with 0\n"
            f"- {q}: bit {first} of the register",
            f"Words of {width} bit are sent over one wire {q}, {order}. {n.load} takes over {n.d} at the {c.edge}; "
            f"without it the register moves {way} by one place, zeros coming in. {q} shows bit {first}.",
            f"{q} transmits a stored {bits(width)} word, {order}, from bit {first}. At each {c.edges} the word is "
            f"replaced by {n.d} if {n.load} is 1, or else shifted {way} with a 0 behind it.",
        ),
        reset=c.resets("the register", "0"),
    )


def _piso_values(rows: Rows, width: int, left: bool, style: str) -> Iterator[Row]:
    word = [0] * width  # most significant bit first
    for row in rows:
        yield {"q": word[0] if left else word[-1]}
        loaded = [int(bit) for bit in f"{row['d']:0{width}b}"]
        word = loaded if row["load"] else [*word[1:], 0] if left else [0, *word[:-1]]


PISO = Family(
    "piso",
    2,
    _piso,
    oracle=_piso_values,
    parameters={"width": (3, 4, 5, 6, 8, 16), "left": (False, True), "style": RESETS},
    shifted={"width": (20, 24, 32)},
    names={
        "module": ("piso", "piso_reg", "serializer", "parallel_to_serial"),
        "d": ("d", "din", "data", "word"),
        "q": ("q", "sout", "serial_out", "dout"),
        "load": ("load", "ld", "start"),
        "store": ("shift", "buffer", "hold"),
    },
)


def _edge_detector(n: Names, kind: str, width: int, registered: bool, style: str) -> Design:
    c, d, y, old = clocking(n, style), n.d, n.y, n.old
    value = {"rising": f"{d} & ~{old}", "falling": f"~{d} & {old}", "both": f"{d} ^ {old}"}[kind]
    what = {"rising": "from 0 to 1", "falling": "from 1 to 0", "both": "in either direction"}[kind]
    zero = lit(0, width)
    if registered:
        block = c.always(f"{old} <= {zero};\n{y} <= {zero};", ("", f"{old} <= {d};\n{y} <= {value};"))
        parts = [f"reg {span(width)}{old};", block]
    else:
        parts = [
            f"reg {span(width)}{old};",
            f"assign {y} = {value};",
            c.always(f"{old} <= {zero};", ("", f"{old} <= {d};")),
        ]
    each = " Treat each bit separately." if width > 1 else ""
    cleared = f"the previous value and {y}" if registered else "the previous value"
    when = (
        either(
            f"{y} is a register: it shows this from the {c.edges} that sees the change until the next one",
            f"{y} comes from a flip-flop that is loaded with the comparison at each {c.edges}",
            f"the result goes through one more register, clocked like the other, to {y}",
        )
        if registered
        else either(
            f"{y} is combinational, from the present {d} and the previous value",
            f"{y} follows {d} without delay, in the middle of a cycle too",
            f"no register stands between the comparison and {y}",
        )
    )
    name = "any-edge" if kind == "both" else f"{kind}-edge"
    return Design(
        ports=(*c.ports, inp(width, d), reg(width, y) if registered else out(width, y)),
        body=body(*parts),
        texts=(
            f"Design a {bits(width)} {name} detector. A register keeps the value of {d} at the last {c.edge}. {y} is 1 "
            f"where {d} changed {what} against it.{each} {when}.",
            f"{name.capitalize()} detector for {d} ({bits(width)}): remember {d} on the {c.edge} and compare. {y} = 1 "
            "for a "
            f"change {what}, else 0.{each} {when}.",
            f"- sample {d} ({bits(width)}) on the {c.edge}\n- {y} = 1 if {d} moved {what} since that sample\n- {when}"
            + ("\n- all bits independent" if width > 1 else ""),
            f"The controller must notice when {d} goes {what}. Store {d} ({bits(width)}) at each {c.edges} and raise "
            f"{y} "
            f"upon such a change against the stored value.{each} {when}.",
            f"{y} reports changes of the {bits(width)} signal {d} {what}, relative to its value at the previous "
            f"{c.edges}.{each} {when}.",
        ),
        reset=c.resets(cleared, "0"),
    )


def _edge_values(rows: Rows, kind: str, width: int, registered: bool, style: str) -> Iterator[Row]:
    old, late = 0, 0
    for row in rows:
        moved = row["d"] ^ old
        change = {"rising": moved & row["d"], "falling": moved & old, "both": moved}[kind]
        yield {"y": late if registered else change}
        old, late = row["d"], change


EDGE_DETECTOR = Family(
    "edge_detector",
    2,
    _edge_detector,
    oracle=_edge_values,
    parameters={
        "kind": ("rising", "falling", "both"),
        "width": (1, 4, 8),
        "registered": (False, True),
        "style": (*RISING, "fall"),
    },
    shifted={"width": (16, 24, 32)},
    names={
        "module": ("edge_detector", "edge_detect", "{kind}_edge", "change_detector"),
        "d": ("d", "in", "sig", "level"),
        "y": ("pulse", "edge_out", "detect", "y"),
        "old": ("prev", "last", "d_old"),
    },
)
