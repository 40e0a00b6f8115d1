"""Small legal designs at random: signedness, widths, structures, arrays, functions, ports, generate, enumerations.

design(random.Random(7), "t7")  ->  Verilog of a combinational module with the inputs a, b, c and the output y
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

INPUTS = ("a", "b", "c")


@dataclass(frozen=True)
class Value:
    """Something that an expression may name: its text, its width in bits, and whether its bits can be selected."""

    text: str
    width: int
    selectable: bool = True


class Draw:
    """Random expressions over what is declared so far."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.values: list[Value] = []
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """Add a line to the module's body."""
        self.lines.append(f"  {line}")

    def leaf(self) -> str:
        """Return a name, a bit or a part of one, or a number."""
        if self.rng.random() < 0.2:
            width = self.rng.randint(1, 9)
            sign = self.rng.choice(("", "s"))
            return f"{width}'{sign}d{self.rng.randrange(1 << width)}" if self.rng.random() < 0.8 else "1"
        value = self.rng.choice(self.values)
        if not value.selectable or value.width == 1 or self.rng.random() < 0.6:
            return value.text
        high = self.rng.randrange(value.width)
        low = self.rng.randint(0, high)
        forms = [f"[{high}:{low}]", f"[{high}]", f"[{low} +: {high - low + 1}]", f"[{high} -: {high - low + 1}]"]
        return value.text + self.rng.choice(forms)

    def expression(self, depth: int = 3) -> str:
        """Return an expression of any width and sign."""
        if depth == 0 or self.rng.random() < 0.15:
            return self.leaf()
        form = self.rng.choice(_FORMS)
        return form(self, depth - 1)


def _binary(draw: Draw, depth: int) -> str:
    sign = draw.rng.choice(("+", "-", "*", "&", "|", "^", "~^", "<", "<=", ">", ">=", "==", "!=", "&&", "||"))
    return f"({draw.expression(depth)} {sign} {draw.expression(depth)})"


def _shift(draw: Draw, depth: int) -> str:
    return f"({draw.expression(depth)} {draw.rng.choice(('<<', '>>', '<<<', '>>>'))} {draw.expression(min(depth, 1))})"


def _unary(draw: Draw, depth: int) -> str:
    return f"({draw.rng.choice(('~', '-', '!', '&', '|', '^', '~&', '~|', '+'))}{draw.expression(depth)})"


def _choice(draw: Draw, depth: int) -> str:
    return f"({draw.expression(min(depth, 1))} ? {draw.expression(depth)} : {draw.expression(depth)})"


def _joined(draw: Draw, depth: int) -> str:
    parts = ", ".join(_sized(draw, depth) for _ in range(draw.rng.randint(1, 3)))
    return f"{{{draw.rng.randint(1, 3)}{{{parts}}}}}" if draw.rng.random() < 0.3 else f"{{{parts}}}"


def _sized(draw: Draw, depth: int) -> str:
    """Return an operand of a concatenation, which may not be a bare number without a size."""
    found = draw.expression(depth)
    return "2'd1" if found == "1" else f"4'({found})" if draw.rng.random() < 0.2 else f"({found})"


def _cast(draw: Draw, depth: int) -> str:
    inner = draw.expression(depth)
    forms = (f"$signed({inner})", f"$unsigned({inner})", f"signed'({inner})", f"{draw.rng.randint(1, 8)}'({inner})")
    return draw.rng.choice(forms)


def _inside(draw: Draw, depth: int) -> str:
    low, high = sorted(draw.rng.randrange(16) for _ in range(2))
    return f"({draw.leaf()} inside {{{draw.rng.randrange(32)}, [{low}:{high}]}})"  # slang's Yosys wants constants


_FORMS: tuple[Callable[[Draw, int], str], ...] = (
    _binary, _binary, _binary, _shift, _unary, _choice, _joined, _cast, _cast, _inside,
)  # fmt: skip


def _structure(draw: Draw) -> None:
    members = [(name, draw.rng.randint(1, 6), draw.rng.random() < 0.5) for name in ("x", "y0", "z")]
    said = " ".join(f"logic {'signed ' if s else ''}[{w - 1}:0] {n};" for n, w, s in members)
    width = sum(w for _, w, _ in members)
    draw.say(f"typedef struct packed {'signed ' if draw.rng.random() < 0.3 else ''}{{ {said} }} pack;")
    draw.say("pack v;")
    draw.say(f"assign v = {draw.expression()};")
    draw.values += [Value(f"v.{n}", w) for n, w, _ in members]
    draw.values.append(Value("v", width))


def _packed_array(draw: Draw) -> None:
    rows, width = draw.rng.randint(2, 4), draw.rng.randint(2, 5)
    draw.say(f"logic {'signed ' if draw.rng.random() < 0.4 else ''}[{rows - 1}:0][{width - 1}:0] m;")
    draw.say(f"assign m = {draw.expression()};")
    draw.values += [Value(f"m[{row}]", width) for row in range(rows)]
    draw.values.append(Value("m", rows * width, selectable=False))


def _array(draw: Draw) -> None:
    width, sign = draw.rng.randint(2, 6), "signed " if draw.rng.random() < 0.5 else ""
    draw.say(f"logic {sign}[{width - 1}:0] w [0:3];")
    draw.say("always_comb begin")
    for row in range(4):
        draw.say(f"  w[{row}] = {draw.expression(2)};")
    draw.say("end")
    draw.values += [Value("w[2]", width), Value("w[a[0]]", width), Value("w[{b[0], a[0]}]", width)]


def _function(draw: Draw) -> None:
    width, sign = draw.rng.randint(1, 8), draw.rng.choice(("", "signed "))
    argument = f"input {draw.rng.choice(('', 'signed '))}[{draw.rng.randint(1, 6) - 1}:0] p"
    # It reads its argument alone: what else it reads wakes no continuous assignment, in a simulator.
    outer, draw.values = draw.values, [Value("p", 1, selectable=False)]
    body = draw.expression()
    returned = f"return {body};" if draw.rng.random() < 0.5 else f"f = {body};"
    draw.values = outer
    draw.say(f"function automatic {sign}[{width - 1}:0] f({argument}); {returned} endfunction")
    draw.values += [Value(f"f({draw.leaf()})", width, selectable=False) for _ in range(2)]


def _nested_functions(draw: Draw) -> None:
    """Add a function that calls a void one, which gives it a value."""
    widths = [draw.rng.randint(1, 8) for _ in range(4)]
    kinds = [f"{draw.rng.choice(('', 'signed '))}[{width - 1}:0]" for width in widths]
    outer, draw.values = draw.values, [Value("p", widths[0])]
    draw.say(f"function automatic void give(input {kinds[0]} p, output logic {kinds[1]} q);")
    draw.say(f"  q = {draw.expression(2)};")
    draw.say("endfunction")
    draw.values = [Value("r", widths[2]), Value("d", widths[1])]
    draw.say(f"function automatic {kinds[3]} h(input {kinds[2]} r);")
    draw.say(f"  logic {kinds[1]} d;")
    draw.say("  give(r, d);")
    draw.say(f"  return {draw.expression(2)};")
    draw.say("endfunction")
    draw.values = outer
    draw.values += [Value(f"h({draw.leaf()})", widths[3], selectable=False) for _ in range(2)]


def _enumeration(draw: Draw) -> None:
    draw.say("typedef enum logic [1:0] { IDLE, RUN = 2'd2, HALT } state;")
    draw.say("state s; logic [3:0] k;")
    draw.say("always_comb begin")
    draw.say(f"  s = {draw.leaf()} > {draw.leaf()} ? RUN : {draw.leaf()} == 2 ? HALT : IDLE;")
    draw.say(f"  case (s) IDLE: k = {draw.expression(2)}; RUN: k = {draw.expression(2)}; default: k = {draw.leaf()};")
    draw.say("  endcase")
    draw.say("end")
    draw.values += [Value("k", 4), Value("s", 2, selectable=False)]


def _generated(draw: Draw) -> None:
    width = draw.rng.randint(2, 6)
    draw.say(f"logic {draw.rng.choice(('', 'signed '))}[{width - 1}:0] g;")
    draw.say(f"for (genvar i = 0; i < {width}; i++) begin : bits")
    inner, draw.values = draw.values, [*draw.values, Value("i", 32, selectable=False)]
    draw.say(f"  assign g[i] = {draw.expression(2)};")
    draw.values = inner
    draw.say("end")
    draw.values.append(Value("g", width))


def _procedure(draw: Draw) -> None:
    draw.say("int n; logic [7:0] r;")
    draw.say("always_comb begin")
    draw.say(f"  n = {draw.expression(2)}; r = 0;")
    draw.say(f"  for (int j = 0; j < 3; j++) r = r + ({draw.expression(2)} >> j);")
    draw.say(f"  if ({draw.leaf()} > {draw.leaf()}) r ^= {draw.expression(2)}; else r -= {draw.leaf()};")
    draw.say("end")
    draw.values += [Value("n", 32), Value("r", 8)]


PARTS = (_structure, _packed_array, _array, _function, _nested_functions, _enumeration, _generated, _procedure)


def design(rng: random.Random, name: str) -> str:
    """Return a module with the ports a, b, c (each of 2 to 8 bits) and y."""
    draw = Draw(rng)
    ports = []
    for port in INPUTS:
        width = rng.randint(2, 8)
        ports.append(f"input {rng.choice(('', 'logic '))}{rng.choice(('', 'signed '))}[{width - 1}:0] {port}")
        draw.values.append(Value(port, width))
    for part in rng.sample(PARTS, rng.randint(0, 2)):
        part(draw)
    ports.append(f"output logic {rng.choice(('', 'signed '))}[{rng.randint(1, 16) - 1}:0] y")
    draw.say(f"assign y = {draw.expression(4)};")
    return "\n".join([f"module {name}({', '.join(ports)});", *draw.lines, "endmodule"])
