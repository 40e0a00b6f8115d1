"""What the rows of a self-test show: defects with their evidence, and how many mutants a suite's bench kills.

    for (problem, kind), evidence in found_defects(rows).items(): ...
    Strength.of(rows).strict                                          # (killed, of how many)

A mutant counts where simulation against the reference shows a mismatch, and where the reference passes by the rule in
question: a bench that fails everything proves nothing. It is killed where it does not pass. One that passes strictly
is a survivor.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from itertl.evaluation.selftest import REFERENCE, Checked
from itertl.outcome import Outcome
from itertl.suites.known_defects import Kind

Counts = tuple[int, int]  # killed, of how many


def counted(rows: Sequence[Checked]) -> dict[str, list[Checked]]:
    """Return by problem the mutants that are shown to differ and that the bench was asked about strictly.

    Every problem is there that our verification can judge, also without such a mutant.
    """
    judged = (r for r in rows if r.design == REFERENCE and r.ours is Outcome.PASSED)
    found: dict[str, list[Checked]] = {r.task_id: [] for r in judged}
    for r in rows:
        if r.kind and r.differs and r.strict.judged and r.task_id in found:
            found[r.task_id].append(r)
    return found


def not_judged(rows: Iterable[Checked]) -> dict[str, str]:
    """Return the problems that our verification cannot judge, with the reason."""
    return {r.task_id: r.difference for r in rows if r.design == REFERENCE and r.ours is not Outcome.PASSED}


def tool_errors(rows: Sequence[Checked]) -> list[Checked]:
    """Return the rows that hold a tool error although their reference could be run: a failure of the moment."""
    right = {r.task_id: r for r in rows if r.design == REFERENCE}
    names = ("official", "strict", "ours")
    return [
        r for r in rows if any(getattr(r, n) is Outcome.TOOL_ERROR is not getattr(right[r.task_id], n) for n in names)
    ]


def found_defects(rows: Sequence[Checked]) -> dict[tuple[str, Kind], str]:
    """Return what the rows show to be wrong: evidence by (problem, kind)."""
    found: dict[tuple[str, Kind], str] = {}
    stubs: dict[str, list[str]] = {}
    for row in rows:
        if row.design == REFERENCE:
            if row.official is not Outcome.PASSED:
                found[row.task_id, Kind.REFERENCE_FAILS] = row.detail
            if row.strict is not Outcome.PASSED:
                found[row.task_id, Kind.NO_STRICT] = row.detail
        elif not row.kind and row.strict is Outcome.PASSED and row.wrong:
            stubs.setdefault(row.task_id, []).append(row.design)
    for problem, names in stubs.items():
        found[problem, Kind.STUB_PASSES] = f"passed by wrong designs: {', '.join(names)}"
    for problem, mutants in counted(rows).items():
        if surviving := [r for r in mutants if r.strict is Outcome.PASSED]:
            how_many = f"{len(surviving)} of {len(mutants)} mutants that differ"
            found[problem, Kind.MUTANT_PASSES] = f"passed by {how_many}, such as {told(_plainest(surviving))}"
    return found


def _plainest(mutants: Sequence[Checked]) -> Checked:
    """Return the first mutant whose difference is no undefined value, else the first one."""
    return min(mutants, key=lambda mutant: mutant.undefined)


def told(mutant: Checked) -> str:
    """Return a mutant in one line: what was changed, and where it first differs from the reference."""
    return f"{mutant.kind} in line {mutant.line}, {mutant.change}; {mutant.difference}"


@dataclasses.dataclass(frozen=True, slots=True)
class Strength:
    """What became of mutants: killed by the bench, of how many that count, officially and strictly; and the rest.

    `alike` are mutants that our verification, too, passes; `unclear` are those that it shows no mismatch of, since they
    do not come to an end or cannot be simulated, and those that the bench could not be asked about. `survivors` are
    mutants by problem.
    """

    official: Counts
    strict: Counts
    alike: int
    unclear: int
    survivors: Mapping[str, Sequence[Checked]]

    @classmethod
    def of(cls, rows: Sequence[Checked], kind: str = "") -> "Strength":
        """Count the mutants among `rows`, or those of one kind; the rows of their references have to be there, too."""
        drawn = [r for r in rows if r.kind and kind in ("", r.kind)]
        asked = [r for mutants in counted(rows).values() for r in mutants if kind in ("", r.kind)]
        good = {r.task_id for r in rows if r.design == REFERENCE and r.official is Outcome.PASSED}
        official = [r for r in asked if r.task_id in good and r.official.judged]
        survivors: dict[str, list[Checked]] = {}
        for r in asked:
            if r.strict is Outcome.PASSED:
                survivors.setdefault(r.task_id, []).append(r)
        alike = sum(r.ours is Outcome.PASSED for r in drawn)
        return cls(
            (sum(r.official is not Outcome.PASSED for r in official), len(official)),
            (sum(r.strict is not Outcome.PASSED for r in asked), len(asked)),
            alike,
            len(drawn) - alike - len(asked),
            survivors,
        )
