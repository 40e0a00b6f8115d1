"""Families of finite state machines and controllers.

itertl gym --family sequence_detector --seed 1
"""

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import Design, Family, Names, bits, body, case, inp, lit, out, reg, span

PATTERNS = ("101", "110", "011", "111", "010", "100", "1011", "1101", "1001", "0110", "1010", "0111")


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
        f"during the cycle after the {c.edges} that takes in the last bit"
        if moore
        else "at once, while the last bit is present"
    )
    kind = f"Moore: {y} depends on the state only" if moore else f"Mealy: {y} depends on the state and on {d}"
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
            f"0 ({kind}). {share}. {c.reset(0, 'the machine', 'its start')}",
            f"{c.reset(1, 'the machine', 'its start')} {d} brings one bit per {c.edges}. After the bits {pattern}, in "
            "this "
            f"order, {y} is 1 {when}. {kind}. {share}.",
            f"- serial input {d}, sampled on the {c.edge}\n- pattern {pattern}, left bit first\n- {y} = 1 {when}\n- "
            f"{kind}\n"
            f"- {share}\n- {c.reset(2, 'the machine', 'its start')}",
            f"A receiver looks for the marker {pattern} in the stream {d} (a bit per {c.edges}, left bit first). It "
            f"raises {y} "
            f"{when}. {kind}. {share}. {c.reset(3, 'the machine', 'its start')}",
            f"{y} announces the pattern {pattern}, whose left bit arrives first on {d} ({c.edge}), {when}. {kind}. "
            f"{share}. "
            f"{c.reset(4, 'the machine', 'its start')}",
        ),
    )


def _border(pattern: str) -> int:
    """Return the length of the longest proper prefix of `pattern` that also ends it."""
    return next(k for k in range(len(pattern) - 1, -1, -1) if pattern.endswith(pattern[:k]))


SEQUENCE = Family(
    "sequence_detector",
    3,
    _sequence,
    parameters={"pattern": PATTERNS, "moore": (False, True), "overlap": (True, False), "style": RISING},
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
    width = (total - 1).bit_length()
    order = f"{g} for {green} cycles, {y} for {yellow}, {r} for {red}"
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
            f"counted on the {c.edge}. {c.reset(0, 'the light', f'the first cycle of {g}')}",
            f"{c.reset(1, 'the light', f'the first cycle of {g}')} From there the lamps light in turn, {order}, then "
            "from the "
            f"start; a cycle begins with the {c.edge}.",
            f"- lamps {g}, {y}, {r}: exactly one is 1\n- {order}, and repeat\n- advances on the {c.edge}\n"
            f"- {c.reset(2, 'the light', f'the first cycle of {g}')}",
            f"At a crossing the light shows {order}, and begins anew, one cycle per {c.edges}. Only one of the outputs "
            "is 1. "
            f"{c.reset(3, 'the light', f'the first cycle of {g}')}",
            f"Endless sequence of lamps, each output 1 in its phase only and 0 else: {order} (time base: {c.edge}). "
            f"{c.reset(4, 'the light', f'the first cycle of {g}')}",
        ),
    )


TRAFFIC = Family(
    "traffic_light",
    3,
    _traffic,
    parameters={"green": (3, 4, 5, 6, 8), "yellow": (1, 2), "red": (3, 4, 5, 6), "style": RISING},
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
    change = "the rest stays as credit" if keep else "the credit becomes 0, without change"
    worth = f"{a} = 1 adds {small} and {b} = 1 adds {large} (both at once add {small + large})"
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
            f"Design a vending machine with price {price}. At each {c.edges}, {worth} to the credit. If that reaches "
            f"{price} or "
            f"more, the register {y} becomes 1 and {change}; else {y} becomes 0. {c.reset(0, cleared, '0')}",
            f"{c.reset(1, cleared, '0')} On the {c.edge}, {worth}. A credit of at least {price} is spent: {y} goes to "
            "1 and "
            f"{change}; otherwise {y} goes to 0.",
            f"- on the {c.edge}, {worth}\n- new credit >= {price}: {y} = 1 after the edge, {change}\n- otherwise {y} = "
            "0 after "
            f"the edge\n- {c.reset(2, cleared, '0')}",
            f"A machine sells drinks for {price}. Coins are seen on the {c.edge}: {worth}. As soon as the credit "
            f"suffices, {y} "
            f"is 1 for the next cycle (else 0) and {change}. {c.reset(3, cleared, '0')}",
            f"Sum up coins at each {c.edges} ({worth}). When the new sum is {price} or more, registered output {y} "
            "turns 1 and "
            f"{change}; if not, it turns 0. {c.reset(4, cleared, '0')}",
        ),
    )


VENDING = Family(
    "vending",
    3,
    _vending,
    parameters={
        "price": (15, 20, 25, 30, 40),
        "coins": ((5, 10), (1, 5), (2, 5), (10, 20)),
        "keep": (False, True),
        "style": RISING,
    },
    valid=lambda price, coins, keep, style: sum(coins) <= price,  # so the credit stays below the price
    names={
        "module": ("vending", "vending_machine", "drink_machine", "coin_fsm"),
        "a b": ("small_coin large_coin", "coin_a coin_b", "nickel dime", "c1 c2"),
        "y": ("vend", "release_item", "sold", "give"),
        "s": ("sum", "next_credit", "total"),
        "t": ("credit", "paid", "balance"),
    },
)


def _handshake(n: Names, width: int, full: bool, style: str) -> Design:
    c, d, q, iv, ir, ov, ordy = clocking(n, style), n.d, n.q, n.iv, n.ir, n.ov, n.ordy
    ready = f"!{ov} || {ordy}" if full else f"!{ov}"
    take = (f"{iv} && {ir}", f"{q} <= {d};\n{ov} <= 1'b1;")
    said = f"{ov} is 0 or {ordy} is 1" if full else f"{ov} is 0"
    leave = f"otherwise, if {ordy} is 1, {ov} becomes 0"
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
            f"1, {q} takes {d} and {ov} becomes 1; {leave}. {c.reset(0, cleared, '0')}",
            f"{c.reset(1, cleared, '0')} Let {ir} = 1 exactly if {said}. At each {c.edges}: if {iv} and {ir} are 1, "
            f"store {d} "
            f"({bits(width)}) in {q} and set {ov}; {leave}.",
            f"- valid/ready buffer for one {bits(width)} word\n- {ir} = 1 if {said}, combinational\n- {c.edge}, {iv} = "
            f"{ir} = "
            f"1: {q} = {d}, {ov} = 1\n- {leave}\n- {c.reset(2, cleared, '0')}",
            f"Two blocks exchange {bits(width)} words. The buffer between them accepts {d} into {q} on the {c.edge} "
            f"when {iv} and "
            f"{ir} are 1, and then shows {ov} = 1; {leave}. {ir} is 1 when {said}. {c.reset(3, cleared, '0')}",
            f"{ir} tells the sender that {said}. A transfer ({iv} = {ir} = 1 at the {c.edges}) copies {d} to {q}, "
            f"raising {ov}; "
            f"{leave}. {c.reset(4, cleared, '0')}",
        ),
    )


HANDSHAKE = Family(
    "handshake",
    3,
    _handshake,
    parameters={"width": (1, 4, 8, 16), "full": (False, True), "style": RISING},
    names={
        "module": ("handshake", "skid_stage", "hs_buffer", "stage_reg"),
        "d q": ("in_data out_data", "din dout", "s_data m_data"),
        "iv ir ov ordy": ("in_valid in_ready out_valid out_ready", "s_valid s_ready m_valid m_ready"),
    },
    held_out=True,
)
