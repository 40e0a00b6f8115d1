"""What stands around a module of a real project: packages and modules that it uses, macros, parameters, data files.

    around = Project(packages, modules, macros)          # trusted; read from files by itertl.projects
    text = seated(code, around, top)                     # the code as its place in the project reads it
    around.beside(text)                                  # with all that it may use, in the order that tools need

A module's text may use the project's macros and conditions. The front-end alone replaces them, so that no other tool
reads a directive, and what comes out is what the guard sees.
"""

import dataclasses
import functools
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind, SyntaxPrinter

from itertl.errors import DataError
from itertl.verilog.checks import without_checks
from itertl.verilog.frontend import parse, syntax_error
from itertl.verilog.tokens import to_ascii, tokens

_NAME = re.compile(r"^`define\s+([A-Za-z_]\w*)", re.MULTILINE)
DECIDED = frozenset(  # where constants decide what is built
    {
        SyntaxKind.ParameterDeclaration,
        SyntaxKind.IfGenerate,
        SyntaxKind.CaseGenerate,
        SyntaxKind.LoopGenerate,
    }
)
_NAMING = (
    SyntaxKind.ModuleDeclaration,
    SyntaxKind.PackageDeclaration,
    SyntaxKind.UdpDeclaration,
    SyntaxKind.PackageImportItem,
    SyntaxKind.HierarchyInstantiation,
    SyntaxKind.ScopedName,
)
# Directives that a module's text may hold inside of a project; the front-end obeys them. The rest is the guard's.
OBEYED = frozenset({"`define", "`undef", "`ifdef", "`ifndef", "`elsif", "`else", "`endif"})


@dataclasses.dataclass(frozen=True, slots=True)
class Project:
    """The trusted rest of a project, as plain text without directives; `macros` holds the `define lines in force.

    `packages` are in the order in which they use one another. `parameters` are (name, value) that the judged module
    is elaborated with, values as Verilog. `absent` are modules that it mentions, in branches that are not built, and
    that the project does not hold. `data` are (name, text) of the files that the trusted code reads.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    packages: str = ""
    modules: str = ""
    macros: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    data: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def defined(self) -> frozenset[str]:
        """The names of the macros in force."""
        return frozenset(_NAME.findall(self.macros))

    def beside(self, text: str) -> tuple[str, int]:
        """Return the whole text that is read, and where in it `text` begins."""
        head = f"{self.packages}\n" if self.packages else ""
        tail = f"\n{self.modules}" if self.modules else ""
        return f"{head}{text}{tail}", len(head)


@dataclasses.dataclass(frozen=True, slots=True)
class Trusted:
    """What a candidate may name of a project: its packages and modules, and the functions of its packages."""

    units: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=64)
def trusted(project: Project) -> Trusted:
    """Return the names of what a project's text declares."""
    units: set[str] = set(project.absent)
    calls: set[str] = set()
    tree = parse(f"{project.packages}\n{project.modules}")
    for member in tree.root.members if tree.root.kind == SyntaxKind.CompilationUnit else [tree.root]:
        if member.kind in (SyntaxKind.ModuleDeclaration, SyntaxKind.PackageDeclaration):
            units.add(member.header.name.valueText)
        if member.kind == SyntaxKind.PackageDeclaration:
            see = {SyntaxKind.FunctionPrototype: lambda node: calls.add(str(node.name).strip().lstrip("\\"))}
            member.visit(lookup_table=see)
    return Trusted(frozenset(units), frozenset(calls))


def seated(code: str, project: Project, top: str) -> str:
    """Return `code` with macros and conditions replaced, its checks left out, and `top` with the project's parameters.

    Of modules that are token by token the project's own, the project's remain. Raise DataError where it cannot be read.
    """
    text = _preprocessed(to_ascii(code), project.macros)
    tree = parse(text)
    if error := syntax_error(tree):
        raise DataError(error)
    text = _with_parameters(_without_known(text, tree, project), dict(project.parameters), top)
    return without_checks(text, own=True)


def printed(manager: Any, node: Any) -> str:
    """Return the text of a syntax node with its macros and includes replaced and without directives."""
    printer = SyntaxPrinter(manager)
    printer.setIncludeDirectives(False)
    printer.setExpandMacros(True)
    printer.setExpandIncludes(True)
    printer.setIncludeSkipped(False)
    printer.setIncludeMissing(False)
    printer.setSquashNewlines(False)
    return to_ascii(str(printer.print(node).str()))


def _preprocessed(text: str, macros: str) -> str:
    """Return the text without directives, line by line as it was where no macro has several lines."""
    if "`" not in text:
        return text
    tree = parse(f"{macros}\n{text}")
    if error := syntax_error(tree):
        raise DataError(_counted(error, macros.count("\n") + 1))
    return printed(tree.sourceManager, tree.root).lstrip("\n")


def _counted(error: str, before: int) -> str:
    """Return a message `line N: ...` with lines counted from behind the first `before`."""
    found = re.match(r"line (\d+)", error)
    return f"line {int(found[1]) - before}{error[found.end() :]}" if found and int(found[1]) > before else error


def _without_known(text: str, tree: Any, project: Project) -> str:
    """Leave out of a text the modules that are the project's own, to the token."""
    members = _modules(tree.root)
    known = trusted(project).units & members.keys() if len(members) > 1 else frozenset()
    if not known:
        return text
    theirs = parse(project.modules)
    own = {name: _tokens_of(node, project.modules) for name, node in _modules(theirs.root).items()}
    for name in sorted(known, key=lambda n: -members[n].sourceRange.start.offset):
        span = members[name].sourceRange
        if own.get(name) == [t.text for t in tokens(without_checks(text[span.start.offset : span.end.offset]))]:
            text = text[: span.start.offset] + text[span.end.offset :]
    return text


def _tokens_of(node: Any, text: str) -> list[str]:
    return [t.text for t in tokens(text[node.sourceRange.start.offset : node.sourceRange.end.offset])]


def _modules(root: Any) -> dict[str, Any]:
    members = root.members if root.kind == SyntaxKind.CompilationUnit else [root]
    return {m.header.name.valueText: m for m in members if m.kind == SyntaxKind.ModuleDeclaration}


def _with_parameters(text: str, values: Mapping[str, str], top: str) -> str:
    """Return the text with the module's parameters set; raise DataError for one that it does not have."""
    if not values:
        return text
    tree = parse(text)
    module = _modules(tree.root).get(top)
    edits: dict[str, tuple[int, int, str]] = {}

    def see(declaration: Any) -> None:
        if declaration.keyword.kind != TokenKind.ParameterKeyword and declaration.keyword.rawText:
            return
        for declarator in declaration.declarators:
            name = getattr(declarator, "name", None)
            if name is not None and name.valueText in values:
                end = declarator.sourceRange.end.offset
                begin = declarator.initializer.sourceRange.start.offset if declarator.initializer else end
                edits[name.valueText] = (begin, end, f" = {values[name.valueText]}")

    if module is not None:
        module.visit(lookup_table={SyntaxKind.ParameterDeclaration: see})
    if missing := sorted(values.keys() - edits.keys()):
        raise DataError(f"module {top} has no parameter {missing[0]}, which the task sets")
    for start, end, new in sorted(edits.values(), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def named(root: Any) -> tuple[tuple[tuple[int, int, str], ...], bool]:
    """Return where modules and packages are named in a trusted text, and whether constants decide what is built."""
    found: list[tuple[int, int, str]] = []
    decided: list[Any] = []
    packages: set[str] = set()
    scopes: list[Any] = []

    def name(token: Any) -> None:
        found.append((token.location.offset, len(token.rawText), token.valueText))

    def see(node: Any) -> None:
        kind = node.kind
        if kind in (SyntaxKind.ModuleDeclaration, SyntaxKind.PackageDeclaration):
            name(node.header.name)
            if node.blockName is not None:
                name(node.blockName.name)
            if kind == SyntaxKind.PackageDeclaration:
                packages.add(node.header.name.valueText)
        elif kind == SyntaxKind.UdpDeclaration:
            name(node.name)
        elif kind == SyntaxKind.PackageImportItem:
            name(node.package)
        elif kind == SyntaxKind.HierarchyInstantiation:
            name(node.type)
            decided.append(node)
        elif kind == SyntaxKind.ScopedName:
            scopes.append(node)
        else:
            decided.append(node)

    kinds = (*_NAMING, *DECIDED)
    root.visit(lookup_table=dict.fromkeys(kinds, see))
    heads = [node.left for node in scopes if node.separator.kind == TokenKind.DoubleColon]
    for head in heads:
        if head.kind == SyntaxKind.IdentifierName and head.identifier.valueText in packages:
            name(head.identifier)
    return tuple(sorted(found)), bool(decided)


def with_project_macros(names: frozenset[str], text: str) -> bool:
    """True if every directive in a text is one that the front-end may obey for a candidate of a project."""
    directives = (t.text for t in tokens(text) if t.kind == TokenKind.Directive)
    return all(word in OBEYED or word[1:] in names for word in directives)
