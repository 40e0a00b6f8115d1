"""A module that stands alone: what it uses of the declarations around it, moved into it.

    moved_in(module, place, outside)  ->  edits that turn the module's text into one that needs nothing outside

    typedef enum logic [1:0] {A, B} s_t;           module m(input logic [1:0] a, output y);
    package p; localparam W = 4; endpackage   ->     typedef enum logic [1:0] {A, B} s_t;
    module m(input s_t a, output y);                 localparam W = 4;
      wire [p::W-1:0] b; ...                         wire [W-1:0] b; ...

Behind the header stand copies of the declarations, in their order; in it stands what they mean, for nothing can stand
before it. A copy takes another name where the module declares that name itself. So no design sees what another one
declares, and all that reads modules need not know of anything else.
"""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from pyslang.parsing import Token as SyntaxToken
from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind

from itertl.verilog.frontend import parse, syntax_error
from itertl.verilog.nesting import too_nested
from itertl.verilog.outside import Item, Outside, Scope, declarators, imported, members_of
from itertl.verilog.tokens import to_ascii, tokens

_UNITS = (SyntaxKind.ModuleDeclaration, SyntaxKind.InterfaceDeclaration)
_FOUR_STATE = (SyntaxKind.LogicType, SyntaxKind.RegType, SyntaxKind.NamedType)
_DEEPEST = 16  # types and constants that mean one another
Change = tuple[int, int, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Moved:
    """What becomes of a module: changes (start, end, new text) in its text, and the items that stay outside."""

    changes: tuple[Change, ...] = ()
    beside: tuple[Item, ...] = ()


def moved_in(code: str, place: int, outside: Outside) -> Moved:
    """Return what makes the module `code`, which stands at `place` of a text, stand alone."""
    if not outside.items:
        return Moved()
    stream = list(tokens(code))
    if outside.names.isdisjoint(token.name for token in stream) or too_nested(stream):
        return Moved()
    tree = parse(to_ascii(code))
    root = tree.root
    module = next((m for m in getattr(root, "members", ()) if m.kind in _UNITS), root)
    if syntax_error(tree) or module.kind not in _UNITS:
        return Moved()  # a tool will say why
    return _Move(code, place, outside, module).done()


@dataclasses.dataclass(slots=True)
class _Use:
    """A name in a text: where it stands, package and all, and what it means."""

    start: int
    end: int
    name: str
    item: Item


class _Move:
    """One module on its way to stand alone."""

    def __init__(self, code: str, place: int, outside: Outside, module: Any) -> None:
        self._code, self._place, self._outside = code, place, outside
        self._header_end = module.header.semi.location.offset + 1
        self._own = frozenset(_declared(module))
        self._imports = _imports(module, outside)
        self._scope = Scope("", tuple(pair for node in self._imports for pair in imported(node)))
        self._taken = {token.name for token in tokens(code)} | outside.names
        self._new: dict[tuple[Item, str], str] = {}

    def done(self) -> Moved:
        """Return the changes."""
        changes = [(n.sourceRange.start.offset, n.sourceRange.end.offset, "") for n in self._imports]
        uses = [
            use
            for use in self._uses(self._code, self._scope, self._place, self._own)
            if not any(start <= use.start < end for start, end, _ in changes)
        ]
        heading = [use for use in uses if use.start < self._header_end and self._inlined(use) is not None]
        rest = [use for use in uses if use not in heading]
        reached = self._reached([use.item for use in rest])
        moving = [item for item in reached if not item.whole]
        self._name(moving)
        changes += self._in_header(heading)
        changes += [(u.start, u.end, self._new[u.item, u.name]) for u in rest if not u.item.whole]
        if moving:
            text = "".join(f"\n  {self._copy(item)}" for item in moving)
            changes.append((self._header_end, self._header_end, text))
        return Moved(tuple(sorted(changes)), tuple(item for item in reached if item.whole))

    def _uses(self, text: str, scope: Scope, place: int, own: frozenset[str] = frozenset()) -> Iterator[_Use]:
        """Yield the names in `text` that mean something outside; `own` are those that it declares itself."""
        stream = list(tokens(text))
        previous = ""
        for index, token in enumerate(stream):
            behind = stream[index + 1 : index + 3]
            if token.kind == TokenKind.Identifier and previous not in (".", "::"):
                if behind and behind[0].text == "::":
                    item = None
                    if len(behind) == 2 and token.name in self._outside.packages:
                        item = self._outside.member(token.name, behind[1].name, place)
                    if item is not None:
                        yield _Use(token.start, behind[1].end, behind[1].name, item)
                elif token.name not in own and (item := self._outside.meaning_of(token.name, scope, place)):
                    yield _Use(token.start, token.end, token.name, item)
            previous = token.text

    def _within(self, item: Item, part: str | None = None) -> Iterator[_Use]:
        """Yield the names in a declaration, or in a part of its text, that mean something outside, itself included."""
        return self._uses(item.text if part is None else part, item.scope, item.place + 1, item.inner)

    def _reached(self, items: list[Item]) -> list[Item]:
        """Return `items` and what these mention, directly or through others, in the order of the text."""
        found: dict[Item, None] = {}
        front = list(items)
        while front:
            item = front.pop()
            if item not in found:
                found[item] = None
                front += [use.item for use in self._within(item)]
        return sorted(found, key=lambda item: item.place)

    def _name(self, items: list[Item]) -> None:
        """Give the copies their names: their own, unless the module or another copy has it."""
        used = set(self._own)
        for item in items:
            for name in item.names:
                new = name
                if name in used:
                    new = f"{item.scope.package or 'unit'}_{name}"
                    while new in self._taken:
                        new += "_"
                used.add(new)
                self._taken.add(new)
                self._new[item, name] = new

    def _copy(self, item: Item) -> str:
        """Return the text of a declaration inside of the module."""
        changes = [
            (use.start, use.end, self._new[use.item, use.name]) for use in self._within(item) if not use.item.whole
        ]
        text = _made_packed(item.node, edited(item.text, changes))
        if item.node.kind == SyntaxKind.ParameterDeclarationStatement and text.startswith("parameter"):
            text = "localparam" + text.removeprefix("parameter")
        return text

    def _in_header(self, uses: list[_Use]) -> Iterator[Change]:
        """Yield the changes that put what names mean in their places."""
        done = 0
        for use in uses:
            if use.start < done:
                continue
            text, done = self._inlined(use) or "", use.end
            if use.item.node.kind == SyntaxKind.TypedefDeclaration and use.name == use.item.names[0]:
                done = use.end + _dimensions(self._code[use.end : self._header_end])
                inner = [(u.start, u.end, self._inlined(u) or "") for u in uses if use.end <= u.start < done]
                inner = [(start - use.end, end - use.end, new) for start, end, new in inner]
                text = _of_dimensions(text, edited(self._code[use.end : done], inner).strip())
            yield use.start, done, text

    def _inlined(self, use: _Use, depth: int = 0) -> str | None:
        """Return the text of a type or of a constant without any name from outside, None where it has none."""
        item, node = use.item, use.item.node
        if depth > _DEEPEST:
            return None
        part: Any = None
        if use.name in (members := _enumeration(node)):
            return self._member(item, members, use.name, depth)
        if node.kind == SyntaxKind.TypedefDeclaration and not len(node.dimensions):
            part = node.type if node.type.kind != SyntaxKind.EnumType else node.type.baseType
            if part is None:
                return "int"
        elif node.kind in (SyntaxKind.ParameterDeclarationStatement, SyntaxKind.DataDeclaration):
            having = node.parameter if hasattr(node, "parameter") else node
            named = [d for d in having.declarators if not isinstance(d, SyntaxToken) and d.name.valueText == use.name]
            part = named[0].initializer.expr if named and named[0].initializer else None
        if part is None:
            return None
        text = self._without_names(item, item.slice(part), depth)
        text = text if text is None else _made_packed(node, text)
        return text if text is None or node.kind == SyntaxKind.TypedefDeclaration else f"({text})"

    def _member(self, item: Item, members: dict[str, str | None], name: str, depth: int) -> str | None:
        """Return the value of an enumeration's member: its own, or what counting from the one before gives."""
        value: str | None = "0"
        for count, (member, given) in enumerate(members.items()):
            if given is not None:
                value = self._without_names(item, given, depth)
            elif count:
                value = f"({value} + 1)"
            if value is None:
                return None
            if member == name:
                break
        return f"({value})"

    def _without_names(self, item: Item, text: str, depth: int) -> str | None:
        changes = []
        for inner in self._within(item, text):
            if (meaning := self._inlined(inner, depth + 1)) is None:
                return None
            changes.append((inner.start, inner.end, meaning))
        return edited(text, changes)


def _made_packed(node: Any, text: str) -> str:
    """Return the text of a type, an unpacked structure of vectors as a packed one.

    Two copies of an unpacked structure would be different types, and nothing of one could be assigned to the other.
    """
    kind = node.type if node.kind == SyntaxKind.TypedefDeclaration else None
    if kind is None or kind.kind != SyntaxKind.StructType or kind.packed.rawText or len(node.dimensions):
        return text
    plain = all(
        member.type.kind in _FOUR_STATE
        and not any(not isinstance(d, SyntaxToken) and len(d.dimensions) for d in member.declarators)
        for member in kind.members
    )
    return re.sub(r"\bstruct\b", "struct packed", text, count=1) if plain else text


def _dimensions(text: str) -> int:
    """Return the length of the dimensions with which `text` begins."""
    end = depth = 0
    for token in tokens(text):
        if depth == 0 and token.text != "[":
            break
        depth += {"[": 1, "]": -1}.get(token.text, 0)
        end = token.end
    return end


def _of_dimensions(type_: str, dimensions: str) -> str:
    """Return the type of an array of `type_`: new dimensions come before those of a vector, and behind a structure."""
    at = -1 if type_.startswith(("struct", "union")) else type_.find("[")
    if not dimensions:
        return type_
    return f"{type_[:at]}{dimensions}{type_[at:]}" if at >= 0 else f"{type_} {dimensions}"


def edited(text: str, changes: list[Change]) -> str:
    """Return `text` with changes (start, end, new text), which do not overlap, made."""
    parts, at = [], 0
    for start, end, new in sorted(changes):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def _enumeration(node: Any) -> dict[str, str | None]:
    """Return the members of the enumeration that a declaration holds, each with its value's text, if it has one."""
    type_ = getattr(getattr(node, "parameter", node), "type", None)
    if type_ is None or type_.kind != SyntaxKind.EnumType:
        return {}
    named = [m for m in type_.members if not isinstance(m, SyntaxToken)]
    return {m.name.valueText: str(m.initializer.expr).strip() if m.initializer else None for m in named}


def _imports(module: Any, outside: Outside) -> list[Any]:
    """Return the imports of a module, in its header and inside, all of whose packages the text holds."""
    found: list[Any] = []

    def see(node: Any) -> None:
        if all(package in outside.packages for package, _ in imported(node)):
            found.append(node)

    module.visit(lookup_table={SyntaxKind.PackageImportDeclaration: see})
    return found


def _declared(module: Any) -> Iterator[str]:
    """Yield what a module declares itself, ports and parameters included, but not what blocks inside of it do."""
    header = module.header
    if header.parameters is not None:
        for parameter in header.parameters.declarations:
            if not isinstance(parameter, SyntaxToken) and hasattr(parameter, "declarators"):
                yield from declarators(parameter.declarators)
    if header.ports is not None:
        for port in getattr(header.ports, "ports", ()):
            if not isinstance(port, SyntaxToken) and hasattr(port, "declarator"):
                yield port.declarator.name.valueText
    for member in module.members:
        holder = getattr(member, "parameter", member)
        if hasattr(holder, "declarators"):
            yield from declarators(holder.declarators)
        if hasattr(holder, "type") and hasattr(holder.type, "kind"):
            yield from members_of(holder.type)
        if member.kind == SyntaxKind.TypedefDeclaration:
            yield member.name.valueText
        if hasattr(member, "prototype"):
            yield str(member.prototype.name).strip().lstrip("\\")
        if member.kind == SyntaxKind.HierarchyInstantiation:
            yield from (
                i.decl.name.valueText for i in member.instances if not isinstance(i, SyntaxToken) and i.decl is not None
            )
        if member.kind == SyntaxKind.GenvarDeclaration:
            yield from (token.valueText for token in _leaves(member.identifiers))


def _leaves(node: Any) -> Iterator[Any]:
    for child in node:
        if isinstance(child, SyntaxToken):
            yield child
        else:
            yield from _leaves(child)
