"""Families of counters: up, down, both ways, modulo, loadable, saturating, decimal.

itertl gym --family counter --seed 3
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RESETS, RISING, clocking
from itertl.tasks.gym.design import Design, Family, Names, Row, Rows, bits, body, chain, inp, lit, out, reg

COUNTS = ("q", "count", "cnt", "value", "out")
ENABLES = ("en", "enable", "ce")


def _counter(n: Names, width: int, down: bool, enable: bool, style: str) -> Design:
    c, q, sign, last = clocking(n, style), n.q, "-" if down else "+", (1 << width) - 1
    step = f"{q} <= {q} {sign} {lit(1, width)};"
    word, wrap = ("down", f"0 is followed by {last}") if down else ("up", f"{last} is followed by 0")
    hold = f" only while {n.en} is 1 and holds otherwise" if enable else ""
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), reg(width, q)),
        body=body(c.always(f"{q} <= {lit(0, width)};", (n.en if enable else "", step))),
        texts=(
            f"Design a {bits(width)} {word} counter. {q} counts {word} by one on the {c.edge}{hold}; {wrap}.",
            f"{q} ({bits(width)}) counts {word} by 1 on the {c.edge}{hold}. {wrap}.",
            f"- {bits(width)} counter {q}\n- direction: {word}, one step at each {c.edges}\n- {wrap}\n"
            + (f"- {n.en} = 0 stops the counter\n" if enable else ""),
            f"The system needs to count events in {width} bits. At each {c.edges} the value {q} moves {word} by one"
            f"{hold}, and {wrap}.",
            f"{q} steps through all {1 << width} values, {word}wards, one per {c.edges}{hold}; {wrap}.",
        ),
        reset=c.resets(q, "0"),
    )


def _counter_values(rows: Rows, width: int, down: bool, enable: bool, style: str) -> Iterator[Row]:
    steps = 0
    for row in rows:
        yield {"q": (-steps if down else steps) % (1 << width)}
        steps += row["en"] if enable else 1


COUNTER = Family(
    "counter",
    1,
    _counter,
    oracle=_counter_values,
    parameters={
        "width": (2, 3, 4, 5, 6, 8, 12, 16),
        "down": (False, True),
        "enable": (False, True),
        "style": RESETS,
    },
    shifted={"width": (20, 24, 32)},
    names={"module": ("counter", "counter{width}", "count_unit", "cnt{width}"), "q": COUNTS, "en": ENABLES},
)


def _updown(n: Names, width: int, up_level: int, enable: bool, style: str) -> Design:
    c, q, d, one = clocking(n, style), n.q, n.dir, lit(1, width)
    up, down = f"{q} <= {q} + {one};", f"{q} <= {q} - {one};"
    first, second = (up, down) if up_level else (down, up)
    arms = (chain((d, first), ("", second)),)
    block = c.always(f"{q} <= {lit(0, width)};", (n.en, arms[0])) if enable else None
    if block is None:
        block = c.always(f"{q} <= {lit(0, width)};", (d, first), ("", second))
    up_when, down_when = f"{d} = {up_level}", f"{d} = {1 - up_level}"
    hold = f" With {n.en} = 0 the value stays." if enable else ""
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), inp(1, d), reg(width, q)),
        body=body(block),
        texts=(
            f"Design a {bits(width)} up/down counter {q}. On the {c.edge} it counts up if {up_when} and down if "
            f"{down_when}, wrapping at both ends.{hold}",
            f"The {bits(width)} value {q} changes on the {c.edge}: plus 1 for "
            f"{up_when}, "
            f"minus 1 for {down_when}, modulo {1 << width}.{hold}",
            f"- up/down counter {q}, {width} bit, on the {c.edge}\n- {up_when}: one up\n- {down_when}: one down\n"
            "- wraps around in both directions\n" + (f"- {n.en} = 0: no change\n" if enable else ""),
            f"A motor position {q} ({bits(width)}, wrap-around) rises by one at each {c.edges} with {up_when} and "
            "falls "
            f"by one with {down_when}.{hold}",
            f"{d} is the direction of the {bits(width)} counter {q}: {up_level} increments, {1 - up_level} decrements, "
            f"at the {c.edges}, modulo {1 << width}.{hold}",
        ),
        reset=c.resets(q, "0"),
    )


def _updown_values(rows: Rows, width: int, up_level: int, enable: bool, style: str) -> Iterator[Row]:
    position = 0
    for row in rows:
        yield {"q": position % (1 << width)}
        if not enable or row["en"]:
            position += 1 if row["dir"] == up_level else -1


UPDOWN = Family(
    "updown_counter",
    2,
    _updown,
    oracle=_updown_values,
    parameters={"width": (2, 3, 4, 6, 8, 12), "up_level": (1, 0), "enable": (False, True), "style": RISING},
    shifted={"width": (16, 20, 24, 32)},
    names={
        "module": ("updown_counter", "up_down", "updown{width}", "bidir_counter"),
        "q": COUNTS,
        "dir": ("dir", "mode", "direction", "sel"),
        "en": ENABLES,
    },
)


def _modulo(n: Names, modulus: int, enable: bool, tick: bool, style: str) -> Design:
    c, q, width, last = clocking(n, style), n.q, (modulus - 1).bit_length(), modulus - 1
    zero, top = lit(0, width), lit(last, width)
    wrap, step = (f"{q} == {top}", f"{q} <= {zero};"), ("", f"{q} <= {q} + {lit(1, width)};")
    arms = [(n.en, chain(wrap, step))] if enable else [wrap, step]
    done = [f"assign {n.t} = {q} == {top};"] if tick else []
    hold = f" if {n.en} is 1; it holds if {n.en} is 0" if enable else ""
    flag = f" {n.t} is 1 while {q} is {last} (combinational)." if tick else ""
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), reg(width, q), *([out(1, n.t)] if tick else [])),
        body=body(*done, c.always(f"{q} <= {zero};", *arms)),
        texts=(
            f"Write a modulo-{modulus} counter. {q} counts 0, 1, ..., {last} and starts again at 0, one step on the "
            f"{c.edge}{hold}.{flag}",
            f"On the {c.edge}, {q} goes from {last} to 0 and else up by one{hold}.{flag}",
            f"- counter {q} with {modulus} states, 0 to {last}\n- advances on the {c.edge}, {last} is followed by 0\n"
            + (f"- advances only if {n.en} = 1\n" if enable else "")
            + (f"- {n.t} = 1 exactly while {q} = {last}\n" if tick else ""),
            f"A machine repeats {modulus} phases. Number the current one from 0 to {last} on {q}; it advances at each "
            f"{c.edges}{hold}, and after {last} comes 0.{flag}",
            f"{q} cycles through {modulus} values, upwards from 0 to {last} and round again, on the {c.edge}{hold}."
            f"{flag}",
        ),
        reset=c.resets(q, "0"),
    )


def _modulo_values(rows: Rows, modulus: int, enable: bool, tick: bool, style: str) -> Iterator[Row]:
    edges = 0
    for row in rows:
        value = edges % modulus
        yield {"q": value} | ({"t": int(value == modulus - 1)} if tick else {})
        edges += row["en"] if enable else 1


MODULO = Family(
    "modulo_counter",
    2,
    _modulo,
    oracle=_modulo_values,
    parameters={
        "modulus": (3, 5, 6, 7, 9, 10, 11, 12, 13, 20, 24, 60, 100),
        "enable": (False, True),
        "tick": (False, True),
        "style": ("sync", "sync_n", "async", "async_n", "fall"),
    },
    shifted={"modulus": (120, 150, 200, 250, 365)},
    names={
        "module": ("mod_counter", "mod{modulus}", "mod_n_counter", "modulo_counter"),
        "q": COUNTS,
        "t": ("tick", "tc", "done", "last"),
        "en": ENABLES,
    },
)


def _loadable(n: Names, width: int, down: bool, enable: bool, style: str) -> Design:
    c, q, d, load = clocking(n, style), n.q, n.d, n.load
    sign, word = ("-", "down") if down else ("+", "up")
    step = (n.en if enable else "", f"{q} <= {q} {sign} {lit(1, width)};")
    count = f"it counts {word} by one if {n.en} is 1 and holds if {n.en} is 0" if enable else f"it counts {word} by one"
    return Design(
        ports=(*c.ports, inp(1, load), *([inp(1, n.en)] if enable else []), inp(width, d), reg(width, q)),
        body=body(c.always(f"{q} <= {lit(0, width)};", (load, f"{q} <= {d};"), step)),
        texts=(
            f"Build a {bits(width)} loadable counter {q}. On the {c.edge}, {load} = 1 copies {d} into {q}; with {load} "
            "= "
            f"0, {count}. It wraps modulo {1 << width}.",
            f"At each {c.edges}: if {load} is 1, {q} takes {d}; if not, {count}. Width {width}, wrap-around.",
            f"- {bits(width)} counter {q}, {c.edge}\n- {load} = 1: {q} becomes {d} (before counting)\n- {load} = 0: "
            f"{count}\n"
            f"- wraps modulo {1 << width}",
            f"An address pointer {q} of {width} bits can jump: {load} = 1 sets it to {d} on the {c.edge}. Without "
            f"{load}, "
            f"{count}, modulo {1 << width}.",
            f"{q} ({bits(width)}) either takes {d}, when {load} is 1, or else {count}; always on the {c.edge} and "
            "modulo "
            f"{1 << width}.",
        ),
        reset=c.resets(q, "0"),
    )


def _loadable_values(rows: Rows, width: int, down: bool, enable: bool, style: str) -> Iterator[Row]:
    base, steps = 0, 0
    for row in rows:
        yield {"q": (base - steps if down else base + steps) % (1 << width)}
        if row["load"]:
            base, steps = row["d"], 0
        elif not enable or row["en"]:
            steps += 1


LOADABLE = Family(
    "loadable_counter",
    2,
    _loadable,
    oracle=_loadable_values,
    parameters={"width": (3, 4, 5, 6, 8, 16), "down": (False, True), "enable": (False, True), "style": RISING},
    shifted={"width": (20, 24, 32)},
    names={
        "module": ("load_counter", "loadable_counter", "preset_counter", "pointer"),
        "q": COUNTS,
        "d": ("d", "din", "data", "start"),
        "load": ("load", "ld", "set"),
        "en": ENABLES,
    },
)


def _saturating(n: Names, width: int, limit: int, down: bool, style: str) -> Design:
    c, q, e = clocking(n, style), n.q, n.en
    first, last, sign = (limit, 0, "-") if down else (0, limit, "+")
    word = "down" if down else "up"
    arm = (f"{e} && {q} != {lit(last, width)}", f"{q} <= {q} {sign} {lit(1, width)};")
    start = str(first)
    return Design(
        ports=(*c.ports, inp(1, e), reg(width, q)),
        body=body(c.always(f"{q} <= {lit(first, width)};", arm)),
        texts=(
            f"Write a {bits(width)} counter that stops at its end. On the {c.edge} with {e} = 1, {q} counts {word} by "
            "one "
            f"until it is {last}, and then stays there. {e} = 0 holds it.",
            f"If {e} is 1 and {q} is not {last}, {q} ({bits(width)}) moves {word} by "
            "one on "
            f"the {c.edge}; in all other cases it holds.",
            f"- saturating {word} counter {q}, {width} bit, {c.edge}\n- {e} = 1: one step, but never beyond {last}\n"
            f"- {e} = 0: no change",
            f"Count the cycles with {e}: at each {c.edges} that finds it at 1, {q} ({bits(width)}) goes {word} by one, "
            f"but never past {last}, where it remains; with {e} = 0 it holds.",
            f"{q}, {bits(width)}, runs {word} from {start} to {last} and no further: one step per {c.edges} with {e} "
            "at 1.",
        ),
        reset=c.resets(q, start),
    )


def _saturating_values(rows: Rows, width: int, limit: int, down: bool, style: str) -> Iterator[Row]:
    events = 0
    for row in rows:
        yield {"q": limit - min(events, limit) if down else min(events, limit)}
        events += row["en"]


SATURATING = Family(
    "saturating_counter",
    2,
    _saturating,
    oracle=_saturating_values,
    parameters={"width": (3, 4, 5, 6), "limit": (5, 6, 7, 10, 12, 15, 20, 31), "down": (False, True), "style": RISING},
    shifted={"width": (7, 8), "limit": (35, 40, 50, 60, 64, 100, 127, 200, 255)},
    names={
        "module": ("sat_counter", "event_counter", "limit_counter", "bounded_counter"),
        "q": COUNTS,
        "en": ("en", "enable", "event_in", "inc"),
    },
    valid=lambda width, limit, down, style: 1 << (width - 1) <= limit < 1 << width,
)


def _bcd_counter(n: Names, down: bool, enable: bool, digits: int, style: str) -> Design:
    c, places = clocking(n, style), [n.d0, n.d1, n.d2, n.d3][:digits]
    start, end, sign = ("9", "0", "-") if down else ("0", "9", "+")
    word = "down" if down else "up"
    step = ""
    for place in reversed(places):
        turn = f"{place} <= 4'd{start};" + (f"\n{step}" if step else "")
        step = chain((f"{place} == 4'd{end}", turn), ("", f"{place} <= {place} {sign} 4'd1;"))
    first, last = (text * digits for text in (start, end))
    shown = f"{', '.join(places[:-1])} and {places[-1]}"
    more = [f"{places[i]} the {('hundreds', 'thousands')[i - 2]}" for i in range(2, digits)]
    order = f" {places[0]} has the ones, {', '.join([f'{places[1]} the tens', *more])}."
    hold = f" if {n.en} is 1 and holds if {n.en} is 0" if enable else ""
    return Design(
        ports=(*c.ports, *([inp(1, n.en)] if enable else []), *(reg(4, place) for place in places)),
        body=body(c.always("\n".join(f"{place} <= 4'd0;" for place in places), (n.en if enable else "", step))),
        texts=(
            f"Write a {digits}-digit BCD {word} counter.{order} On the {c.edge} it counts {word} in decimal{hold}; "
            f"{last} is followed by {first}.",
            f"A decimal counter goes {word} by one on the {c.edge}{hold}, from {last} to {first} at its end.{order}",
            f"- BCD {word} counter with {digits} digits on the {c.edge}\n- {last} is followed by {first}\n-{order}\n"
            + (f"- counts only if {n.en} = 1" if enable else "- every edge counts"),
            f"A display counts in decimal, {word}wards, one step at each {c.edges}{hold}. After {last} it shows "
            f"{first}.{order}",
            f"Keep {digits} decimal digits ({shown}, 4 bit each) that move {word} by one on the {c.edge}{hold}, "
            f"{last} leading to {first}.{order}",
        ),
        reset=c.resets(shown, "0"),
    )


def _bcd_values(rows: Rows, down: bool, enable: bool, digits: int, style: str) -> Iterator[Row]:
    value = 0
    for row in rows:
        yield {f"d{i}": value // 10**i % 10 for i in range(digits)}
        if not enable or row["en"]:
            value = (value + (-1 if down else 1)) % 10**digits


BCD_COUNTER = Family(
    "bcd_counter",
    3,
    _bcd_counter,
    oracle=_bcd_values,
    parameters={"down": (False, True), "enable": (False, True), "digits": (2, 3), "style": RISING},
    shifted={"digits": (4,)},
    names={
        "module": ("bcd_counter", "decade_counter", "decimal_counter", "bcd_count"),
        "d0 d1 d2 d3": ("ones tens hundreds thousands", "d0 d1 d2 d3", "digit0 digit1 digit2 digit3", "u t h k"),
        "en": ENABLES,
    },
)
