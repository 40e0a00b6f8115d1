"""Progress of verification: how many verdicts there will be is told as soon as it is known."""

from collections.abc import Iterator

from itertl.progress import silent
from itertl.records import Candidate
from itertl.verify.stage import counted

CANDIDATES = [Candidate("task", 0, i, 0, "", text, text, text) for i, text in enumerate(["a", "b", "a", "c"])]


def code(candidate: Candidate) -> str:
    return candidate.code_id


def test_distinct_candidates_that_are_all_there_are_counted_first() -> None:
    with silent(None) as advance:
        drawn = counted(CANDIDATES, advance, code)
        assert next(drawn) == CANDIDATES[0]
        assert advance.pace.total == 3


def test_candidates_that_are_still_drawn_are_counted_at_the_end() -> None:
    def drawing() -> Iterator[Candidate]:
        yield from CANDIDATES

    with silent(None) as advance:
        drawn = counted(drawing(), advance, code)
        assert [next(drawn) for _ in CANDIDATES] == CANDIDATES
        assert advance.pace.total is None
        assert list(drawn) == []
        assert advance.pace.total == 3
