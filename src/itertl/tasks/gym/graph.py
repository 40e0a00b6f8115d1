"""Networks of gates as data: how they are drawn, and how they are written as Verilog and as each text.

    graph = Graph(2, (Node("nand", (0, 1)), Node("not", (2,))), (3,))       # y = ~(~(a & b))
    expression(graph, 3, ("a", "b"), VERILOG)   ->   "~(~(a & b))"

Signals are numbered: the inputs, then the nodes in order; `ZERO` and `ONE` are constants. A node reads earlier signals
only. In a drawn graph no node is constant, no two are equal, and every signal counts for some output.

    itertl gym --family gate_graph --seed 3
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ZERO, ONE = -2, -1
PLAIN = {"nand": "and", "nor": "or", "xnor": "xor"}  # kinds that invert another one
KINDS = ("and", "and", "or", "or", "xor", "nand", "nor", "xnor", "not", "mux")


@dataclass(frozen=True, slots=True)
class Node:
    """A gate: `kind` is one of `KINDS`; a mux reads (select, value at 1, value at 0)."""

    kind: str
    args: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """A network of gates; `outputs` are numbers of signals."""

    inputs: int
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Notation:
    """How operators are written: what stands before and behind an inverted operand, and between operands."""

    before: str
    behind: str
    signs: tuple[str, str, str]  # and, or, exclusive or
    choice: str  # of the select, the value at 1 and the value at 0
    constants: tuple[str, str] = ("0", "1")


VERILOG = Notation("~", "", (" & ", " | ", " ^ "), "({0} ? {1} : {2})", ("1'b0", "1'b1"))
NOTATIONS = (
    Notation("~", "", (" & ", " | ", " ^ "), "({0} ? {1} : {2})"),
    Notation("!", "", (" && ", " || ", " != "), "({0} ? {1} : {2})"),
    Notation("not ", "", (" and ", " or ", " xor "), "({1} if {0} else {2})"),
    Notation("NOT ", "", (" AND ", " OR ", " XOR "), "(IF {0} THEN {1} ELSE {2})"),
    Notation("¬", "", (" ∧ ", " \u2228 ", " ⊕ "), "({0} = 1: {1}, {0} = 0: {2})"),
    Notation("", "'", (" · ", " + ", " ⊕ "), "({0} = 1: {1}, {0} = 0: {2})"),
)


def draw_graph(rng: random.Random, inputs: int, nodes: int, outputs: int, constants: float = 0.0) -> Graph:
    """Draw a graph with so many inputs and outputs, and at least so many nodes (with constant arguments in a share)."""
    while True:
        columns = [_column(i, inputs) for i in range(inputs)]
        made: list[Node] = []
        unread = list(range(inputs))
        for _ in range(4 * (nodes + inputs)):
            last = len(made) >= nodes
            if last and len(unread) <= outputs and unread[0] >= inputs:
                return Graph(inputs, tuple(made), _outputs(rng, inputs, made, unread, outputs))
            node = _node(rng, len(columns), unread, last, constants)
            column = _truth(node, [columns[a] if a >= 0 else -1 if a == ONE else 0 for a in node.args], inputs)
            if column in columns or column in (0, (1 << (1 << inputs)) - 1):
                continue
            unread = [signal for signal in unread if signal not in node.args] + [len(columns)]
            columns.append(column)
            made.append(node)


def _outputs(rng: random.Random, inputs: int, made: list[Node], unread: list[int], outputs: int) -> tuple[int, ...]:
    rest = [signal for signal in range(inputs, inputs + len(made)) if signal not in unread]
    chosen = unread + rng.sample(rest, min(outputs - len(unread), len(rest)))
    rng.shuffle(chosen)
    return tuple(chosen)


def _node(rng: random.Random, signals: int, unread: list[int], last: bool, constants: float) -> Node:
    kind = KINDS[int(rng.random() * len(KINDS))]
    count = {"not": 1, "mux": 3}.get(kind) or (3 if rng.random() < 0.15 else 2)
    first = rng.sample(unread, min(count, len(unread), 3 if last else 1 + int(rng.random() * 2)))
    rest = [signal for signal in range(signals) if signal not in first]
    args = first + rng.sample(rest, min(count - len(first), len(rest)))
    rng.shuffle(args)
    if len(args) < count:
        return Node("not", tuple(args[:1]))
    if constants and kind != "not" and rng.random() < constants:
        args[-1] = rng.choice((ZERO, ONE))
    return Node(kind, tuple(args))


def _column(number: int, inputs: int) -> int:
    """Return the truth table of an input: bit r is its value in row r."""
    half = 1 << number
    block, size = ((1 << half) - 1) << half, 2 * half
    while size < 1 << inputs:
        block, size = block | block << size, 2 * size
    return block


def _truth(node: Node, args: Sequence[int], inputs: int) -> int:
    """Return the truth table of a node from those of its arguments."""
    value = args[0]
    kind = PLAIN.get(node.kind, node.kind)
    for other in args[1:] if kind != "mux" else ():
        value = value & other if kind == "and" else value | other if kind == "or" else value ^ other
    if kind == "mux":
        value = args[0] & args[1] | ~args[0] & args[2]
    if kind == "not" or kind != node.kind:
        value = ~value
    return value & ((1 << (1 << inputs)) - 1)


def expression(graph: Graph, signal: int, names: Sequence[str], notation: Notation) -> str:
    """Return a signal in terms of the signals that have a name: all below `len(names)`, in the graph's numbering."""
    if signal < 0:
        return notation.constants[signal - ZERO]
    if signal < len(names):
        return names[signal]
    return gate(graph.nodes[signal - graph.inputs], lambda a: _operand(graph, a, names, notation), notation)


def _operand(graph: Graph, signal: int, names: Sequence[str], notation: Notation) -> str:
    text = expression(graph, signal, names, notation)
    simple = signal < len(names) or graph.nodes[signal - graph.inputs].kind in ("not", "mux", *PLAIN)
    return text if simple else f"({text})"


def gate(node: Node, operand: Callable[[int], str], notation: Notation) -> str:
    """Return one gate as an expression; `operand` writes an argument."""
    args = [operand(a) for a in node.args]
    if node.kind == "mux":
        return notation.choice.format(*args)
    if node.kind == "not":
        return _inverted(args[0], notation)
    plain = PLAIN.get(node.kind, node.kind)
    joined = notation.signs[("and", "or", "xor").index(plain)].join(args)
    return joined if plain == node.kind else _inverted(f"({joined})", notation)


def _inverted(text: str, notation: Notation) -> str:
    """Return the complement; an operand that is inverted already, and a word such as `not`, get parentheses."""
    if notation.behind:
        return f"{text}{notation.behind}"
    if notation.before not in "~!¬":
        return f"({notation.before}{text})"
    return f"{notation.before}({text})" if text[0] == notation.before else f"{notation.before}{text}"


def leaves(graph: Graph, signal: int) -> int:
    """Return how many names the expression of a signal consists of."""
    if signal < graph.inputs:
        return 1
    return sum(leaves(graph, arg) for arg in graph.nodes[signal - graph.inputs].args)
