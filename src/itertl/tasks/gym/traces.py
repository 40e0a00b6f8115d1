"""Families that a waveform can tell whole: one flip-flop, and a sequence of values that comes again.

A trace of the flip-flop shows every combination of its inputs and its own value; a trace of the sequence shows two
periods. What it is a trace of, the text says.

itertl gym --family flip_flop --seed 1
"""

import random
from collections.abc import Callable, Iterator

from itertl.tasks.gym import table_texts
from itertl.tasks.gym.clocking import RESETS, Clocking, clocking
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
    body,
    case,
    inp,
    lit,
    reg,
    series,
)
from itertl.tasks.gym.layout import trace
from itertl.tasks.gym.table import Table, draw_table, rows_with
from itertl.tasks.gym.wording import reword

CLOCKED_BY = (
    "{q} is one flip-flop. On the {edge} it takes a value that depends on {a} and on its own value before the edge.",
    "There is a single flip-flop, {q}, clocked by the {edge}; what it takes is a function of {a} and of {q} itself.",
    "Build a flip-flop {q} of a special kind: with each {edge} it moves to a value that {a} and the old {q} determine.",
)
COMBINATIONS = (
    "The trace shows the values just before one active edge after another, and holds every combination of {all}.",
    "Each column or row was sampled right before an active clock edge; all combinations of {all} occur.",
    "Sampled just before successive active edges, the signals were as follows; no combination of {all} is missing.",
)
FOLLOWED = (
    "The value after the edge is called next_{q}.",
    "Here next_{q} stands for the value that {q} has after the edge.",
    "next_{q} is what the flip-flop takes.",
)


def _flip_flop(n: Names, table: Table, start: int, style: str) -> Design:
    c = clocking(n, style)
    ins = (n.q, *_inputs(n, table))
    ones = ", ".join(f"{table.inputs}'d{i}" for i in rows_with(table, 0, 1))
    next_value = case(f"{{{', '.join(ins)}}}", {ones: f"{n.t} = 1'b1;"}, f"{n.t} = 1'b0;")
    forms: tuple[tuple[Form, table_texts.Text], ...] = (
        (Form.TABLE, table_texts.as_table),
        (Form.EQUATIONS, table_texts.as_equations),
        (Form.MINTERMS, table_texts.as_minterms),
        (Form.KARNAUGH, table_texts.as_karnaugh),
        (Form.PROSE, table_texts.as_words),
    )
    return Design(
        ports=(*c.ports, *(inp(1, i) for i in ins[1:]), reg(1, n.q)),
        body=body(
            f"reg {n.t};", always("*", next_value), c.always(f"{n.q} <= {lit(start, 1)};", ("", f"{n.q} <= {n.t};"))
        ),
        texts=(
            Telling(Form.WAVEFORM, _traced(table, start, c)),
            *(Telling(form, _characteristic(form, table, c, text)) for form, text in forms),
        ),
        reset=c.resets(n.q, str(start)),
    )


def _inputs(n: Names, table: Table) -> tuple[str, ...]:
    return (n.a, n.b, n.c)[: table.inputs - 1]


def _characteristic(
    form: Form, table: Table, c: Clocking, text: table_texts.Text
) -> Callable[[Names, random.Random], str]:
    def tell(n: Names, rng: random.Random) -> str:
        ins = _inputs(n, table)
        begin = rng.choice(CLOCKED_BY).format(q=n.q, a=series(ins), edge=c.edge)
        named = rng.choice(FOLLOWED).format(q=n.q)
        told = text(table, (n.q, *ins), (f"next_{n.q}",), rng)
        return reword(f"{begin} {named}", rng) + (" " if form is Form.PROSE else "\n\n") + told

    return tell


def _traced(table: Table, start: int, c: Clocking) -> Callable[[Names, random.Random], str]:
    def tell(n: Names, rng: random.Random) -> str:
        ins = _inputs(n, table)
        said = {"q": n.q, "a": series(ins), "edge": c.edge, "all": series((*ins, n.q))}
        begin = f"{rng.choice(CLOCKED_BY)} {rng.choice(COMBINATIONS)}".format_map(said)
        rows = _walk(table, start, rng)
        bits = [list(f"{row:0{table.inputs}b}") for row in rows]
        lines = [(name, [b[k] for b in bits]) for k, name in enumerate((n.q, *ins))]
        return f"{reword(begin, rng)}\n\n{trace([*lines[1:], lines[0]], rng)}"

    return tell


def _walk(table: Table, start: int, rng: random.Random) -> list[int]:
    """Return rows of the table, each beginning with the value that the row before it gives, till none is missing.

    The last one is followed by a row more, so that its effect is seen.
    """
    half = 1 << table.inputs - 1
    left = [set(range(half)), set(range(half))]
    rows, q = [], start
    while left[0] or left[1]:
        fresh = sorted(left[q])
        if fresh:
            ahead = [i for i in fresh if table.outputs[0][q * half + i] != q]
            chosen = rng.choice(fresh if not ahead or left[q] - set(ahead) else ahead)
            if chosen in ahead and not left[1 - q] and len(fresh) > 1:
                chosen = next((i for i in fresh if i not in ahead), chosen)
        else:
            chosen = rng.choice([i for i in range(half) if table.outputs[0][q * half + i] != q])
        left[q].discard(chosen)
        rows.append(q * half + chosen)
        q = table.outputs[0][rows[-1]] or 0
    return [*rows, q * half + rng.randrange(half)]


def _draw_flip_flop(rng: random.Random, wide: bool) -> Combination:
    inputs = 4 if wide else rng.choice((2, 3, 3, 3))
    half = 1 << inputs - 1
    while True:
        table = draw_table(rng, inputs, 1, 0.0)
        if 1 in table.outputs[0][:half] and 0 in table.outputs[0][half:]:  # it can rise, and fall
            return {"table": table, "start": rng.getrandbits(1), "style": rng.choice(RESETS)}


def _flips(rows: Rows, table: Table, start: int, style: str) -> Iterator[Expected]:
    q = start
    for row in rows:
        yield {"q": q}
        number = int(f"{q}" + "".join(str(row[role]) for role in "abc"[: table.inputs - 1]), 2)
        q = table.outputs[0][number] or 0


FLIP_FLOP = Family(
    "flip_flop",
    1,
    _flip_flop,
    names={
        "module": ("flipflop", "ff", "bit_cell", "one_bit", "state_bit", "ab_ff"),
        "a b c": ("a b c", "x y z", "j k m", "u v w", "up down hold", "in1 in2 in3"),
        "q": ("q", "state", "out", "f", "bit_q"),
        "t": ("next", "d", "q_next"),
    },
    oracle=_flips,
    draw=_draw_flip_flop,
)


# A sequence of values.


def _sequence(n: Names, values: tuple[int, ...], width: int, enable: bool, style: str) -> Design:
    c, size = clocking(n, style), (len(values) - 1).bit_length()
    arms = {f"{size}'d{k}": f"{n.q} = {lit(v, width)};" for k, v in enumerate(values)}
    step = (
        (f"{n.k} == {size}'d{len(values) - 1}", f"{n.k} <= {size}'d0;"),
        ("", f"{n.k} <= {n.k} + {size}'d1;"),
    )
    if enable:
        step = ((f"{n.en} && {step[0][0]}", step[0][1]), (n.en, step[1][1]))
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), reg(width, n.q)),
        body=body(
            f"reg [{size - 1}:0] {n.k};",
            always("*", case(n.k, arms, f"{n.q} = {lit(values[0], width)};")),
            c.always(f"{n.k} <= {size}'d0;", *step),
        ),
        texts=(
            *_listings(n, values, width, enable, c.edge),
            Telling(Form.WAVEFORM, _shown(values, width, enable, c)),
            Telling(Form.TABLE, _numbered(values, width, enable, c)),
        ),
        reset=c.resets("the sequence", f"its first value, {values[0]}"),
    )


def _listings(n: Names, values: tuple[int, ...], width: int, enable: bool, edge: str) -> tuple[str, ...]:
    listed = ", ".join(map(str, values))
    binary = ", ".join(f"{v:0{width}b}" for v in values)
    moves = f"on the {edge} with {n.en} = 1" if enable else f"on the {edge}"
    held = f" With {n.en} = 0, {n.q} holds." if enable else ""
    return (
        f"{n.q} ({width} bits) runs through the values {listed}, again and again; it moves to the next one {moves}.{held}",
        f"- {n.q} has {width} bits\n- It goes through {binary} (binary), and then begins anew\n- It moves on by one value "
        f"{moves}{held and f', and not without {n.en}'}",
        f"A sequencer repeats {len(values)} values for ever on its {width}-bit output {n.q}, namely {listed}. The step from "
        f"one to the next is made {moves}.{held}",
    )


def _shown(values: tuple[int, ...], width: int, enable: bool, c: Clocking) -> Callable[[Names, random.Random], str]:
    def tell(n: Names, rng: random.Random) -> str:
        begin = rng.choice(
            (
                "{q} ({w} bits) repeats itself after {p} steps and moves on the {edge}{en}. The trace begins after reset "
                "and gives the value just before each active clock edge.",
                "This generator of a periodic sequence, {p} steps long, changes {q} ({w} bits) on the {edge}{en}. From "
                "reset on, {q} was seen with these values before one active edge after another.",
            )
        ).format(
            q=n.q,
            w=width,
            p=len(values),
            edge=c.edge,
            en=f" if {n.en} is 1, and keeps its value otherwise" if enable else "",
        )
        style = rng.choice(("d", f"0{width}b"))
        seen, at, levels = [], 0, []
        while at < 2 * len(values) + 1:
            level = int(not enable or rng.random() < 0.8)
            seen.append(format(values[at % len(values)], style))
            levels.append(str(level))
            at += level
        lines = [(n.q, seen)]
        base = " Values are binary." if style != "d" else " Values are decimal."
        return f"{reword(begin, rng)}{base}\n\n{trace([(n.en, levels), *lines] if enable else lines, rng)}"

    return tell


def _numbered(values: tuple[int, ...], width: int, enable: bool, c: Clocking) -> Callable[[Names, random.Random], str]:
    def tell(n: Names, rng: random.Random) -> str:
        moves = f"on the {c.edge}" + (f" while {n.en} is 1, and stays where it is otherwise" if enable else "")
        last = len(values) - 1
        begin = rng.choice(
            (
                f"{n.q} ({width} bits) follows this table from step 0 to step {last} and then over again; the step changes "
                f"{moves}.",
                f"The circuit is in one of the steps 0 to {last}, and after {last} comes 0. It takes the next step {moves}. "
                f"The step determines {n.q} ({width} bits).",
            )
        )
        style = rng.choice(("d", f"0{width}b"))
        lines = [f"{k} | {format(v, style)}" for k, v in enumerate(values)]
        base = "" if style == "d" else " (binary)"
        return "\n".join([f"{reword(begin, rng)}\n", f"step | {n.q}{base}", "--- | ---", *lines])

    return tell


def _draw_sequence(rng: random.Random, wide: bool) -> Combination:
    length = rng.randint(9, 14) if wide else rng.randint(3, 8)
    width = rng.choice((2, 3, 3, 4, 5))
    while True:
        values = tuple(rng.randrange(1 << width) for _ in range(length))
        turned = [values[k:] + values[:k] for k in range(1, length)]
        if values not in turned:  # or its period would be shorter
            break
    return {"values": values, "width": width, "enable": rng.random() < 0.5, "style": rng.choice(RESETS)}


def _repeats(rows: Rows, values: tuple[int, ...], width: int, enable: bool, style: str) -> Iterator[Expected]:
    steps = 0
    for row in rows:
        yield {"q": values[steps % len(values)]}
        steps += row["en"] if enable else 1


VALUE_SEQUENCE = Family(
    "value_sequence",
    2,
    _sequence,
    names={
        "module": ("pattern", "value_gen", "stepper", "sequence_gen", "player", "melody"),
        "en": ("en", "step", "go", "advance", "run"),
        "q": ("q", "value", "out", "note", "dout"),
        "k": ("index", "pos", "k", "step_no"),
    },
    oracle=_repeats,
    draw=_draw_sequence,
)
