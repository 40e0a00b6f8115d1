"""Banks of registers behind a bus: addresses and attributes drawn, behind a plain bus or an AXI-lite one.

itertl gym --family register_bank --seed 1
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Row,
    Rows,
    Telling,
    body,
    case,
    chain,
    inp,
    lit,
    out,
    reg,
)
from itertl.tasks.gym.layout import grid


@dataclass(frozen=True, slots=True)
class Word:
    """An address with what lies there: "rw", "ro" (an input), "const" or "w1c"; `value` is its reset or its constant."""

    address: int
    kind: str
    value: int


Words = tuple[Word, ...]
MEANS = {
    "rw": "read and write; reset value {value}; its contents are always on {q}",
    "ro": "read only; reads as the input {i}",
    "const": "read only; reads as the constant {value}",
    "w1c": "flags; a 1 in {i} at an edge sets the same bit, writing a 1 to a bit clears it, and setting wins; reset value 0; "
    "its contents are always on {q}",
}


def _bank(n: Names, width: int, address: int, words: Words, axi: bool, style: str) -> Design:
    c, known = clocking(n, style), vars(n)
    q, i = [known[f"q{k}"] for k in range(6)], [known[f"i{k}"] for k in range(6)]
    zero = lit(0, width)
    wr = f"{n.we} && {n.wv} && !{n.bv}" if axi else n.we
    rd = f"{n.re} && !{n.rv}" if axi else n.re
    cleared, steps, reads = [], [], {}
    for k, word in enumerate(words):
        hit = f"{n.go} && {n.wa} == {lit(word.address, address)}"
        if word.kind == "rw":
            cleared.append(f"{q[k]} <= {lit(word.value, width)};")
            steps.append(chain((hit, f"{q[k]} <= {n.wd};")))
        if word.kind == "w1c":
            cleared.append(f"{q[k]} <= {zero};")
            steps.append(f"{q[k]} <= ({q[k]} & ~(({hit}) ? {n.wd} : {zero})) | {i[k]};")
        source = {"ro": i[k], "const": lit(word.value, width)}.get(word.kind, q[k])
        reads[lit(word.address, address)] = f"{n.rd} <= {source};"
    cleared.append(f"{n.rd} <= {zero};")
    read = case(n.ra, reads, f"{n.rd} <= {zero};")
    if axi:
        written = " || ".join(f"{n.wa} == {lit(w.address, address)}" for w in words if w.kind in ("rw", "w1c"))
        there = " || ".join(f"{n.ra} == {lit(w.address, address)}" for w in words)
        cleared += [f"{n.bv} <= 1'b0;", f"{n.br} <= 2'd0;", f"{n.rv} <= 1'b0;", f"{n.rr} <= 2'd0;"]
        steps.append(
            chain((n.go, f"{n.bv} <= 1'b1;\n{n.br} <= ({written}) ? 2'd0 : 2'd2;"), (n.bd, f"{n.bv} <= 1'b0;"))
        )
        read = f"{n.rv} <= 1'b1;\n{n.rr} <= ({there}) ? 2'd0 : 2'd2;\n{read}"
        steps.append(chain((rd, read), (n.rq, f"{n.rv} <= 1'b0;")))
    else:
        steps.append(chain((rd, read)))
    lines = [f"wire {n.go};", f"assign {n.go} = {wr};"]
    if axi:
        lines += [f"assign {n.wy} = {n.go};", f"assign {n.dy} = {n.go};", f"assign {n.ry} = !{n.rv};"]
    write_ports: tuple[str, ...] = (inp(1, n.we), inp(address, n.wa), inp(width, n.wd))
    read_ports: tuple[str, ...] = (inp(1, n.re), inp(address, n.ra), reg(width, n.rd))
    if axi:
        write_ports += (out(1, n.wy), inp(1, n.wv), out(1, n.dy), reg(1, n.bv), inp(1, n.bd), reg(2, n.br))
        read_ports += (out(1, n.ry), reg(1, n.rv), inp(1, n.rq), reg(2, n.rr))
    return Design(
        ports=(
            *c.ports,
            *write_ports,
            *read_ports,
            *(inp(width, i[k]) for k, word in enumerate(words) if word.kind in ("ro", "w1c")),
            *(reg(width, q[k]) for k, word in enumerate(words) if word.kind in ("rw", "w1c")),
        ),
        body=body(*lines, c.always("\n".join(cleared), ("", "\n".join(steps)))),
        texts=(_told(n, c.edge, width, words, axi, Form.TABLE), _told(n, c.edge, width, words, axi, Form.RULES)),
        reset=c.resets(
            "all registers",
            f"their reset values (those of {n.rd} and of all handshake outputs that are registers are 0)"
            if axi
            else f"their reset values (that of {n.rd} is 0)",
        ),
    )


def _told(n: Names, edge: str, width: int, words: Words, axi: bool, form: Form) -> Telling:
    known = vars(n)
    said = [
        MEANS[word.kind].format(q=known[f"q{k}"], i=known[f"i{k}"], value=word.value) for k, word in enumerate(words)
    ]
    if axi:
        rules: tuple[str, ...] = (
            f"Write: {n.we} says that the address {n.wa} is valid, {n.wv} that the data {n.wd} are. {n.wy} and {n.dy} are both 1, at "
            f"once, exactly while {n.we} and {n.wv} are 1 and {n.bv} is 0, and a write happens on the {edge} in such a cycle. That "
            f"edge also sets {n.bv} to 1 and {n.br} to 0, or to 2 where nothing can be written at the address. At a later edge, "
            f"without a new write, {n.bd} = 1 brings {n.bv} back to 0; {n.br} stays.",
            f"Read: {n.ry} is 1, at once, exactly while {n.rv} is 0. On the {edge} with {n.re} and {n.ry} at 1, {n.rv} becomes 1, "
            f"{n.rd} takes the word at {n.ra}, and {n.rr} becomes 0, or 2 where there is no word (then {n.rd} is 0). While "
            f"{n.rv} is 1, an edge with {n.rq} = 1 brings it back to 0; {n.rd} and {n.rr} stay.",
        )
    else:
        rules = (
            f"Write: with {n.we} = 1, the word at {n.wa} takes {n.wd} on the {edge}; elsewhere, and where it can only be read, "
            "nothing happens.",
            f"Read: with {n.re} = 1, {n.rd} takes the word at {n.ra} on the {edge}, or 0 where there is none; with {n.re} = 0 it "
            "keeps its value.",
        )
    rules += ("A read at the same edge as a write or an event gets the old value.",)
    bus = "an AXI-lite bus" if axi else "a simple bus"

    def tell(_: Names, rng: random.Random) -> str:
        order = list(range(len(words)))
        if rng.random() < 0.5:
            rng.shuffle(order)
        intro = rng.choice(
            (
                f"Build a bank of {len(words)} words of {width} bits behind {bus}.",
                f"{bus[0].upper()}{bus[1:]} gives access to {len(words)} words of {width} bits.",
                f"The registers of a peripheral, {width} bits each, are reached by {bus}.",
            )
        )
        digits = rng.random() < 0.5
        shown = [f"0x{words[k].address:02X}" if digits else str(words[k].address) for k in order]
        if form is Form.TABLE:
            listed = grid(["address"], ["word"], [([a], [said[k]]) for a, k in zip(shown, order, strict=True)], rng)
        else:
            listed = "\n".join(f"- address {a}: {said[k]}" for a, k in zip(shown, order, strict=True))
        return "\n\n".join([intro, listed, "\n".join(rules)])

    return Telling(form, tell)


def _draw(rng: random.Random, wide: bool) -> Combination:
    count = rng.randint(5, 6) if wide else rng.randint(2, 4)
    address = rng.randint(5, 8) if wide else rng.randint(3, 5)
    width = rng.choice((4, 8, 8, 16, 32))
    kinds = ["rw", *(rng.choice(("rw", "ro", "const", "w1c")) for _ in range(count - 1))]
    rng.shuffle(kinds)
    places = rng.sample(range(1 << address), count) if rng.random() < 0.6 else range(count)
    return {
        "width": width,
        "address": address,
        "words": tuple(
            Word(place, kind, rng.randrange(1 << width) if kind == "const" or rng.random() < 0.5 else 0)
            for place, kind in zip(places, kinds, strict=True)
        ),
        "axi": rng.random() < 0.5,
        "style": rng.choice(RISING),
    }


def _values(rows: Rows, width: int, address: int, words: Words, axi: bool, style: str) -> Iterator[Expected]:
    held = {word.address: word.value if word.kind in ("rw", "const") else 0 for word in words}
    writable = {word.address for word in words if word.kind in ("rw", "w1c")}
    answer: dict[str, int] = {"rd": 0, **({"bv": 0, "br": 0, "rv": 0, "rr": 0} if axi else {})}
    for row in rows:
        write = row["we"] == 1 and (not axi or (row["wv"] == 1 and not answer["bv"]))
        read = row["re"] == 1 and (not axi or not answer["rv"])
        shown = {f"q{k}": held[word.address] for k, word in enumerate(words) if word.address in writable}
        ready = {"wy": int(write), "dy": int(write), "ry": 1 - answer["rv"]} if axi else {}
        yield {**answer, **ready, **shown}
        seen = {word.address: row[f"i{k}"] if word.kind == "ro" else held[word.address] for k, word in enumerate(words)}
        _after(row, words, write, held)
        if read:
            answer["rd"] = seen.get(row["ra"], 0)
        if axi and write:
            answer |= {"bv": 1, "br": 0 if row["wa"] in writable else 2}
        elif axi and row["bd"]:
            answer["bv"] = 0
        if axi and read:
            answer |= {"rv": 1, "rr": 0 if row["ra"] in seen else 2}
        elif axi and row["rq"]:
            answer["rv"] = 0


def _after(row: Row, words: Words, write: bool, held: dict[int, int]) -> None:
    """Bring the words that can be written to what they are behind the edge."""
    for k, word in enumerate(words):
        hit = write and row["wa"] == word.address
        if word.kind == "rw" and hit:
            held[word.address] = row["wd"]
        if word.kind == "w1c":
            gone = row["wd"] if hit else 0
            held[word.address] = held[word.address] - (held[word.address] & gone) | row[f"i{k}"]


REGISTER_BANK = Family(
    "register_bank",
    3,
    _bank,
    {
        "module": ("reg_bank", "csr", "peripheral_regs", "config_regs", "bus_slave"),
        "we wy wa wv dy wd bv bd br re ry ra rv rq rd rr": (
            "awvalid awready awaddr wvalid wready wdata bvalid bready bresp arvalid arready araddr rvalid rready rdata rresp",
            "s_awvalid s_awready s_awaddr s_wvalid s_wready s_wdata s_bvalid s_bready s_bresp s_arvalid s_arready s_araddr "
            "s_rvalid s_rready s_rdata s_rresp",
        ),
        "go": ("do_write", "wr_now", "write_hit"),
        "q0 q1 q2 q3 q4 q5": (
            "reg0 reg1 reg2 reg3 reg4 reg5",
            "q0 q1 q2 q3 q4 q5",
            "cfg_a cfg_b cfg_c cfg_d cfg_e cfg_f",
        ),
        "i0 i1 i2 i3 i4 i5": ("in0 in1 in2 in3 in4 in5", "hw_a hw_b hw_c hw_d hw_e hw_f", "st0 st1 st2 st3 st4 st5"),
    },
    oracle=_values,
    draw=_draw,
)
