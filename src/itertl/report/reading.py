"""What a run directory holds, read as far as it is there.

Contract: `read_run` never fails on a directory that exists. A missing artefact is None or empty, a damaged one is
skipped and named in `Run.notices`; rows are read one at a time, so that a directory may be larger than memory.

    python -c "from itertl.report.reading import *; print(read_run(Path('runs/quickstart')).evaluated)"
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl.disk import names
from itertl.disk.artefacts import PARTIAL
from itertl.evaluation.exploration import Explored, explore
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.report.outcomes import UNVERIFIED
from itertl.report.parsing import (
    Estimate,
    Evaluation,
    Row,
    config_of,
    estimate_of,
    evaluation_of,
    mapping,
    number,
    object_of,
    rows,
    text_of,
)

ARTEFACTS = ("candidates", "verdicts", "groups", "policy", "evaluation")  # of one iteration, in the order of the loop
TRAINING = "training"  # what the samples that are trained on are drawn for
TEXT_LIMIT = 8_000  # characters of one text that a page shows
GAP = 0.2  # scores of an active pair differ by more than this, unless the config says otherwise


@dataclasses.dataclass(frozen=True)
class Design:
    """A distinct design of one iteration, known by its position; `drawn` samples of `size` characters fell on it.

    `use` is what it was drawn for: training, dev or a suite.
    """

    iteration: int
    use: str
    task_id: str
    code_id: str
    outcome: str
    drawn: int
    size: int
    written: bool  # whether there was a design in the completion

    @property
    def order(self) -> str:
        """A hash to order by that has nothing to do with the content."""
        return digest(str(self.iteration), self.use, self.task_id, self.code_id)


@dataclasses.dataclass(frozen=True)
class Iteration:
    """One iteration: the artefacts that exist and those begun, what dev says, optimiser steps, (active, all) groups.

    `kept` is empty where nothing is sampled in bfloat16, `mismatch` where nothing was trained on samples. `designs` are
    the distinct ones by use; `explored` is what those drawn for training reach, None where there are none.
    """

    number: int
    path: Path
    present: frozenset[str]
    started: frozenset[str]
    evaluation: Evaluation | None
    steps: tuple[Mapping[str, float], ...]
    kept: Mapping[str, float]  # shares of the training's update, by name
    active: tuple[int, int] | None
    mismatch: Mapping[str, float] = dataclasses.field(default_factory=dict)
    designs: Mapping[str, tuple[Design, ...]] = dataclasses.field(default_factory=dict)
    explored: Explored | None = None


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
    config_text = text_of(path / names.CONFIG, notices) or ""
    config = config_of(config_text, notices)
    final = object_of(path / names.COMPARISON, notices)
    folders = {int(m[1]): p for p in path.glob("iter_*") if p.is_dir() and (m := re.fullmatch(r"iter_(\d+)", p.name))}
    planned, best = config.get("iterations"), final.get("best_iteration")
    gap = number(mapping(mapping(config.get("training")).get("parameters")).get("gap"))
    finals = {
        str(suite): {str(arm): found for arm, row in arms.items() if (found := evaluation_of(row))}
        for suite, arms in mapping(final.get("evaluations")).items()
        if isinstance(arms, dict)
    }
    return Run(
        path=path,
        name=str(config.get("name") or path.resolve().name),
        config=config,
        config_text=config_text,
        planned=planned if isinstance(planned, int) else None,
        environment=object_of(path / names.ENVIRONMENT, notices),
        events=tuple(rows(path / names.EVENTS, notices)),
        tasks={str(row["id"]): row for row in rows(path / names.TASKS, notices) if "id" in row},
        iterations=_explored(
            [
                _iteration(folder, index, GAP if gap is None else gap, notices)
                for index, folder in sorted(folders.items())
            ]
        ),
        best=best if isinstance(best, int) else None,
        finals={suite: arms for suite, arms in finals.items() if arms},
        gains={suite: gain for suite, row in mapping(final.get("gains")).items() if (gain := estimate_of(row))},
        notices=notices,
    )


def is_active(group: Mapping[str, Any], gap: float = GAP) -> bool:
    """Return True if the scores of some pair in `group`, its reference included, differ by more than `gap`."""
    scores = [s for s in map(number, group.get("scores") or ()) if s is not None]
    reference = number(group.get("reference_score", 1.0))
    if group.get("reference") and reference is not None:
        scores.append(reference)
    return bool(scores) and max(scores) - min(scores) > gap


def _iteration(path: Path, index: int, gap: float, notices: list[str]) -> Iteration:
    files = {"candidates": names.CANDIDATES, "verdicts": names.VERDICTS, "groups": names.GROUPS}
    dev = f"dev/{names.EVALUATION}" if (path / "dev").is_dir() else names.EVALUATION
    files |= {"policy": names.POLICY, "evaluation": dev}
    present = frozenset(name for name, file in files.items() if (path / file).exists())
    begun = {name for name, file in files.items() if (path / (file + PARTIAL)).exists()}
    begun |= {"evaluation"} if (path / "dev").is_dir() else set()
    active, total = 0, 0
    for group in rows(path / names.GROUPS, notices):
        active, total = active + is_active(group, gap), total + 1
    steps = [
        {key: value for key, raw in row.items() if (value := number(raw)) is not None}
        for row in rows(path / names.POLICY / names.TRAINING, notices)
    ]
    kept = object_of(path / names.POLICY / names.KEPT, notices)
    moved = object_of(path / names.POLICY / names.MISMATCH, notices)
    return Iteration(
        number=index,
        path=path,
        present=present,
        started=frozenset(begun - present),
        evaluation=evaluation_of(object_of(path / dev, notices)),
        steps=tuple(steps),
        kept={key: value for key, raw in kept.items() if (value := number(raw)) is not None},
        active=(active, total) if total else None,
        mismatch={key: value for key, raw in moved.items() if (value := number(raw)) is not None},
        designs={
            use: tuple(found) for use, folder in uses(path) if (found := list(_designs(index, use, folder, notices)))
        },
    )


def uses(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield what an iteration in `path` has drawn samples for, and the folder that they lie in."""
    yield TRAINING, path
    folders = sorted(path.iterdir()) if path.is_dir() else []
    for folder in folders:
        if folder.is_dir() and folder.name not in (names.POLICY, names.BASE):
            yield folder.name, folder


def design_key(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return what candidates and verdicts of the same design have in common."""
    return str(row.get("task_id", "")), str(row.get("code_id", ""))


def _designs(iteration: int, use: str, folder: Path, notices: list[str]) -> Iterator[Design]:
    """Yield the distinct designs that an iteration has drawn for one use, in the order of their first sample."""
    drawn: Counter[tuple[str, str]] = Counter()
    sizes: dict[tuple[str, str], int] = {}
    for row in rows(folder / names.CANDIDATES, notices):
        key = design_key(row)
        drawn[key] += 1
        if key not in sizes:
            code, completion = (str(row.get(name, "")) for name in ("code", "completion"))
            size = min(TEXT_LIMIT, len(code)) + min(TEXT_LIMIT, len(completion))
            sizes[key] = size if code.strip() else -size
    known = {design_key(row): str(row.get("outcome", "")) for row in rows(folder / names.VERDICTS, notices)}
    closed = set(Outcome)
    for key, count in drawn.items():
        outcome = known.get(key)
        said = outcome if outcome in closed else UNVERIFIED
        yield Design(iteration, use, *key, said, count, abs(sizes[key]), sizes[key] > 0)


def _explored(iterations: Sequence[Iteration]) -> tuple[Iteration, ...]:
    """Return the iterations with what their samples for training reach."""
    drawn = [i for i in iterations if TRAINING in i.designs]
    reached = explore(
        (
            ((d.task_id, d.code_id) for d in i.designs[TRAINING] if d.written for _ in range(d.drawn)),
            ((d.task_id, d.code_id) for d in i.designs[TRAINING] if d.outcome == Outcome.PASSED),
        )
        for i in drawn
    )
    known = {i.number: found for i, found in zip(drawn, reached, strict=True)}
    return tuple(dataclasses.replace(i, explored=known.get(i.number)) for i in iterations)
