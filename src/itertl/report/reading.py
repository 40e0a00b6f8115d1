"""What a run directory holds, read as far as it is there.

Contract: `read_run` never fails on a directory that exists. A missing artefact is None or empty, a damaged one is
skipped and named in `Run.notices`; rows are read one at a time, so that a directory may be larger than memory.

    python -c "from itertl.report.reading import *; print(read_run(Path('runs/quickstart')).evaluated)"
"""

import dataclasses
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from itertl.artefacts import PARTIAL

Row = dict[str, Any]

ARTEFACTS = ("candidates", "verdicts", "groups", "policy", "evaluation")  # of one iteration, in the order of the loop
GAP = 0.2  # scores of an active pair differ by more than this, unless the config says otherwise


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A share with the ends of its 95 % interval, None where unknown."""

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.2f}"
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"

    def signed(self) -> str:
        """Return a difference with its sign, and the signs of the ends."""
        if self.low is None or self.high is None:
            return f"{self.value:+.2f}"
        return f"{self.value:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Pass@k on a suite, and the share of each outcome among its samples."""

    suite: str
    samples: int
    problems: int
    pass_at: Mapping[int, Estimate]
    outcomes: Mapping[str, float]
    missing: int = 0
    policy: str = ""  # digest of its weights


@dataclasses.dataclass(frozen=True)
class Iteration:
    """One iteration: the artefacts that exist and those begun, what dev says, optimiser steps, (active, all) groups."""

    number: int
    path: Path
    present: frozenset[str]
    started: frozenset[str]
    evaluation: Evaluation | None
    steps: tuple[Mapping[str, float], ...]
    active: tuple[int, int] | None


@dataclasses.dataclass(frozen=True)
class Run:
    """All that the report is drawn from, except the samples."""

    path: Path
    name: str
    config: Row
    config_text: str
    planned: int | None  # iterations that the config asks for
    environment: Row
    events: tuple[Row, ...]
    tasks: Mapping[str, Row]
    iterations: tuple[Iteration, ...]
    best: int | None
    finals: Mapping[str, Mapping[str, Evaluation]]  # suite -> arm -> evaluation
    gains: Mapping[str, Estimate]  # suite -> paired difference of pass@1, best iteration minus warm start
    notices: list[str]

    @property
    def evaluated(self) -> list[tuple[int, Evaluation]]:
        """The iterations that were evaluated on dev, with their evaluations."""
        return [(i.number, i.evaluation) for i in self.iterations if i.evaluation and 1 in i.evaluation.pass_at]


def read_run(path: Path) -> Run:
    """Return what the run directory `path` holds at this moment."""
    notices: list[str] = []
    config_text = _text(path / "config.yaml", notices) or ""
    config = _config(config_text, notices)
    final = _object(path / "final.json", notices)
    folders = {int(m[1]): p for p in path.glob("iter_*") if p.is_dir() and (m := re.fullmatch(r"iter_(\d+)", p.name))}
    planned, best = config.get("iterations"), final.get("best_iteration")
    gap = number(_mapping(config.get("training")).get("gap"))
    finals = {
        str(suite): {str(arm): found for arm, row in arms.items() if (found := _evaluation(row))}
        for suite, arms in _mapping(final.get("evaluations")).items()
        if isinstance(arms, dict)
    }
    return Run(
        path=path,
        name=str(config.get("name") or path.resolve().name),
        config=config,
        config_text=config_text,
        planned=planned if isinstance(planned, int) else None,
        environment=_object(path / "env.json", notices),
        events=tuple(rows(path / "events.jsonl", notices)),
        tasks={str(row["id"]): row for row in rows(path / "tasks.jsonl", notices) if "id" in row},
        iterations=tuple(
            _iteration(folder, index, GAP if gap is None else gap, notices) for index, folder in sorted(folders.items())
        ),
        best=best if isinstance(best, int) else None,
        finals={suite: arms for suite, arms in finals.items() if arms},
        gains={suite: gain for suite, row in _mapping(final.get("gains")).items() if (gain := _estimate(row))},
        notices=notices,
    )


def rows(path: Path, notices: list[str]) -> Iterator[Row]:
    """Yield the objects of a JSONL file, or of what a stage has written of it so far, nothing where neither is there.

    The number of unreadable lines goes into `notices`; a last line that is still being written is passed over.
    """
    source = path if path.is_file() else path.with_name(path.name + PARTIAL)
    if not source.is_file():
        return
    damaged = 0
    with source.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for line in file:
            if source is not path and not line.endswith("\n"):
                break
            row = _decode(line) if line.strip() else {}
            if isinstance(row, dict):
                if row:
                    yield row
            else:
                damaged += 1
    if damaged:
        notices.append(f"{path.parent.name}/{path.name}: {damaged} unreadable line{'s' if damaged > 1 else ''} skipped")


def number(value: object) -> float | None:
    """Return `value` as a finite float, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def is_active(group: Mapping[str, Any], gap: float = GAP) -> bool:
    """Return True if the scores of some pair in `group`, its reference included, differ by more than `gap`."""
    scores = [s for s in map(number, group.get("scores") or ()) if s is not None]
    reference = number(group.get("reference_score", 1.0))
    if group.get("reference") and reference is not None:
        scores.append(reference)
    return bool(scores) and max(scores) - min(scores) > gap


def _iteration(path: Path, index: int, gap: float, notices: list[str]) -> Iteration:
    files = {"candidates": "candidates.jsonl", "verdicts": "verdicts.jsonl", "groups": "groups.jsonl"}
    dev = "dev/evaluation.json" if (path / "dev").is_dir() else "evaluation.json"
    files |= {"policy": "policy", "evaluation": dev}
    present = frozenset(name for name, file in files.items() if (path / file).exists())
    begun = {name for name, file in files.items() if (path / (file + PARTIAL)).exists()}
    begun |= {"evaluation"} if (path / "dev").is_dir() else set()
    active, total = 0, 0
    for group in rows(path / "groups.jsonl", notices):
        active, total = active + is_active(group, gap), total + 1
    steps = [
        {key: value for key, raw in row.items() if (value := number(raw)) is not None}
        for row in rows(path / "policy" / "training.jsonl", notices)
    ]
    return Iteration(
        number=index,
        path=path,
        present=present,
        started=frozenset(begun - present),
        evaluation=_evaluation(_object(path / dev, notices)),
        steps=tuple(steps),
        active=(active, total) if total else None,
    )


def _evaluation(row: object) -> Evaluation | None:
    if not isinstance(row, dict):
        return None
    pass_at = {}
    for k, found in _mapping(row.get("pass_at")).items():
        if str(k).isdecimal() and (estimate := _estimate(found)):
            pass_at[int(k)] = estimate
    if not pass_at and not row.get("outcomes"):
        return None
    outcomes = {str(k): share for k, v in _mapping(row.get("outcomes")).items() if (share := number(v)) is not None}
    counts = [int(number(row.get(key)) or 0) for key in ("samples", "problems", "missing")]
    suite, policy = (str(row.get(key, "")) for key in ("suite", "policy"))
    return Evaluation(suite, counts[0], counts[1], pass_at, outcomes, counts[2], policy)


def _estimate(row: object) -> Estimate | None:
    row = _mapping(row)
    value = number(row.get("value"))
    return None if value is None else Estimate(value, number(row.get("low")), number(row.get("high")))


def _config(text: str, notices: list[str]) -> Row:
    try:
        return _mapping(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError, RecursionError):
        notices.append("config.yaml is not valid YAML and is shown as it is")
        return {}


def _object(path: Path, notices: list[str]) -> Row:
    text = _text(path, notices)
    if text is None:
        return {}
    found = _decode(text)
    if not isinstance(found, dict):
        notices.append(f"{path.parent.name}/{path.name} is not a JSON object and was skipped")
    return _mapping(found)


def _text(path: Path, notices: list[str]) -> str | None:
    if not path.is_file():
        return None
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        notices.append(f"{path.name} cannot be read: {error.strerror}")
        return None


def _decode(text: str) -> object:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None


def _mapping(value: object) -> Row:
    return value if isinstance(value, dict) else {}
