"""`itertl verify --candidates ... --tasks ... --out ...`: a file of verdicts, and a table of what they say."""

import json

from rich.console import Console
from rich.table import Table

from itertl.commands.outputs import check_output
from itertl.disk.artefacts import PARTIAL
from itertl.disk.claim import JOB
from itertl.errors import UsageError
from itertl.evaluation.many import Order, Result, verify_file
from itertl.outcome import Outcome
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.words import counted

MOST_ERRORS = 3  # kinds of tool errors that the table names


def verify_candidates(order: Order, as_json: bool, console: Console) -> None:
    """Verify a file of candidates and print what came out; raise UsageError where there are none."""
    for suffix in ("", JOB, PARTIAL):  # all that is written
        path = order.out.with_name(order.out.name + suffix)
        check_output(path, None, (order.candidates, order.tasks))
    result = verify_file(order)
    if not result.tally.rows:
        raise UsageError(f"{order.candidates} holds no rows, so nothing was verified; expected one candidate a line")
    if as_json:
        console.print_json(json.dumps(summary(result) | {"out": str(order.out)}))
        return
    if not result.verified:
        said = f"{order.out} is complete; the same inputs, so nothing was verified again"
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    print_table(table(result), console)
    for detail, count in result.tally.tool_errors.most_common(MOST_ERRORS):
        console.print(f"tool error, {counted(count, 'rows')}: {detail}", highlight=False, markup=False, soft_wrap=True)
    for worker, count in sorted(result.judged.items()):
        console.print(f"judged by {worker}: {counted(count, 'designs')}", highlight=False, markup=False, soft_wrap=True)
    if result.tally.tool_errors:
        console.print("the same command tries tool errors again", highlight=False)
    if count := result.tally.outcomes[Outcome.UNSUPPORTED]:
        said = (
            f"unsupported, {counted(count, 'rows')}: legal, but nothing that the simulator can read, no fault of theirs"
        )
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    console.print(f"verdicts: {order.out}", highlight=False, markup=False, soft_wrap=True)


def summary(result: Result) -> dict[str, object]:
    """Return the figures of the table as plain JSON types."""
    tally = result.tally
    return {
        "rows": tally.rows,
        "designs": tally.designs,
        "outcomes": {o.value: tally.outcomes[o] for o in Outcome if tally.outcomes[o]},
        "unexercised": tally.unexercised,
        "verified": result.verified,
        "seconds": round(result.seconds, 3),
    }


def table(result: Result) -> Table:
    """Return outcomes, duplicates and speed."""
    tally = result.tally
    shown = new_table("verdicts", "rows", "share", title_justify="left")
    for column in shown.columns[1:]:
        column.justify = "right"
    for outcome in reversed(Outcome):
        if count := tally.outcomes[outcome]:
            shown.add_row(outcome.value, f"{count:,}", f"{count / tally.rows:.1%}")
    shown.add_section()
    shown.add_row("all", f"{tally.rows:,}", "")
    if tally.rows:
        repeated = tally.rows - tally.designs
        shown.add_row("repeat an earlier design", f"{repeated:,}", f"{repeated / tally.rows:.1%}")
    if tally.unexercised:
        share = f"{tally.unexercised / tally.rows:.1%}"
        shown.add_row("passed, parts of the reference not exercised", f"{tally.unexercised:,}", share)
    if result.verified:
        speed = result.verified / max(result.seconds, 1e-9)
        shown.add_row("verified by this call", f"{result.verified:,}", f"{speed:,.0f}/s")
    return shown
