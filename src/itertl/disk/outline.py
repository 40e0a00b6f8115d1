"""A run directory that computes nothing: what a run would do, in its order.

    outline = Outline(Path("runs/quickstart"), known={"tasks.jsonl": tasks}, amount=amount)
    run(config, outline) ; outline.stages  ->  [Stage("tasks.jsonl", False, 750, "tasks", ()), ...]

It stands in for `itertl.disk.run_dir.Store`: rows come out as a list of what is known of them, values as records that
say nothing, folders as their paths.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itertl.disk.artefacts import Folder, Rows, Value, read_records, read_value
from itertl.records import Task

Amount = Callable[[str, Sequence[Any]], tuple[int | None, str]]  # (function, its arguments) -> how many of what


@dataclass(frozen=True)
class Stage:
    """One stage: its artefact, whether that is complete, how many of what it makes at most, and what it reads."""

    name: str
    done: bool
    amount: int | None
    unit: str
    reads: tuple[str, ...]


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

    def stage(self, artefact: Rows[Any] | Value[Any] | Folder, function: Callable[..., Any], *args: Any) -> Any:
        """Take note of a stage, and return what stands for its artefact."""
        path = self.root / artefact.name
        known = self._known.get(artefact.name)
        amount, unit = self._amount(function.__name__, args) if known is None else (len(known), "tasks")
        reads = tuple(dict.fromkeys(name for arg in args if (name := self._name(arg))))
        done = path.exists()
        if not any(stage.name == artefact.name for stage in self.stages):
            self.stages.append(Stage(artefact.name, done, amount, unit, reads))
        match artefact:
            case Rows():
                if done and known is not None:
                    known = list(read_records(path, artefact.record))
                return PlannedRows(artefact.name, amount, known or ())
            case Value():
                return read_value(path, artefact.record) if done else PlannedValue(artefact.name)
            case Folder():
                return path

    def act(self, function: Callable[..., Any], *args: Any) -> None:
        """Do nothing of what leaves no artefact."""

    def _name(self, arg: Any) -> str:
        if isinstance(arg, PlannedRows | PlannedValue):
            return arg.name
        inside = isinstance(arg, Path) and arg.is_relative_to(self.root)
        return str(arg.relative_to(self.root)) if inside else ""
