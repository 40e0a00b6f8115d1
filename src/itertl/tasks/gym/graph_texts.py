"""A network of gates as text: sentences, equations, gate lists, pseudo-code.

A text function gets the graph, the names of all its signals (inputs, then nodes), and a generator that draws the
layout. A node whose output leaves the network has the name of that output.

    itertl gym --family gate_graph --seed 3
"""

import random
from collections.abc import Callable, Sequence

from itertl.tasks.gym.design import series
from itertl.tasks.gym.graph import NOTATIONS, ONE, Graph, expression, gate, leaves

Text = Callable[[Graph, Sequence[str], random.Random], str]
LONGEST = 14  # names in an equation that is not broken up by wires

SAID: dict[str, tuple[str, ...]] = {  # of a gate: its output, the list of its inputs, the inputs one by one
    "and": (
        "{y} is the AND of {all}",
        "{y} is 1 only while {all} are all 1",
        "{y} is {all} ANDed together",
        "an AND gate makes {y} from {all}",
    ),
    "or": (
        "{y} is the OR of {all}",
        "{y} is 1 as soon as one or more of {all} are 1",
        "{y} is 0 only while {all} are all 0",
        "an OR gate makes {y} from {all}",
    ),
    "xor": (
        "{y} is the exclusive OR of {all}",
        "{y} is 1 where an odd number of {all} are 1",
        "{y} is {all} XORed together",
        "an XOR gate makes {y} from {all}",
    ),
    "nand": (
        "{y} is the NAND of {all}",
        "{y} is 0 only while {all} are all 1",
        "{y} is the inverted AND of {all}",
        "a NAND gate makes {y} from {all}",
    ),
    "nor": (
        "{y} is the NOR of {all}",
        "{y} is 1 only while {all} are all 0",
        "{y} is the complement of the OR of {all}",
        "a NOR gate makes {y} from {all}",
    ),
    "xnor": (
        "{y} is the exclusive NOR of {all}",
        "{y} is 1 where an even number (or none) of {all} are 1",
        "{y} is the complement of the exclusive OR of {all}",
        "an XNOR gate makes {y} from {all}",
    ),
    "not": (
        "{y} is the complement of {0}",
        "{y} is {0} inverted",
        "an inverter makes {y} from {0}",
        "{y} is 1 exactly while {0} is 0",
    ),
    "mux": (
        "{y} is {1} while {0} is 1, and {2} while {0} is 0",
        "a multiplexer passes {1} to {y} for {0} = 1 and {2} for {0} = 0",
        "{y} follows {1} if {0} is 1 and {2} otherwise",
        "if {0} is 0, {y} equals {2}; if it is 1, {y} equals {1}",
    ),
}
CELLS = (  # of a gate list: output, name of the gate, number, inputs
    "{y} = {GATE}({ins})",
    "{y} <- {GATE} {ins}",
    "U{k}: {GATE}{count}, inputs {ins}, output {y}",
    "g{k}: {gate}, out {y}, in {ins}",
    "{gate} g{k} (output {y}; inputs {ins})",
    "{k}. {GATE} gate: {ins} -> {y}",
)
MUX_NOTE = "A MUX lists the select, then the value for select = 1, then the value for select = 0."
ORDER_NOTE = (
    "The lines stand in no particular order.",
    "The order of the lines means nothing.",
    "Gates are listed in any order; names join them.",
)


def as_sentences(graph: Graph, names: Sequence[str], rng: random.Random) -> str:
    """Return one sentence for each gate, in order."""
    parts = []
    for k, node in enumerate(graph.nodes):
        args = [_spoken(a, names) for a in node.args]
        said = rng.choice(SAID[node.kind]).format(*args, y=names[graph.inputs + k], all=series(args))
        parts.append(f"{said[0].upper()}{said[1:]}." if said[0] != "«" else f"{said}.")
    return " ".join(parts)


def _spoken(signal: int, names: Sequence[str]) -> str:
    return names[signal] if signal >= 0 else f"the constant {int(signal == ONE)}"


def as_equations(graph: Graph, names: Sequence[str], rng: random.Random) -> str:
    """Return equations of the outputs alone where these are short, else one for each gate."""
    notation = rng.choice(NOTATIONS)
    sign = rng.choice((" = ", " = ", " := "))
    inputs = names[: graph.inputs]
    if rng.random() < 0.6 and max(leaves(graph, o) for o in graph.outputs) <= LONGEST:
        lines = [f"{names[o]}{sign}{expression(graph, o, inputs, notation)}" for o in graph.outputs]
        rng.shuffle(lines)
    else:
        lines = [
            f"{names[graph.inputs + k]}{sign}"
            + gate(node, lambda a: notation.constants[a + 2] if a < 0 else names[a], notation)
            for k, node in enumerate(graph.nodes)
        ]
        if rng.random() < 0.3:
            lines.reverse()
    note = "\n(x' is the complement of x, · is AND, + is OR, ⊕ is exclusive OR.)" if notation.behind else ""
    return "\n".join(lines) + note


def as_gate_list(graph: Graph, names: Sequence[str], rng: random.Random) -> str:
    """Return one line for each gate, in any order."""
    shape = rng.choice(CELLS)
    lines = [
        shape.format(
            y=names[graph.inputs + k],
            GATE=node.kind.upper(),
            gate=node.kind,
            count=len(node.args) if node.kind not in ("not", "mux") else "",
            ins=", ".join(names[a] if a >= 0 else f"constant {int(a == ONE)}" for a in node.args),
            k=k + 1,
        )
        for k, node in enumerate(graph.nodes)
    ]
    notes = [MUX_NOTE] if any(node.kind == "mux" for node in graph.nodes) else []
    if rng.random() < 0.5 and not shape.startswith("{k}"):
        rng.shuffle(lines)
        notes.append(rng.choice(ORDER_NOTE))
    return "\n".join([*lines, *([" ".join(notes)] if notes else [])])


def as_pseudo_code(graph: Graph, names: Sequence[str], rng: random.Random) -> str:
    """Return assignments in order; a multiplexer is an if, and some gates are, too."""
    notation = rng.choice(NOTATIONS[:4])
    sign = rng.choice((" := ", " = ", " <- "))
    then, alternative, end = rng.choice(((":", "else:", ""), (" then", "else", "end if"), (" {", "} else {", "}")))
    lines: list[str] = []
    for k, node in enumerate(graph.nodes):
        y = names[graph.inputs + k]

        def operand(a: int) -> str:
            return notation.constants[a + 2] if a < 0 else names[a]

        if node.kind == "mux":
            test, ones, zeros = (operand(a) for a in node.args)
        elif rng.random() < 0.3 and node.kind != "not":
            test, ones, zeros = gate(node, operand, notation), "1", "0"
        else:
            lines.append(f"{y}{sign}{gate(node, operand, notation)}")
            continue
        lines += [f"if {test}{then}", f"    {y}{sign}{ones}", alternative, f"    {y}{sign}{zeros}"]
        lines += [end] if end else []
    return "\n".join(lines)
