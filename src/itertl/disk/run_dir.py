"""The run directory: every result of a run, written once, atomically, and found again by the same command.

    with open_run(config, Path("runs/quickstart")) as store:
        candidates = store.stage(CANDIDATES.at("iter_01"), sample, policy, tasks, draw)

`stage` = if the artefact is complete, load it; else compute it into `*.partial` and rename. A stage of `Rows` is
lazy: the stage that consumes the rows drives it, so that verification runs while sampling still does.
"""

import fcntl
import json
import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar, overload

import yaml

from itertl.config import Config, differences, parse_config
from itertl.disk import names, sides
from itertl.disk.artefacts import (
    Folder,
    Rows,
    Stream,
    Value,
    disk_faults,
    fill_folder,
    read_value,
    write_text,
    write_value,
)
from itertl.disk.pulse import beating
from itertl.errors import ConfigError, RunDirectoryError
from itertl.machine.environment import describe_environment
from itertl.progress import console, overhearing
from itertl.records import Record

R = TypeVar("R", bound=Record)
T = TypeVar("T")
log = logging.getLogger("itertl")


class StageReached(Exception):  # noqa: N818  (not an error: the caller asked for it)
    """The stage at which the caller asked to stop is complete."""


class Stages(Protocol):
    """What the loop asks of its run directory: a `Store` computes, an `itertl.disk.outline.Outline` takes note."""

    @overload
    def stage(self, artefact: Rows[R], function: Callable[..., Iterable[R]], *args: Any) -> Stream[R]: ...
    @overload
    def stage(self, artefact: Value[R], function: Callable[..., R], *args: Any) -> R: ...
    @overload
    def stage(self, artefact: Folder, function: Callable[..., None], *args: Any) -> Path: ...

    def act(self, function: Callable[..., Any], *args: Any) -> None:
        """Call a function that leaves no artefact."""
        ...

    def beside(self, function: Callable[..., T], *args: Any) -> AbstractContextManager[Callable[[], T]]:
        """Call a function with stages of its own beside those of the block; yield what returns its result."""
        ...


class Store:
    """Stages of one run. `until` names the stage, such as `iter_01/verdicts` or `verdicts`, to stop after."""

    def __init__(self, root: Path, until: str | None = None) -> None:
        self.root = root
        self.listeners: list[Callable[[dict[str, Any]], None]] = []  # hear of events, one after the other, never beside
        self._until = until
        self._clock = _Clock()
        self._untold: deque[dict[str, Any]] = deque()  # events, in the order of the file
        self._writing, self._telling = threading.Lock(), threading.RLock()

    @overload
    def stage(self, artefact: Rows[R], function: Callable[..., Iterable[R]], *args: Any) -> Stream[R]: ...
    @overload
    def stage(self, artefact: Value[R], function: Callable[..., R], *args: Any) -> R: ...
    @overload
    def stage(self, artefact: Folder, function: Callable[..., None], *args: Any) -> Path: ...

    def stage(self, artefact: Rows[Any] | Value[Any] | Folder, function: Callable[..., Any], *args: Any) -> Any:
        """Return the artefact, computed by `function(*args)` unless it is complete already.

        The function of `Rows` also receives `done`, the rows that an interrupted run left; that of `Folder` also
        receives `out`, the folder to fill, which may hold what an interrupted run left.
        """
        sides.check_ended()
        path = self.root / artefact.name
        result: Any
        match artefact:
            case Rows():
                result = self._stream(artefact, path, function, args)
            case Value():
                if not path.exists():
                    with self._timed(artefact.name):
                        write_value(path, function(*args))
                result = read_value(path, artefact.record)
            case Folder():
                if not path.exists():
                    with self._timed(artefact.name):
                        fill_folder(path, lambda out: function(*args, out=out))
                result = path
        if self._until in names_of(artefact.name):
            if isinstance(result, Stream):
                result.drain()
            raise StageReached(artefact.name)
        return result

    def act(self, function: Callable[..., Any], *args: Any) -> None:
        """Call a function that leaves no artefact; its last argument tells what happens among the events."""
        function(*args, self.event)

    def event(self, event: str, **fields: Any) -> None:
        """Append one line to events.jsonl, and tell it to the listeners."""
        aside = {"beside": True} if sides.is_aside() else {}
        with self._writing, disk_faults(self.root), (self.root / names.EVENTS).open("a", encoding="utf-8") as file:
            row = {"time": round(time.time(), 3), "event": event, **fields, **aside}
            file.write(json.dumps(row) + "\n")
            self._untold.append(row)
        if not aside:
            self._tell()

    @contextmanager
    def beside(self, function: Callable[..., T], *args: Any) -> Iterator[Callable[[], T]]:
        """Call a function with stages of its own in a thread, beside those of the block.

        Yield what returns its result after the block. An error on either side ends the other one behind its next row,
        and is raised; where both fail, it is the first one's.
        """
        with sides.beside(lambda: function(*args)) as result:
            yield result
        self._tell()

    def _tell(self) -> None:
        with self._telling:
            while self._untold:
                row = self._untold.popleft()
                for listener in self.listeners:
                    listener(row)

    def _stream(
        self, artefact: Rows[Any], path: Path, function: Callable[..., Iterable[Any]], args: Sequence[Any]
    ) -> Stream[Any]:
        def produce(done: Sequence[Any]) -> Iterator[Any]:
            self.event("stage_start", stage=artefact.name, done=len(done))
            return sides.watched(self._clock.timed(artefact.name, iter(function(*args, done=done))))

        def finished() -> None:
            self.event("stage_end", stage=artefact.name, seconds=self._clock.seconds(artefact.name))

        return Stream(path, artefact.record, produce, finished)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        self.event("stage_start", stage=name)
        with self._clock.running(name):
            yield
        self.event("stage_end", stage=name, seconds=self._clock.seconds(name))


@contextmanager
def open_run(config: Config, root: Path, until: str | None = None) -> Iterator[Store]:
    """Create or continue the run in `root`; hold its lock inside the block.

    Raise ConfigError with the differences where the run was started with another config, and RunDirectoryError where
    another process works in the directory.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / names.LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise RunDirectoryError(
            f"{root} cannot be made or written: {error.strerror}; give another directory with --out, or access to it"
        ) from error
    with lock:
        _acquire(lock.fileno(), root)
        handler = logging.FileHandler(root / names.LOG, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        store = Store(root, until)
        heard = _Warnings(store)
        for each in (handler, heard):
            log.addHandler(each)
        log.setLevel(logging.INFO)
        log.info("run %s, process %d", root, os.getpid())
        try:
            _keep_config(config, root)
            _keep_environment(store)
            with beating(root, store.event) as heart, overhearing(heart), _told(store):
                yield store
        finally:
            for each in (handler, heard):
                log.removeHandler(each)
                each.close()


@contextmanager
def _told(store: Store) -> Iterator[None]:
    """Tell of the begin and the end of what this process does in the directory."""
    _end_torn_line(store.root / names.EVENTS)
    store.event("run_start", host=socket.gethostname(), pid=os.getpid())
    how, said = "ended", ""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        how = "interrupted"
        raise
    except StageReached as reached:
        how, said = "stopped", f"after {reached}"
        raise
    except BaseException as error:
        how, said = "failed", str(error) or type(error).__name__
        raise
    finally:
        with suppress(RunDirectoryError):  # a full disk has an error of its own
            store.event("run_end", how=how, message=said)


def _end_torn_line(path: Path) -> None:
    """End the line that a killed process was writing, so that it damages no other."""
    with suppress(FileNotFoundError), disk_faults(path), path.open("rb+") as file:
        if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
            file.write(b"\n")


class _Warnings(logging.Handler):
    """Shows what the package warns of on standard error, and keeps it among the events."""

    def __init__(self, store: Store) -> None:
        super().__init__(logging.WARNING)
        self._store = store

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        self._store.event("warning", message=message)
        console.print(f"warning: {message}", style="yellow", highlight=False, markup=False, soft_wrap=True)


def read_config(root: Path) -> Config:
    """Return the config with which the run in `root` was started."""
    path = root / names.CONFIG
    if not path.is_file():
        raise ConfigError(f"{root} is not a run directory: expected a config.yaml in it, as `itertl run` leaves one")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as YAML: {str(error).splitlines()[0]}") from error
    return parse_config(values, str(path))


def _acquire(descriptor: int, root: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunDirectoryError(
            f"another process is working in {root}; wait for it to end, or choose another directory with --out"
        ) from error


def _keep_config(config: Config, root: Path) -> None:
    if not (root / names.CONFIG).exists() or not holds_results(root):
        write_text(root / names.CONFIG, config.to_yaml())
        return
    decisive, free = differences(read_config(root), config)
    if decisive:
        raise ConfigError(
            f"{root} was started with another config; run with the old one, or start anew with --out DIR. Changed:\n  "
            + "\n  ".join(decisive)
        )
    if free:
        log.info("values that decide nothing have changed: %s", "; ".join(free))
        write_text(root / names.CONFIG, config.to_yaml())


def holds_results(root: Path) -> bool:
    """True unless all that was ever started here failed before anything came out, as with a name that is mistyped."""
    about = {*names.ABOUT, names.REPORT}
    return any(path.is_file() and path.name not in about and path.stat().st_size > 0 for path in root.rglob("*"))


def _keep_environment(store: Store) -> None:
    now, path = describe_environment(), store.root / names.ENVIRONMENT
    if not path.exists():
        write_text(path, json.dumps(now, indent=1) + "\n")
    elif (before := json.loads(path.read_text(encoding="utf-8"))) != now:
        store.event("environment_changed", before=before, now=now)
        log.warning("the environment differs from env.json, with which this run was started; see events.jsonl")


def names_of(artefact: str) -> tuple[str, str]:
    """Return what a person may call a stage: `iter_01/verdicts`, or `verdicts` for the first one of that name."""
    plain = artefact.removesuffix(".jsonl").removesuffix(".json")
    return plain, plain.rpartition("/")[2]


class _Clock(threading.local):
    """Seconds per stage of one thread, without the time that a stage waits for another one that it consumes."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._stack: list[str] = []
        self._since = time.monotonic()

    def seconds(self, name: str) -> float:
        return round(self._spent.get(name, 0.0), 3)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        self._charge()
        self._stack.append(name)
        try:
            yield
        finally:
            self._charge()
            self._stack.pop()

    def timed(self, name: str, rows: Iterator[R]) -> Iterator[R]:
        while True:
            with self.running(name):
                row = next(rows, None)
            if row is None:
                return
            yield row

    def _charge(self) -> None:
        now = time.monotonic()
        if self._stack:
            self._spent[self._stack[-1]] = self._spent.get(self._stack[-1], 0.0) + now - self._since
        self._since = now
