"""Families of serial frames: a start bit, data, perhaps a parity bit, a stop bit; one bit a clock cycle.

itertl gym --family frame_receiver --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import Design, Expected, Family, Form, Names, Rows, Telling, body, chain, inp, out, reg

PARITIES = ("none", "even", "odd")
PARITY = {
    "even": "a parity bit that makes the number of ones in data and parity even",
    "odd": "a parity bit that makes the number of ones in data and parity odd",
}


def _order(width: int, lsb: bool) -> str:
    return f"{width} data bits (bit {0 if lsb else width - 1} first)"


def _parts(width: int, lsb: bool, parity: str, stop: str) -> list[str]:
    """Return what a frame consists of, in its order."""
    return ["a start bit 0", _order(width, lsb), *([PARITY[parity]] if parity in PARITY else []), stop]


def _joined(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _steps(parts: list[str]) -> str:
    return "\n".join(f"{k}. {part}" for k, part in enumerate(parts, 1))


def _receiver(n: Names, width: int, lsb: bool, parity: str, style: str) -> Design:
    c, d, k, sh = clocking(n, style), n.d, n.k, n.sh
    last = width + (1 if parity == "none" else 2)  # the step that samples the stop bit; 0 waits for a start bit
    size = last.bit_length()
    at = [f"{k} == {size}'d{step}" for step in range(last + 1)]
    check = {"none": "", "even": f" && ^{sh} == {n.p}", "odd": f" && ^{sh} != {n.p}"}[parity]
    right, wrong = f"{d}{check}", f"!({d}{check})" if check else f"!{d}"
    shift = f"{sh} <= {{{d}, {sh}[{width - 1}:1]}};" if lsb else f"{sh} <= {{{sh}[{width - 2}:0], {d}}};"
    end = f"{k} <= {size}'d0;\n{n.y} <= {right};\n{n.e} <= {wrong};\n{chain((right, f'{n.q} <= {sh};'))}"
    arms = [(at[0], chain((f"!{d}", f"{k} <= {size}'d1;"))), (at[last], end)]
    middle = f"{k} <= {k} + {size}'d1;"
    if parity == "none":
        arms.append(("", f"{middle}\n{shift}"))
    else:
        arms.append(("", f"{middle}\n" + chain((at[width + 1], f"{n.p} <= {d};"), ("", shift))))
    zero = [f"{k} <= {size}'d0;", f"{sh} <= {width}'d0;", f"{n.q} <= {width}'d0;", f"{n.y} <= 1'b0;", f"{n.e} <= 1'b0;"]
    held = [] if parity == "none" else [f"{n.p} <= 1'b0;"]
    idle = f"{n.y} <= 1'b0;\n{n.e} <= 1'b0;\n"
    return Design(
        ports=(*c.ports, inp(1, d), reg(width, n.q), reg(1, n.y), reg(1, n.e)),
        body=body(
            f"reg [{size - 1}:0] {k};",
            f"reg [{width - 1}:0] {sh};",
            *([] if parity == "none" else [f"reg {n.p};"]),
            c.always("\n".join([*zero, *held]), ("", idle + chain(*arms))),
        ),
        texts=_receiver_texts(n, width, lsb, parity, c.edge),
        reset=tuple(
            f"{text} The receiver then waits for a start bit." for text in c.resets(f"{n.q}, {n.y} and {n.e}", "0")
        ),
    )


def _receiver_texts(n: Names, width: int, lsb: bool, parity: str, edge: str) -> tuple[Telling | str, ...]:
    parts = _parts(width, lsb, parity, "a stop bit 1")
    wrong = "the stop bit is 0" if parity == "none" else "the stop bit is 0 or the parity is wrong"
    right = "the stop bit is 1" if parity == "none" else "the stop bit is 1 and the parity is right"
    after = "The bit after the stop bit's place may be the next start bit already; a 0 in the place of the stop bit is none."
    return (
        f"Receive serial frames on {n.d}, one bit per {edge}. While idle the line is 1. A frame has {_joined(parts)}. "
        f"When the bit in the stop bit's place has been taken and {right}, {n.q} ({width} bits) gets the data and {n.y} is "
        f"1 for the one cycle after that edge. If {wrong}, {n.q} keeps its value and {n.e} is 1 for that cycle instead. "
        f"At all other times {n.y} and {n.e} are 0. {after}",
        f"- The serial line {n.d} is sampled on the {edge}, one bit each; it rests at 1\n- A frame is {_joined(parts)}\n"
        f"- All right ({right}): with the edge that takes the stop bit, {n.q} becomes the {width} data bits and {n.y} goes "
        f"to 1 for one cycle\n- Otherwise: {n.q} is left as it is, and {n.e} goes to 1 for one cycle with that edge\n"
        f"- {n.y} and {n.e} are 0 in every other cycle\n- {after}",
        Telling(
            Form.RULES,
            f"Serial receiver, one bit of {n.d} per {edge}, idle level 1. Frame:\n{_steps(parts)}\n\nAll three outputs are "
            f"registers that change with the edge which samples the stop bit: if {right}, {n.q} takes the data "
            f"({width} bits) and {n.y} is 1 for one cycle; if {wrong}, {n.q} stays and {n.e} is 1 for one cycle. "
            f"Apart from these cycles {n.y} and {n.e} are 0. {after}",
        ),
    )


def _received(rows: Rows, width: int, lsb: bool, parity: str, style: str) -> Iterator[Expected]:
    word, good, bad = 0, 0, 0
    frame: list[int] = []
    length = 2 + width + (parity != "none")
    for row in rows:
        yield {"q": word, "y": good, "e": bad}
        good = bad = 0
        if not frame and row["d"]:
            continue
        frame.append(row["d"])
        if len(frame) == length:
            data, ones = frame[1 : width + 1], sum(frame[1:-1])
            fits = parity == "none" or ones % 2 == (parity == "odd")
            good = int(frame[-1] == 1 and fits)
            bad, frame = 1 - good, []
            if good:
                word = int("".join(map(str, reversed(data) if lsb else data)), 2)


RECEIVER = Family(
    "frame_receiver",
    3,
    _receiver,
    parameters={"width": (4, 5, 6, 7, 8), "lsb": (True, False), "parity": PARITIES, "style": RISING},
    shifted={"width": (3, 9, 10, 12)},
    names={
        "module": ("receiver", "frame_rx", "serial_in", "rx", "deframer"),
        "d": ("line", "rx_bit", "d", "serial"),
        "q y e": ("word good bad", "q valid err", "data done error", "payload ok fail"),
        "k sh p": ("step shift par", "state buf_q par_q", "pos sr pbit"),
    },
    oracle=_received,
)


def _sender(n: Names, width: int, lsb: bool, parity: str, stops: int, style: str) -> Design:
    c = clocking(n, style)
    length = 1 + width + (parity != "none") + stops
    size = length.bit_length()
    data = f"{{{', '.join(f'{n.d}[{i}]' for i in range(width))}}}" if not lsb else n.d
    extra = {"none": "", "even": f"^{n.d}, ", "odd": f"~^{n.d}, "}[parity]
    ones = f"{stops}'b{'1' * stops}"
    start = f"{n.sh} <= {{{ones}, {extra}{data}, 1'b0}};\n{n.k} <= {size}'d{length};"
    step = f"{n.sh} <= {{1'b1, {n.sh}[{length - 1}:1]}};\n{n.k} <= {n.k} - {size}'d1;"
    return Design(
        ports=(*c.ports, inp(1, n.go), inp(width, n.d), out(1, n.y), out(1, n.b)),
        body=body(
            f"reg [{length - 1}:0] {n.sh};",
            f"reg [{size - 1}:0] {n.k};",
            f"assign {n.y} = {n.sh}[0];",
            f"assign {n.b} = {n.k} != {size}'d0;",
            c.always(
                f"{n.sh} <= {length}'b{'1' * length};\n{n.k} <= {size}'d0;",
                (n.b, step),
                (n.go, start),
            ),
        ),
        texts=_sender_texts(n, width, lsb, parity, stops, c.edge),
        reset=tuple(f"{text} A frame is cut off by it; {n.y} is 1 then." for text in c.resets(n.b, "0")),
    )


def _sender_texts(n: Names, width: int, lsb: bool, parity: str, stops: int, edge: str) -> tuple[Telling | str, ...]:
    parts = _parts(width, lsb, parity, "a stop bit 1" if stops == 1 else f"{stops} stop bits 1")
    total = 1 + width + (parity != "none") + stops
    return (
        f"Send {n.d} ({width} bits) in a serial frame on {n.y}, one bit a clock cycle. If {n.go} is 1 on the {edge} while "
        f"{n.b} is 0, {n.d} is taken, and the frame begins with the cycle after that edge: {_joined(parts)}. {n.b} is 1 "
        f"for the {total} cycles of the frame and else 0; {n.go} does not count while it is 1. Between frames {n.y} is 1. "
        f"After a frame there is at least one cycle with {n.b} at 0.",
        f"- {n.y} is a serial line, 1 at rest\n- On the {edge}, {n.go} = 1 starts a frame, unless {n.b} is 1\n- The data is "
        f"the {width}-bit value of {n.d} at that edge; later changes of {n.d} do not matter\n- From then on, one bit a "
        f"cycle: {_joined(parts)}\n- {n.b} is 1 in just these {total} cycles, and a new frame can only be started on "
        f"the edge that ends a cycle with {n.b} = 0",
        Telling(
            Form.RULES,
            f"Serial sender. A frame, one bit a cycle on {n.y}:\n{_steps(parts)}\n\nIt begins in the cycle after a {edge} "
            f"with {n.go} = 1 and {n.b} = 0, and carries the {width}-bit {n.d} of that edge. {n.b} = 1 during all {total} "
            f"bits, 0 otherwise. {n.y} = 1 outside of frames. {n.go} is not looked at while {n.b} = 1.",
        ),
    )


def _sent(rows: Rows, width: int, lsb: bool, parity: str, stops: int, style: str) -> Iterator[Expected]:
    queue: list[int] = []
    for row in rows:
        yield {"y": queue[0] if queue else 1, "b": int(bool(queue))}
        if queue:
            queue.pop(0)
        elif row["go"]:
            data = [row["d"] >> i & 1 for i in range(width)]
            check = [] if parity == "none" else [(sum(data) + (parity == "odd")) % 2]
            queue = [0, *(data if lsb else data[::-1]), *check, *[1] * stops]


SENDER = Family(
    "frame_sender",
    3,
    _sender,
    parameters={"width": (4, 5, 6, 8), "lsb": (True, False), "parity": PARITIES, "stops": (1, 2), "style": RISING},
    shifted={"width": (3, 7, 9, 12)},
    names={
        "module": ("sender", "frame_tx", "serial_out", "tx", "transmit"),
        "go d": ("send word", "start d", "go data", "tx_en payload"),
        "y b": ("line busy", "tx_bit active", "y b", "serial working"),
        "sh k": ("shift left_over", "frame_q count", "sr cnt"),
    },
    oracle=_sent,
)
