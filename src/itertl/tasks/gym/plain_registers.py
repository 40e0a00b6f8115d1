"""Families of the simplest storage: registers without a reset, and registers behind a single gate.

itertl gym --family plain_register --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import (
    Design,
    Expected,
    Family,
    Names,
    Rows,
    always,
    bits,
    body,
    chain,
    either,
    inp,
    lit,
    out,
    reg,
)

ENABLES = ("en", "enable", "ce", "load")
WORDS_IN, WORDS_OUT = ("d", "din", "data_in", "in", "x"), ("q", "dout", "data_out", "out", "y")


def _plain(n: Names, width: int, falling: bool, enable: bool, inverted: bool, style: str) -> Design:
    clk, d, q = n.clk, n.d, n.q
    edge = f"{'falling' if falling else 'rising'} edge of {clk}"
    step = f"{q} <= {d};"
    kind = (
        either(f"{bits(width)} register", f"register of {width} D flip-flops")
        if width > 1
        else either("D flip-flop", "flip-flop")
    )
    only = f" if {n.en} is 1, and holds otherwise" if enable else ""
    also = f" {n.qn} is always the complement of {q}." if inverted else ""
    none = either("There is no reset.", "It has no reset.", "No reset is needed.")
    return Design(
        ports=(
            inp(1, clk),
            *([inp(1, n.en)] if enable else []),
            inp(width, d),
            reg(width, q),
            *([out(width, n.qn)] if inverted else []),
        ),
        body=body(
            always(f"{'negedge' if falling else 'posedge'} {clk}", chain((n.en, step)) if enable else step),
            *([f"assign {n.qn} = ~{q};"] if inverted else []),
        ),
        texts=(
            f"Build a {kind}: {q} takes the value of {d} on the {edge}{only}.{also} {none}",
            f"On the {edge}, {d} is stored in {q}{only}.{also} {none}",
            f"At the {edge} {q} {either('samples', 'copies', 'stores', 'takes over')} {d}{only}.{also} {none}",
            f"- {kind} without a reset\n- data input {d}, output {q}\n- {q} changes on the {edge}{only}"
            + (f"\n-{also}" if inverted else ""),
            f"A single {kind}, {either('nothing else', 'and no more')}. {q} samples {d} on the {edge}{only}.{also} {none}",
        ),
    )


def _plain_values(
    rows: Rows, width: int, falling: bool, enable: bool, inverted: bool, style: str
) -> Iterator[Expected]:
    kept = None
    for row in rows:
        yield {"q": kept, "qn": None if kept is None else (1 << width) - 1 - kept} if inverted else {"q": kept}
        kept = row["d"] if not enable or row["en"] else kept


PLAIN = Family(
    "plain_register",
    1,
    _plain,
    {
        "module": ("plain_register", "d_ff", "dff", "store", "sampler", "reg{width}"),
        "d": WORDS_IN,
        "q qn": ("q qn", "q q_bar", "out out_n", "dout dout_n", "Q Q_n"),
        "en": ENABLES,
    },
    oracle=_plain_values,
    parameters={
        "width": (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16),
        "falling": (False, True),
        "enable": (False, True),
        "inverted": (False, True),
        "style": ("none",),
    },
    shifted={"width": (20, 24, 32, 48, 64)},
)

SIGNS = {"and": "&", "or": "|", "xor": "^", "nand": "&", "nor": "|", "xnor": "^"}


def _gated(n: Names, width: int, gate: str, feedback: bool, style: str) -> Design:
    c, a, b, q = clocking(n, style), n.a, n.q if feedback else n.b, n.q
    code = f"{a} {SIGNS[gate]} {b}"
    code = f"~({code})" if gate.startswith("n") or gate == "xnor" else code
    each = " bit by bit" if width > 1 else ""
    other = f"its own {either('present', 'old', 'previous')} value" if feedback else b
    sized = f" ({bits(width)})" if width > 1 else ""
    kind = f"{gate.upper()} gate" if width == 1 else f"{bits(width)} {gate.upper()}"
    loop = f"{a} and the output {q} itself, fed back," if feedback else f"{a} and {b}"
    return Design(
        ports=(*c.ports, inp(width, a), *([] if feedback else [inp(width, b)]), reg(width, q)),
        body=body(c.always(f"{q} <= {lit(0, width)};", ("", f"{q} <= {code};"))),
        texts=(
            f"On the {c.edge}, {q}{sized} becomes the {gate.upper()} of {a} and {other}{each}.",
            f"A register{sized} behind a gate: the {kind} of {loop} is stored in {q} on the {c.edge}.",
            f"- gate: {kind}, inputs {loop.rstrip(',')}\n- register: {q}{sized} takes the gate's output on the {c.edge}",
            f"{q}{sized} samples, on the {c.edge}, what the {kind} of {loop} {either('gives', 'shows', 'yields')}.",
        ),
        reset=c.resets(q, "0"),
    )


def _gated_values(rows: Rows, width: int, gate: str, feedback: bool, style: str) -> Iterator[Expected]:
    kept = None if style == "none" else 0
    full = (1 << width) - 1
    for row in rows:
        yield {"q": kept}
        other = kept if feedback else row["b"]
        assert other is not None
        value = {"&": row["a"] & other, "|": row["a"] | other, "^": row["a"] ^ other}[SIGNS[gate]]
        kept = full - value if gate in ("nand", "nor", "xnor") else value


GATED = Family(
    "registered_gate",
    1,
    _gated,
    {
        "module": ("registered_gate", "gate_reg", "{gate}_reg", "clocked_gate", "gate_ff"),
        "a b": ("a b", "in1 in2", "x y", "d e", "p r"),
        "q": ("q", "out", "dout", "state"),
    },
    oracle=_gated_values,
    parameters={
        "width": (1, 2, 3, 4, 6, 8),
        "gate": tuple(SIGNS),
        "feedback": (False, True),
        "style": ("none", *RISING),
    },
    shifted={"width": (12, 16, 24, 32)},
    valid=lambda width, gate, feedback, style: not feedback or (style != "none" and gate != "and"),
)
