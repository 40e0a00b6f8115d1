"""How many tool errors a stream of verdicts may hold: beyond that it measures the machine, not the policy.

for verdict in bounded(verify(candidates, tasks), 0.02, fault=lambda v: v.detail if failed(v) else None): ...
refuse_tool_errors(failed, total, share, said)                 # where the counting is done elsewhere; raises ToolError
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from itertl.errors import ToolError
from itertl.records import TestbenchVerdict, Verdict

V = TypeVar("V", Verdict, TestbenchVerdict)

SHARE = 0.02  # of the verdicts of a run, or of an evaluation, that may be tool errors
FEW = 2  # tool errors that may always be, however few verdicts there are
STREAK = 8  # tasks in a row without a verdict: the tools are broken


def bounded(
    verdicts: Iterable[V], share: float, fault: Callable[[V], str | None], sound: int = 0, streak: int = STREAK
) -> Iterator[V]:
    """Yield `verdicts`; raise ToolError where more than `share` of them, and of the `sound` ones before, are faults.

    `fault` says what has failed, None for a verdict. The bound holds at the end, or as soon as `streak` tasks in a row
    have had nothing but faults.
    """
    total, failed, last = sound, 0, ""
    in_a_row: set[str] = set()
    for verdict in verdicts:
        total += 1
        if (said := fault(verdict)) is None:
            in_a_row.clear()
        else:
            failed, last = failed + 1, said
            in_a_row.add(verdict.task_id)
        yield verdict
        if len(in_a_row) >= streak and failed > share * total:
            break
    del verdicts  # which ends its workers, whoever keeps the error below
    refuse_tool_errors(failed, total, share, last)


def refuse_tool_errors(failed: int, total: int, share: float, said: str, which: str = "") -> None:
    """Raise ToolError, with what was `said`, where more than `share` of `total`, and more than FEW, have failed.

    `which` verdicts those are is told where they are not all.
    """
    if failed > max(FEW, share * total):
        raise ToolError(
            f"{failed} of {which}{total} verdicts are tool errors, more than the share of {share:g} that may be; one "
            f"of them: {said}; run `itertl doctor`, or `itertl data filter` for references, then the same command again"
        )
