"""The samples of a run: how many fell on each outcome, and a bounded choice of them to look at.

Contract: `count_outcomes` counts every sample; `choose_samples` keeps at most `LIMIT` distinct designs, spread evenly
over iterations and outcomes and otherwise by hash, so that the same run always shows the same ones. All text is made
visible and cut to a bounded length.

    python -c "from itertl.report.samples import spread; print(spread({'a': [1, 2, 3], 'b': [4]}, 3))"
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from itertl.disk import names
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.report.markup import visible
from itertl.report.outcomes import UNVERIFIED
from itertl.report.parsing import Row, number, rows, whole
from itertl.report.reading import Iteration, Run

LIMIT = 400  # designs
BUDGET = 2_800_000  # bytes of JSON
TEXT_LIMIT = 8_000  # characters of one text
WORDS = {  # that the page's script says about samples
    "agree": "of the compared output bits agree",
    "nothing": "The instruction of this task is not in tasks.jsonl.",
}

Cell = TypeVar("Cell", bound=Hashable)
Item = TypeVar("Item")


@dataclasses.dataclass(frozen=True)
class Design:
    """A distinct design of one iteration, known by its position; `drawn` samples fell on it."""

    iteration: int
    task_id: str
    code_id: str
    outcome: str
    drawn: int

    @property
    def order(self) -> str:
        """A hash to order by that has nothing to do with the content."""
        return digest(str(self.iteration), self.task_id, self.code_id)


def count_outcomes(iteration: Iteration) -> Counter[str]:
    """Return how many samples of `iteration` fell on each outcome; samples without a verdict are `UNVERIFIED`."""
    counts: Counter[str] = Counter()
    for design in _designs(iteration, []):
        counts[design.outcome] += design.drawn
    return counts


def choose_samples(run: Run, limit: int = LIMIT, budget: int = BUDGET) -> dict[str, Any]:
    """Return the content of the browser: the chosen samples, their tasks, and how many there are in all."""
    cells: dict[tuple[int, int], list[Design]] = {}
    ranks = {outcome.value: rank for rank, outcome in enumerate(Outcome)}
    drawn = distinct = 0
    for iteration in run.iterations:
        for design in _designs(iteration, run.notices):
            drawn, distinct = drawn + design.drawn, distinct + 1
            cells.setdefault((design.iteration, ranks.get(design.outcome, len(ranks))), []).append(design)
    ordered = {cell: sorted(cells[cell], key=lambda d: d.order) for cell in sorted(cells)}
    chosen = spread(ordered, limit)
    samples: dict[Design, Row] = {}
    for iteration in run.iterations:
        samples |= _details(iteration, {(d.task_id, d.code_id): d for d in chosen if d.iteration == iteration.number})
    tasks = {visible(name): _task(run.tasks.get(name)) for name in {design.task_id: None for design in chosen}}
    kept, known = within(budget, [samples[design] for design in chosen], tasks)
    kept.sort(key=lambda s: (s["iteration"], s["task"], s["index"]))
    return {"drawn": drawn, "distinct": distinct, "words": WORDS, "tasks": known, "samples": kept}


def within(budget: int, samples: Iterable[Row], tasks: Mapping[str, Row]) -> tuple[list[Row], dict[str, Row]]:
    """Return as many of the first samples as fit, with their tasks, into `budget` bytes of JSON, and those tasks."""
    kept: list[Row] = []
    known: dict[str, Row] = {}
    for sample in samples:
        name, task = sample["task"], tasks[sample["task"]]
        budget -= len(json.dumps(sample)) + (0 if name in known else len(json.dumps(task)))
        if budget < 0:
            break
        kept.append(sample)
        known[name] = task
    return kept, known


def spread(cells: Mapping[Cell, Sequence[Item]], limit: int) -> list[Item]:
    """Return at most `limit` items, taken from the cells in turn."""
    chosen: list[Item] = []
    for turn in range(max((len(items) for items in cells.values()), default=0)):
        for items in cells.values():
            if turn < len(items):
                chosen.append(items[turn])
                if len(chosen) >= limit:
                    return chosen
    return chosen


def _designs(iteration: Iteration, notices: list[str]) -> list[Design]:
    drawn: Counter[tuple[str, str]] = Counter(map(_key, rows(iteration.path / names.CANDIDATES, notices)))
    known = {_key(row): str(row.get("outcome", "")) for row in rows(iteration.path / names.VERDICTS, notices)}
    closed = set(Outcome)
    outcomes = {key: outcome for key, outcome in known.items() if outcome in closed}
    return [Design(iteration.number, *key, outcomes.get(key, UNVERIFIED), count) for key, count in drawn.items()]


def _details(iteration: Iteration, wanted: Mapping[tuple[str, str], Design]) -> dict[Design, Row]:
    """Read the texts of the `wanted` designs: of equal ones, the sample that comes first."""
    verdicts = {k: r for r in rows(iteration.path / names.VERDICTS, []) if (k := _key(r)) in wanted}
    task_ids = {task_id for task_id, _ in wanted}
    scores: dict[tuple[str, str], float] = {}
    for group in rows(iteration.path / names.GROUPS, []):
        if (task_id := str(group.get("task_id", ""))) in task_ids:
            for text, score in zip(group.get("candidates") or (), group.get("scores") or (), strict=False):
                if (value := number(score)) is not None:
                    scores[task_id, str(text)] = value
    found: dict[Design, Row] = {}
    for row in rows(iteration.path / names.CANDIDATES, []):
        design = wanted.get(_key(row))
        if design is None or design in found:
            continue
        verdict = verdicts.get(_key(row), {})
        texts = (str(row.get("code", "")), str(row.get("completion", "")), design.code_id)
        found[design] = {
            "iteration": iteration.number,
            "task": visible(design.task_id),
            "index": whole(row.get("index")),
            "drawn": design.drawn,
            "code": cut(texts[0] or texts[1]),
            "outcome": design.outcome,
            "agreement": number(verdict.get("agreement")),
            "detail": cut(_detail(verdict)),
            "finish": visible(str(row.get("finish_reason", ""))),
            "score": next((scores[design.task_id, t] for t in texts if (design.task_id, t) in scores), None),
        }
    return found


def _detail(verdict: Row) -> str:
    """Return a verdict's sentence, with what nothing has exercised behind it."""
    missed = "; ".join(map(str, verdict.get("unexercised") or ()))
    return "; ".join(filter(None, (str(verdict.get("detail", "")), f"not exercised: {missed}" if missed else "")))


def _task(row: Row | None) -> Row:
    row = row or {}
    fields = {name: cut(str(row.get(name, ""))) for name in ("instruction", "reference", "suite")}
    tags = row.get("tags")
    return {**fields, "tags": [visible(str(tag)) for tag in tags][:12] if isinstance(tags, list) else []}


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row.get("task_id", "")), str(row.get("code_id", ""))


def cut(text: str) -> str:
    """Return `text` made visible, and shortened to `TEXT_LIMIT` characters with a word about the rest."""
    if len(text) <= TEXT_LIMIT:
        return visible(text)
    return f"{visible(text[:TEXT_LIMIT])}\n… {len(text) - TEXT_LIMIT:,} more characters are not shown"
