"""Families of valid/ready streams: pipelines that stall and flush, and skid buffers.

itertl gym --family pipeline --seed 1
"""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from itertl.tasks.gym.clocking import RISING, clocking
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
    either,
    inp,
    lit,
    out,
    span,
)
from itertl.tasks.gym.layout import grid


class Step(NamedTuple):
    """What a stage does to a word: one of `STEPS` with a constant."""

    kind: str
    by: int


STEPS: dict[str, tuple[str, str, Callable[[int, int, int], int]]] = {  # Verilog, words, value of (x, by, width)
    "add": ("{x} + {k}", "adds {by}", lambda x, by, w: x + by),
    "sub": ("{x} - {k}", "subtracts {by}", lambda x, by, w: x - by),
    "xor": ("{x} ^ {k}", "XORs the constant {by}", lambda x, by, w: x ^ by),
    "and": ("{x} & {k}", "ANDs the constant {by}", lambda x, by, w: x & by),
    "not": ("~{x}", "inverts all bits", lambda x, by, w: ~x),
    "pass": ("{x}", "changes nothing", lambda x, by, w: x),
    "left": ("{x} << {by}", "shifts left by {by}, filling with 0", lambda x, by, w: x << by),
    "right": ("{x} >> {by}", "shifts right by {by}, filling with 0", lambda x, by, w: x >> by),
    "double": ("{x} + ({x} << 1)", "multiplies by 3", lambda x, by, w: 3 * x),
}
Steps = tuple[Step, ...]
IDLE = {
    "zero": "While {ov} is 0, {q} is 0",
    "free": "While {ov} is 0, the value of {q} does not matter",
}


def _pipeline(n: Names, width: int, steps: Steps, elastic: bool, flush: bool, idle: str, style: str) -> Design:
    c, count = clocking(n, style), len(steps)
    valid, data = n.v, [vars(n)[f"p{k}"] for k in range(count)]
    words = [n.d, *data]
    made = [
        STEPS[step.kind][0].format(x=words[k], k=lit(step.by % (1 << width), width), by=step.by)
        for k, step in enumerate(steps)
    ]
    last = f"{valid}[{count - 1}]" if count > 1 else valid
    stop = (f"{n.flush}", f"{valid} <= {lit(0, count)};")
    if elastic:
        ready = [f"{n.r}[{count}] = {n.ordy}"] + [f"{n.r}[{k}] = !{valid}[{k}] || {n.r}[{k + 1}]" for k in range(count)]
        wires = [f"wire [{count}:0] {n.r};", *(f"assign {line};" for line in ready)]
        sources = [n.iv, *(f"{valid}[{k}]" for k in range(count - 1))]
        move = "\n".join(
            f"if ({n.r}[{k}]) begin\n    {valid}[{k}] <= {sources[k]};\n    {data[k]} <= {made[k]};\nend"
            for k in range(count)
        )
        arms, go = [("", move)], f"{n.r}[0]"
    else:
        wires, go = [], f"!{last} || {n.ordy}"
        shifted = f"{{{valid}[{count - 2}:0], {n.iv}}}" if count > 1 else n.iv
        if count == 2:
            shifted = f"{{{valid}[0], {n.iv}}}"
        moved = "\n".join(f"{data[k]} <= {made[k]};" for k in range(count))
        arms = [(n.ir if flush else go, f"{valid} <= {shifted};\n{moved}")]
    if flush:
        go = f"({go}) && !{n.flush}" if " " in go else f"{go} && !{n.flush}"
        arms.insert(0, stop)
    unknown = lit(0, width) if idle == "zero" else f"{width}'bx"
    return Design(
        ports=(
            *c.ports,
            *([inp(1, n.flush)] if flush else []),
            inp(1, n.iv),
            out(1, n.ir),
            inp(width, n.d),
            out(1, n.ov),
            inp(1, n.ordy),
            out(width, n.q),
        ),
        body=body(
            f"reg {span(count)}{valid};",
            f"reg {span(width)}{', '.join(data)};",
            *wires,
            f"assign {n.ir} = {go};",
            f"assign {n.ov} = {last};",
            f"assign {n.q} = {last} ? {data[-1]} : {unknown};",
            c.always(f"{valid} <= {lit(0, count)};", *arms),
        ),
        texts=tuple(
            Telling(form, _told_pipeline(n, c.edge, width, steps, elastic, flush, idle, form))
            for form in (Form.PROSE, Form.TABLE, Form.RULES)
        ),
        reset=c.resets("all valid bits", "0"),
    )


def _told_pipeline(
    n: Names, edge: str, width: int, steps: Steps, elastic: bool, flush: bool, idle: str, form: Form
) -> Callable[[Names, random.Random], str]:
    count = len(steps)
    said = [STEPS[step.kind][1].format(by=step.by) for step in steps]
    whole = (
        f"A stage takes what comes from the stage before it (the first stage: from the input) on the {edge} if it is empty or if "
        f"its own word moves on at the same edge; else it keeps its word. The word in the last stage moves on when {n.ordy} is 1. "
        f"{n.ir} is 1, at once, if the first stage would take a word"
        if elastic
        else f"All stages move together, on the {edge}, if the last stage is empty or {n.ordy} is 1, and all of them keep what "
        f"they hold otherwise. {n.ir} is 1, at once, exactly if they move"
    )
    other = (
        f"On the {edge} each stage that is empty, or whose word goes on at that edge, takes over what stands ahead of it, the "
        f"first stage the input; the others hold. Out of the last stage a word goes on with {n.ordy} = 1. {n.ir} = 1 says, "
        "combinationally, that the first stage could take a word"
        if elastic
        else f"The pipeline moves as a whole or not at all: on the {edge} it moves unless the last stage is occupied and "
        f"{n.ordy} is 0. {n.ir} is 1, without delay, exactly when it would move"
    )
    end = f"; while {n.flush} is 1, it is 0." if flush else "."
    emptied = f"{n.flush} = 1 at the {edge} empties all stages instead of moving anything." if flush else ""
    enters = (
        f"A word {n.d} enters at an edge at which {n.iv} and {n.ir} are 1; if only {n.ir} is 1, an empty place enters.",
        f"With {n.iv} and {n.ir} both 1 at an edge, {n.d} goes in; with {n.ir} = 1 alone, what goes in is an empty place.",
    )
    leaves = (
        f"{n.ov} tells whether the last stage holds a word, and {n.q} is that word as the last stage has made it.",
        f"{n.ov} = 1 means that there is a word in the last stage; {n.q} shows it, with the work of that stage done.",
    )
    idling = IDLE[idle].format(ov=n.ov, q=n.q) + "."
    size = "1 stage" if count == 1 else f"{count} stages"

    def tell(_: Names, rng: random.Random) -> str:
        facts = [
            rng.choice(enters),
            rng.choice((whole, other)) + end,
            rng.choice(leaves),
            idling,
            *([emptied] if flush else []),
        ]
        intro = rng.choice(
            (
                f"Build a pipeline of {size} for {bits(width)} words with valid/ready handshakes at both ends.",
                f"A stream of {bits(width)} words passes {size}, each a register with a valid bit.",
                f"Words of {width} bits are processed in {size} between a valid/ready input and a valid/ready output.",
            )
        )
        cut = rng.choice(
            (f"All results are cut to {width} bits.", f"Of every result only the low {width} bits are kept.")
        )
        if form is Form.TABLE:
            cells = [([str(k + 1)], [text]) for k, text in enumerate(said)]
            table = grid(["stage"], ["what it does to the word it takes"], cells, rng)
            return "\n\n".join([intro, table, " ".join([cut, *facts])])
        does = ", ".join(f"stage {k + 1} {text.replace(',', '')}" for k, text in enumerate(said))
        if form is Form.RULES:
            return "\n".join([intro, *(f"- {fact}" for fact in (f"On the way in, {does}.", cut, *facts))])
        rng.shuffle(facts)
        return " ".join([intro, f"With the word that it takes, {does}.", cut, *facts])

    return tell


def _draw_pipeline(rng: random.Random, wide: bool) -> Combination:
    width = rng.choice((4, 8, 8, 12, 16, 32))
    kinds = tuple(STEPS)
    steps = []
    for _ in range(rng.randint(5, 7) if wide else rng.choice((1, 2, 2, 3, 3, 4))):
        kind = rng.choice(kinds)
        by = rng.randint(1, min(3, width - 1)) if kind in ("left", "right") else rng.randrange(1, 1 << min(width, 8))
        steps.append(Step(kind, by))
    return {
        "width": width,
        "steps": tuple(steps),
        "elastic": len(steps) > 1 and rng.random() < 0.5,
        "flush": rng.random() < 0.5,
        "idle": rng.choice(tuple(IDLE)),
        "style": rng.choice(RISING),
    }


def _pipeline_values(
    rows: Rows, width: int, steps: Steps, elastic: bool, flush: bool, idle: str, style: str
) -> Iterator[Expected]:
    stages: list[int | None] = [None] * len(steps)
    for row in rows:
        free = [bool(row["ordy"]) or None in (stages[k:] if elastic else stages[-1:]) for k in range(len(stages))]
        gone = flush and row["flush"] == 1
        word = stages[-1]
        blank = 0 if idle == "zero" else None
        yield {"ir": int(free[0] and not gone), "ov": int(word is not None), "q": blank if word is None else word}
        before: list[int | None] = [row["d"] if row["iv"] else None, *stages[:-1]]
        for k, step in enumerate(steps):
            if free[k]:
                x = before[k]
                stages[k] = None if x is None else STEPS[step.kind][2](x, step.by, width) % (1 << width)
        if gone:
            stages = [None] * len(steps)


STREAM = {
    "iv ir ov ordy": (
        "in_valid in_ready out_valid out_ready",
        "s_valid s_ready m_valid m_ready",
        "up_valid up_ready down_valid down_ready",
        "i_vld i_rdy o_vld o_rdy",
    ),
    "d q": ("in_data out_data", "din dout", "s_data m_data", "word_in word_out"),
    "flush": ("flush", "kill", "abort_all", "drop"),
}
PIPELINE = Family(
    "pipeline",
    3,
    _pipeline,
    {
        "module": ("pipeline", "stream_pipe", "datapath", "pipe", "staged_unit"),
        **STREAM,
        "v": ("vld", "full", "occupied"),
        "r": ("rdy", "may_move", "free_place"),
        " ".join(f"p{k}" for k in range(7)): ("st0 st1 st2 st3 st4 st5 st6", "r0 r1 r2 r3 r4 r5 r6"),
    },
    oracle=_pipeline_values,
    draw=_draw_pipeline,
    held_out=True,
)


def _skid(n: Names, width: int, flush: bool, idle: str, level: bool, style: str) -> Design:
    """A word passes at once where it can; one that cannot is kept."""
    c = clocking(n, style)
    blank_word = lit(0, width) if idle == "zero" else f"{width}'bx"
    arms = [
        *([(n.flush, f"{n.v} <= 1'b0;")] if flush else []),
        (f"{n.iv} && {n.ir} && !{n.ordy}", f"{n.v} <= 1'b1;\n{n.p} <= {n.d};"),
        (n.ordy, f"{n.v} <= 1'b0;"),
    ]
    blank = IDLE[idle].format(ov=n.ov, q=n.q)
    kept = f"the word arriving at this edge is {either('lost as well', 'dropped, too')}"
    flushed = (
        f" {n.flush} = 1 at the {c.edge} has priority over this and leaves the store empty; {kept}." if flush else ""
    )
    shown = f" {n.lvl} shows, at once, whether a word is stored." if level else ""
    words = bits(width)
    return Design(
        ports=(
            *c.ports,
            *([inp(1, n.flush)] if flush else []),
            inp(1, n.iv),
            out(1, n.ir),
            inp(width, n.d),
            out(1, n.ov),
            inp(1, n.ordy),
            out(width, n.q),
            *([out(1, n.lvl)] if level else []),
        ),
        body=body(
            f"reg {n.v};",
            f"reg {span(width)}{n.p};",
            f"assign {n.ir} = !{n.v};",
            f"assign {n.ov} = {n.iv} || {n.v};",
            f"assign {n.q} = {n.ov} ? ({n.v} ? {n.p} : {n.d}) : {blank_word};",
            *([f"assign {n.lvl} = {n.v};"] if level else []),
            c.always(f"{n.v} <= 1'b0;", *arms),
        ),
        texts=(
            f"{either('Write', 'Build')} a skid buffer for {words} words: a store for one word in a valid/ready stream. While the store is "
            f"empty, {n.ir} is 1, {n.ov} follows {n.iv} and {n.q} follows {n.d}, without a clock; a word that is offered while "
            f"{n.ordy} is 0 goes into the store on the {c.edge}. While it is full, {n.ir} is 0, {n.ov} is 1 and {n.q} is the stored "
            f"word; with {n.ordy} at 1 it is empty after the next {c.edges}.{flushed} {blank}.{shown}",
            f"- {n.ir} is 1 if and only if the store, which has room for one {words} word, is empty\n- {n.ov} is 1 if a word is "
            f"stored or {n.iv} is 1\n- {n.q} is the stored word if there is one, else {n.d}\n- {blank}\n- on the {c.edge}, with "
            f"{n.iv} and {n.ir} at 1 and {n.ordy} at 0, {n.d} is stored\n- on the {c.edge}, with {n.ordy} at 1, the store becomes "
            "empty, or stays so" + (f"\n-{flushed}" if flush else "") + (f"\n-{shown}" if level else ""),
            f"The receiver of a stream of {words} words may say {n.ordy} = 0 at any time, but the sender learns of it one cycle "
            f"late. So a word that meets {n.ordy} = 0 with the store empty is stored on the {c.edge}, and {n.ir} is 0 as long as "
            f"it is there; it leaves on the {c.edge} with {n.ordy} = 1. {n.ov} and {n.q} show the stored word, or where there is "
            f"none {n.iv} and {n.d}, combinationally. {blank}.{flushed}{shown}",
        ),
        reset=c.resets(
            either(
                "the mark that a word is stored", "the store's own valid bit", "the bit that says the store is full"
            ),
            "0",
        ),
    )


def _skid_values(rows: Rows, width: int, flush: bool, idle: str, level: bool, style: str) -> Iterator[Expected]:
    stored: int | None = None
    for row in rows:
        offered = [word for word in (stored, row["d"] if row["iv"] else None) if word is not None]
        shown = offered[0] if offered else 0 if idle == "zero" else None
        full = stored is not None
        yield {"ir": int(not full), "ov": int(bool(offered)), "q": shown, **({"lvl": int(full)} if level else {})}
        left = offered[1:] if row["ordy"] else offered
        stored = left[0] if left and (full or row["iv"]) and not row["ordy"] else None
        if flush and row["flush"]:
            stored = None


SKID = Family(
    "skid_buffer",
    3,
    _skid,
    {
        "module": ("skid", "skid_buffer", "stall_buffer", "elastic_stop"),
        **STREAM,
        "v p": ("held held_word", "full kept", "busy store"),
        "lvl": ("level", "occupied", "has_word"),
    },
    oracle=_skid_values,
    parameters={
        "width": (1, 4, 8, 12, 16, 32),
        "flush": (False, True),
        "idle": tuple(IDLE),
        "level": (False, True),
        "style": RISING,
    },
    shifted={"width": (48, 64, 128)},
    held_out=True,
)
