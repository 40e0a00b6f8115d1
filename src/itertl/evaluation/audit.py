"""The audit as a stage of a run: training rows from a file against the suites on which the run will be measured.

Rows that the gym generates are not audited: they follow from a seed, not from anything that holds a benchmark. Where
a row is too similar to a problem the run stops before anything is trained, unless the config allows the row by name.
"""

from collections.abc import Iterator, Sequence

from itertl.config import Config
from itertl.errors import DataError
from itertl.records import Task
from itertl.suites.find import find_suite
from itertl.suites.load import load_suite
from itertl.tasks.contamination import Pair, audit, too_similar
from itertl.tasks.load import of_split

SIMILAR = 0.8  # share of a problem in a row that stops the run
NAMED = 5  # rows that an error names


def audit_suites(tasks: Sequence[Task], config: Config, *, done: Sequence[Pair] = ()) -> Iterator[Pair]:
    """Yield the similar pairs of training tasks and problems of the config's suites, after the ones in `done`.

    Raise DataError where a row holds at least SIMILAR of a problem and is not in `tasks.allow_similar`.
    """
    if config.tasks.file is None:
        return
    rows, seen = of_split(tasks, "train"), 0
    for suite in config.evaluation.suites:
        if find_suite(suite).read is None:  # the gym's
            continue
        pairs = audit(rows, load_suite(suite, config))
        refuse(too_similar(pairs, SIMILAR, config.tasks.allow_similar), suite)
        for pair in pairs:
            seen += 1
            if seen > len(done):
                yield pair


def refuse(pairs: Sequence[Pair], suite: str) -> None:
    """Raise DataError that names the rows of `pairs`, if there are any."""
    if not pairs:
        return
    rows = list(dict.fromkeys(pair.row for pair in pairs))
    named = ", ".join(f"{p.row} ({p.similarity:.0%} of {p.problem})" for p in pairs[:NAMED])
    raise DataError(
        f"{len(rows)} training rows hold problems of {suite}: {named}{', ...' if len(pairs) > NAMED else ''}; expected "
        "none, since a score on problems that were trained on means nothing. See them all with `itertl audit`, drop "
        "them from tasks.file, or name the ones that may stay in tasks.allow_similar"
    )
