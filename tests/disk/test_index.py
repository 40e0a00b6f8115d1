"""Keys with places: the first place stays, in memory and behind it, and a full folder is said."""

import sqlite3

import pytest

from itertl.disk import index as module
from itertl.disk.index import Index
from itertl.errors import RunDirectoryError


@pytest.mark.parametrize("most", [1, 3, 7, 1000])
def test_keys_keep_their_first_place_wherever_they_lie(most: int) -> None:
    index, plain = Index(most), dict[str, tuple[int, int]]()
    for n in range(50):
        key = f"k{n * 7 % 20}"
        assert index.add(key, n, 1) == (key not in plain)
        plain.setdefault(key, (n, 1))
        assert len(index) == len(plain)
    assert {key: index.find(key) for key in plain} == plain
    assert "k0" in index
    assert "K0" not in index
    assert index.find("none") is None


def test_an_index_of_keys_and_its_end() -> None:
    index = Index.of(["a", "b", "a"])
    assert len(index) == 2
    index.close()
    assert len(index) == 0
    assert index.add("a")


def test_a_full_folder_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(module, "_private_file", full)
    index = Index(2)
    index.add("a")
    with pytest.raises(RunDirectoryError, match="database or disk is full"):
        index.add("b")
