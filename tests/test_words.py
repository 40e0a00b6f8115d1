"""Numbers in messages: one thing is not called by its plural."""

import pytest

from itertl.words import counted


@pytest.mark.parametrize(
    ("count", "many", "said"),
    [
        (1, "rows", "1 row"),
        (0, "rows", "0 rows"),
        (2345, "distinct designs", "2,345 distinct designs"),
        (1, "distinct designs", "1 distinct design"),
        (1, "families", "1 family"),
        (1, "processes", "1 process"),
        (1, "batches", "1 batch"),
        (1, "suites", "1 suite"),
    ],
)
def test_a_number_with_what_it_counts(count: int, many: str, said: str) -> None:
    assert counted(count, many) == said


def test_verbs_are_given() -> None:
    assert [counted(n, "rows are", "row is") for n in (1, 2)] == ["1 row is", "2 rows are"]
