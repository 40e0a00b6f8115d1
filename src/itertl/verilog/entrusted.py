"""A task's reference, which is trusted as no candidate is: what is simulated of it.

entrusted(code, top, ports)  ->  Accepted, though it reports, asserts or waits; Refusal where nothing can be compared


entrusted(code, top, ports)  ->  Accepted, though it reports, asserts or waits; Refusal where it does not elaborate
same_design(code, own)       ->  whether a design is the reference, token by token: it is trusted as that is
"""

from collections.abc import Sequence
from typing import Any

from pyslang.syntax import SyntaxKind

from itertl.outcome import Outcome, Reason
from itertl.verilog.around import CHANGING, without_net_types
from itertl.verilog.checks import without_checks
from itertl.verilog.frontend import parse
from itertl.verilog.guard import Accepted, Refusal, believe, inspect
from itertl.verilog.interface import Port
from itertl.verilog.outside import ENDS
from itertl.verilog.project import Project
from itertl.verilog.tokens import to_ascii, tokens

_RANDOM = ("$random", "$urandom", "$dist_")
_ENDLESS = (SyntaxKind.AlwaysBlock, SyntaxKind.ForeverStatement)
_EVENTS = (
    SyntaxKind.EventControl,
    SyntaxKind.EventControlWithExpression,
    SyntaxKind.ImplicitEventControl,
    SyntaxKind.RepeatedEventControl,
    SyntaxKind.WaitStatement,
)


def entrusted(code: str, top: str, ports: Sequence[Port] | None, project: Project | None = None) -> Accepted | Refusal:
    """Return a reference as what may be simulated: what the guard refuses of candidates does not bind it.

    Its reports, assertions, timing checks and delays are left out, as those of a project's code are. Refused is what
    draws random numbers, since nobody else can draw the same, and what makes a clock of its own: it shows what it is at
    the moments of the bench, which a constant may be, too.
    """
    if project is not None:
        return _comparable(believe(code, top, ports, project))
    found = inspect(code, top, ports)
    if not isinstance(found, Refusal) or found.outcome is not Outcome.REJECTED or found.reason is not Reason.CONSTRUCT:
        return found
    if any(token.text in CHANGING for token in tokens(without_net_types(code))):
        return found
    return _comparable(believe(without_checks(to_ascii(code)), top, ports, Project()))


def _comparable(found: Accepted | Refusal) -> Accepted | Refusal:
    """Return what is found, or a refusal where its outputs do not follow from what is driven."""
    if isinstance(found, Refusal):
        return found
    text = found.plain.text
    drawn = [token.text for token in tokens(text) if token.text.startswith(_RANDOM)] if "$" in text else []
    if drawn:
        detail = f"{drawn[0]}: what it draws is the simulator's own, and no design's behaviour"
        return Refusal(Outcome.REJECTED, "random numbers", detail, reason=Reason.CONSTRUCT)
    if "#" in text and _runs_by_itself(text):
        detail = "a clock of its own: it goes on after a delay, whatever is driven"
        return Refusal(Outcome.REJECTED, "delay", detail, reason=Reason.CONSTRUCT)
    return found


def _runs_by_itself(text: str) -> bool:
    """True if something goes on for ever that waits for nothing but time."""
    endless: list[Any] = []
    tree = parse(text)
    tree.root.visit(lookup_table=dict.fromkeys(_ENDLESS, endless.append))
    return any(_holds(each, (SyntaxKind.DelayControl,)) and not _holds(each, _EVENTS) for each in endless)


def _holds(node: Any, kinds: Sequence[SyntaxKind]) -> bool:
    found: list[Any] = []
    node.visit(lookup_table=dict.fromkeys(kinds, found.append))
    return bool(found)


def same_design(code: str, own: str) -> bool:
    """Return True if two texts hold the same modules, token by token, in whatever order."""
    return bool(own) and _units(code) == _units(own)


def _units(code: str) -> list[list[str]]:
    """Return the words of each module of a text, whatever the order of modules is."""
    units: list[list[str]] = [[]]
    for token in tokens(code):
        units[-1].append(token.text)
        if token.text in ENDS:
            units.append([])
    labels = [2 * (unit[:1] == [":"]) for unit in units]
    return sorted(unit[label:] for unit, label in zip(units, labels, strict=True))
