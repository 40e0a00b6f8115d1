"""Arbiters among many: priorities in a drawn order or taking turns, at once or registered, with or without holding.

itertl gym --family arbiter_n --seed 1
"""

import random
from collections.abc import Iterator

from itertl.tasks.gym.clocking import RISING, clocking
from itertl.tasks.gym.design import (
    Combination,
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
    lit,
    out,
    reg,
    span,
)

Order = tuple[int, ...]  # requesters from the highest priority down; () where they take turns


def _arbiter(
    n: Names, count: int, order: Order, registered: bool, hold: bool, accept: bool, index: bool, style: str
) -> Design:
    c, r, g, p, w, k = clocking(n, style), n.r, n.g, n.p, n.w, n.k
    size = (count - 1).bit_length()
    zero, first = lit(0, count), lit(1, count)
    parts: list[str] = []
    if order:
        parts.append(f"reg {span(count)}{w};")
        arms = [(f"{r}[{i}]", f"{w} = {lit(1 << i, count)};") for i in order]
        parts.append(f"always @(*) begin\n{_indent(chain(*arms, ('', f'{w} = {zero};')))}\nend")
    else:
        parts += [
            f"reg {span(count)}{p};",
            f"wire [{2 * count - 1}:0] {n.z};",
            f"wire {span(count)}{w};",
            f"assign {n.z} = {{{r}, {r}}} & ~({{{r}, {r}}} - {{{zero}, {p}}});",
            f"assign {w} = {n.z}[{2 * count - 1}:{count}] | {n.z}[{count - 1}:0];",
        ]
    won = f"{w} != {zero}" + (f" && {n.a}" if accept else "")
    turn = f"{p} <= {{{w}[{count - 2}:0], {w}[{count - 1}]}};" if count > 2 else f"{p} <= {{{w}[0], {w}[1]}};"
    arms = []
    if registered:
        if hold:
            arms.append((f"({g} & {r}) != {zero}", f"{g} <= {g};"))
        arms.append(("", f"{g} <= {w};" + ("" if order else "\n" + chain((won, turn)))))
        parts.append(c.always(f"{g} <= {zero};" + ("" if order else f"\n{p} <= {first};"), *arms))
    else:
        parts.append(f"assign {g} = {w};")
        if not order:
            parts.append(c.always(f"{p} <= {first};", (won, turn)))
    if index:
        terms = [[f"{g}[{i}]" for i in range(count) if i >> b & 1] for b in range(size)]
        joined = [" | ".join(term) for term in reversed(terms)]
        parts.append(f"assign {k} = {joined[0]};" if size == 1 else f"assign {k} = {{{', '.join(joined)}}};")
    if order:
        cleared = (g, "0")
    elif registered:
        cleared = (f"{g} and the turn", "0 and requester 0, in this order")
    else:
        cleared = ("the turn", "requester 0")
    return Design(
        ports=(
            *c.ports,
            inp(count, r),
            *([inp(1, n.a)] if accept else []),
            (reg if registered else out)(count, g),
            *([out(size, k)] if index else []),
        ),
        body=body(*parts),
        texts=_texts(n, c.edge, count, order, registered, hold, accept, index),
        reset=c.resets(*cleared),
    )


def _indent(text: str) -> str:
    return "    " + text.replace("\n", "\n    ")


def _texts(
    n: Names, edge: str, count: int, order: Order, registered: bool, hold: bool, accept: bool, index: bool
) -> tuple[Telling | str, ...]:
    r, g = n.r, n.g
    last = count - 1
    if order == tuple(range(count)):
        rule = f"Among several, the requester with the {either('lowest', 'smallest')} number wins"
    elif order == tuple(reversed(range(count))):
        rule = f"Among several, the requester with the {either('highest', 'largest')} number wins"
    elif order:
        rule = f"Priority, from high to low, is {', '.join(str(i) for i in order[:-1])} and last {order[-1]}"
    else:
        rule = (
            f"The search for a request begins at the requester whose turn it is and goes upwards, from {last} on to 0; the "
            "first one found wins"
        )
    moved = ""
    if not order:
        only = f" if {n.a} is 1 as well" if accept else ""
        when = "a choice is made that somebody wins" if registered else "there is a winner"
        moved = f" On the {edge}, when {when}, the turn passes to the requester behind the winner ({last} is followed by 0){only}; else it stays."
    if registered:
        update = f"{g} is a register: on the {edge} it takes the winner of the requests at that edge, or no one"
        if hold:
            update = (
                f"{g} is a register. On the {edge}, if the requester that has the grant still requests, it keeps it"
                + ("" if order else " and the turn stays")
                + "; otherwise a choice is made, and the winner of the requests at that edge, or no one, has the grant"
            )
    else:
        update = f"{g} shows the winner at once, without waiting for a clock edge"
    number = f" {n.k} is the number of the requester that {g} names, and 0 if there is none." if index else ""
    many = f"{count} requesters, bit i of {r} being the request of number i"
    one = f"bit i of {g} is the grant to number i, at most one bit is 1, and without any request {g} is 0"
    if hold or registered:
        one = f"bit i of {g} is the grant to number i, and at most one bit is 1; no one means that {g} is 0"
    return (
        f"{either('Write', 'Build', 'Implement')} an arbiter for {many}; {one}. {rule}.{moved} {update}.{number}",
        Telling(
            Form.RULES,
            f"Arbiter, {many}:\n- {one}\n- {rule}\n- {update}"
            + (f"\n-{moved}" if moved else "")
            + (f"\n-{number}" if index else ""),
        ),
        f"{count} masters share one resource. {r} carries their requests, and {g} tells who has it; {one}. {update}. {rule}.{moved}{number}",
    )


def _draw(rng: random.Random, wide: bool) -> Combination:
    count = rng.randint(9, 12) if wide else rng.randint(3, 8)
    order: tuple[int, ...] = ()
    if rng.random() < 0.6:
        listed = list(range(count))
        kind = rng.random()
        if kind > 0.3:
            rng.shuffle(listed)
        order = tuple(listed if kind > 0.15 else listed[::-1])
    registered = bool(order) or rng.random() < 0.4
    return {
        "count": count,
        "order": order,
        "registered": registered,
        "hold": registered and rng.random() < 0.5,
        "accept": not order and rng.random() < 0.4,
        "index": rng.random() < 0.5,
        "style": rng.choice(RISING),
    }


def _values(
    rows: Rows, count: int, order: Order, registered: bool, hold: bool, accept: bool, index: bool, style: str
) -> Iterator[Expected]:
    turn, owner = 0, None
    for row in rows:
        wanted = [i for i in (order or [(turn + j) % count for j in range(count)]) if row["r"] >> i & 1]
        winner = wanted[0] if wanted else None
        shown = owner if registered else winner
        yield {"g": 0 if shown is None else 1 << shown, **({"k": shown or 0} if index else {})}
        if hold and owner is not None and owner in wanted:
            continue
        owner = winner
        if winner is not None and (not accept or row["a"]):
            turn = (winner + 1) % count


ARBITER_N = Family(
    "arbiter_n",
    3,
    _arbiter,
    {
        "module": ("arbiter", "arb{count}", "bus_arbiter", "grant_unit", "share_ctrl"),
        "r g": ("req gnt", "request grant", "want has", "r g"),
        "a": ("ack", "accept", "taken_in"),
        "k": ("idx", "owner", "gnt_id"),
        "w": ("winner", "pick_now", "sel"),
        "p": ("ptr", "turn", "first"),
        "z": ("dbl", "masked", "scan"),
    },
    oracle=_values,
    draw=_draw,
)
