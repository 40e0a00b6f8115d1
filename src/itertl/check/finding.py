"""What is said of one thing that was looked at, and all of it as a table."""

import dataclasses
from collections.abc import Sequence
from enum import StrEnum

from rich import box
from rich.markup import escape
from rich.table import Table

from itertl.tables import table as new_table


class Status(StrEnum):
    """How a finding stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked at: how it stands, what was found, and what to do about it where it is not in order."""

    name: str
    status: Status
    found: str
    fix: str = ""


def passed(findings: Sequence[Finding]) -> bool:
    """Return True if nothing is known to be wrong."""
    return all(finding.status is not Status.FAIL for finding in findings)


def render(findings: Sequence[Finding]) -> Table:
    """Return the findings as a table, with a summary below it."""
    count = {status: sum(f.status is status for f in findings) for status in Status}
    verdict = "passes" if passed(findings) else "does not pass"
    caption = f"{verdict}: {count[Status.OK]} ok, {_many(count[Status.WARN], 'warning')}"
    caption += f", {_many(count[Status.FAIL], 'failure')}"
    table = new_table("", "what", "found", "to do", below=["to do"], key=1, box=box.SIMPLE_HEAD, pad_edge=False)
    table.caption, table.caption_justify = caption, "left"
    colours = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "red"}
    for finding in findings:
        mark = f"[{colours[finding.status]}]{finding.status}[/]"
        table.add_row(mark, *map(escape, (finding.name, finding.found, finding.fix)))
    return table


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
