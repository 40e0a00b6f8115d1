"""What a simulation of a design that gave no trace says about the design.

explain(run)  ->  Explanation(outcome, detail, reason)
"""

import dataclasses

from itertl.outcome import Outcome, Reason
from itertl.tools.icarus import Run
from itertl.tools.process import Stop


@dataclasses.dataclass(frozen=True, slots=True)
class Explanation:
    """What a simulation without a trace says about its design; `reason` is None where the outcome says it all."""

    outcome: Outcome
    detail: str
    reason: Reason | None = None


def explain(run: Run) -> Explanation:
    """Return what a simulation of one candidate that gave no trace says about it."""
    if run.stop is Stop.STUCK:
        return Explanation(Outcome.TIMEOUT, f"got stuck: a step used up its CPU time ({run.stage})")
    if run.stop is Stop.TIMEOUT:
        return Explanation(Outcome.TIMEOUT, f"used up its CPU time ({run.stage})")
    if run.stop is Stop.OUTPUT:
        return Explanation(Outcome.OUTPUT_LIMIT, f"wrote more than the output limit ({run.stage})")
    if run.out_of_memory:
        return Explanation(Outcome.REJECTED, f"memory: the limit was reached ({run.stage})", Reason.MEMORY)
    if run.refused:
        return Explanation(Outcome.REJECTED, run.refused[0].detail, run.refused[0].reason)
    if run.lacks_file:
        return Explanation(Outcome.UNSUPPORTED, run.message)
    if run.stop is Stop.CRASH and run.stage == "run":
        return Explanation(Outcome.TOOL_ERROR, f"vvp crashed each time it was run: {run.message}")
    if run.stage == "done":
        return Explanation(Outcome.REJECTED, f"forged output: {run.message}", Reason.FORGED)
    outcome = Outcome.SYNTAX_ERROR if "syntax error" in run.message else Outcome.ELABORATION_ERROR
    return Explanation(outcome, f"Icarus Verilog: {run.message}")
