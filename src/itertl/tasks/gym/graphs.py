"""Families of random gate networks, without and with flip-flops.

itertl gym --family gate_graph --seed 1
"""

import random
from collections.abc import Callable, Iterator, Sequence

from itertl.tasks.gym import graph_texts
from itertl.tasks.gym.clocking import RESETS, clocking
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
    body,
    inp,
    out,
    reg,
)
from itertl.tasks.gym.graph import ONE, VERILOG, Graph, draw_graph, expression, gate
from itertl.tasks.gym.graph_texts import Text
from itertl.tasks.gym.naming import fill

FORMS: tuple[tuple[Form, Text], ...] = (
    (Form.PROSE, graph_texts.as_sentences),
    (Form.EQUATIONS, graph_texts.as_equations),
    (Form.GATE_LIST, graph_texts.as_gate_list),
    (Form.PSEUDO_CODE, graph_texts.as_pseudo_code),
)
INPUTS = tuple(f"x{k}" for k in range(9))
WIRES = tuple(f"w{k}" for k in range(28))
OUTPUTS = ("y0", "y1", "y2", "y3")
STATES = ("q0", "q1", "q2", "q3")
INTRODUCED = (
    "The outputs {outs} come from the inputs {ins} through a network of gates without memory.",
    "A combinational circuit has the inputs {ins} and the outputs {outs}.",
    "{outs}: logic of {ins}, no clock.",
    "Describe the following logic circuit with inputs {ins} and outputs {outs}.",
    "Below is a small netlist from {ins} to {outs}.",
)
NAMED = (
    "{wires} are inner signals and no ports.",
    "Names other than those of ports ({wires}) are inner wires.",
    "Inside, there are the wires {wires}.",
)


def _signals(n: Names, graph: Graph, inputs: Sequence[str], outputs: Sequence[str]) -> list[str]:
    """Return the names of all signals: inputs, outputs where nodes leave the network, and wires."""
    leaving = dict(zip(graph.outputs, outputs, strict=True))
    wires = (wire for wire in _roles(n, WIRES, len(WIRES)) if wire not in outputs)
    nodes = range(graph.inputs, graph.inputs + len(graph.nodes))
    return [*inputs, *(leaving[s] if s in leaving else next(wires) for s in nodes)]


def _code(graph: Graph, signals: Sequence[str], layout: str) -> list[str]:
    """Return the network in Verilog: whole expressions, one wire for each gate, or one always block."""
    outs = graph.outputs
    if layout == "nested":
        return [f"assign {signals[o]} = {expression(graph, o, signals[: graph.inputs], VERILOG)};" for o in outs]
    assigned = [
        f"{signals[graph.inputs + k]} = {gate(node, lambda a: _read(a, signals), VERILOG)};"
        for k, node in enumerate(graph.nodes)
    ]
    inner = [signals[graph.inputs + k] for k in range(len(graph.nodes)) if graph.inputs + k not in outs]
    if layout == "wires":
        return [*(f"wire {name};" for name in inner), *(f"assign {line}" for line in assigned)]
    return [*(f"reg {name};" for name in inner), always("*", "\n".join(assigned))]


def _read(signal: int, signals: Sequence[str]) -> str:
    return signals[signal] if signal >= 0 else f"1'b{int(signal == ONE)}"


def _gates(n: Names, graph: Graph, layout: str) -> Design:
    ins, outs = _roles(n, INPUTS, graph.inputs), _roles(n, OUTPUTS, len(graph.outputs))
    signals = _signals(n, graph, ins, outs)
    port = reg if layout == "block" else out
    return Design(
        ports=(*(inp(1, i) for i in ins), *(port(1, o) for o in outs)),
        body=body(*_code(graph, signals, layout)),
        texts=tuple(Telling(form, _network(graph, signals, ins, outs, text)) for form, text in FORMS),
    )


def _roles(n: Names, roles: Sequence[str], count: int) -> list[str]:
    known = vars(n)
    return [known[role] for role in roles[:count]]


def _network(
    graph: Graph, signals: Sequence[str], ins: Sequence[str], outs: Sequence[str], text: Text
) -> Callable[[Names, random.Random], str]:
    def tell(names: Names, rng: random.Random) -> str:
        told = text(graph, signals, rng)
        intro = rng.choice(INTRODUCED).format(ins=", ".join(ins), outs=", ".join(outs))
        intro = intro.replace("outputs «y0».", "output «y0».").replace("outputs «y0» c", "output «y0» c")
        if len(outs) == 1:
            intro = intro.replace("The outputs", "The output").replace(" come from", " comes from")
        wires = [s for s in signals if s.startswith("«w") and s in told]
        if wires and rng.random() < 0.7:
            intro += " " + rng.choice(NAMED if len(wires) > 1 else NAMED[1:2]).format(wires=", ".join(wires))
        return f"{intro} {told}" if text is graph_texts.as_sentences else f"{intro}\n\n{fill(told, names)}"

    return tell


def _draw_gates(rng: random.Random, wide: bool) -> Combination:
    inputs = rng.randint(7, 8) if wide else rng.randint(2, 6)
    nodes = rng.randint(9, 14) if wide else rng.randint(2, 8)
    outputs = 1 if inputs == 2 else rng.choice((1, 1, 2, 2, 3))
    graph = draw_graph(rng, inputs, nodes, outputs, rng.choice((0.0, 0.0, 0.1)))
    return {"graph": graph, "layout": rng.choice(("nested", "wires", "block"))}


def _value(graph: Graph, signal: int, known: Sequence[int]) -> int:
    """Return the value of a signal by counting ones among what a gate reads."""
    if signal < 0:
        return int(signal == ONE)
    if signal < graph.inputs:
        return known[signal]
    node = graph.nodes[signal - graph.inputs]
    values = [_value(graph, arg, known) for arg in node.args]
    ones, count = sum(values), len(values)
    return {
        "and": lambda: int(ones == count),
        "nand": lambda: int(ones < count),
        "or": lambda: int(ones > 0),
        "nor": lambda: int(ones == 0),
        "xor": lambda: ones % 2,
        "xnor": lambda: 1 - ones % 2,
        "not": lambda: 1 - ones,
        "mux": lambda: values[2 - values[0]],
    }[node.kind]()


def _gate_values(rows: Rows, graph: Graph, layout: str) -> Iterator[Expected]:
    for row in rows:
        known = [row[role] for role in INPUTS[: graph.inputs]]
        yield {role: _value(graph, o, known) for role, o in zip(OUTPUTS, graph.outputs, strict=False)}


INNER: dict[str, tuple[str, ...]] = {
    " ".join(INPUTS): (
        "a b c d e f g h i",
        "x0 x1 x2 x3 x4 x5 x6 x7 x8",
        "in1 in2 in3 in4 in5 in6 in7 in8 in9",
        "p q r s t u v w x",
        "A B C D E F G H I",
        "i0 i1 i2 i3 i4 i5 i6 i7 i8",
    ),
    " ".join(OUTPUTS): (
        "y0 y1 y2 y3",
        "out_a out_b out_c out_d",
        "z1 z2 z3 z4",
        "f0 f1 f2 f3",
        "o0 o1 o2 o3",
        "Y Z M N",
    ),
    " ".join(WIRES): tuple(" ".join(f"{stem}{k}" for k in range(len(WIRES))) for stem in ("w", "n", "t", "net", "s_")),
}
GATE_GRAPH = Family(
    "gate_graph",
    1,
    _gates,
    {"module": ("logic_net", "gates", "circuit", "comb_logic", "net", "glue", "cone"), **INNER},
    oracle=_gate_values,
    draw=_draw_gates,
)


def _circuit(n: Names, graph: Graph, states: int, initial: int, layout: str, style: str) -> Design:
    """The graph's last `states` inputs are flip-flops; its last `states` outputs are what these take."""
    c = clocking(n, style)
    inputs, shown = graph.inputs - states, len(graph.outputs) - states
    flops, ins, outs = _roles(n, STATES, states), _roles(n, INPUTS, inputs), _roles(n, OUTPUTS, shown)
    nexts = _roles(n, WIRES[:4], states)
    signals = _signals(n, graph, [*ins, *flops], [*outs, *nexts])
    values = [initial >> k & 1 for k in range(states)]
    cleared = "\n".join(f"{q} <= 1'b{v};" for q, v in zip(flops, values, strict=True))
    taken = "\n".join(f"{q} <= {d};" for q, d in zip(flops, nexts, strict=True))
    texts = tuple(
        Telling(form, _clocked(graph, signals, (ins, outs, flops, nexts), c.edge, text)) for form, text in FORMS
    )
    value = str(values[0]) if len(set(values)) == 1 else f"{', '.join(map(str, values[:-1]))} and {values[-1]}"
    target = flops[0] if states == 1 else f"{', '.join(flops[:-1])} and {flops[-1]}"
    if len(set(values)) > 1:
        value += " (in this order)"
    return Design(
        ports=(*c.ports, *(inp(1, i) for i in ins), *((reg if layout == "block" else out)(1, o) for o in outs)),
        body=body(
            *(f"reg {q};" for q in flops),
            *(f"{'reg' if layout == 'block' else 'wire'} {d};" for d in nexts),
            *_code(graph, signals, layout),
            c.always(cleared, ("", taken)),
        ),
        texts=texts,
        reset=c.resets(target, value),
    )


CLOCKED = (
    "A circuit of gates and {count} has the inputs {ins} and the outputs {outs}. {flops}",
    "The inputs {ins} and {count} feed a network of gates that makes the outputs {outs}. {flops}",
    "Synchronous circuit: inputs {ins}; outputs {outs}; {count}. {flops}",
    "Write the circuit below, gates and {count}, from {ins} to {outs}. {flops}",
)
TAKEN = (
    "On the {edge}, {pairs}; nothing else is stored.",
    "{Pairs}, always on the {edge}.",
    "With each {edge}, {pairs}. All else is combinational.",
)


def _clocked(
    graph: Graph, signals: Sequence[str], groups: tuple[list[str], ...], edge: str, text: Text
) -> Callable[[Names, random.Random], str]:
    ins, outs, flops, nexts = groups

    def tell(names: Names, rng: random.Random) -> str:
        verb = rng.choice(("takes the value of {d}", "takes {d}", "becomes what {d} was", "is loaded from {d}"))
        pairs = [f"{q} {verb.format(d=d)}" for q, d in zip(flops, nexts, strict=True)]
        pair = pairs[0] if len(pairs) == 1 else f"{', '.join(pairs[:-1])} and {pairs[-1]}"
        stored = rng.choice(TAKEN).format(edge=edge, pairs=pair, Pairs=pair)
        count = f"the D flip-flop {flops[0]}" if len(flops) == 1 else f"the D flip-flops {', '.join(flops)}"
        intro = rng.choice(CLOCKED).format(ins=", ".join(ins), outs=", ".join(outs), count=count, flops=stored)
        if len(outs) == 1:
            intro = intro.replace("the outputs", "the output").replace("outputs «", "output «")
        if len(ins) == 1:
            intro = (
                intro.replace("the inputs", "the input")
                .replace("inputs «", "input «")
                .replace("The inputs", "The input")
            )
        told = text(graph, signals, rng)
        return f"{intro} {told}" if text is graph_texts.as_sentences else f"{intro}\n\n{fill(told, names)}"

    return tell


def _draw_circuit(rng: random.Random, wide: bool) -> Combination:
    states = rng.randint(3, 4) if wide else rng.choice((1, 2, 2))
    inputs = rng.randint(1, 3)
    shown = rng.choice((1, 1, 2))
    graph = draw_graph(rng, inputs + states, rng.randint(8, 12) if wide else rng.randint(3, 7), shown + states)
    return {
        "graph": graph,
        "states": states,
        "initial": rng.randrange(1 << states),
        "layout": rng.choice(("nested", "wires", "block")),
        "style": rng.choice(RESETS),
    }


def _circuit_values(rows: Rows, graph: Graph, states: int, initial: int, layout: str, style: str) -> Iterator[Expected]:
    inputs, shown = graph.inputs - states, len(graph.outputs) - states
    kept = [initial >> k & 1 for k in range(states)]
    for row in rows:
        known = [*(row[role] for role in INPUTS[:inputs]), *kept]
        values = [_value(graph, o, known) for o in graph.outputs]
        yield dict(zip(OUTPUTS, values[:shown], strict=False))
        kept = values[shown:]


GATE_CIRCUIT = Family(
    "gate_circuit",
    2,
    _circuit,
    {
        "module": ("seq_net", "circuit", "clocked_net", "schematic", "small_fsm", "netlist"),
        **INNER,
        " ".join(STATES): ("q0 q1 q2 q3", "r0 r1 r2 r3", "ff1 ff2 ff3 ff4", "Q0 Q1 Q2 Q3", "st_a st_b st_c st_d"),
    },
    oracle=_circuit_values,
    draw=_draw_circuit,
)
