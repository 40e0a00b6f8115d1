"""Does an evaluation come out the same the second time? What was recorded and what was found again, side by side.

    replayed = compare_replay(recorded, again, old_rows, new_rows)          replayed.same

Compared are the digest of the candidates, counts and pass@k by both rules, and each row where the rows were kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itertl.evaluation.benched import RowVerdict
from itertl.evaluation.measure import Evaluation
from itertl.evaluation.result import Result
from itertl.words import counted

RULES = ("strict", "official")


@dataclass(frozen=True)
class Replayed:
    """`numbers` holds (name, recorded, replayed); `rows` the pairs of rows that differ, None without recorded rows."""

    numbers: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[RowVerdict, RowVerdict], ...] | None

    @property
    def same(self) -> bool:
        """True if every number and every row is the same."""
        return not self.rows and all(before == after for _, before, after in self.numbers)


def compare_replay(
    recorded: Result, again: Result, old: Sequence[RowVerdict] | None, new: Sequence[RowVerdict]
) -> Replayed:
    """Compare two results of one suite, and their rows, which are in the same order."""
    numbers = [("candidates", recorded.candidates, again.candidates)]
    numbers += [("rows", str(recorded.rows), str(again.rows))]
    for rule in RULES:
        numbers += _numbers(rule, getattr(recorded, rule), getattr(again, rule))
    if old is None:
        return Replayed(tuple(numbers), None)
    differing = [(a, b) for a, b in zip(old, new, strict=False) if a != b]
    return Replayed((*numbers, ("rows with a verdict", str(len(old)), str(len(new)))), tuple(differing))


def _numbers(rule: str, before: Evaluation | None, after: Evaluation | None) -> Iterator[tuple[str, str, str]]:
    if before is None and after is None:
        return
    yield f"problems with a right answer, {rule}", _solved(before), _solved(after)
    yield f"missing, {rule}", str(before and before.missing), str(after and after.missing)
    first, second = (side.pass_at if side else {} for side in (before, after))
    for k in dict.fromkeys([*first, *second]):
        before_k, after_k = (str(side[k].value if k in side else None) for side in (first, second))
        yield f"pass@{k}, {rule}", before_k, after_k


def _solved(side: Evaluation | None) -> str:
    counts = side.per_problem.values() if side else ()
    return f"{sum(c > 0 for _, c in counts)} of {len(counts)}, {counted(sum(c for _, c in counts), 'samples')}"


def environment_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return a line for each package, tool or setting that is not what it was."""
    old, new = _flat(before), _flat(after)
    return [
        f"{key} {old.get(key, 'absent')} -> {new.get(key, 'absent')}"
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= {f"{key}.{name}": v for name, v in value.items()} if isinstance(value, dict) else {key: value}
    return flat
