"""Timers that are started and stopped: how long they run, and what wins when signals meet.

itertl gym --family timer --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RESETS, clocking
from itertl.tasks.gym.design import (
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    body,
    either,
    inp,
    ordinal,
    out,
    reg,
)

STOPS = ("first", "second", "none")  # whether stop goes before start, after it, or is not there


def _timer(n: Names, length: int, stop: str, again: bool, tick: bool, style: str) -> Design:
    c, k, size = clocking(n, style), n.k, length.bit_length()
    zero, done = f"{k} <= {size}'d0;", f"{n.e} <= {{}};"
    quiet = done.format("1'b0")
    begin = f"{k} <= {size}'d{length};\n{quiet}"
    counted = f"{k} <= {k} - {size}'d1;\n{n.e} <= {k} == {size}'d1;"
    running = f"{n.b} && {n.t}" if tick else n.b
    started = (n.go if again else f"{n.go} && !{n.b}", begin)
    halted = [] if stop == "none" else [(n.stop, f"{zero}\n{quiet}")]
    ahead = [*halted, started] if stop == "first" else [started, *halted]
    return Design(
        ports=(
            *c.ports,
            inp(1, n.go),
            *([] if stop == "none" else [inp(1, n.stop)]),
            *([inp(1, n.t)] if tick else []),
            out(1, n.b),
            reg(1, n.e),
        ),
        body=body(
            f"reg [{size - 1}:0] {k};",
            f"assign {n.b} = {k} != {size}'d0;",
            c.always(f"{zero}\n{quiet}", *ahead, (running, counted), ("", quiet)),
        ),
        texts=_texts(n, length, stop, again, tick, c.edge, c.edges),
        reset=c.resets(f"{n.b} and {n.e}", "0"),
    )


def _texts(
    n: Names, length: int, stop: str, again: bool, tick: bool, edge: str, edges: str
) -> tuple[Telling | str, ...]:
    what = f"{edge} with {n.t} = 1" if tick else edge
    rules = [
        either(
            f"On the {edge}, {n.go} = 1 starts the timer, and {n.b} becomes 1.",
            f"The timer is started by {n.go} = 1 on the {edge}, and shows that by {n.b} = 1.",
            f"{n.go} = 1 at the {edges} raises {n.b} and starts the timer.",
        ),
        either(
            f"While the timer runs, {n.go} = 1 begins its time anew.", f"A running timer begins again if {n.go} is 1."
        )
        if again
        else either(f"While {n.b} is 1, {n.go} has no effect.", f"{n.go} is not looked at while the timer runs."),
        either(
            f"The {ordinal(length)} {what} after the edge of its start ends its run; {n.b} becomes 0 and {n.e} becomes 1 "
            "for exactly one clock cycle.",
            f"Counting from the edge next to that of the start, the {ordinal(length)} {what} clears {n.b} and raises "
            f"{n.e} for one clock cycle.",
            f"It has run down with the {ordinal(length)} {what} behind that of the start, which makes {n.b} 0 and, for a "
            f"single cycle, {n.e} 1.",
        ),
    ]
    if tick:
        works = "starting works" if stop == "none" else "starting and stopping work"
        rules.append(
            either(
                f"An edge with {n.t} = 0 does not count, though {works} there, too; the edge of the start is "
                "never counted.",
                f"The starting edge itself is not counted, whatever {n.t} is. With {n.t} = 0 {works} as well.",
            )
        )
    if stop != "none":
        stops = either(f"On the {edge}, {n.stop} = 1 stops the timer;", f"{n.stop} = 1 at the {edges} ends it early;")
        rules += [f"{stops} {n.b} becomes 0 and {n.e} does not become 1.", _meeting(n, stop, again)]
    ending = ["starts its time anew"] * again + ["stops it"] * (stop != "none")
    if ending:
        doing = " or ".join(ending)
        rules.append(
            either(
                f"An edge that {doing} does not count as the end of a run.",
                f"No run ends by running down on an edge that {doing}.",
                f"Counting stands back on an edge that {doing}.",
            )
        )
    rules.append(either(f"{n.e} is 0 in every other cycle.", f"At all other times {n.e} is 0.", f"{n.e} is else 0."))
    return (
        " ".join(rules),
        "- " + "\n- ".join(rules),
        Telling(Form.RULES, "\n".join(["A timer:\n", *(f"{i}. {rule}" for i, rule in enumerate(rules, 1))])),
    )


def _meeting(n: Names, stop: str, again: bool) -> str:
    """Return what happens when the timer is to be started and stopped at once."""
    if stop == "first":
        return f"If {n.stop} and {n.go} are both 1, only {n.stop} has an effect."
    if again:
        return f"If {n.stop} and {n.go} are both 1, only {n.go} has an effect."
    return f"If {n.stop} and {n.go} are both 1, the timer is started where it does not run, and stopped where it runs."


def _timed(rows: Rows, length: int, stop: str, again: bool, tick: bool, style: str) -> Iterator[Expected]:
    left, ended = 0, False
    for row in rows:
        yield {"b": int(left > 0), "e": int(ended)}
        ended = False
        start, halt = row["go"] and (again or not left), stop != "none" and row["stop"]
        if halt and (stop == "first" or not start):
            left = 0
        elif start:
            left = length
        elif left and (not tick or row["t"]):
            left -= 1
            ended = left == 0


TIMER = Family(
    "timer",
    3,
    _timer,
    parameters={
        "length": (3, 4, 5, 6, 7, 9, 10, 12),
        "stop": STOPS,
        "again": (False, True),
        "tick": (False, True),
        "style": RESETS,
    },
    shifted={"length": (14, 17, 20, 25)},
    names={
        "module": ("timer", "timeout", "countdown", "watch", "interval"),
        "go": ("start", "go", "arm", "trigger"),
        "stop": ("stop", "halt", "cancel", "abort"),
        "t": ("tick", "ms_tick", "ce", "slow"),
        "b e": ("running done", "busy expired", "active finished"),
        "k": ("left_over", "count", "remaining"),
    },
    oracle=_timed,
)
