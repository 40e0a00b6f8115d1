"""Which rows of a file are fit to train on, and for each of the others one sentence why it is not.

self-contained   the reference elaborates alone: no module, include or macro is missing (ITERTL v3's idea; the test
                 by `iverilog -t null` is our choice; where the next filter applies, what that verifies is alone, too)
verified         the reference, verified against itself, passes: what a score compares with must be right by itself
exercised        where asked for: stimuli reach all branches of the reference and move all bits of its outputs and
                 registers, so that no wrong design passes for want of them
length           instruction and reference are not longer than a limit, in lexer tokens and words
duplicates       no earlier row says the same (`itertl.tasks.duplicates`)

    for task, reason in zip(tasks, reasons(tasks, Filters(near=0.9), VerifyConfig())): ...
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from itertl.config import VerifyConfig
from itertl.progress import progress
from itertl.records import Task
from itertl.tasks.duplicates import duplicates
from itertl.verify import check_references, elaborates_alone, with_cross_check
from itertl.verify.stage import settings_from
from itertl.verilog.tokens import tokens


@dataclass(frozen=True, slots=True)
class Filters:
    """Which filters apply. `longest` counts words of the instruction plus tokens of the reference; 0 is no limit.

    `near` is the similarity (0 to 1) from which a row repeats an earlier one; above 1 only equal designs do.
    """

    self_contained: bool = True
    verified: bool = True
    longest: int = 0
    near: float = 2.0
    drop_duplicates: bool = False
    exercised: bool = False


def reasons(tasks: Sequence[Task], filters: Filters, verify: VerifyConfig) -> Iterator[str]:
    """Yield, task by task, one sentence why the task is not fit to train on, or ""; the cheap filters come first."""
    repeated = duplicates(tasks, filters.near) if filters.drop_duplicates else {}
    with progress("reading references", len(tasks), unit="tasks") as advance:
        early, alone = [], []
        for task in tasks:
            early.append(_length(task, filters.longest) or _repetition(task, repeated))
            alone.append("" if early[-1] else _alone(task, filters))
            advance(1)
    if not filters.verified:
        early = [reason or message for reason, message in zip(early, alone, strict=True)]
    rest = [task for task, reason in zip(tasks, early, strict=True) if filters.verified and not reason]
    faults = check_references(
        rest, with_cross_check(settings_from(verify), verify.cross_check), exercised=filters.exercised
    )
    with progress("checking references", len(rest), unit="tasks") as advance:
        for reason, message in zip(early, alone, strict=True):
            if reason or not filters.verified:
                yield reason
                continue
            fault = next(faults) or ""
            yield fault and (message or fault)  # what is written again need not elaborate as it stands
            advance(1)


def _length(task: Task, longest: int) -> str:
    size = length(task) if longest else 0
    return f"too long: {size} words and tokens, at most {longest}" if size > longest else ""


def length(task: Task) -> int:
    """Return the words of the instruction plus the lexer tokens of the reference."""
    return len(task.instruction.split()) + sum(1 for _ in tokens(task.reference))


def _repetition(task: Task, repeated: dict[str, tuple[str, float]]) -> str:
    if task.id not in repeated:
        return ""
    origin, similarity = repeated[task.id]
    return f"duplicate of {origin}" + (f" ({similarity:.0%} alike)" if similarity < 1 else "")


def _alone(task: Task, filters: Filters) -> str:
    if not filters.self_contained:
        return ""
    alone, message = elaborates_alone(task.reference, task.top)
    return "" if alone else f"its reference does not elaborate alone ({message})"
