"""Edits that let Icarus Verilog 11 read what it refuses although it is legal SystemVerilog; the meaning stays.

    edits(tree, top)  ->  (Edit(start, end, text), ...)        # offsets in the code that `tree` was parsed from

    typedef enum logic [1:0] {A, B} t;    ->  localparam logic [1:0] A = 0, B = A + 1; typedef logic [1:0] t;
    for (...) ... break;                  ->  begin : name for (...) ... disable name; end
    for (...) begin ... continue; end     ->  for (...) begin : name ... disable name; end
    signed'(x)   unique if   const   var  ->  $signed(x)   if   (nothing)   (nothing)
    struct without packed                 ->  struct packed

For benches of suites, and for designs that simulators take though the standard does not; all else is written in plain
Verilog. Patterns and copies of unpacked arrays are in aggregates.py. Enumerations keep their strictness: code that
assigns other numbers to them is not touched.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pyslang.parsing import Token as SyntaxToken
from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind

from itertl.verilog.frontend import elaborate
from itertl.verilog.rewrite.aggregates import Edit, aggregate_edits, span

_HINT = re.compile(
    r"\b(enum|break|continue|unique0?|priority|inside|const|var|automatic|struct|signed|unsigned)\b|'\s*\{|<<\s*\w*\s*\{"
    r"|[\w\]]\s+\w+\s*\["
)
_LOOPS = ("ForLoopStatement", "LoopStatement", "DoWhileStatement", "ForeachLoopStatement")
_METHODS = re.compile(r"\.\s*(first|last|next|prev|num|name)\b")


def edits(tree: Any, top: Any, text: str) -> tuple[Edit, ...]:
    """Return the edits for `text`, parsed as `tree` and elaborated as `top`, in their order and without overlaps."""
    if _HINT.search(text) is None:
        return ()
    nodes = _collect(tree.root)
    found = [
        *_enums(nodes, tree, top, text),
        *_loops(nodes, text),
        *_keywords(nodes),
        *dict.fromkeys(aggregate_edits(top, text)),  # instances of one module give the same edits
    ]
    return _disjoint(found)


def _disjoint(found: Sequence[Edit]) -> tuple[Edit, ...]:
    """Sort edits; of two that overlap the outer one stays, and what the inner one was for is left as it is."""
    kept: list[Edit] = []
    for edit in sorted(found, key=lambda e: (e.start, e.start != e.end, -e.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return tuple(kept)


def _collect(root: Any) -> dict[str, list[Any]]:
    """Return the nodes of the syntax tree by the name of their kind."""
    nodes: dict[str, list[Any]] = {}

    def see(node: Any) -> None:
        if not isinstance(node, SyntaxToken):
            nodes.setdefault(node.kind.name, []).append(node)

    root.visit(see)
    return nodes


def _remove(token: Any) -> Edit:
    start = token.location.offset
    return Edit(start, start + len(token.rawText), "")


def _text(node: Any, text: str) -> str:
    start, end = span(node)
    return text[start:end]


def _enums(nodes: dict[str, list[Any]], tree: Any, top: Any, text: str) -> Iterator[Edit]:
    """Turn enumerations into constants and vectors, where their use is strictly typed and calls no method."""
    enums = nodes.get("EnumType", [])
    if not enums or _METHODS.search(text):
        return
    if any(n.parent.kind not in (SyntaxKind.TypedefDeclaration, SyntaxKind.DataDeclaration) for n in enums):
        return
    if any(member.dimensions for node in enums for member in node.members if _is_declarator(member)):
        return
    if elaborate(tree, top.name, strict_enums=True).error:
        return
    for node in enums:
        base = _text(node.baseType, text) if node.baseType is not None else ""
        base = base or "int"
        parts, last = [], ""
        for member in filter(_is_declarator, node.members):
            name = member.name.rawText
            value = _text(member.initializer.expr, text) if member.initializer else f"{last} + 1" if last else "0"
            parts.append(f"{name} = {value}")
            last = name
        start, _ = span(node.parent)
        yield Edit(start, start, f"localparam {base} {', '.join(parts)}; ")
        yield Edit(*span(node), base)


def _is_declarator(node: Any) -> bool:
    return not isinstance(node, SyntaxToken) and node.kind == SyntaxKind.Declarator


def _loops(nodes: dict[str, list[Any]], text: str) -> Iterator[Edit]:
    """Turn break and continue into `disable` of a block around the loop, or around its body."""
    labelled: set[tuple[int, str]] = set()
    for jump in nodes.get("JumpStatement", []):
        loop, function = jump.parent, jump.parent
        while loop is not None and loop.kind.name not in _LOOPS:
            loop = loop.parent
        while function is not None and function.kind != SyntaxKind.FunctionDeclaration:
            function = function.parent
        word = jump.breakOrContinue.rawText
        if loop is None or (function is not None and "automatic" in _text(function.prototype, text)):
            continue  # vvp 11 crashes on `disable` inside automatic functions
        target = loop if word == "break" else loop.statement
        start, end = span(target)
        name = _fresh(f"{word}_{start}", text)
        yield Edit(*span(jump), f"disable {name};")
        if (start, word) not in labelled:
            labelled.add((start, word))
            yield Edit(start, start, f"begin : {name} ")
            yield Edit(end, end, " end ")


def _fresh(name: str, text: str) -> str:
    while name in text:
        name += "_"
    return name


def _keywords(nodes: dict[str, list[Any]]) -> Iterator[Edit]:
    for node in nodes.get("ConditionalStatement", []):
        if node.uniqueOrPriority.rawText:
            yield _remove(node.uniqueOrPriority)
    for node in nodes.get("SignedCastExpression", []):
        start = node.signing.location.offset
        yield Edit(start, node.apostrophe.location.offset + 1, f"${node.signing.rawText}")
    for node in nodes.get("DataDeclaration", []):
        for token in node.modifiers:
            if token.kind in (TokenKind.ConstKeyword, TokenKind.VarKeyword):
                yield _remove(token)
    for node in nodes.get("StructType", []):
        if not node.packed.rawText:
            end = node.keyword.location.offset + len(node.keyword.rawText)
            yield Edit(end, end, " packed ")
