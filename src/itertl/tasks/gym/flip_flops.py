"""Families of single storage elements: latches, flip-flops with two inputs, flip-flops on both edges of the clock.

itertl gym --family two_input_flip_flop --seed 1
"""

import random
from collections.abc import Callable, Iterator

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
    always,
    bits,
    body,
    case,
    chain,
    either,
    inp,
    lit,
    out,
    reg,
    span,
)
from itertl.tasks.gym.layout import grid

Table = tuple[str, str, str, str]  # of two inputs, read as a binary number: "hold", "0", "1" or "toggle"
SYMBOLS = (
    {"hold": "{q}", "0": "0", "1": "1", "toggle": "~{q}"},
    {"hold": "hold", "0": "reset to 0", "1": "set to 1", "toggle": "toggle"},
    {"hold": "no change", "0": "0", "1": "1", "toggle": "inverted {q}"},
    {"hold": "{q}(t)", "0": "0", "1": "1", "toggle": "not {q}(t)"},
)
ACTIONS = {
    "hold": ("{q} keeps its value", "{q} does not change", "nothing happens", "{q} holds"),
    "0": ("{q} becomes 0", "{q} is cleared", "{q} goes to 0", "0 is stored in {q}"),
    "1": ("{q} becomes 1", "{q} is set", "{q} goes to 1", "1 is stored in {q}"),
    "toggle": ("{q} inverts", "{q} toggles", "{q} changes to its complement", "{q} flips"),
}


def _latch(n: Names, width: int, low: bool, clear: str, ones: bool) -> Design:
    g, d, q, r = n.g, n.d, n.q, n.r
    value = lit((1 << width) - 1 if ones else 0, width)
    shown = ("all ones" if ones else "all zeros") if width > 1 else str(int(ones))
    active, off = (0, 1) if low else (1, 0)
    arms = [(f"!{g}" if low else g, f"{q} = {d};")]
    first = ""
    if clear:
        level = int(clear == "high")
        arms.insert(0, (r if level else f"!{r}", f"{q} = {value};"))
        first = either(
            f"While {r} is {level}, {q} is {shown}, whatever {g} and {d} are.",
            f"{r} = {level} forces {q} to {shown} at once and counts before {g}.",
            f"The input {r} has priority: with {r} at {level}, {q} shows {shown}.",
        )
    lead = f"{first} " if first else ""
    kept = either(
        f"while {g} is {off}, {q} keeps the value it had when {g} was last {active}",
        f"with {g} at {off} it stores the last value",
        f"when {g} goes to {off}, the value is frozen until {g} is {active} again",
    )
    if clear:
        kept = either(
            f"while {g} is {off}, {q} keeps its last value, even one that {r} forced",
            f"with {g} at {off} nothing but {r} changes {q}, which otherwise stays as it was last, forced or not",
            f"{g} = {off} freezes {q} at what it showed last, be it from {d} or from {r}",
        )
    style = either(
        "Describe it as an always block, not as an assign that reads its own output",
        "It belongs into an always block: no feedback through an assign",
        "Let an always block store the value; a combinational loop is not wanted",
    )
    return Design(
        ports=(inp(1, g), inp(width, d), *([inp(1, r)] if clear else []), reg(width, q)),
        body=body(always("*", chain(*arms))),
        texts=(
            f"{either('Build', 'Write', 'Implement')} a {bits(width)} transparent latch. {lead}"
            f"{either('As long as', 'While')} {g} is {active}, {q} follows {d}; {kept}. {style}.",
            f"{lead}{q} is a level-sensitive {bits(width)} storage element, without a clock edge: transparent from {d} "
            f"for {g} = {active}; {kept}. {style}.",
            f"- D latch, {bits(width)}, data {d}, output {q}\n- {g} = {active}: {q} equals {d}\n- {kept}"
            + (f"\n- {first}" if clear else "")
            + f"\n- {style}",
            f"Use a latch, not a flip-flop: {g} at {active} lets {d} ({bits(width)}) through to {q}, and {kept}. {lead}{style}.",
        ),
        ordinary=False,
    )


def _latch_values(rows: Rows, width: int, low: bool, clear: str, ones: bool) -> Iterator[Expected]:
    value = None
    for row in rows:
        if clear and row["r"] == int(clear == "high"):
            value = (1 << width) - 1 if ones else 0
        elif row["g"] != int(low):
            value = row["d"]
        yield {"q": value}


LATCH = Family(
    "latch",
    1,
    _latch,
    {
        "module": ("latch", "d_latch", "transparent_latch", "hold_latch", "latch{width}"),
        "g": ("g", "gate", "en", "open_in", "le"),
        "d": ("d", "din", "data_in", "x"),
        "q": ("q", "dout", "data_out", "y"),
        "r": ("force_in", "clr", "override_in", "init"),
    },
    oracle=_latch_values,
    parameters={"width": (1, 2, 4, 8, 16), "low": (False, True), "clear": ("", "high", "low"), "ones": (False, True)},
    shifted={"width": (24, 32, 64)},
    valid=lambda width, low, clear, ones: bool(clear) or not ones,
)


def _flip_flop(n: Names, table: Table, width: int, inverted: bool, initial: int, style: str) -> Design:
    c, a, b, q = clocking(n, style), n.a, n.b, n.q
    value = (1 << width) - 1 if initial else 0
    shown = str(initial) if width == 1 else ("all ones" if initial else "all zeros")
    if width == 1:
        ways = {"hold": q, "0": "1'b0", "1": "1'b1", "toggle": f"~{q}"}
        arms = {f"2'b{k:02b}": f"{q} <= {ways[action]};" for k, action in enumerate(table) if action != "hold"}
        step = case(f"{{{a}, {b}}}", arms, f"{q} <= {q};")
    else:
        masks = (f"~{a} & ~{b}", f"~{a} & {b}", f"{a} & ~{b}", f"{a} & {b}")
        ways = {"hold": f" & {q}", "1": "", "toggle": f" & ~{q}"}
        terms = [f"({masks[k]}{ways[action]})" for k, action in enumerate(table) if action != "0"]
        step = f"{q} <= {' | '.join(terms)};"
    return Design(
        ports=(*c.ports, inp(width, a), inp(width, b), reg(width, q), *([out(width, n.qn)] if inverted else [])),
        body=body(
            *([f"assign {n.qn} = ~{q};"] if inverted else []), c.always(f"{q} <= {lit(value, width)};", ("", step))
        ),
        texts=tuple(
            Telling(form, _told_flip_flop(n, table, width, inverted, c.edge, form)) for form in FLIP_FLOP_FORMS
        ),
        reset=() if style == "none" else c.resets(q, shown),
    )


FLIP_FLOP_FORMS = (Form.PROSE, Form.TABLE, Form.RULES)


def _told_flip_flop(
    n: Names, table: Table, width: int, inverted: bool, edge: str, form: Form
) -> Callable[[Names, random.Random], str]:
    a, b, q = n.a, n.b, n.q
    kind = "flip-flop" if width == 1 else f"register of {width} flip-flops"
    each = "" if width == 1 else f" Bit i of {q} is ruled by bit i of {a} and bit i of {b} alone."
    extra = f" {n.qn} is always the complement of {q}." if inverted else ""

    def prose(_: Names, rng: random.Random) -> str:
        intro = rng.choice(
            (
                f"Build a {kind} {q} with the inputs {a} and {b}, clocked by the {edge}.",
                f"{q} is a {kind} that reacts to {a} and {b} on the {edge}.",
                f"What {q}, a {kind}, does on the {edge} depends on {a} and {b}.",
            )
        )
        rows = list(range(4))
        rng.shuffle(rows)
        shape = rng.choice(("With {a} = {x} and {b} = {y}, {does}.", "If {a} is {x} and {b} is {y}, {does}."))
        said = [shape.format(a=a, b=b, x=k >> 1, y=k & 1, does=rng.choice(ACTIONS[table[k]]).format(q=q)) for k in rows]
        return f"{intro}{each} {' '.join(said)}{extra}"

    def rules(_: Names, rng: random.Random) -> str:
        groups: dict[str, list[int]] = {}
        for k, action in enumerate(table):
            groups.setdefault(action, []).append(k)
        lines = [
            f"- {' or '.join(f'{a}{b} = {k:02b}' for k in rows)}: {rng.choice(ACTIONS[action]).format(q=q)}"
            for action, rows in groups.items()
        ]
        rng.shuffle(lines)
        head = f"On the {edge} the {kind} {q} obeys these rules ({a}{b} = 10 means that {a} is 1 and {b} is 0):"
        return "\n".join([head + each, *lines]) + (f"\n{extra.strip()}" if extra else "")

    def characteristic(names: Names, rng: random.Random) -> str:
        symbols = rng.choice(SYMBOLS)
        cells = [([str(k >> 1), str(k & 1)], [symbols[table[k]].format(q=names.q)]) for k in range(4)]
        if rng.random() < 0.3:
            rng.shuffle(cells)
        head = rng.choice(
            (
                f"Characteristic table of the {kind} {q}, clocked by the {edge}:",
                f"On the {edge}, the {kind} {q} goes on as in this table:",
                f"The inputs {a} and {b} decide what the {kind} {q} becomes on the {edge}:",
            )
        )
        told = grid((names.a, names.b), (f"next {names.q}",), cells, rng)
        return f"{head}{each}\n\n{told}" + (f"\n\n{extra.strip()}" if extra else "")

    return {Form.PROSE: prose, Form.RULES: rules}.get(form, characteristic)


def _draw_flip_flop(rng: random.Random, wide: bool) -> Combination:
    while True:
        table = tuple(rng.choice(("hold", "0", "1", "toggle")) for _ in range(4))
        if table[:2] != table[2:] and table[::2] != table[1::2]:  # both inputs count
            break
    return {
        "table": table,
        "width": rng.choice((8, 12, 16)) if wide else rng.choice((1, 1, 1, 2, 3, 4)),
        "inverted": rng.random() < 0.4,
        "initial": rng.randrange(2),
        "style": rng.choice(RESETS),
    }


def _flip_flop_values(
    rows: Rows, table: Table, width: int, inverted: bool, initial: int, style: str
) -> Iterator[Expected]:
    state = [initial] * width
    for row in rows:
        value = sum(bit << i for i, bit in enumerate(state))
        yield {"q": value, "qn": value ^ ((1 << width) - 1)} if inverted else {"q": value}
        acts = [table[2 * (row["a"] >> i & 1) + (row["b"] >> i & 1)] for i in range(width)]
        state = [{"hold": old, "0": 0, "1": 1, "toggle": 1 - old}[act] for act, old in zip(acts, state, strict=True)]


FLIP_FLOP = Family(
    "two_input_flip_flop",
    1,
    _flip_flop,
    {
        "module": ("flip_flop", "ff", "storage_bit", "two_input_ff", "ff_cell"),
        "a b": ("j k", "s r", "x y", "a b", "in1 in2", "p m", "u v"),
        "q qn": ("q qn", "q q_bar", "Q Qn", "state state_n", "out out_n"),
    },
    oracle=_flip_flop_values,
    draw=_draw_flip_flop,
)


def _both_edges(n: Names, width: int, two: bool, flip: str, style: str) -> Design:
    """A register for each edge, and a multiplexer that the clock steers; with `two`, each edge has its own input."""
    clk, d, e, q, up, down = n.clk, n.d, n.e if two else n.d, n.q, n.up, n.down
    c = clocking(n, style)
    zero, low = lit(0, width), style.endswith("_n")
    rise = f"~{d}" if flip == "rising" else d
    fall = f"~{e}" if flip == "falling" else e
    blocks = [(f"posedge {clk}", up, rise), (f"negedge {clk}", down, fall)]
    edge = f" or {'negedge' if low else 'posedge'} {n.rst}"
    test = f"!{n.rst}" if low else n.rst
    code = [
        always(at, f"{r} <= {v};")
        if style == "none"
        else always(at + edge, chain((test, f"{r} <= {zero};"), ("", f"{r} <= {v};")))
        for at, r, v in blocks
    ]
    said = {"rising": (f"the complement of {d}", e), "falling": (d, f"the complement of {e}"), "": (d, e)}[flip]
    first, then = said
    until = either("It holds in between", "Between two edges it does not change", "In between, it keeps its value")
    return Design(
        ports=(*c.ports, inp(width, d), *([inp(width, e)] if two else []), out(width, q)),
        body=body(f"reg {span(width)}{up}, {down};", *code, f"assign {q} = {clk} ? {up} : {down};"),
        texts=(
            f"{q} ({bits(width)}) changes at both edges of {clk}: at the rising one it takes {first}, at the falling "
            f"one it takes {then}. {until}.",
            f"Build a {either('double-edge', 'dual-edge')} triggered {bits(width)} register {q}. A low-to-high change of "
            f"{clk} stores {first}, a high-to-low change stores {then}. {until}. FPGAs have no flip-flops that follow "
            "two edges, so the code must not use one.",
            f"- {q}: {bits(width)}, updated twice in each period of {clk}\n- rising {clk}: {q} becomes {first}\n- "
            f"falling {clk}: {q} becomes {then}\n- constant in between",
            f"During the high phase of {clk}, {q} shows what {first} was at the rising edge; during the low phase it "
            f"shows what {then} was at the falling edge ({bits(width)}).",
        ),
        reset=() if style == "none" else c.resets(q, "0"),
        ordinary=False,
    )


def _both_edges_values(rows: Rows, width: int, two: bool, flip: str, style: str) -> Iterator[Expected]:
    """The inputs of a row are there at both edges, and outputs are read when the clock is low again."""
    value = None if style == "none" else 0
    for row in rows:
        yield {"q": value}
        value = row["e" if two else "d"] ^ ((1 << width) - 1 if flip == "falling" else 0)


BOTH_EDGES = Family(
    "both_edges",
    2,
    _both_edges,
    {
        "module": ("both_edges", "dual_edge", "ddr_reg", "double_rate", "two_edge"),
        "d e": ("d e", "din_r din_f", "a b", "hi_data lo_data", "x0 x1"),
        "q": ("q", "dout", "y", "ddr_out"),
        "up down": ("up down", "rise_reg fall_reg", "p_reg n_reg"),
    },
    oracle=_both_edges_values,
    parameters={
        "width": (1, 2, 4, 8, 16),
        "two": (False, True),
        "flip": ("", "rising", "falling"),
        "style": ("none", "async", "async_n"),
    },
    shifted={"width": (24, 32)},
)
