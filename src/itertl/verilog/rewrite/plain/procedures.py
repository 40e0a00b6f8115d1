"""Always and initial blocks, and what an always_comb is sensitive to beyond what stands in it.

always_comb waits for what the functions it calls read, too (IEEE 1800-2017, 9.2.2.2.1); here it reads that itself.
"""

from typing import Any

from pyslang.ast import ExpressionKind, ProceduralBlockKind, StatementKind, SymbolKind

from itertl.verilog.rewrite.plain.calls import functions
from itertl.verilog.rewrite.plain.events import triggers
from itertl.verilog.rewrite.plain.scope import Kept, Scope, UnsupportedError, key_of
from itertl.verilog.rewrite.plain.storage import written_keys

_WORDS = {
    ProceduralBlockKind.Initial: "initial",
    ProceduralBlockKind.Always: "always",
    ProceduralBlockKind.AlwaysFF: "always",
    ProceduralBlockKind.AlwaysComb: "always_comb",
    ProceduralBlockKind.AlwaysLatch: "always_latch",
}
_IMPLICIT = (ProceduralBlockKind.AlwaysComb, ProceduralBlockKind.AlwaysLatch)
MOST_WORDS = 4096  # of a memory that an always_comb waits for as a whole


def procedure(scope: Scope, block: Any) -> str:
    """Return an always or initial block as source."""
    if block.procedureKind not in _WORDS:
        raise UnsupportedError("a final block")
    word, body, event = _WORDS[block.procedureKind], block.body, ""
    scope.declared, scope.jumps = [], {}
    condition = ""
    if body.kind == StatementKind.Timed and block.procedureKind not in _IMPLICIT:
        event, condition = triggers(scope, body.timing)
        body = body.stmt
    reads = _read_by_functions(scope, block) if block.procedureKind in _IMPLICIT else []
    text = scope.run(body)
    if reads:
        name = scope.fresh("seen")
        scope.declared.append(f"reg {name};")
        text = f"{name} = ^{{{', '.join(reads)}}}; {text}"
    if condition:
        text = f"if ({condition}) begin {text} end"
    named = f" : {scope.fresh('block')} {' '.join(scope.declared)}" if scope.declared else ""
    head = f"{word} {event} " if event else f"{word} "
    return f"{head}begin{named} {text} end"


def _read_by_functions(scope: Scope, block: Any) -> list[str]:
    """Return what the functions called in a block read of the module, without what it or they assign."""
    found: dict[str, Any] = {}
    functions(block, found)
    if not found:
        return []
    reads: dict[tuple[str, int], Kept] = {}

    def see(node: Any) -> None:
        if node.symbol.kind in (SymbolKind.Variable, SymbolKind.Net) and (key := key_of(node.symbol)) in scope.kept:
            reads[key] = scope.kept[key]

    written = written_keys(block)
    for function in found.values():
        function.body.visit(lookup_table={ExpressionKind.NamedValue: see, ExpressionKind.HierarchicalValue: see})
        written |= written_keys(function.body)
    own = {kept.name for kept in scope.module.values()}
    return [text for key, kept in reads.items() if key not in written and kept.name in own for text in _all(kept)]


def _all(kept: Kept) -> list[str]:
    if kept.words > MOST_WORDS:
        raise UnsupportedError("a function that reads a large memory")
    return [f"{kept.name}[{n}]" for n in range(kept.words)] if kept.words else [kept.name]
