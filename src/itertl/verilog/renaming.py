"""The same design under other names, for `rewording`.

    renamed(code, top, seed)  ->  code         # equal arguments give equal text

Signals, variables, genvars, enumeration members and parameters of a module get new names wherever they stand, in its
syntax tree. What the outside sees or a name alone does not tell stays: ports, parameters that an instance may set,
members of structures, labels, instances, functions, types, names in hierarchical names and in connections `.name(...)`.
A name that also stands for one of these stays too, and so do all names of a module with a connection `.*`.

    python -c "from itertl.verilog.renaming import *; print(renamed('module t; wire a; endmodule', 't', 1))"
"""

import dataclasses
import random
from collections.abc import Iterable, Iterator
from typing import Any

from pyslang.parsing import Token as SyntaxToken
from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind

from itertl.errors import DataError
from itertl.verilog.frontend import parse, syntax_error
from itertl.verilog.tokens import to_ascii, tokens

_NAMES = frozenset(
    {SyntaxKind.Declarator, SyntaxKind.IdentifierName, SyntaxKind.IdentifierSelectName, SyntaxKind.LoopGenerate}
)
_DECLARING = (SyntaxKind.Declarator, SyntaxKind.LoopGenerate)
# Where an identifier is a name of another module's, or of nothing in the design: it is neither renamed nor in the way.
_FOREIGN = frozenset(
    {
        SyntaxKind.ModuleHeader,
        SyntaxKind.HierarchyInstantiation,
        SyntaxKind.NamedParamAssignment,
        SyntaxKind.AttributeSpec,
    }
)
# Declared or named below one of these, a name is seen from outside, or is no name of its own.
_OUTSIDE = frozenset(
    {
        SyntaxKind.AnsiPortList,
        SyntaxKind.NonAnsiPortList,
        SyntaxKind.ParameterPortList,
        SyntaxKind.PortDeclaration,
        SyntaxKind.StructUnionMember,
    }
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def renamed(code: str, top: str, seed: int) -> str:
    """Return `code` with other names inside; raise DataError where it cannot be parsed."""
    text, root = parsed(code)
    rng = random.Random(f"renaming {seed}")
    taken = {token.name for token in tokens(text)}
    return replaced(text, (edit for module in modules(root) for edit in _edits(module, top, rng, taken)))


def parsed(code: str) -> tuple[str, Any]:
    """Return the text whose offsets the syntax tree has, and the tree's root; raise DataError for a syntax error."""
    text = to_ascii(code)
    tree = parse(text)
    if error := syntax_error(tree):
        raise DataError(f"expected a design that parses, {error}")
    return text, tree.root


def modules(root: Any) -> Iterator[Any]:
    """Yield the modules below the root of a syntax tree."""
    members = root.members if root.kind == SyntaxKind.CompilationUnit else [root]
    return (member for member in members if member.kind == SyntaxKind.ModuleDeclaration)


def replaced(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """Return `text` with (start, end, new) replaced; of two edits that overlap the one that starts first counts."""
    parts, at = [], 0
    for start, end, new in sorted(edits):
        if start >= at:
            parts += [text[at:start], new]
            at = end
    return "".join([*parts, text[at:]])


def _edits(module: Any, top: str, rng: random.Random, taken: set[str]) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, new name) for each place in `module` where one of its own names stands."""
    survey = _Survey(settable=module.header.name.valueText != top)
    module.visit(survey.see)
    if survey.wildcard:
        return
    for name in (n for n in survey.declared if n not in survey.fixed):
        new = _fresh(rng, taken)
        yield from ((start, end, new) for start, end in survey.places[name])


@dataclasses.dataclass(slots=True)
class _Survey:
    """What one walk over a module collects: where names stand, which it declares, and which have to stay.

    `settable`: an instance may set the module's parameters.
    """

    settable: bool
    places: dict[str, list[tuple[int, int]]] = dataclasses.field(default_factory=dict)
    declared: dict[str, None] = dataclasses.field(default_factory=dict)  # in the order of the text
    fixed: set[str] = dataclasses.field(default_factory=set)
    wildcard: bool = False

    def see(self, node: Any) -> None:
        """Take up the identifiers that `node` itself holds."""
        if isinstance(node, SyntaxToken):
            return
        kind = node.kind
        self.wildcard |= kind == SyntaxKind.WildcardPortConnection
        for token in _identifiers(node):
            if kind in _NAMES and self._own(node):
                start = token.location.offset
                self.places.setdefault(token.valueText, []).append((start, start + len(token.rawText)))
                if kind in _DECLARING or node.parent.kind == SyntaxKind.GenvarDeclaration:
                    self.declared[token.valueText] = None
            elif kind == SyntaxKind.NamedPortConnection:
                if not node.openParen.rawText:  # .name stands for .name(name)
                    self.fixed.add(token.valueText)
            elif kind not in _FOREIGN:
                self.fixed.add(token.valueText)

    def _own(self, node: Any) -> bool:
        """True if the name that `node` holds is the module's own, and means the same wherever it stands."""
        declares, above = node.kind == SyntaxKind.Declarator, node.parent
        while above.kind != SyntaxKind.ModuleDeclaration:
            if above.kind == SyntaxKind.ScopedName or (declares and above.kind in _OUTSIDE):
                return False
            if declares and self.settable and above.kind == SyntaxKind.ParameterDeclaration:
                return bool(above.keyword.kind == TokenKind.LocalParamKeyword)
            above = above.parent
        return True


def _identifiers(node: Any) -> Iterator[Any]:
    for index in range(len(node)):
        child = node[index]
        if isinstance(child, SyntaxToken) and child.kind == TokenKind.Identifier and child.valueText:
            yield child


def _fresh(rng: random.Random, taken: set[str]) -> str:
    """Return a name that nothing in the design has: a letter and eight hexadecimal digits are no keyword."""
    while (name := f"{rng.choice(_LETTERS)}{rng.getrandbits(32):08x}") in taken:
        pass
    taken.add(name)
    return name
