"""Which rows of a file are fit to train on: those whose reference stands by itself and passes its own check.

self-contained   the reference elaborates alone: no module, include or macro is missing (ITERTL v3's idea; the test
                 by `iverilog -t null` is our choice)
verifiable       the reference, verified against itself, passes
"""

from collections.abc import Iterator, Sequence

from itertl.config import VerifyConfig
from itertl.progress import progress
from itertl.records import Task
from itertl.verify import check_reference, elaborates_alone
from itertl.verify.stage import settings_from


def faults(tasks: Sequence[Task], verify: VerifyConfig, *, self_contained: bool) -> Iterator[str]:
    """Yield, task by task, one sentence why the task is not fit to train on, or ""."""
    settings = settings_from(verify)
    with progress("checking references", len(tasks)) as advance:
        for task in tasks:
            fault = ""
            if self_contained:
                alone, message = elaborates_alone(task.reference, task.top)
                fault = "" if alone else f"its reference does not elaborate alone ({message})"
            yield fault or check_reference(task, settings) or ""
            advance(1)
