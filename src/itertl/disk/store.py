"""A bounded store of short texts by key, on disk, shared by processes, whose loss costs time and nothing else.

    store = Store(folder / "verdicts.sqlite", megabytes=512) ; store.put({"key": "text"}) ; store.get("key")

No method raises for anything that the disk, another process or a damaged file does: the store says so once, in the
log, and goes on without. A damaged file is set aside under another name, never deleted. SQLite keeps a file whole
under parallel writers and kill -9; each text carries a digest, so that what is read is what was written. Above its
bound the store drops what has not been used for the longest time.
"""

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from itertl.identity import digest

T = TypeVar("T")

log = logging.getLogger("itertl")

_SCHEMA = "CREATE TABLE IF NOT EXISTS texts (key TEXT PRIMARY KEY, text TEXT, check_ TEXT, used INTEGER) WITHOUT ROWID"
_INDEX = "CREATE INDEX IF NOT EXISTS by_use ON texts (used)"
_WAIT = 5.0  # seconds for another process to finish writing
_STALE = 3600  # seconds after which a use is noted again: reading should not write
_KEPT = 0.9  # share of the bound that is left after texts were dropped
_SLICE = 64  # texts that are dropped at once
_DAMAGE = ("malformed", "not a database", "corrupt", "no such table", "no such column", "unsupported file format")


class Store:
    """See above; to be used by one process and its threads, one at a time."""

    def __init__(self, path: Path, megabytes: float) -> None:
        """Open the store, or create it; where that fails it stays empty."""
        self.path = path
        self._bound = int(megabytes * (1 << 20))
        self._connection: sqlite3.Connection | None = None
        self._writable = True
        self._warned = False
        self._set_aside = False
        self._guarded(self._open, None)

    def get(self, key: str) -> str | None:
        """Return the text that was put under `key`, or None."""
        return self._guarded(lambda: self._get(key), None)

    def put(self, texts: Mapping[str, str]) -> None:
        """Keep `texts`, all or none of them."""
        if texts and self._writable:
            self._guarded(lambda: self._put(texts), None)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    def _open(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
        self._connection = connection
        if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
            connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA journal_size_limit=4194304")
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name IN ('texts', 'by_use')").fetchall()
        if len(tables) < 2:
            connection.execute(_SCHEMA)
            connection.execute(_INDEX)

    def _get(self, key: str) -> str | None:
        if self._connection is None:
            return None
        row = self._connection.execute("SELECT text, check_, used FROM texts WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        text, check, used = row
        if not isinstance(text, str) or digest(key, text) != check:
            raise sqlite3.DatabaseError("malformed text")
        if self._writable and time.time() - used > _STALE:
            self._guarded(lambda: self._touch(key), None)
        return text

    def _touch(self, key: str) -> None:
        if self._connection is not None:
            self._connection.execute("UPDATE texts SET used = ? WHERE key = ?", (int(time.time()), key))

    def _put(self, texts: Mapping[str, str]) -> None:
        connection = self._connection
        if connection is None:
            return
        now = int(time.time())
        rows = [(key, text, digest(key, text), now) for key, text in texts.items()]
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?)", rows)
            if self._size(connection) > self._bound:
                self._drop(connection)
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _size(self, connection: sqlite3.Connection) -> int:
        """Return the bytes in use; pages that were freed are used again before the file grows."""
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _drop(self, connection: sqlite3.Connection) -> None:
        oldest = "DELETE FROM texts WHERE key IN (SELECT key FROM texts ORDER BY used LIMIT ?)"
        while self._size(connection) > _KEPT * self._bound:
            if connection.execute(oldest, (_SLICE,)).rowcount < 1:
                return

    def _guarded(self, action: Callable[[], T], otherwise: T) -> T:
        """Run `action`; whatever the file or the disk does to it, log it once and return `otherwise`."""
        try:
            return action()
        except (sqlite3.Error, OSError, UnicodeError) as error:
            if any(sign in str(error) for sign in _DAMAGE):
                self._replace(str(error))
            elif self._connection is None or self._connection.in_transaction:
                self.close()
                self._warn(f"{self.path} cannot be used ({error}); going on without it")
            elif "locked" not in str(error) and "busy" not in str(error):
                self._writable = False
                self._warn(f"{self.path} cannot be written ({error}); it is only read from here on")
            return otherwise

    def _replace(self, reason: str) -> None:
        """Set a damaged file aside and begin another one; a second time, go on without."""
        self.close()
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        if not self._set_aside:
            self._set_aside = True
            with contextlib.suppress(OSError):
                for suffix in ("-wal", "-shm", ""):
                    place = self.path.with_name(self.path.name + suffix)
                    if place.exists():
                        place.rename(aside.with_name(aside.name + suffix))
                self._warn(f"{self.path} is damaged ({reason}); it is set aside as {aside.name}")
                self._guarded(self._open, None)
                return
        self._warn(f"{self.path} is damaged ({reason}); going on without it")

    def _warn(self, sentence: str) -> None:
        if not self._warned:
            self._warned = True
            log.warning("the cache of verdicts, %s", sentence)
