"""What a run directory holds, read as far as it is there.

Contract: `read_run` never fails on a directory that exists. A missing artefact is None or empty, a damaged one is
skipped and named in `Run.notices`; rows are read one at a time, so that a directory may be larger than memory.

    python -c "from itertl.report.reading import *; print(read_run(Path('runs/quickstart')).evaluated)"
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itertl.disk import names
from itertl.disk.artefacts import PARTIAL
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
GAP = 0.2  # scores of an active pair differ by more than this, unless the config says otherwise


@dataclasses.dataclass(frozen=True)
class Iteration:
    """One iteration: the artefacts that exist and those begun, what dev says, optimiser steps, (active, all) groups.

    `kept` is empty where nothing is sampled in bfloat16.
    """

    number: int
    path: Path
    present: frozenset[str]
    started: frozenset[str]
    evaluation: Evaluation | None
    steps: tuple[Mapping[str, float], ...]
    kept: Mapping[str, float]  # shares of the training's update, by name
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
        iterations=tuple(
            _iteration(folder, index, GAP if gap is None else gap, notices) for index, folder in sorted(folders.items())
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
    return Iteration(
        number=index,
        path=path,
        present=present,
        started=frozenset(begun - present),
        evaluation=evaluation_of(object_of(path / dev, notices)),
        steps=tuple(steps),
        kept={key: value for key, raw in kept.items() if (value := number(raw)) is not None},
        active=(active, total) if total else None,
    )
