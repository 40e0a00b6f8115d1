"""Families of choosing: trees of multiplexers, and words picked from a long vector.

itertl gym --family mux_tree --seed 1
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    always,
    bits,
    body,
    case,
    chain,
    either,
    inp,
    lit,
    out,
    reg,
)
from itertl.tasks.gym.naming import fill

DATA = ("a", "b", "c", "d", "e", "f")
SELECTS = ("s0", "s1", "s2", "s3")


@dataclass(frozen=True, slots=True)
class Choice:
    """A test of a select input with what is chosen at 1 and at 0; a leaf is the role of an input, or "0", "1" (all)."""

    select: str
    high: "Tree"
    low: "Tree"


Tree = Choice | str


Words = Mapping[str, str]  # what is written for a role, and for the constants "0" and "1"


def _expression(tree: Tree, words: Words) -> str:
    if isinstance(tree, str):
        return words[tree]
    return f"({words[tree.select]} ? {_expression(tree.high, words)} : {_expression(tree.low, words)})"


def _block(tree: Tree, words: Words) -> str:
    if isinstance(tree, str):
        return f"{words['y']} = {words[tree]};"
    return chain((words[tree.select], _block(tree.high, words)), ("", _block(tree.low, words)))


def _nested(tree: Tree, words: Words) -> str:
    if isinstance(tree, str):
        return words[tree]
    return f"({_nested(tree.high, words)} if {words[tree.select]} is 1, otherwise {_nested(tree.low, words)})"


def _paths(tree: Tree, words: Words, said: tuple[str, ...] = ()) -> list[str]:
    """Return one rule for each leaf."""
    if isinstance(tree, str):
        return [f"{' and '.join(said)}: {words['y']} = {words[tree]}"]
    tests = ((tree.high, 1), (tree.low, 0))
    return [rule for sub, level in tests for rule in _paths(sub, words, (*said, f"{words[tree.select]} = {level}"))]


def _lines(tree: Tree, words: Words, margin: str = "") -> list[str]:
    """Return the tree as lines of pseudo-code."""
    if isinstance(tree, str):
        return [f"{margin}{words['y']} := {words[tree]}"]
    deeper = margin + "    "
    return [
        *(f"{margin}if {words[tree.select]} = 1 then", *_lines(tree.high, words, deeper)),
        *(f"{margin}else", *_lines(tree.low, words, deeper), f"{margin}end if"),
    ]


def _stages(tree: Tree, words: Words, made: list[str]) -> str:
    """Return what a tree amounts to; a sentence for each multiplexer in it is appended to `made`."""
    if isinstance(tree, str):
        return words[tree]
    high, low, select = _stages(tree.high, words, made), _stages(tree.low, words, made), words[tree.select]
    made.append(f"mux {len(made) + 1} passes {high} for {select} = 1 and {low} for {select} = 0")
    return f"the output of mux {len(made)}"


def _tree(n: Names, tree: Choice, width: int, nested: bool) -> Design:
    """A conditional expression, or an if chain where `nested` is false."""
    known, roles = vars(n), _roles(tree)
    code = {**known, "0": lit(0, width), "1": lit((1 << width) - 1, width)}
    words = {**known, "0": "0", "1": "all ones" if width > 1 else "1"}
    made: list[str] = []
    last = _stages(tree, words, made)
    rules = _paths(tree, words)
    return Design(
        ports=(
            *(inp(width, known[r]) for r in DATA if r in roles),
            *(inp(1, known[r]) for r in SELECTS if r in roles),
            out(width, n.y) if nested else reg(width, n.y),
        ),
        body=body(f"assign {n.y} = {_expression(tree, code)};" if nested else always("*", _block(tree, code))),
        texts=(
            f"{n.y} ({bits(width)}) {either('equals', 'is')} {_nested(tree, words)[1:-1]}.",
            f"There are {len(made)} two-way multiplexers: {'; '.join(made)}. {n.y} is {last}.",
            Telling(
                Form.RULES, lambda _, rng: f"{n.y} ({bits(width)}) is chosen as follows.\n\n{_shuffled(rules, rng)}"
            ),
            Telling(
                Form.PSEUDO_CODE,
                lambda names, _: fill("Combinational selection:\n\n" + "\n".join(_lines(tree, words)), names),
            ),
        ),
    )


def _shuffled(rules: list[str], rng: random.Random) -> str:
    return "\n".join(f"- {rule}" for rule in rng.sample(rules, len(rules)))


def _roles(tree: Tree) -> set[str]:
    if isinstance(tree, str):
        return {tree}
    return {tree.select} | _roles(tree.high) | _roles(tree.low)


def _draw_tree(rng: random.Random, wide: bool) -> Combination:
    data = list(DATA[: rng.randint(5, 6) if wide else rng.randint(2, 4)])
    rng.shuffle(data)
    choices = rng.randint(6, 7) if wide else rng.randint(2, 5)
    selects = list(SELECTS[: rng.randint(3, 4) if wide or choices > 3 else 2])
    leaves: list[Tree] = [rng.choice((*DATA[: len(data)], *DATA[: len(data)], "0", "1")) for _ in range(choices + 1)]
    leaves[: len(data)] = data[: len(leaves)]
    tree = _grown(rng, leaves, selects, frozenset())
    if isinstance(tree, str) or isinstance(tree.high, str) == isinstance(tree.low, str) == (choices > 1):
        return _draw_tree(rng, wide)
    return {
        "tree": tree,
        "width": rng.choice((24, 32)) if wide else rng.choice((1, 1, 2, 4, 8, 16)),
        "nested": rng.random() < 0.5,
    }


def _grown(rng: random.Random, leaves: list[Tree], selects: list[str], used: frozenset[str]) -> Tree:
    """Return a tree over the leaves in which no path tests a select twice, as far as the selects reach."""
    free = [s for s in selects if s not in used]
    if len(leaves) == 1 or not free:
        return leaves[0]
    select, cut = rng.choice(free), rng.randint(1, len(leaves) - 1)
    high, low = (_grown(rng, part, selects, used | {select}) for part in (leaves[:cut], leaves[cut:]))
    return high if high == low else Choice(select, high, low)


def _tree_values(rows: Rows, tree: Choice, width: int, nested: bool) -> Iterator[Expected]:
    for row in rows:
        node: Tree = tree
        while isinstance(node, Choice):
            node = node.high if row[node.select] else node.low
        yield {"y": {"0": 0, "1": (1 << width) - 1}.get(node, row.get(node))}


MUX_TREE = Family(
    "mux_tree",
    1,
    _tree,
    {
        "module": ("mux_tree", "chooser", "select_net", "router", "pick"),
        " ".join(DATA): ("a b c d e f", "in0 in1 in2 in3 in4 in5", "x1 x2 x3 x4 x5 x6", "p q r s t u"),
        " ".join(SELECTS): ("s0 s1 s2 s3", "sel_a sel_b sel_c sel_d", "k1 k2 k3 k4", "m0 m1 m2 m3"),
        "y": ("y", "out", "z", "chosen"),
    },
    oracle=_tree_values,
    draw=_draw_tree,
)


def _word(n: Names, words: int, width: int, order: str, out_of_range: str) -> Design:
    """`words` words of `width` bits in one vector; word 0 lies at the low end, or (`order` "high") at the high end."""
    v, s, y = n.v, n.s, n.y
    size = (words - 1).bit_length()
    first = order == "low"
    spare = words < 1 << size
    places = [k if first else words - 1 - k for k in range(words)]
    value = {"zero": lit(0, width), "ones": lit((1 << width) - 1, width)}
    spans = [f"{v}[{(p + 1) * width - 1}:{p * width}]" if width > 1 else f"{v}[{p}]" for p in places]
    arms = {lit(k, size): f"{y} = {spans[k]};" for k in range(words if spare else words - 1)}
    last = f"{y} = {value[out_of_range] if spare else spans[-1]};"
    plain = first and not spare
    code = f"assign {y} = {v}[{s} * {width} +: {width}];" if plain else always("*", case(s, arms, last))
    beyond = f" For {s} = {words} and above, {y} is {'0' if out_of_range == 'zero' else 'all ones'}." if spare else ""
    unit = f"{words} words of {width} bits" if width > 1 else f"{words} single bits"
    return Design(
        ports=(inp(words * width, v), inp(size, s), (out if plain else reg)(width, y)),
        body=body(code),
        texts=(
            f"The {bits(words * width)} vector {v} holds {unit}; number 0 is {spans[0]}, number 1 is {spans[1]}, and so on. "
            f"{y} is the one whose number is {s}.{beyond}",
            f"Build a {words}-to-1 multiplexer of {bits(width)} words. All of its data inputs come in one vector, {v}, of "
            f"which {s} = k passes word k to {y}. Word 0 occupies {spans[0]} and the last word {spans[-1]}; the others lie in order between them.{beyond}",
            f"- {v}: {unit}, word 0 in {spans[0]}, word {words - 1} in {spans[-1]}, in order\n- {y}: word number {s}"
            + (f"\n-{beyond}" if beyond else ""),
            f"{either('Pick', 'Select', 'Extract')} one of the {unit} that {v} is made of, and show it on {y}. {s} = 0 gives {spans[0]}, {s} = 1 gives {spans[1]}, "
            f"..., {s} = {words - 1} gives {spans[-1]}.{beyond}",
        ),
    )


def _word_values(rows: Rows, words: int, width: int, order: str, out_of_range: str) -> Iterator[Expected]:
    for row in rows:
        text = f"{row['v']:0{words * width}b}"
        cut = [text[i : i + width] for i in range(0, len(text), width)]
        cut = cut if order == "high" else cut[::-1]
        beyond = ("0" if out_of_range == "zero" else "1") * width
        yield {"y": int(cut[row["s"]] if row["s"] < words else beyond, 2)}


WORD_SELECT = Family(
    "word_select",
    1,
    _word,
    {
        "module": ("word_select", "wide_mux", "bundle_mux", "mux{words}x{width}", "slice_pick"),
        "v": ("v", "words_in", "bundle", "din", "all_in"),
        "s": ("s", "sel", "idx", "addr"),
        "y": ("y", "out", "dout", "picked"),
    },
    oracle=_word_values,
    parameters={
        "words": (3, 4, 5, 6, 7, 8, 9, 10, 12, 16),
        "width": (1, 2, 3, 4, 5, 6, 8),
        "order": ("low", "high"),
        "out_of_range": ("zero", "ones"),
    },
    shifted={"words": (32, 64), "width": (12, 16)},
    valid=lambda words, width, order, out_of_range: (
        words * width <= 256 and (words & (words - 1) != 0 or out_of_range == "zero")
    ),
)
