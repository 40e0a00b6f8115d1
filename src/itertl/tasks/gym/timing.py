"""Families that measure time in clock cycles: dividers, pulses, delays, debouncing.

itertl gym --family pwm --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RESETS, RISING, clocking
from itertl.tasks.gym.design import (
    Design,
    Expected,
    Family,
    Names,
    Row,
    Rows,
    bits,
    body,
    either,
    inp,
    lit,
    ordinal,
    out,
    reg,
    span,
)


def _divider(n: Names, divisor: int, enable: bool, style: str) -> Design:
    c, y, t, half = clocking(n, style), n.y, n.t, divisor // 2
    width = (half - 1).bit_length()
    last, zero = lit(half - 1, width), lit(0, width)
    turn = (f"{n.en} && {t} == {last}" if enable else f"{t} == {last}", f"{t} <= {zero};\n{y} <= ~{y};")
    step = (n.en if enable else "", f"{t} <= {t} + {lit(1, width)};")
    hold = f" Only edges with {n.en} = 1 count; with {n.en} = 0 nothing changes." if enable else ""
    cleared = either(f"{y} and the internal count", f"the count and {y}", f"{y} and all internal registers")
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), reg(1, y)),
        body=body(f"reg {span(width)}{t};", c.always(f"{t} <= {zero};\n{y} <= 1'b0;", turn, step)),
        texts=(
            f"Divide the clock by {divisor}. The output {y} inverts at every {ordinal(half)} {c.edges} after reset, "
            "which gives "
            f"a square wave.{hold}",
            f"Count the {c.edges}: each {ordinal(half)} one inverts {y} and "
            "restarts the "
            f"count, so {y} has 1/{divisor} of the clock frequency.{hold}",
            f"- clock divider by {divisor}, 50 % duty cycle\n- works on the {c.edge}\n- {y} inverts at edge number {half}, "
            f"{2 * half}, {3 * half}, ... after reset" + (f"\n- {n.en} = 0 freezes everything" if enable else ""),
            f"A slow peripheral needs {y} with a period of {divisor} clock cycles. From reset on it is low; the "
            f"{ordinal(half)} {c.edges} raises it, the {ordinal(divisor)} lowers it, and so on.{hold}",
            f"{y} alternates: it stays at 0 until the {ordinal(half)} {c.edges} after reset, then at 1 for {half} cycles, "
            f"at 0 for {half} cycles, and so forth.{hold}",
        ),
        reset=c.resets(cleared, "0"),
    )


def _divider_values(rows: Rows, divisor: int, enable: bool, style: str) -> Iterator[Row]:
    edges = 0
    for row in rows:
        yield {"y": edges // (divisor // 2) % 2}
        edges += row["en"] if enable else 1


DIVIDER = Family(
    "clock_divider",
    2,
    _divider,
    oracle=_divider_values,
    parameters={"divisor": (4, 6, 8, 10, 12, 16, 20, 24), "enable": (False, True), "style": RISING},
    shifted={"divisor": (32, 40, 48, 50, 64, 100)},
    names={
        "module": ("clock_divider", "clk_div", "divider", "div{divisor}"),
        "y": ("clk_out", "out", "slow_clk", "div_out"),
        "t": ("count", "cnt", "timer"),
        "en": ("en", "enable", "ce"),
    },
)


def _pwm(n: Names, width: int, invert: bool, enable: bool, style: str) -> Design:
    c, y, t, duty = clocking(n, style), n.y, n.t, n.duty
    one, zero, sign, period = (0, 1, ">=", 1 << width) if invert else (1, 0, "<", 1 << width)
    hold = f" The count holds while {n.en} is 0." if enable else ""
    rule = either(
        f"{y} is {one} while the count is less than {duty}, and {zero} otherwise",
        f"{y} has the value {one} as long as the count lies below {duty}, else {zero}",
        f"{y} is {zero} for counts of {duty} or more and {one} for smaller ones",
    )
    step = (n.en if enable else "", f"{t} <= {t} + {lit(1, width)};")
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), inp(width, duty), out(1, y)),
        body=body(
            f"reg {span(width)}{t};", f"assign {y} = {t} {sign} {duty};", c.always(f"{t} <= {lit(0, width)};", step)
        ),
        texts=(
            f"Build a PWM generator. An internal {bits(width)} count goes up by one on the {c.edge}, modulo {period}; "
            f"{rule} (combinational).{hold}",
            f"A {bits(width)} count advances on the {c.edge} and wraps. Without further registers, {rule}.{hold}",
            f"- PWM with a period of {period} steps\n- {bits(width)} up count on the {c.edge}\n- {rule}, combinational"
            + (f"\n- {n.en} = 0: the count holds" if enable else ""),
            f"Dim a lamp by pulse width: a {bits(width)} count runs up at each {c.edges}, wrapping around, and {rule}, "
            "at "
            f"any time.{hold}",
            f"Compare {duty} with a free {bits(width)} up count (step at the {c.edges}); {rule}, directly.{hold}",
        ),
        reset=c.resets("the count", "0"),
    )


def _pwm_values(rows: Rows, width: int, invert: bool, enable: bool, style: str) -> Iterator[Row]:
    edges = 0
    for row in rows:
        yield {"y": int((edges % (1 << width) < row["duty"]) != invert)}
        edges += row["en"] if enable else 1


PWM = Family(
    "pwm",
    2,
    _pwm,
    oracle=_pwm_values,
    parameters={"width": (3, 4, 5, 6, 8), "invert": (False, True), "enable": (False, True), "style": RISING},
    shifted={"width": (10, 12, 16)},
    names={
        "module": ("pwm", "pwm_gen", "pwm{width}", "dimmer"),
        "y": ("pwm_out", "out", "y", "pulse"),
        "t": ("count", "cnt", "ramp"),
        "duty": ("duty", "level", "compare", "width"),
        "en": ("en", "enable", "ce"),
    },
)


def _one_shot(n: Names, length: int, again: bool, style: str) -> Design:
    c, y, t, go = clocking(n, style), n.y, n.t, n.go
    width = length.bit_length()
    load = (go, f"{t} <= {lit(length, width)};")
    tick = (f"{t} != {lit(0, width)}", f"{t} <= {t} - {lit(1, width)};")
    arms = (load, tick) if again else (tick, load)
    rule = either(
        f"every {c.edges} with {go} = 1, also during a pulse, starts the {length} cycles afresh",
        f"{go} = 1 while {y} is 1 begins the {length} cycles anew",
        f"a further {go} = 1 prolongs a running pulse to {length} cycles from that edge",
    )
    if not again:
        rule = either(
            f"{go} has no effect at edges where {y} is already 1",
            f"while {y} is 1, {go} is ignored",
            f"a running pulse is not prolonged: until {y} is 0 again, {go} does not matter",
        )
    return Design(
        ports=(*c.ports, inp(1, go), out(1, y)),
        body=body(
            f"reg {span(width)}{t};",
            f"assign {y} = {t} != {lit(0, width)};",
            c.always(f"{t} <= {lit(0, width)};", *arms),
        ),
        texts=(
            f"Design a one-shot timer. {go} = 1 at the {c.edge} makes {y} 1 for {length} clock cycles, beginning right "
            "after "
            f"that edge; then {y} returns to 0. Furthermore, {rule}.",
            f"{y} stays 1 for {length} cycles after a {c.edges} with {go} = 1, and {rule}.",
            f"- pulse {y} of {length} cycles, {c.edge}\n- started by {go} = 1, visible after that edge\n- {rule}",
            f"A stairway light {y} burns for {length} cycles after someone presses {go} (sampled on the {c.edge}); "
            f"{rule}.",
            f"Stretch {go}: once seen at a {c.edges}, {y} is high for the next {length} cycles. Note that {rule}.",
        ),
        reset=c.resets(y, "0"),
    )


def _one_shot_values(rows: Rows, length: int, again: bool, style: str) -> Iterator[Row]:
    end = -1
    for time, row in enumerate(rows):
        yield {"y": int(time <= end)}
        if row["go"] and (again or time > end):
            end = time + length


ONE_SHOT = Family(
    "one_shot",
    3,
    _one_shot,
    oracle=_one_shot_values,
    parameters={"length": (3, 4, 5, 6, 8, 10, 12, 15), "again": (False, True), "style": RISING},
    shifted={"length": (20, 24, 30, 31, 32, 50)},
    names={
        "module": ("one_shot", "timer", "pulse_gen", "monostable"),
        "y": ("pulse", "out", "busy", "active"),
        "t": ("left", "count", "remain"),
        "go": ("start", "trigger", "go", "button"),
    },
)


def _debouncer(n: Names, samples: int, initial: int, style: str) -> Design:
    c, d, y, t = clocking(n, style), n.d, n.y, n.t
    width = (samples - 1).bit_length()
    zero, last = lit(0, width), lit(samples - 1, width)
    block = c.always(
        f"{t} <= {zero};\n{y} <= {lit(initial, 1)};",
        (f"{d} == {y}", f"{t} <= {zero};"),
        (f"{t} == {last}", f"{t} <= {zero};\n{y} <= {d};"),
        ("", f"{t} <= {t} + {lit(1, width)};"),
    )
    forget = either(
        f"an edge with {d} equal to {y} starts the count again",
        f"the count of such edges returns to 0 wherever {d} equals {y}",
        f"a single sample of {d} like {y} makes the count begin anew",
    )
    return Design(
        ports=(*c.ports, inp(1, d), reg(1, y)),
        body=body(f"reg {span(width)}{t};", block),
        texts=(
            f"Write a debouncer. {y} takes the value of {d} at the {ordinal(samples)} {c.edges} in a row at which the "
            "two differ; "
            f"{forget}.",
            f"Count at each {c.edges} whether {d} differs from {y}. At the {ordinal(samples)} without a break {y} "
            f"becomes {d}; "
            f"{forget}.",
            f"- noisy input {d}, clean output {y}, {c.edge}\n- {y} takes {d} at the {c.edges} that brings the "
            f"{ordinal(samples)} differing sample in a row, not later\n- {forget}",
            f"A push button bounces. Let {y} change to {d} only when {samples} successive samples, taken on the "
            f"{c.edge}, "
            f"differ from {y}, at the last of them; {forget}.",
            f"{y} ignores glitches: it adopts {d} at the {ordinal(samples)} consecutive {c.edges} that finds them "
            "different, while "
            f"{forget}.",
        ),
        reset=c.resets("the count", f"0 and {y} to {initial}"),
    )


def _debouncer_values(rows: Rows, samples: int, initial: int, style: str) -> Iterator[Row]:
    y, differing = initial, 0
    for row in rows:
        yield {"y": y}
        differing = differing + 1 if row["d"] != y else 0
        if differing == samples:
            y, differing = row["d"], 0


DEBOUNCER = Family(
    "debouncer",
    3,
    _debouncer,
    oracle=_debouncer_values,
    parameters={"samples": (3, 4, 5, 6, 8, 10), "initial": (0, 1), "style": RISING},
    shifted={"samples": (12, 16, 20, 32)},
    names={
        "module": ("debouncer", "debounce", "glitch_filter", "button_filter"),
        "d": ("noisy", "button", "in", "raw"),
        "y": ("clean", "out", "stable", "level"),
        "t": ("count", "cnt", "streak"),
    },
)


def _delay(n: Names, stages: int, width: int, style: str) -> Design:
    c, d, q, s = clocking(n, style), n.d, n.q, n.s
    names = [f"{s}{i}" for i in range(1, stages)] + [q]
    sources = [d, *names[:-1]]
    zero = lit(0, width)
    moves = "\n".join(f"{to} <= {source};" for to, source in zip(names, sources, strict=True))
    clear = "\n".join(f"{name} <= {zero};" for name in names)
    cleared = f"{q} and all internal stages"
    return Design(
        ports=(*c.ports, inp(width, d), reg(width, q)),
        body=body(*(f"reg {span(width)}{name};" for name in names[:-1]), c.always(clear, ("", moves))),
        texts=(
            f"Delay the {bits(width)} signal {d} by {stages} clock cycles: it passes {stages} registers in a row, the "
            "last "
            f"of which is {q}. All work on the {c.edge}.",
            f"Chain {stages} registers of {width} bit from {d} to {q}; each takes its "
            f"predecessor's value on the {c.edge}.",
            f"- {stages}-stage pipeline for {d} ({width} bit)\n- {q} is the last stage\n- {c.edge}",
            f"The {bits(width)} signal {d} has to wait for a result that takes {stages} cycles. Put {stages} registers in "
            f"series into its way, all working on the {c.edge}; {q} is the output of the last.",
            f"{q} repeats {d} ({bits(width)}), {stages} registers later, all clocked by the {c.edge}.",
        ),
        reset=c.resets(cleared, "0"),
    )


def _delay_values(rows: Rows, stages: int, width: int, style: str) -> Iterator[Expected]:
    passing: list[int | None] = [None if style == "none" else 0] * stages
    for row in rows:
        yield {"q": passing[0]}
        passing = [*passing[1:], row["d"]]


DELAY = Family(
    "delay",
    1,
    _delay,
    oracle=_delay_values,
    parameters={"stages": (2, 3, 4), "width": (1, 2, 4, 8), "style": (*RESETS, "none")},
    shifted={"stages": (5, 6, 7, 8), "width": (16, 24)},
    names={
        "module": ("delay", "align", "delay{stages}", "delay_line"),
        "d": ("d", "din", "in", "early"),
        "q": ("q", "dout", "out", "late"),
        "s": ("stage", "s", "pipe", "ff"),
    },
)
