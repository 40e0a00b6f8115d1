"""Artefacts are complete or not there; an interrupted one loses nothing that was finished."""

import dataclasses
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from itertl.disk.artefacts import Stream, fill_folder, read_value, write_value
from itertl.errors import DataError, RunDirectoryError
from itertl.records import Record


@dataclasses.dataclass(frozen=True)
class Row(Record):
    number: int
    text: str = "x"


def count_to(limit: int, calls: list[int]) -> Callable[[Sequence[Row]], Iterator[Row]]:
    def produce(done: Sequence[Row]) -> Iterator[Row]:
        for number in range(len(done), limit):
            calls.append(number)
            yield Row(number, "ä\u2028 zwei\nZeilen")

    return produce


def stream(path: Path, limit: int, calls: list[int]) -> Stream[Row]:
    return Stream(path, Row, count_to(limit, calls))


def test_rows_are_computed_once_and_then_read(tmp_path: Path) -> None:
    calls: list[int] = []
    rows = stream(tmp_path / "rows.jsonl", 3, calls)
    first, second = list(rows), list(rows)
    assert first == second
    assert [row.number for row in first] == [0, 1, 2]
    assert calls == [0, 1, 2]


def test_every_row_is_on_disk_before_it_is_handed_out(tmp_path: Path) -> None:
    for seen, _ in enumerate(stream(tmp_path / "rows.jsonl", 3, []), 1):
        assert len((tmp_path / "rows.jsonl.partial").read_bytes().splitlines()) == seen


def test_an_interrupted_stream_continues_behind_its_last_row(tmp_path: Path) -> None:
    calls: list[int] = []
    consumer = iter(stream(tmp_path / "rows.jsonl", 5, calls))
    next(consumer), next(consumer)
    consumer.close()  # type: ignore[attr-defined]
    assert not (tmp_path / "rows.jsonl").exists()
    assert [row.number for row in stream(tmp_path / "rows.jsonl", 5, calls)] == [0, 1, 2, 3, 4]
    assert calls == [0, 1, 2, 3, 4]


def test_a_torn_last_line_is_computed_again(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.partial").write_text(Row(0).to_json() + "\n" + Row(1).to_json()[:7], encoding="utf-8")
    calls: list[int] = []
    assert [row.number for row in stream(tmp_path / "rows.jsonl", 3, calls)] == [0, 1, 2]
    assert calls == [1, 2]


def test_a_stream_refuses_two_consumers_while_it_is_computed(tmp_path: Path) -> None:
    rows = stream(tmp_path / "rows.jsonl", 3, [])
    first = iter(rows)
    next(first)
    with pytest.raises(RuntimeError, match="consumed twice"):
        next(iter(rows))


@contextmanager
def small_disk() -> Iterator[None]:
    """Inside the block, no file of this process may grow beyond 200 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_is_one_sentence_and_what_fitted_is_kept(tmp_path: Path) -> None:
    with small_disk(), pytest.raises(RunDirectoryError) as caught:
        stream(tmp_path / "rows.jsonl", 30, []).drain()
    assert "rows.jsonl.partial" in str(caught.value)
    assert "nothing finished is lost" in str(caught.value)
    calls: list[int] = []
    assert len(list(stream(tmp_path / "rows.jsonl", 30, calls))) == 30
    assert calls[0] > 0


def test_a_folder_appears_only_when_it_is_filled(tmp_path: Path) -> None:
    def fails(out: Path) -> None:
        (out / "half").write_text("x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_folder(tmp_path / "policy", fails)
    assert not (tmp_path / "policy").exists()
    fill_folder(tmp_path / "policy", lambda out: (out / "whole").write_text("y"))
    assert sorted(path.name for path in (tmp_path / "policy").iterdir()) == ["half", "whole"]


def test_native_writers_that_meet_a_full_disk_give_the_same_error(tmp_path: Path) -> None:
    def fails(out: Path) -> None:
        raise RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")

    with pytest.raises(RunDirectoryError, match="No space left"):
        fill_folder(tmp_path / "policy", fails)


def test_a_value_survives_writing_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    write_value(tmp_path / "v.json", Row(7, "a"))
    assert read_value(tmp_path / "v.json", Row) == Row(7, "a")
    (tmp_path / "v.json").write_text("{")
    with pytest.raises(DataError, match=r"v\.json does not hold a Row.*delete it"):
        read_value(tmp_path / "v.json", Row)
