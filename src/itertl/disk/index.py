"""Which keys have been seen, and a place in a file for each, in memory that does not grow with their number.

    index = Index() ; index.add("key", offset, length)  ->  True if it is new ; index.find("key")  ->  (offset, length)

The newest keys are kept in memory; `most` at a time go to a private file of SQLite's in the temporary folder, which
nobody else sees and which is gone with the process.
"""

import contextlib
import sqlite3
from collections.abc import Iterable
from typing import Self

from itertl.errors import RunDirectoryError

MOST = 100_000  # keys in memory, some 25 MB
_PAGES_KB = 16 << 10  # of the file in memory

Place = tuple[int, int]


class Index:
    """See above; for one thread at a time."""

    def __init__(self, most: int = MOST) -> None:
        """Begin without keys."""
        self._most = most
        self._fresh: dict[str, Place] = {}
        self._file: sqlite3.Connection | None = None
        self._stored = 0

    @classmethod
    def of(cls, keys: Iterable[str]) -> Self:
        """Return an index that holds `keys`."""
        index = cls()
        for key in keys:
            index.add(key)
        return index

    def __len__(self) -> int:
        return self._stored + len(self._fresh)

    def __contains__(self, key: str) -> bool:
        return self.find(key) is not None

    def add(self, key: str, offset: int = 0, length: int = 0) -> bool:
        """Take a key with its place; return False where it is there already, which keeps its place.

        Raise RunDirectoryError where the temporary folder is full.
        """
        if key in self:
            return False
        self._fresh[key] = offset, length
        if len(self._fresh) >= self._most:
            self._store()
        return True

    def find(self, key: str) -> Place | None:
        """Return the place of a key, None where there is no such key."""
        if (place := self._fresh.get(key)) is not None or self._file is None:
            return place
        found: Place | None = self._file.execute("SELECT at, size FROM places WHERE key = ?", (key,)).fetchone()
        return found

    def close(self) -> None:
        """Forget all keys."""
        self._fresh.clear()
        if self._file is not None:
            self._file.close()
        self._file, self._stored = None, 0

    def _store(self) -> None:
        try:
            if self._file is None:
                self._file = _private_file()
            rows = sorted((key, *place) for key, place in self._fresh.items())
            self._file.execute("BEGIN")
            self._file.executemany("INSERT INTO places VALUES (?, ?, ?)", rows)
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise RunDirectoryError(
                f"the temporary folder cannot hold what has been seen ({error}): make room there, or name another one "
                "in SQLITE_TMPDIR, then the same command goes on"
            ) from error
        self._stored += len(self._fresh)
        self._fresh.clear()

    def __del__(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.close()


def _private_file() -> sqlite3.Connection:
    file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_PAGES_KB}", "temp_store=FILE"):
        file.execute(f"PRAGMA {pragma}")
    file.execute("CREATE TABLE places (key TEXT PRIMARY KEY, at INTEGER, size INTEGER) WITHOUT ROWID")
    return file
