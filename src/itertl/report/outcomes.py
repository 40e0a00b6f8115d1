"""Outcomes as the charts show them: their order and names, and the segments of a stacked bar.

python -c "from itertl.report.outcomes import *; print(segments('dev', {'passed': 3, 'empty': 1}, ['empty', 'passed']))"
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from itertl.evaluation.benched import MISSING
from itertl.outcome import Outcome
from itertl.report.charts import Segment
from itertl.words import counted

UNVERIFIED = "unverified"
ORDER = (*(outcome.value for outcome in Outcome), MISSING, UNVERIFIED)


def present(mixes: Iterable[Mapping[str, float]]) -> list[str]:
    """Return the outcomes that occur in any of `mixes`, in their order from nothing usable to right."""
    found = {name for mix in mixes for name, weight in mix.items() if weight}
    return [name for name in ORDER if name in found]


def outcome_name(outcome: str) -> str:
    """Return an outcome's name for people."""
    return outcome.replace("_", " ")


def segments(
    place: str, mix: Mapping[str, float], outcomes: Sequence[str], link: Callable[[str], str] | None = None
) -> tuple[Segment, ...]:
    """Return the shares of `mix` (outcome -> weight) as parts of a bar at `place`; weights with a link are counts."""
    total = sum(mix.get(name, 0) for name in outcomes) or 1
    parts = []
    for name in outcomes:
        if not (weight := mix.get(name, 0)):
            continue
        share = weight / total
        number = f" · {counted(round(weight), 'samples')}" if link else ""
        tip = f"{place} · {outcome_name(name)}\n{share:.1%}{number}"
        label = f"{share:.0%}" if name == Outcome.PASSED else ""
        parts.append(Segment(f"o-{name}", share, tip, label, link(name) if link else None))
    return tuple(parts)


def entries(outcomes: Iterable[str]) -> list[tuple[str, str, str | None]]:
    """Return the entries of a legend, each with a link that filters the samples."""
    return [(f"o-{name}", outcome_name(name), f"#outcome={name}") for name in outcomes]
