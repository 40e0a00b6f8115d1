"""Both outcomes of every sample of an evaluation, from as many of its files as are there.

rows.jsonl names them row by row, but is written last; until then the verdicts in the suite's folder tell.

    python -c "from itertl.report.evaluation.verdicts import closed; print(closed('passed'), closed('<b>'))"
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from itertl.disk import names
from itertl.disk.artefacts import PARTIAL
from itertl.evaluation.benched import JUDGED, MISSING, ROWS
from itertl.report.outcomes import ORDER, UNVERIFIED
from itertl.report.parsing import Row, rows, whole

Pair = tuple[str, str]  # outcome by the strict rule, and by the official one, "" where no testbench judges
Key = tuple[str, str]  # task and identity of the design


def finder(path: Path, folder: Path | None) -> Callable[[Row], Pair]:
    """Return what finds both outcomes of a candidate: by its row in `path`, else by the verdict on its design."""
    by_row = row_outcomes(path, [])
    by_design = {design_id(row): outcomes_of(row) for row in verdict_rows(folder, [])}

    def find(row: Row) -> Pair:
        place = str(row.get("task_id", "")), whole(row.get("index"))
        if place in by_row:
            return by_row[place]
        if row.get("finish_reason") == MISSING:
            return MISSING, ""
        return by_design.get(design_id(row), (UNVERIFIED, ""))

    return find


def row_outcomes(path: Path, notices: list[str]) -> dict[tuple[str, int], Pair]:
    """Return both outcomes of every sample (task, index) that rows.jsonl in `path` names so far."""
    return {
        (str(row.get("task_id", "")), whole(row.get("index"))): (
            closed(row.get("strict")),
            closed(row["official"]) if row.get("official") is not None else "",
        )
        for row in rows(path / ROWS.name, notices)
    }


def candidate_rows(folder: Path | None, notices: list[str]) -> Iterator[Row]:
    """Yield the candidates in a suite's folder."""
    if folder is not None:
        yield from rows(folder / names.CANDIDATES, notices)


def verdict_rows(folder: Path | None, notices: list[str]) -> Iterator[Row]:
    """Yield the verdicts on designs or completions in a suite's folder: the testbench's, else the reference's."""
    if folder is not None:
        yield from rows(folder / (JUDGED.name if begun(folder / JUDGED.name) else names.VERDICTS), notices)


def outcomes_of(verdict: Row) -> Pair:
    """Return both outcomes of a testbench's verdict, or the one of the reference's."""
    if "completion_id" in verdict:
        return closed(verdict.get("strict")), closed(verdict.get("official"))
    return closed(verdict.get("outcome")), ""


def design_id(row: Row) -> Key:
    """Return what candidates and verdicts of the same design have in common."""
    return str(row.get("task_id", "")), str(row.get("code_id", ""))


def closed(outcome: Any) -> str:
    """Return `outcome` if it is a known one, else `UNVERIFIED`."""
    return outcome if isinstance(outcome, str) and outcome in ORDER else UNVERIFIED


def begun(file: Path) -> bool:
    """Return True if a stage has written `file`, or some of it."""
    return file.is_file() or file.with_name(file.name + PARTIAL).is_file()
