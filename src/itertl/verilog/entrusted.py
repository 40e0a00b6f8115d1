"""A task's reference, which is trusted as no candidate is: what is simulated of it.

entrusted(code, top, ports)  ->  Accepted, though it reports, asserts or waits; Refusal where it does not elaborate
"""

from collections.abc import Sequence

from itertl.outcome import Outcome, Reason
from itertl.verilog.around import CHANGING, without_net_types
from itertl.verilog.checks import without_checks
from itertl.verilog.guard import Accepted, Refusal, believe, inspect
from itertl.verilog.interface import Port
from itertl.verilog.project import Project
from itertl.verilog.tokens import to_ascii, tokens

_RANDOM = ("$random", "$urandom", "$dist_")


def entrusted(code: str, top: str, ports: Sequence[Port] | None, project: Project | None = None) -> Accepted | Refusal:
    """Return a reference as what may be simulated: what the guard refuses of candidates does not bind it.

    Its reports, assertions, timing checks and delays are left out, as those of a project's code are. What draws random
    numbers is refused: nobody else can draw the same.
    """
    if project is not None:
        return _settled(believe(code, top, ports, project))
    found = inspect(code, top, ports)
    if not isinstance(found, Refusal) or found.outcome is not Outcome.REJECTED or found.reason is not Reason.CONSTRUCT:
        return found
    if any(token.text in CHANGING for token in tokens(without_net_types(code))):
        return found
    return _settled(believe(without_checks(to_ascii(code)), top, ports, Project()))


def _settled(found: Accepted | Refusal) -> Accepted | Refusal:
    if isinstance(found, Refusal) or "$" not in found.plain.text:
        return found
    for token in tokens(found.plain.text):
        if token.text.startswith(_RANDOM):
            detail = f"{token.text}: what it draws is the simulator's own, and no design's behaviour"
            return Refusal(Outcome.REJECTED, "random numbers", detail, reason=Reason.CONSTRUCT)
    return found
