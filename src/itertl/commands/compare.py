"""`itertl compare`: two evaluations of one suite, or two whole runs, paired over problems."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from itertl.commands.outputs import PAGE, check_output
from itertl.disk.artefacts import read_records, read_value
from itertl.errors import UsageError
from itertl.evaluation.benched import ROWS, RowVerdict
from itertl.evaluation.compare import Compared, compare
from itertl.evaluation.judging import CANDIDATES, VERDICTS
from itertl.evaluation.measure import Evaluation
from itertl.evaluation.result import RESULT, Result
from itertl.evaluation.runs import Runs, compare_runs, is_run, read_side
from itertl.loop import EVALUATION
from itertl.records import Candidate, Verdict
from itertl.report.comparison.page import write_comparison
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.words import counted

MOST_FLIPS = 40
Outcomes = Mapping[str, Counter[str]]  # problem -> how often each outcome occurred


@dataclass(frozen=True, slots=True)
class Measured:
    """One side: its evaluation, the outcomes by problem, and the digest of the suite's tasks where it is known.

    `whole` says that its official outcomes leave the pasted header out of answers that are whole modules.
    """

    evaluation: Evaluation
    outcomes: Outcomes
    dataset: str = ""
    whole: bool = False


def compare_any(before: Path, after: Path, official: bool, out: Path | None, console: Console) -> None:
    """Compare two runs, if both are some, else two evaluations."""
    runs = [is_run(path) for path in (before, after)]
    if all(runs) and not official:
        compare_both_runs(before, after, out or after / f"compared-with-{before.resolve().name}.html", console)
        return
    if out is not None:
        raise UsageError("--out is for the page of two runs: expected two run directories, without --official")
    compare_results(before, after, official, console)


def compare_both_runs(before: Path, after: Path, out: Path, console: Console) -> None:
    """Print what sets two runs apart split by split, and write the page of both to `out`."""
    check_output(out, PAGE)
    found = compare_runs(read_side(before), read_side(after))
    first, second = found.first, found.second
    outcomes = {
        split.name: (design_outcomes(first.folder(split.name)), design_outcomes(second.folder(split.name)))
        for split in found.splits
    }
    print_table(splits_table(found), console)
    for split in found.splits:
        if split.compared.flips:
            told = flip_table(split.compared, *outcomes[split.name], where=split.name, most=MOST_FLIPS // 4)
            print_table(told, console)
    for notice in found.notices:
        console.print(f"note: {notice}", style="yellow", highlight=False)
    write_comparison(found, outcomes, out)
    console.print(f"page: {out}", highlight=False, soft_wrap=True)


def splits_table(runs: Runs) -> Table:
    """Return a row for each split that both runs measured: what the iteration that dev chose reaches, paired."""
    title = f"{runs.second.name} minus {runs.first.name}"
    names = (runs.first.name, runs.second.name)
    table = new_table("split", "tasks", *names, "difference, 95 %", "p", "gained, lost", title=title)
    for split in runs.splits:
        result, gain = split.compared, split.compared.difference
        gained = sum(flip.gained for flip in result.flips)
        interval = f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        cells = (f"{result.before:.3f}", f"{result.after:.3f}", escape(interval), f"{gain.p:.2g}")
        table.add_row(split.name, str(result.problems), *cells, f"{gained}, {len(result.flips) - gained}")
    return table


def compare_results(before: Path, after: Path, official: bool, console: Console) -> None:
    """Print difference, interval, p-value, the problems that flipped, and what the number of problems can show."""
    first, second = read_measured(before, official), read_measured(after, official)
    a, b = first.evaluation, second.evaluation
    if a.suite != b.suite:
        raise UsageError(f"{before} measures {a.suite}, {after} measures {b.suite}; expected one suite")
    result = compare(a.per_problem, b.per_problem)
    print_table(summary(result, a, b), console)
    if result.flips:
        print_table(flip_table(result, first.outcomes, second.outcomes), console)
    if first.dataset and second.dataset and first.dataset != second.dataset:
        said = f"the two were measured on other tasks ({first.dataset} and {second.dataset}), though of one name"
        console.print(f"warning: {said}", style="yellow", highlight=False)
    if first.whole != second.whole:
        said = f"only {before if first.whole else after} was judged with --whole: the two rules are not the same"
        console.print(f"warning: {said}", style="yellow", highlight=False)
    for path, evaluation in ((before, a), (after, b)):
        if evaluation.missing:
            console.print(
                f"{path} is incomplete: {counted(evaluation.missing, 'samples were', 'sample was')} not verified",
                style="yellow",
            )


def read_measured(path: Path, official: bool) -> Measured:
    """Return what an evaluation's directory, its result.json, or the evaluation.json of a run says.

    Raise UsageError where there is nothing of that, more than one, or no official verdict although one is asked for.
    """
    result = path / RESULT.name if path.is_dir() else path
    if result.name == RESULT.name and result.is_file():
        found = read_value(result, Result)
        side = found.official if official else found.strict
        if side is None:
            raise UsageError(f"{path}: {found.suite} has no testbench, so there is no official verdict")
        rows = result.parent / ROWS.name
        counts = row_outcomes(rows, official) if rows.is_file() else {}
        return Measured(side, counts, found.dataset, official and bool(found.settings.get("whole")))
    if official:
        raise UsageError(f"{path}: expected the --out of an eval with its {RESULT.name}; a run keeps strict verdicts")
    place = find_evaluation(path)
    return Measured(read_value(place, Evaluation), design_outcomes(place.parent))


def find_evaluation(path: Path) -> Path:
    """Return the evaluation that `path` is or holds; raise UsageError where there is none, or more than one."""
    if path.is_file():
        return path
    if not path.exists():
        raise UsageError(f"{path} does not exist; expected two runs, or the --out of two evaluations")
    found = sorted(path.rglob(EVALUATION.name))
    if len(found) != 1:
        names = ", ".join(str(f.relative_to(path)) for f in found[:6]) or "none"
        if is_run(path) and len(found) > 1:
            raise UsageError(
                f"{path} is a run, and the other side is none: compare two runs, or name one evaluation of it, such as "
                f"{found[0].parent}"
            )
        raise UsageError(f"{path}: expected one {EVALUATION.name} (or its path), found {names}")
    return found[0]


def row_outcomes(rows: Path, official: bool) -> Outcomes:
    """Return the outcomes by problem, from the verdicts of an eval."""
    counts: dict[str, Counter[str]] = {}
    for row in read_records(rows, RowVerdict):
        counts.setdefault(row.task_id, Counter())[str(row.official if official else row.strict)] += 1
    return counts


def design_outcomes(folder: Path) -> Outcomes:
    """Return the same from candidates and verdicts; empty where only the result was kept."""
    counts: dict[str, Counter[str]] = {}
    paths = folder / CANDIDATES.name, folder / VERDICTS.name
    if not all(path.is_file() for path in paths):
        return counts
    verdicts = {(v.task_id, v.code_id): v.outcome.value for v in read_records(paths[1], Verdict)}
    for candidate in read_records(paths[0], Candidate):
        said = verdicts.get((candidate.task_id, candidate.code_id), "not verified")
        counts.setdefault(candidate.task_id, Counter())[said] += 1
    return counts


def summary(result: Compared, a: Evaluation, b: Evaluation) -> Table:
    """Return the difference and what it rests on."""
    gain, gained = result.difference, sum(flip.gained for flip in result.flips)
    table = new_table("measure", "value", title=f"{b.suite}: second minus first", title_justify="left")
    table.add_row("pass@1, first and second", f"{a.value():.3f}   {b.value():.3f}")
    table.add_row("difference, 95 % interval", f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
    table.add_row("p (sign-flip permutation)", f"{gain.p:.2g}")
    table.add_row("problems in both", str(result.problems))
    if left := len(result.only_before) + len(result.only_after):
        table.add_row("problems in one only, left out", str(left))
    table.add_row("flipped: gained, lost", f"{gained}, {len(result.flips) - gained}")
    needed = "no difference" if math.isinf(result.needed) else counted(round(result.needed), "problems")
    seen = f"{result.detectable:.3f}"
    if math.isnan(result.detectable):  # one problem has no spread
        needed = seen = "not known from one problem"
    table.add_row("needed for 80 % power at this difference", needed)
    table.add_row("smallest difference seen with 80 % power", seen)
    return table


def flip_table(result: Compared, before: Outcomes, after: Outcomes, where: str = "", most: int = MOST_FLIPS) -> Table:
    """Return the problems that flipped, losses first, with shares of right samples and outcomes side by side."""
    shown = result.flips[:most]
    title = f"{f'{where}: ' if where else ''}{len(shown)} of {counted(len(result.flips), 'problems')} that flipped"
    table = new_table("problem", "first", "second", "outcomes, first", "outcomes, second", title=title)
    for flip in shown:
        cells = [_outcomes(side.get(flip.problem, Counter())) for side in (before, after)]
        table.add_row(flip.problem, f"{flip.before:.0%}", f"{flip.after:.0%}", *cells)
    return table


def _outcomes(counts: "Counter[str]") -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
