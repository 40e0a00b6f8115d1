"""What a candidate may contain: an allow-list over its tokens and its syntax tree, then elaboration of it alone.

    inspect(code, top, ports)  ->  Accepted (code, where its modules are named) | Refusal (outcome, found, detail)

Because the candidate is elaborated alone, names of a bench or of the reference do not resolve. Every directive but
`default_nettype none is refused, `timescale included: extraction has dropped those that stand before a module.
A refusal says whether what it found is what models write by accident (a $display in an always block, a delay) or
what only an attack on the verdict needs.

    python -c "from itertl.verilog.guard import *; print(inspect('module t; initial $stop; endmodule', 't', None))"
"""

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import Any

from pyslang.ast import ExpressionKind
from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind

from itertl.errors import DataError
from itertl.outcome import Outcome, Reason
from itertl.verilog.around import between_modules, said_of, strict_at, without_net_types
from itertl.verilog.causes import error_with_cause
from itertl.verilog.constructs import ALLOWED, REFUSED, SYSTEM_FUNCTIONS, SYSTEM_TASKS, TWO_WAY
from itertl.verilog.early import early_input
from itertl.verilog.foreign import LOOKED_UP, foreign_name
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.interface import Port, differences, read_ports
from itertl.verilog.legality import fault
from itertl.verilog.nesting import too_nested
from itertl.verilog.project import DECIDED, Project, Trusted, named, seated, trusted, with_project_macros
from itertl.verilog.rewrite.designs import edits
from itertl.verilog.rewrite.rewritten import Plain, edited, plain_text
from itertl.verilog.ruling import Accepted, Refusal, own_line
from itertl.verilog.tokens import Token, to_ascii, tokens
from itertl.verilog.tree import tree_of
from itertl.verilog.wide import indefinite, reads_otherwise, with_sizes

__all__ = ["Accepted", "Refusal", "believe", "inspect", "refuse_nesting", "with_parameters"]

MAX_CHARACTERS = 100_000
MAX_LITERAL = 16384  # bits
MAX_LINE = 10_000  # characters: Icarus Verilog's lexer gives up on a token or comment of 16,384

_DECEPTIVE = re.compile(r"(?<=^\\)\$|[\"\\`]")  # in an escaped name, which with $ is a system task's for Icarus

_WATCHED = dict.fromkeys(  # a dictionary, because another made from it needs no hash again
    [
        *(kind for kind in SyntaxKind.__members__.values() if kind not in ALLOWED),
        SyntaxKind.ModuleDeclaration,
        SyntaxKind.InterfaceDeclaration,
        SyntaxKind.HierarchyInstantiation,
        SyntaxKind.PrimitiveInstantiation,
        *LOOKED_UP,
        *DECIDED,
    ]
)
_IMPORTS = frozenset({SyntaxKind.PackageImportDeclaration, SyntaxKind.PackageImportItem})
_HARMLESS = frozenset({"`timescale", "`default_nettype", "`define", "`ifdef", "`ifndef", "`endif", "`else"})
_DIRECTIVES = _HARMLESS | frozenset(
    {
        "`include", "`undef", "`undefineall", "`elsif", "`resetall", "`celldefine", "`endcelldefine", "`line",
        "`pragma", "`begin_keywords", "`end_keywords", "`unconnected_drive", "`nounconnected_drive", "`__FILE__",
        "`__LINE__",
    }
)  # fmt: skip
_OUTSIDE = (SyntaxKind.ModuleDeclaration, SyntaxKind.InterfaceDeclaration, SyntaxKind.EmptyMember)
Walls = Callable[[Any], "Refusal | None"]


def inspect(code: str, top: str, ports: Sequence[Port] | None, project: Project | None = None) -> Accepted | Refusal:
    """Decide whether `code` may be simulated as `top` with the reference's `ports` (None: any ports).

    Inside of a `project`, whose own code is trusted, it may use the project's modules, packages and macros. Bounded in
    time and memory for real code; the caller limits the process for hostile code.
    """
    if len(code) > MAX_CHARACTERS:
        return _too_large("too long", f"{len(code)} characters, at most {MAX_CHARACTERS}")
    text = to_ascii(code)
    stream = list(tokens(text))
    if not any(t.kind in (TokenKind.ModuleKeyword, TokenKind.MacromoduleKeyword) for t in stream):
        return Refusal(Outcome.EMPTY, "empty", "no module in the text")
    if project is not None:
        seat = _seated(text, stream, top, project)
        if isinstance(seat, Refusal):
            return seat
        code = text = seat
        stream = list(tokens(text))
    if refusal := _refuse_tokens(list(tokens(without_net_types(text)))) or refuse_nesting(stream):
        return refusal
    if max(map(len, text.split("\n"))) > MAX_LINE:
        return _too_large("too long", f"a line of more than {MAX_LINE} characters")
    tree = parse(text)
    if error := error_with_cause(tree, code if len(code) == len(text) else text):
        return Refusal(Outcome.SYNTAX_ERROR, "syntax", error)
    known = trusted(project) if project is not None else Trusted()
    survey = _survey(tree.root, known)
    if survey.refusal:
        return survey.refusal
    if top not in survey.modules:
        others = ", ".join(sorted(survey.modules)[:5])
        return Refusal(Outcome.INTERFACE_MISMATCH, "interface", f"expected a module {top}, found {others}")
    if taken := sorted((survey.modules | survey.interfaces) & known.units):
        return _rejected("redefinition", f"{taken[0]} is the project's; only {top} is replaced", True)
    whole, start = project.beside(text) if project is not None else (text, 0)
    own = start, start + len(text)

    def walls(elaborated: Any) -> Refusal | None:
        if survey.interfaces:
            return None  # such a text is never simulated as it stands: no name of it reaches a simulator
        early = (
            f"{net} is read by an initial value before anything sets it"
            if (net := early_input(elaborated, own))
            else ""
        )
        refused = _refuse_hierarchy(elaborated, own) or _refuse_foreign(survey, known)
        return refused or (_rejected("reads too early", early, True) if early else None)

    if project is None:
        plain = Plain(without_net_types(text), tuple(sorted(survey.names)))
        found = _elaborated(tree, plain, top, ports, survey.decided, walls)
    else:
        found = _own(_whole(whole, top, ports, project, walls), whole, own)
    return _refuse_unwritten(found, top, "interfaces") if survey.interfaces else found


def _own(found: Accepted | Refusal, whole: str, own: tuple[int, int]) -> Accepted | Refusal:
    """Return what is found in a whole text with lines of the design that stands between the offsets `own`."""
    if isinstance(found, Accepted):
        return dataclasses.replace(found, own=own)
    return dataclasses.replace(found, detail=own_line(found.detail, whole, own))


def _refuse_unwritten(found: Accepted | Refusal, top: str, what: str) -> Accepted | Refusal:
    """Refuse a design that could not be written again without what no bench knows: interfaces, arrays as ports."""
    if isinstance(found, Refusal) or found.plain.resolved:
        return found
    why, unsaid = fault(parse(found.code), top), f"beyond what can be written without {what}: {found.plain.unsaid}"
    return Refusal(Outcome.ELABORATION_ERROR if why else Outcome.UNSUPPORTED, "interface", why or unsaid)


def with_parameters(found: Accepted, top: str) -> Accepted:
    """Return a design as it is simulated where another module sets its parameters: written again, it has none."""
    if not found.plain.resolved:
        return found
    tree = parse(found.code)
    names, _ = named(tree.root)
    changes = edits(tree, elaborate(tree, top).top, found.code)
    return dataclasses.replace(found, plain=edited(Plain(found.code, tuple(names)), changes))


def believe(text: str, top: str, ports: Sequence[Port] | None, project: Project) -> Accepted | Refusal:
    """Return a whole text that is trusted as what may be simulated; refused is only what does not elaborate."""
    found = _whole(text, top, ports, project, None)
    return dataclasses.replace(found, trusted=True) if isinstance(found, Accepted) else found


def _seated(text: str, stream: Sequence[Token], top: str, project: Project) -> str | Refusal:
    """Return a candidate's text as the project reads it, or why it is refused before anything reads it."""
    code = without_net_types(text)
    if not with_project_macros(project.defined, code):
        return _refuse_tokens([t for t in stream if not with_project_macros(project.defined, t.text)]) or _rejected(
            "directive", "a directive inside a module", False
        )
    if refusal := refuse_nesting(stream):
        return refusal
    try:
        seat = seated(code, project, top)
    except DataError as error:
        return Refusal(Outcome.SYNTAX_ERROR, "syntax", str(error))
    if len(seat) > MAX_CHARACTERS:
        return _too_large("too long", f"{len(seat)} characters behind its macros, at most {MAX_CHARACTERS}")
    first = next(t.start for t in stream if t.text in ("module", "macromodule"))
    return between_modules([(seat, True), ("", False)]) if strict_at(stream, [first]) else seat


def _whole(
    text: str, top: str, ports: Sequence[Port] | None, project: Project, walls: Walls | None
) -> Accepted | Refusal:
    """Judge a text with all that it stands beside; `walls` say what of it is refused, None where all is trusted."""
    tree = parse(text)
    names, decided = named(tree.root)
    found = _elaborated(tree, Plain(without_net_types(text), names), top, ports, decided, walls)
    return dataclasses.replace(found, data=project.data) if isinstance(found, Accepted) else found


def _elaborated(
    tree: Any, found: Plain, top: str, ports: Sequence[Port] | None, decided: bool, walls: Walls | None
) -> Accepted | Refusal:
    """Elaborate a text that may be elaborated, and return it as it is simulated."""
    elaborated = elaborate(tree, top, share_instances="interface" not in found.text)
    if elaborated.excess:
        return _too_large("size", elaborated.excess)
    if elaborated.error or elaborated.top is None:
        detail = elaborated.error or f"{top} cannot be elaborated as a top module"
        return Refusal(Outcome.ELABORATION_ERROR, "elaboration", detail)
    if walls is not None and (refusal := walls(elaborated.top)):
        return refusal
    if wide := indefinite(tree, found.text, elaborated):
        return Refusal(Outcome.ELABORATION_ERROR, "elaboration", wide)
    own = read_ports(elaborated.top)
    if ports is not None and (difference := differences(ports, own)):
        return Refusal(Outcome.INTERFACE_MISMATCH, "interface", difference)
    if walls is not None and (two := reads_otherwise(tree, top, found.text, elaborated.top, decided)):
        return Refusal(Outcome.REJECTED, "two readings", two, reason=Reason.TWO_READINGS)
    tree, found, elaborated = with_sizes(tree, found, elaborated)
    plain = plain_text(tree, elaborated.top, found)
    built = tree_of(elaborated.top) if decided and not plain.resolved else None
    accepted = Accepted(found.text, plain, built, arrays=any(port.shape for port in own))
    return _refuse_unwritten(accepted, top, "arrays as ports") if accepted.arrays else accepted


def _rejected(found: str, detail: str, accident: bool) -> Refusal:
    return Refusal(Outcome.REJECTED, found, f"{found}: {detail}", accident, Reason.CONSTRUCT)


def _too_large(found: str, detail: str, accident: bool = True) -> Refusal:
    return Refusal(Outcome.REJECTED, found, f"{found}: {detail}", accident, Reason.SIZE)


def _refuse_tokens(stream: Sequence[Token]) -> Refusal | None:
    for index, token in enumerate(stream):
        if len(token.text) > 1 and token.text[0] == "$" and token.text not in SYSTEM_FUNCTIONS:
            found, accident = SYSTEM_TASKS.get(token.text, ("system task", False))
            return _rejected(found, f"{token.text[:40]} is no part of a design", accident)
        if token.text[0] == "\\" and _DECEPTIVE.search(token.text, 1):
            return _rejected("escaped name", f"{token.text[:40]} is no name of a design", False)
        if token.text[0] == "'" and index and token.kind == TokenKind.IntegerBase:
            bits = stream[index - 1].text.replace("_", "")
            if len(bits) > 4 and bits.isdecimal() and int(bits[:20]) > MAX_LITERAL:
                return _too_large("size", f"a number of {bits[:20]} bits")
        if token.kind in (TokenKind.Directive, TokenKind.MacroPaste, TokenKind.MacroEscapedQuote):
            if token.kind == TokenKind.Directive and token.text not in _DIRECTIVES:
                return _rejected("unknown macro", f"{token.text[:40]} is defined nowhere in the text", True)
            known = token.text in _HARMLESS
            found = f"directive {token.text[:40]}" if known else "directive"
            return _rejected(found, f"{token.text[:40]} {said_of(token.text)}", known)
    return None


def refuse_nesting(stream: Sequence[Token]) -> Refusal | None:
    """Refuse what a recursive parser or elaborator could choke on; to be called before either sees the code."""
    return _too_large("nesting", found, False) if (found := too_nested(stream)) else None


@dataclasses.dataclass(slots=True)
class _Survey:
    """What one walk over the syntax tree collects."""

    refusal: Refusal | None = None
    modules: set[str] = dataclasses.field(default_factory=set)
    names: list[tuple[int, int, str]] = dataclasses.field(default_factory=list)
    instantiated: set[str] = dataclasses.field(default_factory=set)
    interfaces: set[str] = dataclasses.field(default_factory=set)
    decided: bool = False  # constants have a say in what is built
    uses: list[Any] = dataclasses.field(default_factory=list)  # of names that are looked for upwards

    def unit(self, node: Any) -> None:
        if node.parent is not None and node.parent.kind != SyntaxKind.CompilationUnit:
            self.refusal = _rejected("nested module", node.header.name.valueText, True)
        if node.kind == SyntaxKind.InterfaceDeclaration:
            self.interfaces.add(node.header.name.valueText)
            return
        self.refusal = self.refusal or _refuse_redeclared(node)
        self.modules.add(node.header.name.valueText)
        self.name(node.header.name)
        if node.blockName is not None:
            self.name(node.blockName.name)

    def name(self, token: Any) -> None:
        self.names.append((token.location.offset, len(token.rawText), token.valueText))


def _survey(root: Any, known: Trusted) -> _Survey:
    """Walk over the syntax tree once: the first construct that is not allowed, and where modules are named.

    `known` are a project's modules and packages, which may be used.
    """
    survey = _Survey()

    def see(node: Any) -> None:
        if survey.refusal:
            return
        kind = node.kind
        if kind in _IMPORTS and known.units:
            packages = [node] if kind == SyntaxKind.PackageImportItem else []
            if foreign := [p.package.valueText for p in packages if p.package.valueText not in known.units]:
                survey.refusal = _rejected("unknown package", f"{foreign[0]} is no package of the project", True)
        elif kind not in ALLOWED:
            default = (f"construct {kind.name}", True)
            found, accident = REFUSED.get(kind.name, default)
            survey.refusal = _rejected(found, str(node).strip()[:60], accident)
        elif kind in (SyntaxKind.ModuleDeclaration, SyntaxKind.InterfaceDeclaration):
            survey.unit(node)
        elif kind == SyntaxKind.HierarchyInstantiation:
            survey.name(node.type)
            survey.instantiated.add(node.type.valueText)
            survey.decided = True
        elif kind in DECIDED:
            survey.decided = True
        elif kind == SyntaxKind.PrimitiveInstantiation:
            if node.type.rawText in TWO_WAY:
                survey.refusal = _rejected("bidirectional", str(node).strip()[:60], False)
        else:
            survey.uses.append(node)

    root.visit(lookup_table=dict.fromkeys(_WATCHED, see))
    survey.refusal = survey.refusal or _refuse_outside(root)
    return survey


def _refuse_outside(root: Any) -> Refusal | None:
    """Refuse what stands outside of the modules: every design of a simulation would see it."""
    for member in root.members if root.kind == SyntaxKind.CompilationUnit else ():
        if member.kind not in _OUTSIDE:
            return _rejected("outside of a module", str(member).strip()[:60], True)
    return None


def _refuse_redeclared(module: Any) -> Refusal | None:
    """Refuse a second declaration of an ANSI port: illegal (IEEE 1800-2017, 23.2.2.2), yet Icarus 11 lets it pass."""
    ports = module.header.ports
    if ports is None or ports.kind != SyntaxKind.AnsiPortList:
        return None
    names = {p.declarator.name.valueText for p in ports.ports if p.kind == SyntaxKind.ImplicitAnsiPort}
    for member in module.members:
        if member.kind in (SyntaxKind.DataDeclaration, SyntaxKind.NetDeclaration):
            for declarator in member.declarators:
                if declarator.kind == SyntaxKind.Declarator and declarator.name.valueText in names:
                    detail = f"port {declarator.name.valueText} is declared again in the module's body"
                    return Refusal(Outcome.ELABORATION_ERROR, "port declared again", detail, reason=Reason.REDECLARED)
    return None


def _refuse_hierarchy(top: Any, own: tuple[int, int]) -> Refusal | None:
    """Refuse a name that reaches into another instance; generate blocks of the same module are fine.

    Names between the offsets `own` count: what else there is, is trusted.
    """
    found: list[str] = []

    def see(expression: Any) -> None:
        if not own[0] <= expression.syntax.sourceRange.start.offset < own[1]:
            return
        module = expression.syntax
        while module is not None and module.kind != SyntaxKind.ModuleDeclaration:
            module = module.parent
        home = expression.symbol.declaringDefinition
        if module is None or home is None or home.name != module.header.name.valueText:
            found.append(str(expression.syntax).strip())

    top.visit(lookup_table={ExpressionKind.HierarchicalValue: see})
    return _rejected("hierarchical name", found[0][:60], False) if found else None


def _refuse_foreign(survey: _Survey, known: Trusted) -> Refusal | None:
    """Refuse modules and names that nothing in the design explains: in live branches elaboration has done so."""
    if unknown := sorted(survey.instantiated - survey.modules - known.units):
        return _rejected("unknown module", f"{unknown[0]} is no module of the design", False)
    by_module: dict[int, tuple[Any, list[Any]]] = {}
    for use in survey.uses:
        module = use.parent
        while module.kind != SyntaxKind.ModuleDeclaration:
            module = module.parent
        by_module.setdefault(module.sourceRange.start.offset, (module, []))[1].append(use)
    for module, uses in by_module.values():
        if name := foreign_name(module, uses, known.units, known.calls):
            return _rejected("hierarchical name", name[:60], False)
    return None
