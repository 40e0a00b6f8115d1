"""What keeps a suite's bench and a design apart in one simulation.

    marked(bench, top)                   the bench with places for names that are drawn for each run
    wrapper(ports, outer, inner, key)    the module between both: what the design drives does not reach the bench

Modules, instances, blocks, tasks and functions of the bench get a random prefix in its own text, so that no name that
a design can hold leads there. Every line that it prints gets a random prefix, too. Between the bench and the design
stands a module with one-way buffers, which tells, behind the same prefix, where an input holds another value than the
bench drives.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from pyslang.parsing import TokenKind

from itertl.errors import DataError
from itertl.verilog.interface import Port, read_interface
from itertl.verilog.tokens import Token, spell, tokens

NONCE, TOP, KEY = "\x01", "\x02", "\x03"  # where a marked bench takes a run's names
SAYS_DRIVEN = "drives an input"  # what a wrapper prints behind the nonce
_PRINTS = frozenset({"$display", "$write", "$strobe", "$monitor", "$displayb", "$displayh", "$displayo"})
_MODULES = frozenset({"module", "macromodule"})
_BLOCKS = frozenset({"begin", "fork"})
_ROUTINES = frozenset({"task", "function"})


def bench_module(bench: str) -> str:
    """Return the name of the last module of the bench that none of its others mentions."""
    stream = list(tokens(bench))
    modules = [b.name for a, b in itertools.pairwise(stream) if a.text in _MODULES]
    mentions = Counter(t.name for t in stream if t.kind == TokenKind.Identifier)
    return next((name for name in reversed(modules) if mentions[name] == 1), "tb")


def marked(bench: str, top: str) -> str:
    """Return the bench with places for a run's names: before its lines and its own scopes, and where it names `top`."""
    stream = list(tokens(bench))
    scopes = _scopes(stream, top)
    parts, at, printing = [], 0, 0
    for token in stream:
        if token.text in _PRINTS:
            printing = 2
            continue
        if printing and token.kind == TokenKind.StringLiteral:
            text, printing = f'"{NONCE}' + token.text[1:].replace("\\n", f"\\n{NONCE}"), 0
        elif token.kind == TokenKind.Identifier and token.name == top:
            text = TOP
        elif token.kind == TokenKind.Identifier and token.text in scopes:
            text = KEY + token.text
        else:
            printing = max(printing - 1, 0)
            continue
        parts += [bench[at : token.start], text]
        at = token.end
    return "".join([*parts, bench[at:]])


def filled(bench: str, nonce: str, top: str, key: str) -> str:
    """Return a marked bench with the names of a run: `key` begins those of its scopes, `top` is the design's module."""
    return bench.replace(TOP, spell(top)).replace(NONCE, nonce).replace(KEY, key)


def _scopes(stream: Sequence[Token], top: str) -> frozenset[str]:
    """Return the names of modules, instances, blocks, tasks and functions, without those that are also ports' names."""
    modules = {b.text for a, b in itertools.pairwise(stream) if a.text in _MODULES}
    found, ports, heading = set(modules), set(), False
    for before, token, behind in zip(stream, stream[1:], stream[2:], strict=False):
        heading = heading or before.text in _ROUTINES
        if token.kind != TokenKind.Identifier:
            continue
        if before.text == "." and behind.text == "(":
            ports.add(token.text)
        elif heading and behind.text in ("(", ";"):
            found.add(token.text)
            heading = False
    threes = zip(stream, stream[1:], stream[2:], strict=False)
    found.update(c.text for a, b, c in threes if a.text in _BLOCKS and b.text == ":")
    found.update(_instances(stream, modules | {top}))
    return frozenset(name for name in found - ports - {top} if not name.startswith("\\"))


def _instances(stream: Sequence[Token], modules: set[str]) -> Iterator[str]:
    """Yield the names of the instances of `modules`, with or without parameters."""
    for index, token in enumerate(stream[:-2]):
        if token.text not in modules:
            continue
        at = index + 1
        if stream[at].text == "#":
            at = _behind_brackets(stream, at + 1)
        if stream[at].kind == TokenKind.Identifier and stream[min(at + 1, len(stream) - 1)].text in ("(", "["):
            yield stream[at].text


def _behind_brackets(stream: Sequence[Token], at: int) -> int:
    """Return the index behind the brackets that begin at `at`, or behind the one token that stands there."""
    depth = 0
    for index in range(at, len(stream) - 1):
        depth += (stream[index].text == "(") - (stream[index].text == ")")
        if depth == 0:
            return index + 1
    return len(stream) - 1


def gives_parameters(bench: str) -> bool:
    """Return True if a marked bench sets parameters of the design, which a module around it would not have."""
    return re.search(rf"{TOP}\s*#", bench) is not None


ARRAYS = "arrays as ports: only the built-in bench is connected with them"


def can_be_wrapped(ports: Sequence[Port] | None) -> TypeGuard[Sequence[Port]]:
    """Return True if a module can be put around a design with these ports."""
    return bool(ports) and all(p.direction in ("input", "output") and not p.shape for p in ports or ())


def wrapper(ports: Sequence[Port], outer: str, inner: str, key: str, nonce: str) -> str:
    """Return module `outer`, which holds module `inner` and passes its inputs on through one-way buffers.

    What it says of an input that holds another value than the one given is printed once, at the end of that moment.
    """
    inputs = [p for p in ports if p.direction == "input"]
    heading = ", ".join(f"{p.direction} wire {_type(p)}{spell(p.name)}" for p in ports)
    nets = "".join(f"  wire {_type(p)}{key}{i} = {spell(p.name)};\n" for i, p in enumerate(inputs))
    inside = {p.name: f"{key}{i}" for i, p in enumerate(inputs)}
    connections = ", ".join(f".{spell(p.name)}({inside.get(p.name, spell(p.name))})" for p in ports)
    return (
        f"module {spell(outer)} ({heading});\n{nets}  {spell(inner)} {key}u ({connections});\n"
        f"{_watch(inputs, key, nonce)}endmodule\n"
    )


def _watch(inputs: Sequence[Port], key: str, nonce: str) -> str:
    if not inputs:
        return ""
    pairs = [(f"{key}{i}", spell(p.name)) for i, p in enumerate(inputs)]
    differs = " || ".join(f"{net} !== {port}" for net, port in pairs)
    events = " or ".join(name for pair in pairs for name in pair)
    say = f'if (!{key}d && ({differs})) begin {key}d = 1; $display("{nonce}{SAYS_DRIVEN}"); end'
    return f"  reg {key}d = 0;\n  always @({events}) if ({differs}) begin #0; {say} end\n"


def _type(port: Port) -> str:
    sign = "signed " if port.signed else ""
    return f"{sign}[{port.width - 1}:0] " if port.width > 1 else sign


def ports_of(header: str, top: str) -> tuple[Port, ...] | None:
    """Return the ports that a header alone declares, None where it does not say them all."""
    try:
        return read_interface(f"{header}\nendmodule", top).ports if header.strip() else None
    except DataError:
        return None


def constant(ports: Sequence[Port], top: str, bit: int) -> str:
    """Return a design all of whose outputs are always `bit`."""
    declared = ", ".join(f"{p.direction} wire [{p.width - 1}:0] {spell(p.name)}" for p in ports)
    bits = (f"  assign {spell(p.name)} = {{{p.width}{{1'b{bit}}}}};\n" for p in ports if p.direction == "output")
    return f"module {spell(top)} ({declared});\n{''.join(bits)}endmodule\n"
