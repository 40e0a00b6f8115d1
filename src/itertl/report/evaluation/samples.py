"""The samples of an evaluation: distinct designs with both outcomes.

Contract: every sample is counted and shown; beyond `LIMIT` designs half of them are spread evenly over pairs of
outcomes, the rest over problems, otherwise by hash, so that the same evaluation always shows the same ones. All text is
made visible and cut to a bounded length.

    itertl report results
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from itertl.identity import digest
from itertl.report.evaluation.reading import Evaluated, natural
from itertl.report.evaluation.verdicts import Pair, candidate_rows, design_id, finder, outcomes_of, verdict_rows
from itertl.report.markup import visible
from itertl.report.outcomes import ORDER
from itertl.report.parsing import Row, number, wave_of, whole
from itertl.report.samples import BUDGET, cut, floored, further, spread, within

LIMIT = 100_000  # designs
NOTHING = "The candidates of this task bring no prompt."
WORDS = {
    False: {"agree": "of the compared output bits agree", "nothing": NOTHING},
    True: {"agree": "of the samples that the bench compared agree", "nothing": NOTHING},
}
_RANK = {name: rank for rank, name in enumerate(ORDER)}


@dataclasses.dataclass(frozen=True)
class Design:
    """A distinct design of a problem with its outcomes; `key` tells it from the others of the problem."""

    task_id: str
    key: str
    pair: Pair

    @property
    def order(self) -> str:
        """A hash to order by that has nothing to do with the content."""
        return digest(self.task_id, self.key, *self.pair)


def choose_samples(evaluated: Evaluated, limit: int = LIMIT, budget: int = BUDGET) -> dict[str, Any]:
    """Return the content of the browser: the chosen samples, their tasks, and how many there are in all."""
    outcomes = finder(evaluated.path, evaluated.folder)
    candidates = candidate_rows(evaluated.folder, evaluated.notices)
    drawn: Counter[Design] = Counter(_design(row, outcomes) for row in candidates)
    chosen = _choice(drawn, limit)
    found, prompts = _details(evaluated, outcomes, {design: drawn[design] for design in chosen})
    kept, tasks = affordable(budget, [found[design] for design in chosen], prompts)
    kept.sort(key=lambda s: (natural(s["task"]), s["index"]))
    return {
        "kind": "evaluation",
        "drawn": drawn.total(),
        "distinct": len(drawn),
        "words": WORDS[evaluated.benched],
        "tasks": tasks,
        "samples": kept,
    }


def affordable(budget: int, samples: Iterable[Row], tasks: Mapping[str, Row]) -> tuple[list[Row], dict[str, Row]]:
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


def _choice(drawn: Mapping[Design, int], limit: int) -> list[Design]:
    ordered = sorted(drawn, key=lambda design: design.order)
    pairs: dict[Pair, list[Design]] = {}
    for design in sorted(ordered, key=lambda d: [_RANK.get(outcome, -1) for outcome in d.pair]):
        pairs.setdefault(design.pair, []).append(design)
    chosen = dict.fromkeys(spread(pairs, limit // 2))
    problems: dict[str, list[Design]] = {}
    for design in sorted(ordered, key=lambda d: d.task_id):
        if design not in chosen:
            problems.setdefault(design.task_id, []).append(design)
    return [*chosen, *spread(problems, limit - len(chosen))]


def _details(
    evaluated: Evaluated, outcomes: Callable[[Row], Pair], wanted: Mapping[Design, int]
) -> tuple[dict[Design, Row], dict[str, Row]]:
    """Read the texts of the `wanted` designs: of equal ones, the sample that comes first; and their prompts."""
    said: dict[tuple[tuple[str, str], Pair], Row] = {}
    ids = {design.task_id for design in wanted}
    for row in verdict_rows(evaluated.folder, evaluated.notices):
        if row.get("task_id") in ids:
            said.setdefault((design_id(row), outcomes_of(row)), row)
    found: dict[Design, Row] = {}
    prompts: dict[str, Row] = {}
    for row in candidate_rows(evaluated.folder, []):
        design = _design(row, outcomes)
        if design not in wanted:
            continue
        completion = str(row.get("completion") or "")
        if design in found:
            found[design].setdefault("more", []).append(further(row, completion, found[design]["code"]))
            continue
        code = cut(str(row.get("code") or ""))
        same = design_id(row)
        verdict = said.get((same, design.pair)) or said.get((same, (design.pair[0], ""))) or {}
        found[design] = {
            "task": visible(design.task_id),
            "index": whole(row.get("index")),
            "drawn": wanted[design],
            "code": code,
            "completion": within(cut(completion), code),
            "outcome": design.pair[0],
            "official": design.pair[1],
            "agreement": floored(_agreement(verdict)),
            "detail": cut(_said(verdict)),
            "finish": visible(str(row.get("finish_reason", ""))),
            "score": None,
        }
        if wave := wave_of(verdict):
            found[design]["wave"] = wave
        prompt = {"instruction": cut(str(row.get("prompt") or "")), "reference": "", "suite": "", "tags": []}
        prompts.setdefault(visible(design.task_id), prompt)
    return found, prompts


def _said(verdict: Row) -> str:
    """Return what a verdict says for people: of a testbench, by both rules."""
    if "completion_id" not in verdict:
        return str(verdict.get("detail", ""))
    both = ((rule, verdict.get(f"{rule}_detail")) for rule in ("official", "strict"))
    return "; ".join(f"{rule}: {said}" for rule, said in both if said)


def _agreement(verdict: Row) -> float | None:
    """Return the share that agrees: of the bench's samples, or of the output bits; None where nothing was compared."""
    if "completion_id" not in verdict:
        return number(verdict.get("agreement"))
    samples, mismatches = number(verdict.get("samples")), number(verdict.get("mismatches"))
    return 1.0 - min(mismatches, samples) / samples if samples and mismatches is not None else None


def _design(row: Row, outcomes: Callable[[Row], Pair]) -> Design:
    code = str(row.get("code") or "")
    key = str(row.get("code_id", "")) if code.strip() else digest(str(row.get("completion") or ""))
    return Design(str(row.get("task_id", "")), key, outcomes(row))
