"""Families of serial frames: a start bit, data, perhaps a parity bit, a stop bit; one bit a clock cycle.

itertl gym --family frame_receiver --seed 1
"""

from collections.abc import Iterator

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import (
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    body,
    chain,
    either,
    inp,
    out,
    reg,
)

PARITIES = ("none", "even", "odd")
PARITY = {
    kind: either(
        f"a parity bit that makes the number of ones in data and parity {kind}",
        f"one bit of {kind} parity over the data bits",
        f"a bit with which data and parity hold an {kind} number of ones",
    )
    for kind in ("even", "odd")
}


def _order(width: int, lsb: bool) -> str:
    first, last = (0, width - 1) if lsb else (width - 1, 0)
    return either(
        f"{width} data bits (bit {first} first)",
        f"{width} bits of data, from bit {first} to bit {last}",
        f"{width} data bits, {'least' if lsb else 'most'} significant first",
    )


def _parts(width: int, lsb: bool, parity: str, stop: str) -> list[str]:
    """Return what a frame consists of, in its order."""
    return [
        either("a start bit 0", "a start bit, which is 0", "a 0 as start bit"),
        _order(width, lsb),
        *([PARITY[parity]] if parity in PARITY else []),
        stop,
    ]


def _joined(parts: list[str]) -> str:
    return f"{'; '.join(parts[:-1])}; and {parts[-1]}"


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
            f"{text} {either('The receiver then waits for a start bit.', 'A frame under way is forgotten.', 'It then looks for a start bit.')}"
            for text in c.resets(f"{n.q}, {n.y} and {n.e}", "0")
        ),
    )


def _receiver_texts(n: Names, width: int, lsb: bool, parity: str, edge: str) -> tuple[Telling | str, ...]:
    parts = _parts(width, lsb, parity, either("a stop bit 1", "a stop bit, which is 1", "a 1 as stop bit"))
    wrong, right = "the stop bit is 0", "the stop bit is 1"
    if parity != "none":
        wrong += either(" or the parity is wrong", " or the parity bit does not fit", ", or parity fails")
        right += either(" and the parity is right", " and the parity bit fits", ", and parity agrees")
    after = either(
        "The next start bit may follow directly behind the stop bit; a 0 instead of a stop bit does not count as one.",
        "Right after the place of the stop bit a new frame may begin, though a 0 there begins none.",
        "A wrong stop bit is no start bit. The bit that follows the stop bit's place may be one.",
    )
    rest = either(
        f"At all other times {n.y} and {n.e} are 0.",
        f"In every other cycle, both {n.y} and {n.e} are 0.",
        f"Apart from these cycles {n.y} and {n.e} are 0.",
    )
    cycle = either("for the one cycle after that edge", "for one cycle from that edge on", "in just the cycle after it")
    line = either(
        f"Receive serial frames on {n.d}, one bit per {edge}.",
        f"{n.d} is a serial line with one bit per {edge}.",
        f"Take in serial data from {n.d}, which carries one bit for each {edge}.",
    )
    idle = either("While idle the line is 1.", "The line rests at 1.", "Between frames the line is 1.")
    has = either("A frame has", "A frame consists of", "These make up a frame:")
    taken = either(
        "When the stop bit has been sampled", "With the edge that samples the stop bit", "At the stop bit's edge"
    )
    return (
        f"{line} {idle} {has} {_joined(parts)}. {taken}: if {right}, {n.q} ({width} bits) gets the data and {n.y} is 1 "
        f"{cycle}; if {wrong}, {n.q} keeps its value and {n.e} is 1 {cycle} instead. {rest} {after}",
        f"- {line}\n- {idle}\n- {has} {_joined(parts)}\n- {taken}, {n.q} becomes the {width} data bits and {n.y} "
        f"goes to 1 {cycle}, provided that {right}\n- Where {wrong}, {n.q} is left as it is, and {n.e} goes to 1 {cycle} "
        f"instead\n- {rest}\n- {after}",
        Telling(
            Form.RULES,
            f"{line} {idle} {has}\n{_steps(parts)}\n\nThe outputs are registers. {taken}, if {right}, {n.q} takes the data "
            f"({width} bits) and {n.y} is 1 {cycle}; if {wrong}, {n.q} stays and {n.e} is 1 {cycle}. {rest} {after}",
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
        reset=tuple(
            f"{text} {either(f'A frame is cut off by it; {n.y} is 1 then.', f'It also ends any frame, so that {n.y} is 1.')}"
            for text in c.resets(n.b, "0")
        ),
    )


def _sender_texts(n: Names, width: int, lsb: bool, parity: str, stops: int, edge: str) -> tuple[Telling | str, ...]:
    stop = either("a stop bit 1", "a stop bit, which is 1", "a 1 as stop bit")
    parts = _parts(width, lsb, parity, stop if stops == 1 else f"{stops} stop bits, each 1")
    total = 1 + width + (parity != "none") + stops
    line = either(
        f"Send {n.d} ({width} bits) in a serial frame on {n.y}, one bit a clock cycle.",
        f"{n.y} is a serial line on which the {width}-bit word {n.d} leaves in a frame, a bit per cycle.",
        f"This is a sender: words {n.d} of {width} bits go out over {n.y}, a bit in each clock cycle.",
    )
    starts = either(
        f"If {n.go} is 1 on the {edge} while {n.b} is 0, {n.d} is taken, and the frame begins with the cycle after that edge:",
        f"The {edge} with {n.go} = 1 and {n.b} = 0 stores {n.d}; from this edge on the line shows, bit after bit,",
        f"When {n.go} is 1 at the {edge} and {n.b} is 0, the present {n.d} is sent, beginning in the next cycle:",
    )
    busy = either(
        f"{n.b} is 1 for the {total} cycles of the frame and else 0; {n.go} does not count while it is 1.",
        f"During all {total} bits {n.b} is 1 and {n.go} has no effect; otherwise {n.b} is 0.",
        f"{n.b} = 1 marks the {total} cycles of a frame, in which {n.go} and {n.d} are not looked at; else {n.b} = 0.",
    )
    rest = either(f"Between frames {n.y} is 1.", f"Outside of frames {n.y} is 1.", f"The idle level of {n.y} is 1.")
    gap = either(
        f"After a frame there is at least one cycle with {n.b} at 0.",
        f"So the next frame can be started, at the earliest, on the edge that ends one cycle with {n.b} = 0.",
        f"Two frames in a row have a cycle or more with {n.b} = 0 between them.",
        f"{n.b} is 0 for one cycle, or longer, before the next frame.",
    )
    return (
        f"{line} {starts} {_joined(parts)}. {busy} {rest} {gap}",
        f"- {line}\n- {starts} {_joined(parts)}\n- {busy}\n- {rest}\n- {gap}",
        Telling(Form.RULES, f"{line} {rest} {starts}\n{_steps(parts)}\n\n{busy} {gap}"),
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
