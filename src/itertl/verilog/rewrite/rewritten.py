"""The text that a simulator reads in the place of a design.

    plain_text(tree, top, Plain(text, names))  ->  Plain
    often_misread(code)                        ->  what in a text tools have read in different ways

What simulators read alike stays as it is. All else is written again in plain Verilog (`plain/`) where it is legal
SystemVerilog and nothing in it is unknown there; else edits of the text (`designs`) help as far as they go.
"""

import collections
import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from pyslang.syntax import SyntaxKind

from itertl.verilog.legality import fault
from itertl.verilog.rewrite.aggregates import Edit
from itertl.verilog.rewrite.designs import edits
from itertl.verilog.rewrite.joined import joins_computed
from itertl.verilog.rewrite.plain.design import Plain, in_plain_verilog
from itertl.verilog.rewrite.plain.scope import UnsupportedError

__all__ = ["Plain", "edited", "often_misread", "plain_text"]

_CALLS = 8000  # inside one another: four for each term of the longest sum that the guard accepts

# What one simulator or another refuses or misreads, or what often comes with it.
_HINT = re.compile(
    r"\b(signed|unsigned|enum|struct|union|typedef|function|task|inside|iff|foreach|break|continue|return|disable|do"
    r"|unique0?|priority|const|var|automatic|static|int|shortint|longint|byte|bit|string|real|shortreal|time|realtime|type|repeat|let|import|interface|primitive)\b"
    r"|\$|\\|'\s*[{(01xzXZ]|<<\s*\w*\s*\{|>>\s*\w*\s*\{|[\]}]\s*\[|[\w\]]\s+\w+\s*\[|\+\+|--|[-+*/&|^]=|->"
    r"|\bparameter\s+(\[[^\]]*\]\s*)?\w+\s*[,)]|\binput\b[^,;)]*="
    r"|;\s{0,80}(?://[^\n]{0,80}\n\s{0,80}){0,2};|\bend(generate)?\s*(:\s*\w+\s*)?;"  # an item that is empty
)
_NETS = re.compile(r"\b(?:wire|tri|tri0|tri1|wand|wor|uwire)\b")
# What has been read otherwise without a word: signedness, what is made of several parts, what is called.
_SILENT = re.compile(
    r"\$(?:signed|size|bits|left|right|high|low|dimensions)\b"
    r"|\b(?:signed|integer|int|shortint|longint|byte|enum|struct|union|function|task|inside|foreach)\b"
    r"|>>>|<<\s*\{|>>\s*\{|\]\s*\[|'\s*\{"
)


def often_misread(code: str) -> tuple[str, ...]:
    """Return the words of `code`, each once, that simulators and front-ends have read in different ways."""
    found = (re.sub(r"\s+", "", match[0]) for match in _SILENT.finditer(code))
    return tuple(dict.fromkeys(found))


def plain_text(tree: Any, top: Any, found: Plain) -> Plain:
    """Return what is simulated of the design that `tree` was parsed from and that is elaborated as `top`."""
    modules = {name for _, _, name in found.names}
    connected = len(found.names) > len(modules)  # there are instances, and what is signed may stand at their ports
    hinted = _HINT.search(found.text) is not None or (connected and "integer" in found.text)
    if not hinted and not joins_computed(tree, found.text) and not (_NETS.search(found.text) and _mixed(tree)):
        return found
    unsaid = ""
    if not fault(tree, top.name):
        try:
            with _deep():
                return in_plain_verilog(top)
        except UnsupportedError as error:
            unsaid = error.construct
        except RecursionError:
            unsaid = "an expression of very many parts"
    return edited(found, edits(tree, top, found.text), unsaid)


@contextlib.contextmanager
def _deep() -> Iterator[None]:
    """Let functions call themselves as deeply as the parser lets expressions nest, and sums have terms."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _CALLS))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _mixed(tree: Any) -> bool:
    """Return True if a list of nets gives some of them a value and others none."""
    found: list[bool] = []

    def see(node: Any) -> None:
        given = [
            d.initializer is not None for d in node.declarators if getattr(d, "kind", None) == SyntaxKind.Declarator
        ]
        found.append(len(set(given)) > 1)

    tree.root.visit(lookup_table={SyntaxKind.NetDeclaration: see})
    return any(found)


def edited(found: Plain, changes: Sequence[Edit], unsaid: str = "") -> Plain:
    """Return the text with edits, line by line as it was.

    Names of modules that an edit replaces along with what is around them are gone.
    """
    parts, names, at, moved = [], [], 0, 0
    left = collections.deque(found.names)
    for change in changes:
        while left and left[0][0] + left[0][1] <= change.start:
            offset, length, module = left.popleft()
            names.append((offset + moved, length, module))
        lost = found.text.count("\n", change.start, change.end) - change.text.count("\n")
        new = change.text + "\n" * lost
        parts += [found.text[at : change.start], new]
        moved += len(new) - (change.end - change.start)
        at = max(at, change.end)
    names += [(offset + moved, length, module) for offset, length, module in left]
    return Plain("".join([*parts, found.text[at:]]), tuple(names), unsaid=unsaid)
