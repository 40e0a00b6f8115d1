"""A run directory that computes nothing: what a run would do, in its order.

    outline = Outline(Path("runs/quickstart"), known={"tasks.jsonl": tasks}, amount=amount)
    run(config, outline) ; outline.stages  ->  [Stage("tasks.jsonl", False, 750, "tasks", ()), ...]

It stands in for `itertl.disk.run_dir.Store`: rows come out as a list of what is known of them, values as records that
say nothing, folders as their paths.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from itertl.disk.artefacts import Folder, Rows, Value, read_records, read_value
from itertl.records import Task

T = TypeVar("T")
Amount = Callable[[str, Sequence[Any]], tuple[int | None, str]]  # (function, its arguments) -> how many of what


@dataclass(frozen=True)
class Stage:
    """One stage: its artefact, whether that is complete, how many of what it makes at most, and what it reads.

    Stages with the same `beside`, 0 for none, run at the same time as those with its negative.
    """

    name: str
    done: bool
    amount: int | None
    unit: str
    reads: tuple[str, ...]
    beside: int = 0


def in_all(stages: Iterable[tuple[int, float]]) -> float:
    """Return the seconds of stages, each with its `beside`: of two sides that run at once the longer one counts."""
    sides = defaultdict[int, float](float)
    for side, seconds in stages:
        sides[side] += seconds
    return sides.pop(0, 0.0) + sum(max(sides[n], sides.get(-n, 0.0)) for n in [*sides] if n > 0 or -n not in sides)


class PlannedRows(list[Any]):
    """Rows that are not there yet: those that are known beforehand, and how many there will be at most."""

    def __init__(self, name: str, amount: int | None, known: Iterable[Any] = ()) -> None:
        super().__init__(known)
        self.name, self.amount = name, amount

    def drain(self) -> None:
        """Compute nothing."""


class PlannedValue:
    """A record that is not there yet."""

    def __init__(self, name: str) -> None:
        self.name = name

    def value(self) -> float:
        """Return what an evaluation says that has not taken place."""
        return float("nan")


class Outline:
    """Takes note of stages instead of computing them."""

    def __init__(self, root: Path, known: Mapping[str, Sequence[Task]], amount: Amount) -> None:
        """Look at what is complete in `root`; `known` has the tasks that are known before they are computed."""
        self.root, self.stages = root, list[Stage]()
        self._known, self._amount = known, amount
        self._pairs, self._side = 0, 0

    def stage(self, artefact: Rows[Any] | Value[Any] | Folder, function: Callable[..., Any], *args: Any) -> Any:
        """Take note of a stage, and return what stands for its artefact."""
        path = self.root / artefact.name
        known = self._known.get(artefact.name)
        amount, unit = self._amount(function.__name__, args) if known is None else (len(known), "tasks")
        reads = tuple(dict.fromkeys(name for arg in args if (name := self._name(arg))))
        done = path.exists()
        if not any(stage.name == artefact.name for stage in self.stages):
            self.stages.append(Stage(artefact.name, done, amount, unit, reads, self._side))
        match artefact:
            case Rows():
                if done and known is not None:
                    known = list(read_records(path, artefact.record))
                return PlannedRows(artefact.name, amount, known or ())
            case Value():
                return read_value(path, artefact.record) if done else PlannedValue(artefact.name)
            case Folder():
                return path

    @contextmanager
    def beside(self, function: Callable[..., T], *args: Any) -> Iterator[Callable[[], T]]:
        """Take note of the stages that the function asks for, before those of the block."""
        self._pairs += 1
        self._side = self._pairs
        found = function(*args)
        self._side = -self._pairs
        yield lambda: found
        self._side = 0

    def act(self, function: Callable[..., Any], *args: Any) -> None:
        """Do nothing of what leaves no artefact."""

    def _name(self, arg: Any) -> str:
        if isinstance(arg, PlannedRows | PlannedValue):
            return arg.name
        inside = isinstance(arg, Path) and arg.is_relative_to(self.root)
        return str(arg.relative_to(self.root)) if inside else ""
