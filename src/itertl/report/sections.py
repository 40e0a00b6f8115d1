"""The parts of a run's page that are words: the result in a sentence, key numbers, progress, the table of numbers.

python -c "from itertl.report.sections import result_sentence; help(result_sentence)"
"""

from collections.abc import Sequence

from itertl.report import layout
from itertl.report.figures import arm_names
from itertl.report.layout import folded, table
from itertl.report.markup import Markup, element
from itertl.report.parsing import Evaluation
from itertl.report.reading import ARTEFACTS, Run
from itertl.report.timing import duration, time_spent


def result_sentence(run: Run) -> str:
    """Return the run's result in one sentence that claims no more than its numbers."""
    if not run.evaluated:
        return "Nothing has been evaluated yet."
    (first, before), (last, after) = run.evaluated[0], run.evaluated[-1]
    a, b = before.pass_at[1], after.pass_at[1]
    if last == first:
        name = "The warm start" if first == 0 else f"Iteration {first}"
        text = f"{name} reaches pass@1 {a} on dev"
    else:
        text = f"Pass@1 on dev {_moved(a.value, b.value)} in {last - first} iteration{'s' if last - first > 1 else ''}"
    finals = _final_clause(run)
    return f"{text}; {finals}." if finals else f"{text}{_unfinished(run)}."


def key_numbers(run: Run, drawn: int, distinct: int) -> Markup:
    """Return the handful of numbers that a reader looks for first."""
    cards: list[tuple[str, str, str]] = []
    if run.evaluated:
        chosen = [entry for entry in run.evaluated if entry[0] == run.best]
        best = chosen[0] if chosen else max(run.evaluated, key=lambda e: e[1].pass_at[1].value)
        name = f"iteration {best[0]}" if best[0] else "the warm start"
        cards.append((f"{best[1].pass_at[1].value:.2f}", "best pass@1 on dev", f"by {name}"))
        if widest := max((k for k in best[1].pass_at if k > 1), default=0):
            cards.append((f"{best[1].pass_at[widest].value:.2f}", f"pass@{widest} on dev", "of the same policy"))
    if drawn:
        cards.append((f"{drawn:,}", "samples drawn", f"{distinct:,} distinct designs"))
    if run.tasks:
        suites = len({row.get("suite", "") for row in run.tasks.values()})
        cards.append((f"{len(run.tasks):,}", "tasks", f"from {suites} suite{'s' if suites > 1 else ''}"))
    spent = time_spent(run.events)
    if seconds := sum(s.seconds for s in spent):
        cut = sum(s.cut_off for s in spent)
        more = f"{cut} attempt{'s' if cut > 1 else ''} cut off" if cut else "summed"
        cards.append((duration(seconds), "time in all stages", more))
    return layout.key_numbers(cards)


def progress(run: Run) -> Markup | None:
    """Return which artefacts of which iteration exist; None for a run that is complete."""
    known = {i.number: i.present for i in run.iterations}
    started = {(i.number, artefact) for i in run.iterations for artefact in i.started}
    last = max([run.planned or 0, *known])
    expected = {n: ARTEFACTS if n else ("policy", "evaluation") for n in range(last + 1)}
    missing = [(n, a) for n, names in expected.items() for a in names if a not in known.get(n, frozenset())]
    if not missing and run.finals:
        return None
    head = element("tr", element("td"), *(element("th", _column(n), scope="col") for n in expected))
    body = []
    for artefact in ARTEFACTS:
        cells = []
        for index, names in expected.items():
            state = "done" if artefact in known.get(index, ()) else "open" if artefact in names else "none"
            word = {"done": "there", "open": "not yet", "none": ""}[state]
            if (index, artefact) in started:
                state, word = "begun", "begun"
            cells.append(element("td", element("span", word, class_=f"state {state}")))
        body.append(element("tr", element("th", artefact, scope="row"), *cells))
    next_up = f"Next: {missing[0][1]} of {_long(missing[0][0])}. " if missing else ""
    final = "" if run.finals else "The final splits are evaluated last."
    states = element("div", element("table", element("thead", head), element("tbody", *body)), class_="wide")
    note = element("p", f"This run is not complete. {next_up}{final}".strip(), class_="note")
    return element("section", element("h2", "Progress"), note, states, id="progress", class_="card")


def evaluations_table(run: Run) -> Markup:
    """Return every pass@k that the charts show, as numbers to copy."""
    named = [("dev", "warm start" if n == 0 else f"iteration {n}", e) for n, e in run.evaluated]
    names = arm_names(run)
    named += [(suite, names[arm], e) for suite, arms in run.finals.items() for arm, e in arms.items() if arm in names]
    ks = sorted({k for *_, e in named for k in e.pass_at})
    head = ["suite", "policy", "problems", "samples each", *(f"pass@{k}" for k in ks)]
    return folded("Numbers", table(head, [_evaluation_row(*entry, ks) for entry in named]))


def kept_table(run: Run) -> Markup | None:
    """Return what the policy that is sampled, in bfloat16, keeps of each training; None where none is known."""
    names = {"sampled": "update kept by the sampled policy", "nearest": "by plain rounding", "moved": "entries moved"}
    lines = [
        [_column(i.number), *(f"{i.kept[name]:.1%}" if name in i.kept else "-" for name in names)]
        for i in run.iterations
        if i.kept
    ]
    return (
        folded("What bfloat16 keeps of the training", table(["iteration", *names.values()], lines)) if lines else None
    )


def _final_clause(run: Run) -> str:
    for suite, arms in run.finals.items():
        arm = next((a for a in ("best", "last", *arms) if a in arms and 1 in arms[a].pass_at), None)
        if arm is None:
            continue
        place, found = suite.removeprefix("gym-"), arms[arm].pass_at[1]
        if arm == "best" and run.best == 0:
            return f"on {place}, the warm start (the best on dev) reaches {found}"
        name = f"iteration {run.best} (the best on dev)" if arm == "best" and run.best else f"the {arm} policy"
        text = f"on {place}, {name} reaches {found}"
        start = arms.get("warm_start")
        if start and arm != "warm_start" and 1 in start.pass_at:
            text += f", the warm start {start.pass_at[1]}"
        if arm == "best" and suite in run.gains:
            text += f"; the paired difference is {run.gains[suite].signed()}"
        return text
    return ""


def _moved(before: float, after: float) -> str:
    a, b = f"{before:.2f}", f"{after:.2f}"
    if a == b:
        return f"stayed at {a}"
    return f"{'rose' if after > before else 'fell'} from {a} to {b}"


def _unfinished(run: Run) -> str:
    last = run.evaluated[-1][0]
    if run.planned and last < run.planned:
        return f"; {run.planned - last} of {run.planned} iterations are still to come"
    return "; the final splits are not evaluated yet"


def _evaluation_row(suite: str, policy: str, evaluation: Evaluation, ks: Sequence[int]) -> list[str]:
    found = [str(evaluation.pass_at[k]) if k in evaluation.pass_at else "-" for k in ks]
    return [suite, policy, str(evaluation.problems), str(evaluation.samples), *found]


def _column(index: int) -> str:
    return str(index) if index else "warm start"


def _long(index: int) -> str:
    return f"iteration {index}" if index else "the warm start"
