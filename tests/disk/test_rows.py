"""JSONL files, plain and packed, read line by line."""

import gzip
import itertools
from pathlib import Path

import pytest

from itertl.disk.rows import numbered_rows
from itertl.errors import DataError


def test_rows_carry_their_line_and_empty_lines_are_skipped(tmp_path: Path) -> None:
    text = '\ufeff{"a": 1}\n\n{"a": "\\u2028"}\r\n{"a": 3}'.encode()
    for name, data in (("rows.jsonl", text), ("rows.jsonl.gz", gzip.compress(text))):
        (tmp_path / name).write_bytes(data)
        assert list(numbered_rows(tmp_path / name)) == [(1, {"a": 1}), (3, {"a": "\u2028"}), (4, {"a": 3})]


def test_a_file_is_read_no_further_than_asked(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"a": 1}\nnot json\n')
    assert list(itertools.islice(numbered_rows(tmp_path / "rows.jsonl"), 1)) == [(1, {"a": 1})]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("rows.jsonl", b'{"a": "\xff"}', "rows.jsonl:1: not UTF-8"),
        ("rows.jsonl", b'{"a": 1}\n7', "rows.jsonl:2: expected a JSON object, found int"),
        ("rows.jsonl.gz", b"plain text", "rows.jsonl.gz:1: cannot be read"),
        ("rows.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 9999)[:-20], "rows.jsonl.gz:[0-9]+: cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=message):
        list(numbered_rows(tmp_path / name))


def test_directories_and_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a directory"):
        list(numbered_rows(tmp_path))
    with pytest.raises(DataError, match="does not exist"):
        list(numbered_rows(tmp_path / "none.jsonl.gz"))
