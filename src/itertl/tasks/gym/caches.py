"""A direct-mapped cache: lines with a tag and a valid bit, looked up and filled by the index in an address.

itertl gym --family cache --seed 1
"""

import random
from collections.abc import Iterator

from itertl.tasks.gym.clocking import clocking
from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
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
from itertl.tasks.gym.memories import SYNCHRONOUS

COMMANDS = ("flush", "drop", "fill", "update")  # a line is removed by drop; update writes on a hit only


def _range(high: int, low: int) -> str:
    return f"[{high}]" if high == low else f"[{high}:{low}]"


def _cache(
    n: Names, lines: int, tag: int, width: int, low: bool, registered: bool, order: tuple[str, ...], style: str
) -> Design:
    """`low`: the index is the lower part of the address. `order`: the commands there are, the first one that is 1 counts."""
    c, size = clocking(n, style), (lines - 1).bit_length()
    index = _range(size - 1, 0) if low else _range(tag + size - 1, tag)
    upper = _range(tag + size - 1, size) if low else _range(tag - 1, 0)
    line, part = f"{n.a}{index}", f"{n.a}{upper}"
    hit = n.h if registered else n.hit
    seen = f"{n.v}[{line}] && {n.t}[{line}] == {part}"
    word = f"{hit} ? {n.m}[{line}] : {lit(0, width)}"
    actions = {  # a command has its turn even where it finds no line of its address
        "flush": f"{n.v} <= {lit(0, lines)};",
        "drop": chain((hit, f"{n.v}[{line}] <= 1'b0;")),
        "fill": f"{n.m}[{line}] <= {n.d};\n{n.t}[{line}] <= {part};\n{n.v}[{line}] <= 1'b1;",
        "update": chain((hit, f"{n.m}[{line}] <= {n.d};")),
    }
    steps = chain(*((vars(n)[name], actions[name]) for name in order))
    cleared = f"{n.v} <= {lit(0, lines)};"
    if registered:
        cleared += f"\n{n.hit} <= 1'b0;\n{n.q} <= {lit(0, width)};"
        steps = f"{n.hit} <= {n.h};\n{n.q} <= {word};\n{steps}"
        shown = [f"wire {n.h};", f"assign {n.h} = {seen};"]
    else:
        shown = [f"assign {n.hit} = {seen};", f"assign {n.q} = {word};"]
    output = reg if registered else out
    return Design(
        ports=(
            *c.ports,
            *(inp(1, vars(n)[name]) for name in COMMANDS if name in order),
            inp(tag + size, n.a),
            inp(width, n.d),
            output(1, n.hit),
            output(width, n.q),
        ),
        body=body(
            f"reg {span(width)}{n.m} [0:{lines - 1}];",
            f"reg {span(tag)}{n.t} [0:{lines - 1}];",
            f"reg {span(lines)}{n.v};",
            *shown,
            c.always(cleared, ("", steps)),
        ),
        texts=_texts(n, lines, tag, width, index, upper, registered, order, c.edge),
        reset=c.resets(f"all valid bits, {n.hit} and {n.q}" if registered else "all valid bits", "0"),
    )


def _texts(
    n: Names,
    lines: int,
    tag: int,
    width: int,
    index: str,
    upper: str,
    registered: bool,
    order: tuple[str, ...],
    edge: str,
) -> tuple[Telling | str, ...]:
    a, place = n.a, f"{n.a}{index}"
    kept = either(
        f"a direct-mapped cache of {lines} lines, each with a valid bit, a {bits(tag)} tag and a {bits(width)} word",
        f"a cache with one way and {lines} lines; a line has a valid bit, a tag of {tag} bits and a word of {width}",
    )
    split = either(
        f"{place} of the address is the number of a line, {a}{upper} the tag",
        f"Of {a}, the part {index} selects the line and {upper} is compared with its tag",
    )
    hits = either(
        "An address hits when the line that it selects is valid and has the tag of the address",
        f"There is a hit where the selected line is valid and its tag equals that of {a}",
        f"{a} hits if its line is valid and was given the same tag",
    )
    result = either(
        f"{n.hit} is 1 on a hit, else 0; {n.q} is the word of the line on a hit, else 0",
        f"On a hit {n.hit} is 1 and {n.q} shows the line's word, otherwise both are 0",
    )
    time = (
        either(
            f"Both are registers: each {edge}, whatever else happens at it, loads them with what {a} finds in the contents "
            "before that edge",
            f"Registers drive {n.hit} and {n.q}; each {edge} updates them, from {a} and from what was stored until then",
        )
        if registered
        else either(
            f"Both follow {a} and the stored contents without a clock",
            f"These two are combinational functions of {a} and of what is stored",
        )
    )
    missed = either(", and does nothing on a miss", "; otherwise it changes nothing")
    does = {
        "flush": f"{n.flush} = 1 makes all lines invalid",
        "drop": f"{n.drop} = 1 makes the selected line invalid if {a} hits{missed}",
        "fill": either(
            f"{n.fill} = 1 writes {n.d} and the tag of {a} to the selected line and makes it valid, whatever it held",
            f"{n.fill} = 1 gives the line of {a} the word {n.d} and the tag of {a}, and it is valid from then on, hit or not",
        ),
        "update": f"{n.update} = 1 replaces the word of the selected line by {n.d} if {a} hits{missed}",
    }
    said = [does[name] for name in order]
    named = [vars(n)[name] for name in order]
    first = (
        either(
            f"Of several that are 1 at one edge only the first of {', '.join(named)} counts, even where it does nothing",
            f"Where more than one is 1, the earliest in the order {', '.join(named)} is obeyed alone, even without effect",
        )
        if len(order) > 1
        else "Nothing else changes a line"
    )
    listed = "\n".join(f"{i}. {text}." for i, text in enumerate(said, 1))
    ahead = "At most one rule is applied, the first whose input is 1" if len(order) > 1 else "There is one rule"
    return (
        f"Build {kept}. {split}. {hits}. {result}. {time}. On the {edge}: {'; '.join(said)}. {first}.",
        f"- {kept}\n- {split}\n- {hits}\n- {result}\n- {time}\n"
        + "".join(f"- {edge}: {text}\n" for text in said)
        + f"- {first}",
        f"Slow memory is to be hidden behind {kept}. {split}. {hits}. "
        f"{result}. {time}. Commands count on the {edge}. {'. '.join(said)}. {first}.",
        Telling(
            Form.RULES,
            f"This is {kept}. {split}. {hits}. {result}. {time}.\n\n{ahead}, on the {edge}:\n{listed}",
        ),
    )


def _draw(rng: random.Random, wide: bool) -> Combination:
    chosen = ["fill", *rng.sample(("flush", "drop", "update"), rng.choice((0, 1, 1, 2)))]
    rng.shuffle(chosen)
    return {
        "lines": rng.choice((32, 64)) if wide else rng.choice((2, 4, 8, 16)),
        "tag": rng.choice((2, 3, 4, 6)),
        "width": rng.choice((1, 4, 8, 12, 16)),
        "low": rng.random() < 0.7,
        "registered": rng.random() < 0.4,
        "order": tuple(chosen),
        "style": rng.choice(SYNCHRONOUS),
    }


def _values(
    rows: Rows, lines: int, tag: int, width: int, low: bool, registered: bool, order: tuple[str, ...], style: str
) -> Iterator[Expected]:
    held: dict[int, tuple[int, int]] = {}  # line -> tag, word
    last = {"hit": 0, "q": 0}
    for row in rows:
        line, name = (row["a"] % lines, row["a"] // lines) if low else (row["a"] >> tag, row["a"] % (1 << tag))
        hit = line in held and held[line][0] == name
        found = {"hit": int(hit), "q": held[line][1] if hit else 0}
        yield last if registered else found
        last = found
        command = next((c for c in order if row[c]), "")
        if command == "flush":
            held.clear()
        elif command == "fill" or (command == "update" and hit):
            held[line] = (name, row["d"])
        elif command == "drop" and hit:
            del held[line]


CACHE = Family(
    "cache",
    3,
    _cache,
    {
        "module": ("cache", "dm_cache", "line_store", "tag_ram", "lookup"),
        "flush drop fill update": (
            "flush drop fill update",
            "clear_all evict alloc wr_hit",
            "inv_all inv_line refill store",
            "invalidate remove load write",
        ),
        "a d": ("addr din", "address wdata", "adr dat", "req_addr new_word"),
        "hit q": ("hit dout", "found rdata", "match word", "hit q"),
        "m t v": ("data tags valid", "mem tag_mem vld", "words labels used"),
        "h": ("is_hit", "seen", "hit_now"),
    },
    oracle=_values,
    draw=_draw,
    held_out=True,
)
