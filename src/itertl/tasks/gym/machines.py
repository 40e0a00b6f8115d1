"""Families of finite state machines and controllers.

itertl gym --family sequence_detector --seed 1
"""

import itertools
from collections.abc import Iterator

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import Design, Family, Names, Row, Rows, bits, body, case, either, inp, lit, out, reg, span

PATTERNS = ("101", "110", "011", "111", "010", "100", "1011", "1101", "1001", "0110", "1010", "0111")
LONGER = ("10110", "11011", "01110", "10010", "110101", "101101", "0110110")


def _advance(pattern: str, matched: int, bit: str) -> int:
    """Return how many characters of `pattern` end the text that had `matched` of them and then `bit`."""
    text = pattern[:matched] + bit
    return next(k for k in range(min(len(text), len(pattern)), -1, -1) if text.endswith(pattern[:k]))


def _sequence(n: Names, pattern: str, moore: bool, overlap: bool, style: str) -> Design:
    c, d, y, s, length = clocking(n, style), n.d, n.y, n.s, len(pattern)
    states = length + 1 if moore else length
    width = (states - 1).bit_length()

    def after(state: int, bit: str) -> int:
        seen = _advance(pattern, 0 if state == length and not overlap else state, bit)
        return seen if moore or seen < length else (_border(pattern) if overlap else 0)

    moves = [f"{s} <= {d} ? {lit(after(i, '1'), width)} : {lit(after(i, '0'), width)};" for i in range(states)]
    arms = {lit(i, width): move for i, move in enumerate(moves[:-1])}
    hit = f"{s} == {lit(states - 1, width)}" + ("" if moore else f" && {d if pattern[-1] == '1' else '!' + d}")
    when = (
        either(
            f"during the cycle after the {c.edges} that takes in the last bit",
            f"from the {c.edges} that samples the last bit until the next one",
            f"for one cycle, beginning with the {c.edges} at which the last bit is read",
        )
        if moore
        else either(
            "at once, while the last bit is present",
            "without waiting for an edge, as long as the last bit is there",
            "in the same cycle as the last bit, before it is clocked in",
        )
    )
    if moore:
        kind = either(
            f"Moore: {y} depends on the state only",
            f"It is a Moore machine, {y} comes from the state",
            f"A change of {d} alone does not move {y} (Moore)",
        )
    else:
        kind = either(
            f"Mealy: {y} depends on the state and on {d}, at any time, during reset too",
            f"It is a Mealy machine: {y} follows {d} and the state even while it is reset",
            f"{y} answers {d} within the cycle (Mealy), with a reset pending as well",
        )
    share = "Occurrences may overlap" if overlap else "Occurrences must not share bits: the search restarts after each"
    return Design(
        ports=(*c.ports, inp(1, d), out(1, y)),
        body=body(
            f"reg {span(width)}{s};",
            f"assign {y} = {hit};",
            c.always(f"{s} <= {lit(0, width)};", ("", case(s, arms, moves[-1]))),
        ),
        texts=(
            f"Detect the bit sequence {pattern} (leftmost bit first) on {d}, one bit per {c.edges}. {y} is 1 {when}, "
            "and else "
            f"0 ({kind}). {share}.",
            f"{d} brings one bit per {c.edges}. After the bits {pattern}, in "
            "this "
            f"order, {y} is 1 {when}. {kind}. {share}.",
            f"- serial input {d}, sampled on the {c.edge}\n- pattern {pattern}, left bit first\n- {y} = 1 {when}\n- "
            f"{kind}\n"
            f"- {share}",
            f"A receiver looks for the marker {pattern} in the stream {d} (a bit per {c.edges}, left bit first). It "
            f"raises {y} "
            f"{when}. {kind}. {share}.",
            f"{y} announces the pattern {pattern}, whose left bit arrives first on {d} ({c.edge}), {when}. {kind}. "
            f"{share}.",
        ),
        reset=c.resets("the machine", "its start"),
    )


def _border(pattern: str) -> int:
    """Return the length of the longest proper prefix of `pattern` that also ends it."""
    return next(k for k in range(len(pattern) - 1, -1, -1) if pattern.endswith(pattern[:k]))


def _sequence_values(rows: Rows, pattern: str, moore: bool, overlap: bool, style: str) -> Iterator[Row]:
    text, hit = "", False
    for row in rows:
        late, text = hit, text + str(row["d"])
        hit = text.endswith(pattern)
        yield {"y": int(late if moore else hit)}
        if hit and not overlap:
            text = ""


SEQUENCE = Family(
    "sequence_detector",
    3,
    _sequence,
    oracle=_sequence_values,
    parameters={"pattern": PATTERNS, "moore": (False, True), "overlap": (True, False), "style": RISING},
    shifted={"pattern": LONGER},
    names={
        "module": ("seq_detector", "sequence_detector", "pattern_fsm", "detect{pattern}"),
        "d": ("d", "din", "x", "serial_in"),
        "y": ("found", "y", "detected", "match"),
        "s": ("state", "st", "matched"),
    },
    # a pattern without a border has no overlapping occurrences: both settings would be one machine
    valid=lambda pattern, moore, overlap, style: overlap or _border(pattern) > 0,
)


def _traffic(n: Names, green: int, yellow: int, red: int, style: str) -> Design:
    c, g, y, r, t = clocking(n, style), n.g, n.y, n.r, n.t
    total, change = green + yellow + red, green + yellow
    first = either(
        f"{g} lit, at the beginning of its {green} cycles",
        f"the first of the {green} cycles of {g}",
        f"{g} with all its {green} cycles still to come",
    )
    width = (total - 1).bit_length()
    order = either(
        f"{g} for {green} cycles, {y} for {yellow}, {r} for {red}",
        f"{green} cycles {g}, {yellow} {y}, {red} {r}",
        f"{g} ({green}), {y} ({yellow}), {r} ({red}), the cycles in brackets",
    )
    return Design(
        ports=(*c.ports, out(1, g), out(1, y), out(1, r)),
        body=body(
            f"reg {span(width)}{t};",
            f"assign {g} = {t} < {lit(green, width)};",
            f"assign {y} = {t} >= {lit(green, width)} && {t} < {lit(change, width)};",
            f"assign {r} = {t} >= {lit(change, width)};",
            c.always(
                f"{t} <= {lit(0, width)};",
                (f"{t} == {lit(total - 1, width)}", f"{t} <= {lit(0, width)};"),
                ("", f"{t} <= {t} + {lit(1, width)};"),
            ),
        ),
        texts=(
            f"Control a traffic light. One lamp is on (1) at a time, in this order, again and again: {order}. Cycles "
            "are "
            f"counted on the {c.edge}.",
            f"The lamps light in turn, {order}, then from the start; a cycle begins with the {c.edge}.",
            f"- lamps {g}, {y}, {r}: exactly one is 1\n- {order}, and repeat\n- advances on the {c.edge}",
            f"At a crossing the light shows {order}, and begins anew, one cycle per {c.edges}. Only one of the outputs "
            "is 1.",
            f"Endless sequence of lamps, each output 1 in its phase only and 0 else: {order} (time base: {c.edge}).",
        ),
        reset=c.resets("the light", first),
    )


def _traffic_values(rows: Rows, green: int, yellow: int, red: int, style: str) -> Iterator[Row]:
    lamps = "g" * green + "y" * yellow + "r" * red
    for lamp, _ in zip(itertools.cycle(lamps), rows, strict=False):
        yield {name: int(name == lamp) for name in "gyr"}


TRAFFIC = Family(
    "traffic_light",
    3,
    _traffic,
    oracle=_traffic_values,
    parameters={"green": (3, 4, 5, 6, 8), "yellow": (1, 2), "red": (3, 4, 5, 6), "style": RISING},
    shifted={"green": (10, 12, 15), "yellow": (3,), "red": (8, 10)},
    names={
        "module": ("traffic_light", "traffic", "light_ctrl", "crossing"),
        "g y r": ("green yellow red", "g y r", "go wait_light stop"),
        "t": ("timer", "count", "t"),
    },
)


def _vending(n: Names, price: int, coins: tuple[int, int], keep: bool, style: str) -> Design:
    c, a, b, y, s, t = clocking(n, style), n.a, n.b, n.y, n.s, n.t
    small, large = coins
    width = (price + small + large).bit_length()
    cost, zero = lit(price, width), lit(0, width)
    rest = f"{s} - {cost}" if keep else zero
    if keep:
        change = either(
            "the rest stays as credit", f"the credit is reduced by {price}", f"only {price} is taken off the credit"
        )
    else:
        change = either("the credit becomes 0, without change", "the whole credit is gone, also what exceeds the price")
    worth = either(
        f"{a} = 1 adds {small} and {b} = 1 adds {large} (both at once add {small + large})",
        f"{a} = 1 is worth {small}, {b} = 1 is worth {large}, and both together are worth {small + large}",
    )
    cleared = f"the credit and {y}"
    return Design(
        ports=(*c.ports, inp(1, a), inp(1, b), reg(1, y)),
        body=body(
            f"reg {span(width)}{t};",
            f"wire {span(width)}{s};",
            f"assign {s} = {t} + ({a} ? {lit(small, width)} : {zero}) + ({b} ? {lit(large, width)} : {zero});",
            c.always(
                f"{t} <= {zero};\n{y} <= 1'b0;",
                (f"{s} >= {cost}", f"{t} <= {rest};\n{y} <= 1'b1;"),
                ("", f"{t} <= {s};\n{y} <= 1'b0;"),
            ),
        ),
        texts=(
            f"Design a vending machine with price {price}. At each {c.edges} coins raise the credit: {worth}. If it reaches "
            f"{price} or "
            f"more, the register {y} becomes 1 and {change}; else {y} becomes 0.",
            f"On the {c.edge}, {worth}. If the credit, these coins included, is at least {price}, {y} goes to "
            "1 and "
            f"{change}; otherwise {y} goes to 0.",
            f"- on the {c.edge}, {worth}\n- new credit >= {price}: {y} = 1 after the edge, {change}\n- otherwise {y} = "
            "0 after "
            f"the edge",
            f"A machine sells drinks for {price}. Coins are seen on the {c.edge}: {worth}. If the credit "
            f"with the coins of this edge suffices, {y} "
            f"is 1 for the next cycle (else 0) and {change}.",
            f"Sum up coins at each {c.edges} ({worth}). When the new sum is {price} or more, registered output {y} "
            "turns 1 and "
            f"{change}; if not, it turns 0.",
        ),
        reset=c.resets(cleared, "0"),
    )


def _vending_values(rows: Rows, price: int, coins: tuple[int, int], keep: bool, style: str) -> Iterator[Row]:
    credit, sold = 0, 0
    for row in rows:
        yield {"y": sold}
        credit += row["a"] * coins[0] + row["b"] * coins[1]
        sold = int(credit >= price)
        if sold:
            credit = credit - price if keep else 0


VENDING = Family(
    "vending",
    3,
    _vending,
    oracle=_vending_values,
    parameters={
        "price": (15, 20, 25, 30, 40),
        "coins": ((5, 10), (1, 5), (2, 5), (10, 20)),
        "keep": (False, True),
        "style": RISING,
    },
    valid=lambda price, coins, keep, style: sum(coins) <= price,  # so the credit stays below the price
    shifted={"price": (50, 60, 75, 100), "coins": ((5, 25), (20, 50))},
    names={
        "module": ("vending", "vending_machine", "drink_machine", "coin_fsm"),
        "a b": ("small_coin large_coin", "coin_a coin_b", "nickel dime", "c1 c2"),
        "y": ("vend", "release_item", "sold", "give"),
        "s": ("sum", "next_credit", "total"),
        "t": ("credit", "paid", "balance"),
    },
    held_out=True,
)


def _handshake(n: Names, width: int, full: bool, style: str) -> Design:
    c, d, q, iv, ir, ov, ordy = clocking(n, style), n.d, n.q, n.iv, n.ir, n.ov, n.ordy
    ready = f"!{ov} || {ordy}" if full else f"!{ov}"
    take = (f"{iv} && {ir}", f"{q} <= {d};\n{ov} <= 1'b1;")
    said = f"{ov} is 0 or {ordy} is 1" if full else f"{ov} is 0"
    leave = either(
        f"otherwise, if {ordy} is 1, {ov} becomes 0; {q} changes with a transfer only",
        f"without that, {ordy} = 1 clears {ov}; {q} keeps its word until another one is taken in",
    )
    cleared = f"{ov} and {q}"
    return Design(
        ports=(*c.ports, inp(1, iv), out(1, ir), inp(width, d), reg(1, ov), inp(1, ordy), reg(width, q)),
        body=body(
            f"assign {ir} = {ready};",
            c.always(f"{ov} <= 1'b0;\n{q} <= {lit(0, width)};", take, (ordy, f"{ov} <= 1'b0;")),
        ),
        texts=(
            f"Build a one-word handshake buffer. {ir} is 1 when {said} (combinational). On the {c.edge} with {iv} and "
            f"{ir} both "
            f"1, {q} takes {d} and {ov} becomes 1; {leave}.",
            f"Let {ir} = 1 exactly if {said}, without a register. At each {c.edges}: if {iv} and {ir} are 1, "
            f"store {d} "
            f"({bits(width)}) in {q} and set {ov}; {leave}.",
            f"- valid/ready buffer for one {bits(width)} word\n- {ir} = 1 if {said}, combinational\n- {c.edge}, {iv} = "
            f"{ir} = "
            f"1: {q} = {d}, {ov} = 1\n- {leave}",
            f"Two blocks exchange {bits(width)} words. The buffer between them accepts {d} into {q} on the {c.edge} "
            f"when {iv} and "
            f"{ir} are 1, and then shows {ov} = 1; {leave}. Without delay, {ir} is 1 when {said}.",
            f"{ir} tells the sender, combinationally, that {said}. A transfer ({iv} = {ir} = 1 at the {c.edges}) copies {d} to {q}, "
            f"raising {ov}; "
            f"{leave}.",
        ),
        reset=c.resets(cleared, "0"),
    )


def _handshake_values(rows: Rows, width: int, full: bool, style: str) -> Iterator[Row]:
    held, last = False, 0
    for row in rows:
        ready = not held or (full and row["ordy"] == 1)
        yield {"ir": int(ready), "ov": int(held), "q": last}
        if row["iv"] and ready:
            held, last = True, row["d"]
        elif row["ordy"]:
            held = False


HANDSHAKE = Family(
    "handshake",
    3,
    _handshake,
    oracle=_handshake_values,
    parameters={"width": (1, 4, 8, 16), "full": (False, True), "style": RISING},
    shifted={"width": (24, 32, 48)},
    names={
        "module": ("handshake", "skid_stage", "hs_buffer", "stage_reg"),
        "d q": ("in_data out_data", "din dout", "s_data m_data"),
        "iv ir ov ordy": ("in_valid in_ready out_valid out_ready", "s_valid s_ready m_valid m_ready"),
    },
    held_out=True,
)
