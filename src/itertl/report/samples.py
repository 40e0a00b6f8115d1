"""The samples of a run: how many fell on each outcome, and all of them to look at.

Contract: `count_outcomes` counts every sample drawn for training; `choose_samples` gives every sample of the run, those
of evaluations included. Beyond `LIMIT` distinct designs or `BUDGET` characters it keeps those that spread evenly over
iterations and outcomes, otherwise by hash, so that the same run always shows the same ones. All text is made visible
and cut to a bounded length.

    python -c "from itertl.report.samples import spread; print(spread({'a': [1, 2, 3], 'b': [4]}, 3))"
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from itertl.disk import names
from itertl.outcome import Outcome
from itertl.report.markup import visible
from itertl.report.parsing import Row, number, rows, tagged, wave_of, whole
from itertl.report.reading import TEXT_LIMIT, TRAINING, Design, Iteration, Run, design_key, uses

LIMIT = 200_000  # designs
BUDGET = 120_000_000  # characters of all texts
WORDS = {  # that the page's script says about samples
    "agree": "of the compared output bits agree",
    "nothing": "The instruction of this task is not in tasks.jsonl.",
}

Cell = TypeVar("Cell", bound=Hashable)
Item = TypeVar("Item")


def count_outcomes(iteration: Iteration) -> Counter[str]:
    """Return how many samples drawn for training fell on each outcome; those without a verdict are `UNVERIFIED`."""
    counts: Counter[str] = Counter()
    for design in iteration.designs.get(TRAINING, ()):
        counts[design.outcome] += design.drawn
    return counts


def choose_samples(run: Run, limit: int = LIMIT, budget: int = BUDGET) -> dict[str, Any]:
    """Return the content of the browser: the chosen samples, their tasks, and how many there are in all."""
    cells: dict[tuple[int, int], list[Design]] = {}
    ranks = {outcome.value: rank for rank, outcome in enumerate(Outcome)}
    drawn: Counter[str] = Counter()
    distinct: Counter[str] = Counter()
    for iteration in run.iterations:
        for use, found in iteration.designs.items():
            for design in found:
                drawn[use] += design.drawn
                distinct[use] += 1
                cells.setdefault((design.iteration, ranks.get(design.outcome, len(ranks))), []).append(design)
    ordered = {cell: sorted(cells[cell], key=lambda d: d.order) for cell in sorted(cells)}
    chosen = affordable(budget, spread(ordered, limit))
    samples: list[Row] = []
    tasks = {name: _task(run.tasks.get(name)) for name in {design.task_id: None for design in chosen}}
    for iteration in run.iterations:
        for use, folder in uses(iteration.path):
            mine = {(d.task_id, d.code_id): d for d in chosen if (d.iteration, d.use) == (iteration.number, use)}
            if mine:
                samples += _details(folder, mine, tasks)
    kinds = {TRAINING: "", "dev": " "}  # first and second in the order
    samples.sort(key=lambda s: (kinds.get(s["use"], s["use"]), s["task"], s["iteration"], s["index"]))
    return {
        "kind": "run",
        "drawn": drawn.total(),
        "distinct": distinct.total(),
        "trained": [drawn[TRAINING], distinct[TRAINING]],
        "words": WORDS,
        "tasks": {visible(name): task for name, task in tasks.items()},
        "samples": samples,
    }


def affordable(budget: int, chosen: Iterable[Design]) -> list[Design]:
    """Return as many of the first designs as fit into `budget` characters."""
    kept = []
    for design in chosen:
        budget -= design.size
        if budget < 0:
            break
        kept.append(design)
    return kept


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


def _details(folder: Path, wanted: Mapping[tuple[str, str], Design], tasks: dict[str, Row]) -> Iterator[Row]:
    """Yield the `wanted` designs with their texts: of equal ones those of the sample that comes first.

    Tasks of which nothing is known get the prompt of a sample for an instruction.
    """
    verdicts = {k: r for r in rows(folder / names.VERDICTS, []) if (k := design_key(r)) in wanted}
    scores = _scores(folder, {task_id for task_id, _ in wanted})
    found: dict[Design, Row] = {}
    for row in rows(folder / names.CANDIDATES, []):
        design = wanted.get(design_key(row))
        if design is None:
            continue
        code, completion = str(row.get("code", "")), str(row.get("completion", ""))
        if design in found:
            found[design].setdefault("more", []).append(further(row, completion, found[design]["code"]))
            continue
        if not tasks[design.task_id]["instruction"]:
            tasks[design.task_id]["instruction"] = cut(str(row.get("prompt", "")))
        texts = (code, completion, design.code_id)
        score = next((scores[design.task_id, t] for t in texts if (design.task_id, t) in scores), None)
        found[design] = {
            **_fields(design, tasks[design.task_id], row, score),
            **_said(verdicts.get(design_key(row), {})),
        }
    yield from found.values()


def _fields(design: Design, task: Row, row: Row, score: float | None) -> Row:
    """Return what is shown of a sample beside its verdict."""
    code = cut(str(row.get("code", "")))
    return {
        "iteration": design.iteration,
        "use": visible(design.use),
        "task": visible(design.task_id),
        "family": tagged(task["tags"], "family"),
        "level": tagged(task["tags"], "level"),
        "index": whole(row.get("index")),
        "drawn": design.drawn,
        "outcome": design.outcome,
        "finish": visible(str(row.get("finish_reason", ""))),
        "score": score,
        "code": code,
        "completion": within(cut(str(row.get("completion", ""))), code),
    }


def _said(verdict: Row) -> Row:
    """Return what is shown of a verdict."""
    wave = wave_of(verdict)
    return {"agreement": floored(number(verdict.get("agreement"))), "detail": cut(_detail(verdict))} | (
        {"wave": wave} if wave else {}
    )


def _scores(folder: Path, task_ids: set[str]) -> dict[tuple[str, str], float]:
    """Return the scores of the texts of some tasks."""
    scores: dict[tuple[str, str], float] = {}
    for group in rows(folder / names.GROUPS, []):
        if (task_id := str(group.get("task_id", ""))) in task_ids:
            for text, score in zip(group.get("candidates") or (), group.get("scores") or (), strict=False):
                if (value := number(score)) is not None:
                    scores[task_id, str(text)] = value
    return scores


def within(completion: str, code: str) -> str | int:
    """Return where `completion` begins in `code`, which ends with it; the completion itself where it does not."""
    return len(code) - len(completion) if completion and code.endswith(completion) else completion


def further(row: Row, completion: str, code: str) -> list[Any]:
    """Return another sample of a design: its index, how it ended, and its text as `within` has it."""
    return [whole(row.get("index")), visible(str(row.get("finish_reason", ""))), within(cut(completion), code)]


def floored(value: float | None) -> float | None:
    """Return a share to four places, never rounded up."""
    return None if value is None else int(value * 1e4) / 1e4


def _detail(verdict: Row) -> str:
    """Return a verdict's sentence, with what nothing has exercised behind it."""
    missed = "; ".join(map(str, verdict.get("unexercised") or ()))
    return "; ".join(filter(None, (str(verdict.get("detail", "")), f"not exercised: {missed}" if missed else "")))


def _task(row: Row | None) -> Row:
    row = row or {}
    fields = {name: cut(str(row.get(name, ""))) for name in ("instruction", "reference", "suite")}
    tags = row.get("tags")
    return {**fields, "tags": [visible(str(tag)) for tag in tags][:12] if isinstance(tags, list) else []}


def cut(text: str) -> str:
    """Return `text` made visible, and shortened to `TEXT_LIMIT` characters with a word about the rest."""
    if len(text) <= TEXT_LIMIT:
        return visible(text)
    return f"{visible(text[:TEXT_LIMIT])}\n… {len(text) - TEXT_LIMIT:,} more characters are not shown"
