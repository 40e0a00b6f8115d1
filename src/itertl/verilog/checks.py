"""What simulations report and synthesis leaves out: taken out of a text, so that it neither prints nor ends a run.

    without_checks(text)             # of trusted code: reports, assertions, timing checks, delays
    without_checks(text, own=True)   # of a project's candidate: assertions, timing checks, checks of parameters alone

Nothing is ever added, so a design without them can do no more than it did. What of a candidate prints or ends
a simulation elsewhere stays, for the guard to refuse.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from pyslang.parsing import Token as SyntaxToken
from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind

from itertl.verilog.frontend import parse, syntax_error
from itertl.verilog.tokens import tokens

_HINT = re.compile(
    r"\$|\bassert|\bassume|\bcover|\bspecify|\bproperty|\bsequence|\bdefault\b|\brestrict|#"
    r"|\b(?:final|timeunit|timeprecision)\b"
)
_REPORTS = frozenset(
    {
        "$display", "$displayb", "$displayh", "$displayo", "$write", "$writeb", "$writeh", "$writeo", "$strobe",
        "$monitor", "$monitoron", "$monitoroff", "$error", "$warning", "$info", "$fatal", "$finish", "$stop", "$exit",
        "$dumpfile", "$dumpvars", "$dumpon", "$dumpoff", "$dumpall", "$dumpflush", "$fdisplay", "$fwrite", "$fstrobe",
        "$fflush", "$fclose", "$timeformat", "$printtimescale", "$assertoff", "$asserton", "$assertkill",
    }
)  # fmt: skip
_ENDING = frozenset({"$finish", "$stop", "$fatal", "$exit"})  # a check does so under a condition
_ASSERTIONS = frozenset(
    {
        SyntaxKind.ConcurrentAssertionMember,
        SyntaxKind.ImmediateAssertionMember,
        SyntaxKind.PropertyDeclaration,
        SyntaxKind.SequenceDeclaration,
        SyntaxKind.DefaultDisableDeclaration,
        SyntaxKind.DefaultClockingReference,
        SyntaxKind.ClockingDeclaration,
    }
)
_MEMBERS = _ASSERTIONS | {SyntaxKind.SpecifyBlock, SyntaxKind.ElabSystemTask}
_STATEMENTS = frozenset(
    {
        SyntaxKind.ImmediateAssertStatement,
        SyntaxKind.ImmediateAssumeStatement,
        SyntaxKind.ImmediateCoverStatement,
        SyntaxKind.AssertPropertyStatement,
        SyntaxKind.AssumePropertyStatement,
        SyntaxKind.CoverPropertyStatement,
        SyntaxKind.CoverSequenceStatement,
        SyntaxKind.RestrictPropertyStatement,
    }
)
_IMMEDIATE = (
    SyntaxKind.ImmediateAssertStatement,
    SyntaxKind.ImmediateAssumeStatement,
    SyntaxKind.ImmediateCoverStatement,
)
_CHANGING = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "<<<=", ">>>=", "++", "--"])
_LOOKING = frozenset(  # system functions that only look at their arguments
    {
        *("$isunknown", "$past", "$rose", "$fell", "$stable", "$changed", "$sampled", "$onehot", "$onehot0"),
        *("$countones", "$countbits", "$clog2", "$bits", "$signed", "$unsigned", "$time", "$realtime"),
    }
)
_ACTING = frozenset(  # what may change something where it stands in a condition
    {
        SyntaxKind.InvocationExpression,
        SyntaxKind.AssignmentExpression,
        SyntaxKind.PostincrementExpression,
        SyntaxKind.PostdecrementExpression,
        SyntaxKind.UnaryPreincrementExpression,
        SyntaxKind.UnaryPredecrementExpression,
    }
)
_AROUND = frozenset(
    {
        SyntaxKind.ConditionalStatement,
        SyntaxKind.ElseClause,
        SyntaxKind.SequentialBlockStatement,
        SyntaxKind.EmptyStatement,
        SyntaxKind.ForLoopStatement,
    }
)
_LISTS = frozenset({SyntaxKind.ModuleDeclaration, SyntaxKind.GenerateBlock, SyntaxKind.GenerateRegion})
_DELAYS = frozenset({SyntaxKind.DelayControl, SyntaxKind.Delay3})
_DELAYED = (SyntaxKind.ContinuousAssign, SyntaxKind.NetDeclaration, SyntaxKind.PrimitiveInstantiation)
_FOR_SIMULATION = (SyntaxKind.FinalBlock, SyntaxKind.TimeUnitsDeclaration)
Span = tuple[int, int, str]


def without_checks(text: str, own: bool = False) -> str:
    """Return the text without its checks; one that cannot be parsed stays as it is. Line breaks stay."""
    if _HINT.search(text) is None:
        return text
    tree = parse(text)
    if syntax_error(tree):
        return text
    found = _Found(own, text)
    tree.root.visit(lookup_table=found.table())
    return _cut(text, found.spans)


class _Found:
    """What is taken out of a text, `own` that of a candidate."""

    def __init__(self, own: bool, text: str) -> None:
        self.own, self.text, self.spans = own, text, list[Span]()

    def table(self) -> dict[Any, Callable[[Any], None]]:
        """Return what is to be called for which nodes."""
        table: dict[Any, Callable[[Any], None]] = dict.fromkeys(_MEMBERS, self.member)
        table |= {**dict.fromkeys(_STATEMENTS, self.statement), **dict.fromkeys(_IMMEDIATE, self.checked)}
        table |= {SyntaxKind.InitialBlock: self.initial, SyntaxKind.NonblockingAssignmentExpression: self.assigned}
        if not self.own:
            table |= {SyntaxKind.ExpressionStatement: self.call, SyntaxKind.AssignmentExpression: self.assigned}
            table[SyntaxKind.TimingControlStatement] = self.timed
            table |= {**dict.fromkeys(_DELAYED, self.delayed), **dict.fromkeys(_FOR_SIMULATION, self.member)}
        return table

    def member(self, node: Any) -> None:
        if self.changes(node):
            return
        self.spans.append((*_span(node), "" if node.parent is None or node.parent.kind in _LISTS else "begin end"))

    def statement(self, node: Any) -> None:
        if self.changes(node):
            return
        if node.parent is None or node.parent.kind not in _MEMBERS:
            self.spans.append((*_span(node), ";"))

    def changes(self, node: Any) -> bool:
        """True if something in a candidate's assertion may do more than look: the guard is to refuse it."""
        if not self.own or node.kind not in _ASSERTIONS | _STATEMENTS:
            return False
        start, end = _span(node)
        stream = list(tokens(self.text[start:end]))
        calls = {a.text for a, b in itertools.pairwise(stream) if a.kind == TokenKind.Identifier and b.text == "("}
        asked = {token.text for token in stream if token.kind == TokenKind.SystemIdentifier}
        return bool(calls or asked - _LOOKING - _REPORTS or _CHANGING & {token.text for token in stream})

    def checked(self, node: Any) -> None:
        if not _acts(node):
            self.statement(node)
        elif not self.own:
            self.spans.extend(_as_condition(node))

    def initial(self, node: Any) -> None:
        if _reports_only(node.statement):
            self.member(node)

    def call(self, node: Any) -> None:
        if _system_task(node) in _REPORTS:
            self.statement(node)

    def assigned(self, node: Any) -> None:
        if node.right.kind == SyntaxKind.TimingControlExpression and node.right.timing.kind in _DELAYS:
            self.spans.append((*_span(node.right.timing), ""))

    def timed(self, node: Any) -> None:
        if node.timingControl.kind in _DELAYS and _behind_event(node):
            self.spans.append((*_span(node.timingControl), ""))

    def delayed(self, node: Any) -> None:
        if node.delay is not None and node.delay.kind in _DELAYS:
            self.spans.append((*_span(node.delay), ""))


def _behind_event(node: Any) -> bool:
    """True if a statement is part of one that waits for an event, so that the process goes on without its delay."""
    while (node := node.parent) is not None:
        if node.kind == SyntaxKind.TimingControlStatement and node.timingControl.kind not in _DELAYS:
            return True
    return False


def _acts(node: Any) -> bool:
    """True if an immediate assertion does more than to report: its condition or its actions may change something."""
    found: list[Any] = []

    def see(inner: Any) -> None:
        if inner.kind != SyntaxKind.InvocationExpression or inner.left.kind != SyntaxKind.SystemName:
            found.append(inner)

    node.expr.visit(lookup_table=dict.fromkeys(_ACTING, see))
    branches = (node.action.statement, node.action.elseClause)
    return bool(found) or not all(_reports_only(branch, True) for branch in branches if branch is not None)


def _as_condition(node: Any) -> Iterator[Span]:
    """Yield what makes of an immediate assertion the condition that it is."""
    start, _ = _span(node)
    yield start, _span(node.expr)[0], "if "
    if node.action.statement is None:
        end = _span(node.expr)[1]
        yield end, end, " ;"


def _cut(text: str, spans: list[Span]) -> str:
    """Return the text without spans, of which the outermost count; what stood there leaves its line breaks."""
    parts, at = [], 0
    for start, end, new in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < at:
            continue
        parts += [text[at:start], new or " ", "\n" * text.count("\n", start, end)]
        at = end
    return "".join([*parts, text[at:]])


def _span(node: Any) -> tuple[int, int]:
    return node.sourceRange.start.offset, node.sourceRange.end.offset


def _system_task(node: Any) -> str:
    """Return the system task that a statement calls, "" for any other statement."""
    called = node.expr
    called = called.left if called.kind == SyntaxKind.InvocationExpression else called
    return str(called.systemIdentifier.valueText) if called.kind == SyntaxKind.SystemName else ""


def _reports_only(statement: Any, conditional: bool = False) -> bool:
    """True if a statement does nothing but report, and ends nothing but under a condition."""
    if statement.kind == SyntaxKind.ExpressionStatement:
        task = _system_task(statement)
        return task in _REPORTS and (conditional or task not in _ENDING)
    if statement.kind in _STATEMENTS:
        return statement.kind not in _IMMEDIATE or not _acts(statement)
    if statement.kind not in _AROUND:
        return False
    conditional = conditional or statement.kind == SyntaxKind.ConditionalStatement
    return all(_reports_only(inner, conditional) for inner in _inner(statement))


def _inner(statement: Any) -> Iterator[Any]:
    """Yield the statements directly below one."""
    match statement.kind:
        case SyntaxKind.ConditionalStatement:
            yield statement.statement
            if statement.elseClause is not None:
                yield statement.elseClause
        case SyntaxKind.ElseClause:
            yield statement.clause
        case SyntaxKind.ForLoopStatement:
            yield statement.statement
        case SyntaxKind.SequentialBlockStatement:
            for item in statement.items:
                if not isinstance(item, SyntaxToken):
                    yield item
