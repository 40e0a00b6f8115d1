"""One module of a project, with all that it needs of the project, as a task.

    read_project(gather([Path("rtl")], top="fifo"))   ->  Task: reference `fifo`, with what it uses

The front-end reads the files as simulators do: those named are one compilation unit, so that macros hold from one to
the next; libraries are units of their own, in which they hold, too. What the module mentions, in any branch, comes
along, and nothing else.
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pyslang.driver import Driver
from pyslang.parsing import Token as SyntaxToken
from pyslang.parsing import TokenKind, TriviaKind
from pyslang.syntax import SyntaxKind

from itertl.errors import DataError, UsageError
from itertl.projects.filelists import Sources
from itertl.records import Task
from itertl.verilog.checks import without_checks
from itertl.verilog.frontend import elaborate, first_error, parse, syntax_error
from itertl.verilog.project import Project, printed, seated
from itertl.verilog.tokens import tokens

_MODULE, _PACKAGE, _PRIMITIVE = SyntaxKind.ModuleDeclaration, SyntaxKind.PackageDeclaration, SyntaxKind.UdpDeclaration
_DIRECTIVES = (SyntaxKind.DefineDirective, SyntaxKind.UndefDirective, SyntaxKind.UndefineAllDirective)
_SHARED = frozenset(  # declarations outside of modules, which all of a unit see
    {
        SyntaxKind.TypedefDeclaration,
        SyntaxKind.ParameterDeclarationStatement,
        SyntaxKind.FunctionDeclaration,
        SyntaxKind.TaskDeclaration,
        SyntaxKind.DataDeclaration,
        SyntaxKind.PackageImportDeclaration,
    }
)
_NEEDS = (
    SyntaxKind.HierarchyInstantiation,
    SyntaxKind.PackageImportItem,
    SyntaxKind.ScopedName,
    SyntaxKind.NamedType,
)
_OWN = frozenset({"design.v", "design.vvp", "root.conf", "stimuli.hex", "stdout.txt", "stderr.txt"})
_FILE = re.compile(r"[\w./-]+\.\w+")
_MOST_BYTES = 8 << 20  # of a data file


@dataclasses.dataclass(frozen=True, slots=True)
class _Unit:
    """A module, package or primitive: its syntax, the tree that it is from, and what it mentions."""

    name: str
    node: Any
    tree: Any
    needs: tuple[str, ...]


class Library:
    """All that the files of a project declare, by name; of several of one name the first counts."""

    def __init__(self, sources: Sources) -> None:
        """Read the files."""
        self.driver = _parsed(sources)
        self.manager = self.driver.sourceManager
        self.trees = list(self.driver.syntaxTrees)
        self.nodes: dict[str, tuple[Any, Any]] = {}
        for tree in self.trees:
            for node in _members(tree):
                if node.kind in (_MODULE, _PACKAGE, _PRIMITIVE):
                    self.nodes.setdefault(_name(node), (node, tree))

    def refuse_outside(self, folder: Path) -> None:
        """Raise DataError where anything was read that does not lie below a folder."""
        for buffer in self.manager.getAllBuffers():
            path = str(self.manager.getFullPath(buffer))
            if path not in ("", ".") and Path(path).is_file() and not Path(path).is_relative_to(folder.resolve()):
                raise DataError("a file includes one that is not the project's; expected files of the project alone")

    def modules(self) -> list[str]:
        """Return the names of the modules, in their order."""
        return [name for name, (node, _) in self.nodes.items() if node.kind == _MODULE]

    def ports(self, name: str) -> int:
        """Return the number of items in a module's list of ports."""
        return len(getattr(self.nodes[name][0].header.ports, "ports", ()))

    def closure(self, top: str) -> dict[str, _Unit]:
        """Return what a module needs, itself included, each behind what it needs itself."""
        found: dict[str, _Unit] = {}
        begun: set[str] = set()

        def take(name: str) -> None:
            if name in begun or name not in self.nodes:
                return
            begun.add(name)
            node, tree = self.nodes[name]
            unit = _Unit(name, node, tree, _needs(node))
            for other in unit.needs:
                take(other)
            found[name] = unit

        for shared in self.shared(self.nodes[top][1]):
            for other in _needs(shared):
                take(other)
        take(top)
        return found

    def shared(self, tree: Any) -> Iterator[Any]:
        """Yield the declarations outside of modules in a tree."""
        return (node for node in _members(tree) if node.kind in _SHARED)


def read_project(
    sources: Sources,
    design: str = "",
    instruction: str = "",
    inside: Path | None = None,
    library: Library | None = None,
) -> Task:
    """Return the task that the project's module `sources.top` poses; without one, the module that `design` holds, too.

    `library` is what the files hold, where that has been read before. Raise UsageError where there is no such module or
    none can be chosen, and DataError where it does not elaborate, or where a file outside of the folder `inside` is
    named.
    """
    library = library or Library(sources)
    if inside is not None:
        library.refuse_outside(inside)
    top = sources.top or _chosen(library.modules(), design)
    if top not in library.modules():
        raise UsageError(f"the project holds no module {top}; {_some(library.modules(), library)}")
    units = library.closure(top)
    node, tree = library.nodes[top]
    trees = {id(unit.tree): unit.tree for unit in units.values()}
    shared = [printed(library.manager, n) for one in trees.values() for n in library.shared(one)]
    packages = [_text(library, unit) for unit in units.values() if unit.node.kind == _PACKAGE]
    modules = [_text(library, unit) for unit in units.values() if unit.node.kind != _PACKAGE and unit.name != top]
    reference, header = _natural(library, node)
    macros = "\n".join([*(f"`define {n} {v}" for n, v in sources.defines), *_macros(tree, node)])
    around = Project("\n".join([*packages, *shared]), "\n".join(modules), macros, sources.parameters)
    absent = tuple(name for name in _needs(node) if name and name not in library.nodes)
    around = dataclasses.replace(around, absent=absent)
    seat = seated(reference, around, top)
    around = dataclasses.replace(around, data=_data(sources, [seat, around.packages, around.modules], inside))
    if fault := _fault(around.beside(seat)[0], top):
        raise DataError(f"module {top} does not elaborate with the project's files: {fault}")
    return Task(top, instruction, header, reference, top, project=around)


def _parsed(sources: Sources) -> Any:
    """Return the driver of slang with all files read."""
    driver = Driver()
    driver.addStandardArgs()
    words = ["slang", "--single-unit", "--libraries-inherit-macros"]
    words += [word for path in sources.include for word in ("-I", str(path))]
    words += [word for name, value in sources.defines for word in ("-D", f"{name}={value}")]
    words += [word for path in sources.folders for word in ("-y", str(path))]
    words += [word for suffix in sources.suffixes for word in ("-Y", suffix)]
    words += [word for path in sources.libraries for word in ("-v", str(path))]
    if not sources.files and not sources.libraries:
        raise UsageError("the project has no files: name some, a folder, or a filelist")
    command = " ".join(f'"{word}"' for word in [*words, *map(str, sources.files)])
    if not driver.parseCommandLine(command) or not driver.processOptions():
        raise UsageError("the project's options cannot be read; expected files, folders, NAME=VALUE")
    driver.parseAllSources()
    for tree in driver.syntaxTrees if sources.files else ():
        if not tree.isLibraryUnit and (error := syntax_error(tree)):
            raise DataError(f"the project's files cannot be read: {_place(driver.sourceManager, tree)}{error}")
    return driver


def _place(manager: Any, tree: Any) -> str:
    wrong = next((d for d in tree.diagnostics if d.isError()), None)
    return f"{manager.getFileName(wrong.location)}, " if wrong is not None else ""


def _chosen(modules: Sequence[str], design: str) -> str:
    """Return the module that a design replaces: the last of its own that the project has, too."""
    names = [b.name for a, b in itertools.pairwise(tokens(design)) if a.kind == TokenKind.ModuleKeyword]
    shared = [name for name in names if name in modules]
    if not shared:
        raise UsageError("the design holds no module of the project: name the one that it replaces with --top")
    return shared[-1]


def _some(names: Sequence[str], library: Library) -> str:
    broken = next((e for t in library.trees if (e := first_error(library.manager, t.diagnostics))), "")
    shown = f"it holds {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}" if names else "it holds none"
    return f"{shown}{f'; the first error in it: {broken}' if broken else ''}"


def _members(tree: Any) -> Sequence[Any]:
    root = tree.root
    return list(root.members) if root.kind == SyntaxKind.CompilationUnit else [root]


def _name(node: Any) -> str:
    return str(node.name.valueText if node.kind == _PRIMITIVE else node.header.name.valueText)


def _needs(node: Any) -> tuple[str, ...]:
    """Return the names of modules and packages that a unit mentions, in any branch."""
    found: dict[str, None] = {}

    def see(inner: Any) -> None:
        if inner.kind == SyntaxKind.HierarchyInstantiation:
            found[inner.type.valueText] = None
        elif inner.kind == SyntaxKind.PackageImportItem:
            found[inner.package.valueText] = None
        elif inner.kind == SyntaxKind.ScopedName and inner.separator.kind == TokenKind.DoubleColon:
            found[inner.left.identifier.valueText if inner.left.kind == SyntaxKind.IdentifierName else ""] = None

    node.visit(lookup_table=dict.fromkeys(_NEEDS, see))
    return tuple(found)


def _text(library: Library, unit: _Unit) -> str:
    return without_checks(printed(library.manager, unit.node).strip()) + "\n"


def _natural(library: Library, node: Any) -> tuple[str, str]:
    """Return a module's text as it is written, and its header; as it is read, where it includes a file."""
    start, end = node.sourceRange.start, node.sourceRange.end
    semi = node.header.semi.location
    if start.buffer == end.buffer == semi.buffer and library.manager.isFileLoc(start):
        data = Path(library.manager.getFullPath(start.buffer)).read_bytes()
        text = data[start.offset : end.offset].decode("utf-8", "replace").replace("\r\n", "\n")
        if not any(t.text == "`include" for t in tokens(text)):
            header = data[start.offset : semi.offset + 1].decode("utf-8", "replace").replace("\r\n", "\n")
            return text + "\n", header + ("\n" if text[len(header) : len(header) + 1] == "\n" else "")
    text = printed(library.manager, node).strip() + "\n"
    tree = parse(text)
    return text, text[: next(iter(_members(tree))).header.semi.location.offset + 1]


def _macros(tree: Any, node: Any) -> list[str]:
    """Return the directives that define what is in force at the end of a module."""
    found: list[str] = []
    last = node.endmodule

    def see(token: Any) -> bool:
        made = [trivia.syntax() for trivia in token.trivia if trivia.kind == TriviaKind.Directive]
        found.extend(str(directive).strip() for directive in made if directive.kind in _DIRECTIVES)
        return bool(token.location == last.location)

    _walk(tree.root, see)
    return found


def _walk(node: Any, see: Callable[[Any], bool]) -> bool:
    """Show the tokens of a tree to `see`, until it returns true."""
    for index in range(len(node)):
        child = node[index]
        if child is None:
            continue
        if see(child) if isinstance(child, SyntaxToken) else _walk(child, see):
            return True
    return False


def _data(sources: Sources, texts: Sequence[str], inside: Path | None) -> tuple[tuple[str, str], ...]:
    """Return the files that the texts name and that lie here, beside a source or in a folder of includes."""
    places = dict.fromkeys(
        [
            *([Path()] if inside is None else [inside]),
            *(p.parent for p in (*sources.files, *sources.libraries)),
            *sources.include,
        ]
    )
    found: dict[str, str] = {}
    words = [t.text for text in texts for t in tokens(text) if t.kind == TokenKind.StringLiteral]
    for word in [w.strip('"') for w in (*words, *(value for _, value in sources.parameters))]:
        if _FILE.fullmatch(word) is None or word in _OWN or Path(word).is_absolute() or ".." in Path(word).parts:
            continue
        path = next((p / word for p in places if (p / word).is_file()), None)
        if path is not None and path.stat().st_size <= _MOST_BYTES:
            found[word] = path.read_text(encoding="ascii", errors="replace")
    return tuple(found.items())


def _fault(text: str, top: str) -> str:
    tree = parse(text)
    return syntax_error(tree) or elaborate(tree, top).error
