"""Verdicts and references that are known already, on disk: what was simulated once is not simulated again.

    cache = open_cache(settings) ; cache.find(code_id, code, task) ; cache.keep(verdict, code, task) ; cache.close()

A key is a digest of everything that can move a verdict: the code, the task (reference, header, top), the settings
that bound and drive simulations, the tools' versions, and the source of the engine itself. What does not depend on
layout (passed, mismatch) is found again under any layout of the same tokens, the rest, whose messages name lines,
under the same text only: so the verdicts of a run do not depend on what the cache happens to hold. Time-outs and tool
errors are never kept, nor is anything else that another machine or moment could decide otherwise.

The cache lies in $ITERTL_CACHE, else $XDG_CACHE_HOME/itertl, else ~/.cache/itertl. Only the process that calls
`verify` opens it: workers, which are confined, get what they need with their jobs.
"""

import dataclasses
import functools
import json
import os
import sys
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl.disk.store import Store
from itertl.disk.user_cache import OFF, VARIABLE, user_cache
from itertl.errors import DataError
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.tools.cocotb import cocotb_version
from itertl.tools.shop import tool_versions
from itertl.tools.yosys import find_yosys
from itertl.verify.judged import Known
from itertl.verify.settings import VerifySettings
from itertl.verify.stimuli import Extra
from itertl.verify.walks import Hold
from itertl.verilog.guard import MAX_CHARACTERS
from itertl.verilog.tokens import normalise

FILE = "verdicts.sqlite"
_IRRELEVANT = frozenset({"own_bench", "workers", "cluster", "batch", "in_flight", "retries", "cache", "cache_mb"})
_ANY_LAYOUT = frozenset({Outcome.PASSED, Outcome.MISMATCH})
_NEVER = frozenset({Outcome.TOOL_ERROR, Outcome.UNSUPPORTED, Outcome.TIMEOUT, Outcome.EMPTY})
_WRITTEN_AT_ONCE = 64  # verdicts
_DECIDING = ("verilog", "tools", "verify", "records.py", "outcome.py", "identity.py")


class Cache:
    """What is known about designs and references under one set of settings and tools."""

    def __init__(self, store: Store | None, settings: VerifySettings) -> None:
        """Use `store`, which may be shared by any number of processes; without one, nothing is ever known."""
        self._store = store
        relevant = {k: v for k, v in dataclasses.asdict(settings).items() if k not in _IRRELEVANT}
        asks_yosys = settings.formal or settings.cross_check != "off"
        tools = tool_versions() | ({"yosys": find_yosys().name} if asks_yosys else {})
        self._basis = digest(json.dumps([relevant, tools], sort_keys=True, default=str), source_digest())
        self._tasks: dict[str, str] = {}
        self._fresh: dict[str, str] = {}

    def find(self, code_id: str, code: str, task: Task) -> Verdict | None:
        """Return the verdict on a design if it is known, under the identity `code_id`."""
        if self._store is None:
            return None
        for key in self._keys(code, task):
            if (text := self._fresh.get(key) or self._store.get(key)) is not None:
                return _verdict(text, (task.id, code_id))
        return None

    def keep(self, verdict: Verdict, code: str, task: Task) -> None:
        """Keep a verdict if it would be the same at any other time; written a while later, or by `close`."""
        if (
            self._store is None
            or verdict.outcome in _NEVER
            or verdict.formal == "unknown"
            or len(code) > MAX_CHARACTERS
        ):
            return
        if verdict.reason is not None and verdict.reason.of_the_moment:
            return
        by_text, by_tokens = self._keys(code, task)
        text = verdict.to_json()
        self._fresh[by_text] = text
        if verdict.outcome in _ANY_LAYOUT:
            self._fresh[by_tokens] = text
        if len(self._fresh) >= _WRITTEN_AT_ONCE:
            self.flush()

    def find_reference(self, task: Task) -> Known | None:
        """Return what the simulation of the task's reference gave, if it is known."""
        key = digest("reference", self._task_key(task))
        text = (self._fresh.get(key) or self._store.get(key)) if self._store is not None else None
        if text is None:
            return None
        try:
            return unpacked(json.loads(text))
        except (ValueError, KeyError, TypeError, zlib.error):
            return None

    def keep_reference(self, task: Task, known: Known) -> None:
        """Keep what the simulation of the task's reference gave."""
        if self._store is None:
            return
        self._fresh[digest("reference", self._task_key(task))] = json.dumps(packed(known))

    def flush(self) -> None:
        """Write what has been kept."""
        if self._store is not None:
            self._store.put(self._fresh)
        self._fresh = {}

    def close(self) -> None:
        """Write what has been kept, and close the store."""
        self.flush()
        if self._store is not None:
            self._store.close()

    def _keys(self, code: str, task: Task) -> Iterator[str]:
        """Yield the keys under which the verdict on a text, and on the same tokens in any layout, is kept."""
        yield digest("text", self._task_key(task), code)
        yield digest("tokens", self._task_key(task), normalise(code))

    def _task_key(self, task: Task) -> str:
        if task.id not in self._tasks:
            judge = task.reference or repr((task.testbench, task.files, task.bench))
            python = (cocotb_version(), sys.version) if task.bench == "cocotb" else ()
            self._tasks[task.id] = digest(self._basis, judge, task.header, task.top, repr(task.project), *python)
        return self._tasks[task.id]


def open_cache(settings: VerifySettings) -> Cache:
    """Open the cache that the settings ask for; one that knows nothing where they ask for none."""
    folder = cache_folder(settings)
    return Cache(Store(folder / FILE, settings.cache_mb) if folder is not None else None, settings)


def cache_folder(settings: VerifySettings) -> Path | None:
    """Return where the cache lies; None where it is switched off or the user has no home."""
    if settings.cache is False or settings.cache_mb <= 0:
        return None
    if settings.cache is not True:
        return Path(settings.cache).absolute()
    return None if os.environ.get(VARIABLE) in OFF else user_cache()


def packed(known: Known) -> dict[str, Any]:
    """Return what simulating a reference gave as plain JSON types."""
    trace, settled = (
        b64encode(zlib.compress(text.encode("ascii"), 6)).decode("ascii") for text in (known.trace, known.settled)
    )
    extras = [dataclasses.astuple(extra) for extra in known.extras]
    row: dict[str, Any] = {"trace": trace, "compiling": known.compiling, "running": known.running, "extras": extras}
    return row | {"settled": settled, "unexercised": known.unexercised}


def unpacked(row: Mapping[str, Any]) -> Known:
    """Return what `packed` made `row` of; raise ValueError, KeyError, TypeError or zlib.error where it did not."""
    trace = zlib.decompress(b64decode(row["trace"])).decode("ascii")
    extras = tuple(_extra(*fields) for fields in row["extras"])
    settled = zlib.decompress(b64decode(row["settled"])).decode("ascii")
    unexercised = tuple(str(fact) for fact in row["unexercised"])
    return Known(trace, float(row["compiling"]), float(row["running"]), extras, settled, unexercised)


def _extra(kind: str, number: int, cycles: int, walk: Iterable[Sequence[Any]]) -> Extra:
    return Extra(str(kind), int(number), int(cycles), tuple(_hold(*hold) for hold in walk))


def _hold(setting: int, way: int, cycles: int, given: Iterable[tuple[str, int]]) -> Hold:
    return Hold(int(setting), int(way), int(cycles), tuple((str(name), int(value)) for name, value in given))


def _verdict(text: str, key: tuple[str, str]) -> Verdict | None:
    try:
        verdict = Verdict.from_dict(json.loads(text))
    except (ValueError, DataError):
        return None
    return dataclasses.replace(verdict, task_id=key[0], code_id=key[1])


@functools.cache
def source_digest() -> str:
    """Return a digest of all source that decides a verdict: another engine may judge otherwise."""
    return digest_of_source(Path(__file__).parents[1])


def digest_of_source(package: Path) -> str:
    """Return a digest of the files below the folder of a package that decide a verdict."""
    files = sorted(file for part in _DECIDING for file in _python_files(package / part))
    return digest(*(p for f in files for p in (f.relative_to(package).as_posix(), f.read_text(encoding="utf-8"))))


def _python_files(place: Path) -> Iterable[Path]:
    return place.rglob("*.py") if place.is_dir() else [place]
