"""Declarations outside of modules: types, constants, functions, packages, and what of them a name means where.

    found = declarations(text, modules)  ->  Outside        # `modules` are (start, end) of what is no such place
    found.meaning_of("s_t", scope, place) ->  Item, or None  # what the name means to who sees `scope` there

In free text a declaration is what begins with a keyword of one and parses alone; prose does not.
"""

import bisect
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyslang.parsing import Token as SyntaxToken
from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind

from itertl.verilog.frontend import parse, syntax_error
from itertl.verilog.nesting import too_nested
from itertl.verilog.tokens import Token, to_ascii, tokens

MOST_ITEMS = 1000  # declarations that are looked at
_ENDS = {
    "package": "endpackage",
    "function": "endfunction",
    "task": "endtask",
    "interface": "endinterface",
    "class": "endclass",
    "primitive": "endprimitive",
    "checker": "endchecker",
    "program": "endprogram",
}
ENDS = frozenset({"endmodule", *_ENDS.values()})
_SIMPLE = frozenset(
    {
        "typedef", "import", "localparam", "parameter", "const", "var", "enum", "struct", "logic", "bit", "reg", "wire",
        "byte", "shortint", "int", "longint", "integer", "let",
    }
)  # fmt: skip
_NESTING = {"(": 1, "[": 1, "{": 1, "'{": 1, ")": -1, "]": -1, "}": -1}
_WHOLE = frozenset(  # what stays outside, as it is, for the guard to name
    {
        SyntaxKind.InterfaceDeclaration,
        SyntaxKind.ClassDeclaration,
        SyntaxKind.UdpDeclaration,
        SyntaxKind.CheckerDeclaration,
        SyntaxKind.ProgramDeclaration,
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """From where a name is looked for: a package ("" for none), and imports (package, name or "*")."""

    package: str = ""
    imports: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One declaration: its names, its text, where in the whole text it stands, what it sees, its syntax.

    `offset` is where `text` stands in the text that `node` was parsed from. `inner` are names that it declares for
    itself: members of a structure, arguments and variables of a function.
    """

    names: tuple[str, ...]
    text: str
    place: int
    scope: Scope
    node: Any
    offset: int
    tree: Any  # keeps `node` alive
    inner: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """True for what cannot be moved into a module: blocks of their own, and what all who see it would share."""
        if self.node.kind == SyntaxKind.DataDeclaration:
            return not any(token.kind == TokenKind.ConstKeyword for token in self.node.modifiers)
        return self.node.kind == SyntaxKind.NetDeclaration or self.node.kind in _WHOLE

    def slice(self, node: Any) -> str:
        """Return the text of a node below this item's."""
        return self.text[node.sourceRange.start.offset - self.offset : node.sourceRange.end.offset - self.offset]


@dataclasses.dataclass(frozen=True, slots=True)
class Outside:
    """All declarations of a text by (package, name), each in its order, and imports outside of modules and packages."""

    items: Mapping[tuple[str, str], Sequence[Item]] = dataclasses.field(default_factory=dict)
    imports: tuple[tuple[str, str], ...] = ()
    packages: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()  # of all declarations and packages

    def meaning_of(self, name: str, scope: Scope, place: int) -> Item | None:
        """Return what a plain name means to who sees `scope` at `place`, or None where it means nothing out here."""
        if scope.package and (item := self.member(scope.package, name, place)):
            return item
        named = [package for package, what in scope.imports if what == name]
        every = [package for package, what in scope.imports if what == "*"]
        places = [*named, *every, "", *(p for p, what in self.imports if what in ("*", name))]
        return next((item for p in places if (item := self.member(p, name, place))), None)

    def member(self, package: str, name: str, place: int) -> Item | None:
        """Return the declaration of a name in a package, or in none (""): the last one before `place`, or the first."""
        having = self.items.get((package, name), ())
        count = bisect.bisect_left(having, place, key=lambda item: item.place)
        return having[max(0, count - 1)] if having else None


def declarations(text: str, modules: Sequence[tuple[int, int]]) -> Outside:
    """Return what `text` declares between `modules`, places in their order that hold no such declaration."""
    items: list[Item] = []
    imports: list[tuple[str, str]] = []
    packages: set[str] = set()
    for start, end in _snippets(text, modules):
        snippet = to_ascii(text[start:end])
        if len(items) > MOST_ITEMS or too_nested(tokens(snippet)):
            continue
        tree = parse(snippet)
        if syntax_error(tree):
            continue
        for node in _members(tree.root):
            if node.kind == SyntaxKind.PackageDeclaration:
                packages.add(node.header.name.valueText)
                items += _of_package(node, snippet, start, tree)
            elif node.kind == SyntaxKind.PackageImportDeclaration:
                imports += imported(node)
            elif names := _names(node):
                items.append(_item(node, names, snippet, start, Scope(), tree))
    by_name: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        for name in item.names:
            by_name.setdefault((item.scope.package, name), []).append(item)
    known = packages.union(name for _, name in by_name)
    return Outside(by_name, tuple(dict.fromkeys(imports)), frozenset(packages), frozenset(known))


def imported(node: Any) -> Iterator[tuple[str, str]]:
    """Yield (package, name or "*") for each item of an import."""
    for item in node.items:
        if not isinstance(item, SyntaxToken):
            yield item.package.valueText, item.item.rawText


def _snippets(text: str, modules: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of what may be a declaration: from a keyword of one to its end."""
    at = 0
    for start, end in [*modules, (len(text), len(text))]:
        stream = list(tokens(text[at:start]))
        index = 0
        while index < len(stream):
            last = _last(stream, index)
            if last is not None:
                yield at + stream[index].start, at + stream[last].end
            index = index + 1 if last is None else last + 1
        at = max(at, end)


def _last(stream: Sequence[Token], index: int) -> int | None:
    """Return the index of the last token of what begins at `index`, None where that is nothing of interest."""
    word = stream[index].text
    if closing := _ENDS.get(word):
        for last in range(index + 1, len(stream)):
            if stream[last].text == closing:
                labelled = [t.text for t in stream[last + 1 : last + 2]] == [":"]
                return min(last + 2, len(stream) - 1) if labelled else last
    elif word in _SIMPLE:
        depth = 0
        for last in range(index + 1, len(stream)):
            depth += _NESTING.get(stream[last].text, 0)
            if depth == 0 and stream[last].text == ";":
                return last
            if depth < 0 or stream[last].text.startswith("`"):
                return None
    return None


def _members(root: Any) -> Iterable[Any]:
    return root.members if root.kind == SyntaxKind.CompilationUnit else [root]


def _item(node: Any, names: Sequence[str], text: str, place: int, scope: Scope, tree: Any) -> Item:
    start, end = node.sourceRange.start.offset, node.sourceRange.end.offset
    inner: set[str] = set()
    node.visit(lookup_table={SyntaxKind.Declarator: lambda declarator: inner.add(declarator.name.valueText)})
    own = frozenset(inner.difference(names))
    return Item(tuple(names), text[start:end], place + start, scope, node, start, tree, own)


def _of_package(package: Any, text: str, place: int, tree: Any) -> Iterator[Item]:
    imports = tuple(
        pair
        for member in package.members
        if member.kind == SyntaxKind.PackageImportDeclaration
        for pair in imported(member)
    )
    scope = Scope(package.header.name.valueText, imports)
    for member in package.members:
        if names := _names(member):
            yield _item(member, names, text, place, scope, tree)


def _names(node: Any) -> list[str]:
    """Return the names that one declaration brings into the scope around it, in their order; [] for none."""
    match node.kind:
        case SyntaxKind.TypedefDeclaration:
            return [node.name.valueText, *members_of(node.type)]
        case SyntaxKind.ParameterDeclarationStatement:
            parameter = node.parameter
            own = declarators(parameter.declarators) if hasattr(parameter, "type") else []
            return own + members_of(parameter.type) if own else []
        case SyntaxKind.DataDeclaration | SyntaxKind.NetDeclaration:
            return declarators(node.declarators) + members_of(node.type)
        case SyntaxKind.FunctionDeclaration | SyntaxKind.TaskDeclaration:
            return [str(node.prototype.name).strip().lstrip("\\")]
        case SyntaxKind.LetDeclaration:
            return [node.identifier.valueText]
        case SyntaxKind.InterfaceDeclaration | SyntaxKind.ProgramDeclaration:
            return [node.header.name.valueText]
        case kind if kind in _WHOLE:
            return [node.name.valueText]
    return []


def declarators(nodes: Any) -> list[str]:
    """Return the names of declarators."""
    return [d.name.valueText for d in nodes if not isinstance(d, SyntaxToken)]


def members_of(type_: Any) -> list[str]:
    """Return the names of an enumeration's members, [] for any other type."""
    return declarators(type_.members) if type_.kind == SyntaxKind.EnumType else []
