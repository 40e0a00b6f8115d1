"""Families with storage that is addressed, and with several users: register file, FIFO, stack, arbiters, streams.

itertl gym --family fifo --seed 1
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
    chain,
    either,
    inp,
    lit,
    out,
    reg,
    span,
)

SYNCHRONOUS = ("sync", "sync_n", "fall")  # a memory is not reset, so its pointers are reset with the clock


def _register_file(n: Names, depth: int, width: int, reads: int, zero: bool, style: str) -> Design:
    c, we, wa, d, m = clocking(n, style), n.we, n.wa, n.d, n.m
    size = (depth - 1).bit_length()
    ports = [(n.ra, n.qa), (n.rb, n.qb)][:reads]
    value = f"({{a}} == {lit(0, size)}) ? {lit(0, width)} : {m}[{{a}}]" if zero else f"{m}[{{a}}]"
    lines = [f"assign {q} = {value.format(a=a)};" for a, q in ports]
    said = " and ".join(f"{q} shows the word at {a}" for a, q in ports)
    rule = " Address 0 always reads as 0." if zero else ""
    fresh = either(
        "A word that was never written is undefined.",
        "What a word holds ahead of its first write does not matter.",
        "Contents are unknown until they are written.",
    )
    return Design(
        ports=(
            *c.ports,
            inp(1, we),
            inp(size, wa),
            inp(width, d),
            *(inp(size, a) for a, _ in ports),
            *(out(width, q) for _, q in ports),
        ),
        body=body(f"reg {span(width)}{m} [0:{depth - 1}];", *lines, c.always("", (we, f"{m}[{wa}] <= {d};"))),
        texts=(
            f"Write a register file of {depth} words with {width} bit. On the {c.edge}, {we} = 1 stores {d} at address "
            f"{wa}. Reading is asynchronous: {said}.{rule} No reset. {fresh}",
            f"{depth} x {width} register file, {reads} read port{'s' if reads > 1 else ''}. Combinationally, "
            f"{said}.{rule} "
            f"If {we} is 1, {d} is written to {wa} on the {c.edge}. There is no reset. {fresh}",
            f"- {depth} registers, {width} bit\n- write: {we} = 1, address {wa}, data {d}, {c.edge}\n- read, without "
            "clock: "
            f"{said}\n- {'address 0 reads as 0' if zero else 'no special addresses'}\n- no reset",
            f"A small processor keeps {depth} words of {width} bits. It writes {d} to word {wa} at the {c.edge} while "
            f"{we} "
            f"is 1, and reads at any time: {said}.{rule} {fresh}",
            f"At all times {said} ({depth} words, {width} bit).{rule} A write of {d} to {wa} happens on the {c.edge} "
            "when "
            f"{we} is 1. {fresh}",
        ),
    )


def _register_file_values(rows: Rows, depth: int, width: int, reads: int, zero: bool, style: str) -> Iterator[Expected]:
    words: dict[int, int] = {}
    for row in rows:
        found = {q: row[a] for a, q in (("ra", "qa"), ("rb", "qb"))[:reads]}
        yield {q: 0 if zero and address == 0 else words.get(address) for q, address in found.items()}
        if row["we"]:
            words[row["wa"]] = row["d"]


REGISTER_FILE = Family(
    "register_file",
    2,
    _register_file,
    oracle=_register_file_values,
    parameters={
        "depth": (4, 8),
        "width": (1, 2, 4, 8, 16),
        "reads": (1, 2),
        "zero": (False, True),
        "style": ("none",),
    },
    shifted={"depth": (16, 32), "width": (24, 32)},
    names={
        "module": ("regfile", "register_file", "reg_file", "ram{depth}x{width}"),
        "we": ("we", "wr_en", "write"),
        "wa d": ("waddr wdata", "wr_addr wr_data", "wa wd"),
        "ra qa rb qb": ("raddr1 rdata1 raddr2 rdata2", "ra_a rd_a ra_b rd_b", "addr_a data_a addr_b data_b"),
        "m": ("mem", "regs", "words"),
    },
    held_out=True,
)


def _flags(n: Names, depth: int) -> str:
    """Say what the flags of a queue or stack show, and that its outputs have no registers of their own."""
    full, empty = n.full, n.empty
    return either(
        f"{full} is 1 with {depth} words stored and else 0, {empty} is 1 with none and else 0, and all three follow from "
        "what is stored without a clock",
        f"{full} = 1 means that {depth} words are stored, {empty} = 1 that none is; these outputs are combinational "
        "functions of the contents",
        f"with {depth} words in it {full} is 1 (else 0), without any {empty} is 1 (else 0); no output has a register of "
        "its own",
    )


def _fifo(n: Names, depth: int, width: int, style: str) -> Design:
    c, m, w, r = clocking(n, style), n.m, n.w, n.r
    size = (depth - 1).bit_length()
    low, one, zero = f"[{size - 1}:0]", lit(1, size + 1), lit(0, size + 1)
    push = chain((f"{n.push} && !{n.full}", f"{m}[{w}{low}] <= {n.d};\n{w} <= {w} + {one};"))
    pop = chain((f"{n.pop} && !{n.empty}", f"{r} <= {r} + {one};"))
    rules = either(
        f"{n.push} = 1 appends {n.d} unless {n.full} is 1; {n.pop} = 1 removes the oldest word unless {n.empty} is 1",
        f"a {n.push} stores {n.d} behind the others (not with {n.full} = 1), a {n.pop} drops the first (not with "
        f"{n.empty} = 1)",
        f"{n.d} is queued if {n.push} = 1 and {n.full} = 0, and the word at the head leaves if {n.pop} = 1 and "
        f"{n.empty} = 0",
    )
    both = either(
        "Both may happen at one edge; the flags before the edge decide",
        "One edge can do both, each as the flags ahead of it allow",
        "Requests of both kinds together are both served, as far as the flags before that edge permit",
    )
    head = either(f"{n.q} is the oldest word, or 0 if there is none", f"{n.q} shows the first word, 0 when empty")
    flags = _flags(n, depth)
    return Design(
        ports=(
            *c.ports,
            inp(1, n.push),
            inp(1, n.pop),
            inp(width, n.d),
            out(width, n.q),
            out(1, n.full),
            out(1, n.empty),
        ),
        body=body(
            f"reg {span(width)}{m} [0:{depth - 1}];",
            f"reg {span(size + 1)}{w};",
            f"reg {span(size + 1)}{r};",
            f"assign {n.empty} = {w} == {r};",
            f"assign {n.full} = {w} - {r} == {lit(depth, size + 1)};",
            f"assign {n.q} = {n.empty} ? {lit(0, width)} : {m}[{r}{low}];",
            c.always(f"{w} <= {zero};\n{r} <= {zero};", ("", f"{push}\n{pop}")),
        ),
        texts=(
            f"Build a FIFO for {depth} words of {width} bit. On the {c.edge}, {rules}. {both}. {head}; {flags} (all "
            "combinational).",
            f"At each {c.edges}, {rules}. {both}. Outputs: {head}; {flags}. Depth {depth}, width {width}.",
            f"- queue, {depth} x {width} bit, {c.edge}\n- {rules}\n- {both}\n- {head}\n- {flags}",
            f"Packets wait in a queue of {depth} words, {width} bit each. At the {c.edge}, {rules}. {both}. Without "
            "delay, "
            f"{head}, and {flags}.",
            f"First in, first out: {rules}, on the {c.edge}. {both}. {flags}; {head}. Room for {depth} words of "
            f"{width} "
            f"bit.",
        ),
        reset=c.resets("the FIFO", "empty"),
    )


def _fifo_values(rows: Rows, depth: int, width: int, style: str) -> Iterator[Row]:
    words: list[int] = []
    for row in rows:
        full, empty = len(words) == depth, not words
        yield {"q": words[0] if words else 0, "full": int(full), "empty": int(empty)}
        words += [row["d"]] if row["push"] and not full else []
        del words[: int(bool(row["pop"] and not empty))]


FIFO = Family(
    "fifo",
    3,
    _fifo,
    oracle=_fifo_values,
    parameters={"depth": (4, 8, 16), "width": (1, 2, 4, 8, 16), "style": SYNCHRONOUS},
    shifted={"depth": (32, 64), "width": (24, 32)},
    names={
        "module": ("fifo", "queue", "fifo{depth}", "sync_fifo"),
        "push pop": ("push pop", "wr_en rd_en", "write read"),
        "d q": ("din dout", "wdata rdata", "data_in data_out"),
        "full empty": ("full empty", "is_full is_empty"),
        "m": ("mem", "store"),
        "w r": ("wr rd", "wptr rptr", "head tail"),
    },
)


def _stack(n: Names, depth: int, width: int, style: str) -> Design:
    c, m, s = clocking(n, style), n.m, n.s
    size = (depth - 1).bit_length()
    index, one = f"{s}[{size - 1}:0]", lit(1, size + 1)
    push = (f"{n.push} && !{n.full}", f"{m}[{index}] <= {n.d};\n{s} <= {s} + {one};")
    pop = (f"!{n.push} && {n.pop} && !{n.empty}", f"{s} <= {s} - {one};")
    rules = either(
        f"{n.push} = 1 puts {n.d} on top, unless {n.full} is 1; {n.pop} = 1 takes the top away if {n.push} is 0 and "
        f"{n.empty} is 0",
        f"with {n.push} at 1 nothing but a push is done: {n.d} becomes the new top word if {n.full} = 0; {n.pop} at 1, "
        f"without {n.push}, removes that word if {n.empty} = 0",
        f"push {n.d} for {n.push} = 1 and {n.full} = 0; pop for {n.push} = 0, {n.pop} = 1 and {n.empty} = 0; else leave "
        "it alone",
    )
    top = either(f"{n.q} is the latest word still there (0 if none)", f"{n.q} shows the latest word left, 0 when empty")
    flags = _flags(n, depth)
    return Design(
        ports=(
            *c.ports,
            inp(1, n.push),
            inp(1, n.pop),
            inp(width, n.d),
            out(width, n.q),
            out(1, n.full),
            out(1, n.empty),
        ),
        body=body(
            f"reg {span(width)}{m} [0:{depth - 1}];",
            f"reg {span(size + 1)}{s};",
            f"wire {span(size + 1)}{n.t};",
            f"assign {n.t} = {s} - {one};",
            f"assign {n.empty} = {s} == {lit(0, size + 1)};",
            f"assign {n.full} = {s} == {lit(depth, size + 1)};",
            f"assign {n.q} = {n.empty} ? {lit(0, width)} : {m}[{n.t}[{size - 1}:0]];",
            c.always(f"{s} <= {lit(0, size + 1)};", push, pop),
        ),
        texts=(
            f"Build a stack for {depth} words of {width} bit. On the {c.edge}, {rules}. {top}; {flags} "
            "(combinational).",
            f"At each {c.edges}, {rules}. Outputs: {top}; {flags}. Depth {depth}, width {width}.",
            f"- LIFO, {depth} x {width} bit, {c.edge}\n- {rules}\n- {top}\n- {flags}",
            f"Return addresses ({bits(width)}) are kept last in, first out, {depth} at most. At the {c.edge}, {rules}. "
            f"Without delay, {top}, and {flags}.",
            f"Last in, first out: {rules}, on the {c.edge}. {flags}; {top}. Room for {depth} words of {width} bit.",
        ),
        reset=c.resets("the stack", "empty"),
    )


def _stack_values(rows: Rows, depth: int, width: int, style: str) -> Iterator[Row]:
    words: list[int] = []
    for row in rows:
        full = len(words) == depth
        yield {"q": words[-1] if words else 0, "full": int(full), "empty": int(not words)}
        if row["push"] and not full:
            words.append(row["d"])
        elif row["pop"] and words and not row["push"]:
            words.pop()


STACK = Family(
    "stack",
    3,
    _stack,
    oracle=_stack_values,
    parameters={"depth": (4, 8, 16), "width": (2, 4, 8, 16), "style": SYNCHRONOUS},
    shifted={"depth": (32, 64), "width": (24, 32)},
    names={
        "module": ("stack", "lifo", "stack{depth}", "call_stack"),
        "push pop": ("push pop", "put take"),
        "d q": ("din dout", "wdata top", "data_in data_out"),
        "full empty": ("full empty", "is_full is_empty"),
        "m": ("mem", "store"),
        "s": ("sp", "level", "depth"),
        "t": ("last", "below", "latest"),
    },
)


def _arbiter(n: Names, width: int, hold: bool, style: str) -> Design:
    c, r, g = clocking(n, style), n.r, n.g
    pick = f"{g} <= {r} & -{r};"
    arm = (f"({g} & {r}) == {lit(0, width)}" if hold else "", pick)
    kept = either(
        f"While the granted line still requests, {g} stays as it is.",
        f"A line that has the grant keeps it until its bit of {r} is 0 at an edge.",
        f"Whoever owns the grant is not interrupted: as long as that bit of {r} is 1, {g} does not change.",
    )
    keep = f" {kept}" if hold else ""
    rule = either(
        f"{g} becomes one-hot for the lowest-numbered 1 in {r}, or 0 if {r} is 0",
        f"{g} gets a single 1, at the place of the lowest 1 of {r}, and all zeros for {r} = 0",
        f"of the ones in {r} only the least significant is copied into {g}",
    )
    return Design(
        ports=(*c.ports, inp(width, r), reg(width, g)),
        body=body(c.always(f"{g} <= {lit(0, width)};", arm)),
        texts=(
            f"Design a fixed-priority arbiter for {width} requests {r}; bit 0 is the most important. On the {c.edge}, "
            f"{rule}."
            f"{keep}",
            f"The register {g} is updated on the {c.edge}: {rule}.{keep}",
            f"- requests {r}, registered grants {g}, {width} bit each\n- on the {c.edge}, {rule}"
            + (f"\n-{keep}" if hold else ""),
            f"{width} masters share a bus and raise their bit of {r}. At each {c.edges} {rule}.{keep}",
            f"Grant {g} goes to one master of {width}: at the {c.edges}, {rule}.{keep}",
        ),
        reset=c.resets(g, "0"),
    )


def _arbiter_values(rows: Rows, width: int, hold: bool, style: str) -> Iterator[Row]:
    grant = 0
    for row in rows:
        yield {"g": grant}
        if not (hold and grant & row["r"]):
            grant = next((1 << i for i in range(width) if row["r"] >> i & 1), 0)


ARBITER = Family(
    "arbiter",
    2,
    _arbiter,
    oracle=_arbiter_values,
    parameters={"width": (2, 3, 4, 5, 6, 8), "hold": (False, True), "style": (*RISING, "fall")},
    shifted={"width": (10, 12, 16, 24)},
    names={
        "module": ("arbiter", "fixed_arbiter", "bus_arbiter", "arb{width}"),
        "r": ("req", "request", "r", "want"),
        "g": ("gnt", "grant", "g", "owner"),
    },
)


def _round_robin(n: Names, first: int, free: bool, style: str) -> Design:
    """Two requesters; `free` lets the turn pass with every edge, otherwise only a grant passes it on."""
    c, r, g, t = clocking(n, style), n.r, n.g, n.t
    turn = [("", f"{t} <= ~{t};")] if free else [(f"{g}[0]", f"{t} <= 1'b1;"), (f"{g}[1]", f"{t} <= 1'b0;")]
    passes = (
        either(
            "the turn changes at every edge, grants or not", "the turn alternates at each edge, whatever was requested"
        )
        if free
        else either(
            "the turn goes to the line that is not granted, and stays if none is",
            "whoever has just been granted loses the turn to the other; without a grant it stays where it is",
        )
    )
    rule = either(
        "a line that requests alone is granted; if both request, the one whose turn it is",
        "a single request is granted whatever the turn, of two requests the one that has the turn",
        "with one request that line gets the grant, with two the turn decides, with none there is no grant",
    )
    return Design(
        ports=(*c.ports, inp(2, r), out(2, g)),
        body=body(
            f"reg {t};",
            f"assign {g}[0] = {r}[0] && (!{r}[1] || !{t});",
            f"assign {g}[1] = {r}[1] && (!{r}[0] || {t});",
            c.always(f"{t} <= {lit(first, 1)};", *turn),
        ),
        texts=(
            f"Design a round-robin arbiter for two requests {r}[0] and {r}[1]. The grants {g} are combinational: "
            f"{rule}. On the "
            f"{c.edge}, {passes}.",
            f"Drive {g} from {r} without delay: {rule}. A register holds the turn; {passes} ({c.edge}).",
            f"- two request lines {r}, two grant lines {g}\n- {rule}\n- {g} is combinational\n- on the {c.edge}, "
            f"{passes}",
            f"Two cores share a memory port fairly. Of the lines {r}, {rule}, at once on {g}. Then, on the {c.edge}, "
            f"{passes}.",
            f"{g} answers {r} (2 bit) immediately; {rule}. Fairness: {passes}, on the {c.edge}.",
        ),
        reset=c.resets("the turn", f"line {first}"),
    )


def _round_robin_values(rows: Rows, first: int, free: bool, style: str) -> Iterator[Row]:
    turn = first
    for row in rows:
        winner = {0: None, 1: 0, 2: 1, 3: turn}[row["r"]]
        yield {"g": 0 if winner is None else 1 << winner}
        if free:
            turn = 1 - turn
        elif winner is not None:
            turn = 1 - winner


ROUND_ROBIN = Family(
    "round_robin",
    3,
    _round_robin,
    oracle=_round_robin_values,
    parameters={"first": (0, 1), "free": (False, True), "style": RESETS},
    names={
        "module": ("round_robin", "rr_arbiter", "fair_arbiter", "arb2"),
        "r": ("req", "request", "r", "want"),
        "g": ("gnt", "grant", "g", "ack"),
        "t": ("turn", "prefer", "last"),
    },
)
