"""`itertl data`: statistics, filters and conversion of training rows."""

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from itertl.commands.outputs import ROWS, check_output
from itertl.config import Config, VerifyConfig
from itertl.disk.artefacts import disk_faults
from itertl.disk.rows import numbered_rows, write_rows
from itertl.errors import DataError, MissingToolError, UsageError
from itertl.records import Task
from itertl.suites.find import FILE
from itertl.suites.load import load_suite
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.tasks.duplicates import duplicates
from itertl.tasks.files import parse_task, read_tasks, told_apart
from itertl.tasks.filters import Filters, length, reasons

HUGGING_FACE = (".parquet", ".arrow", ".csv")


def show_stats(rows: Path, near: float, console: Console) -> None:
    """Print what a file of training rows holds."""
    tasks = read_tasks(rows)
    sizes = sorted(length(task) for task in tasks)
    repeated = duplicates(tasks, near)
    faults = Counter(kind(r) for r in reasons(tasks, Filters(verified=False), VerifyConfig()))
    table = new_table("measure", "value", title=str(rows), title_justify="left")
    table.add_row("rows", str(len(tasks)))
    table.add_row("words and tokens, median", f"{statistics.median(sizes):.0f}")
    table.add_row("words and tokens, 90 % are shorter than", str(sizes[int(0.9 * (len(sizes) - 1))]))
    table.add_row("words and tokens, longest", str(sizes[-1]))
    table.add_row("exact duplicates", str(sum(s == 1.0 for _, s in repeated.values())))
    table.add_row(f"near duplicates (at least {near:g})", str(sum(s < 1.0 for _, s in repeated.values())))
    table.add_row("references that elaborate alone", str(faults[""]))
    print_table(table, console)


def filter_rows(rows: Path, out: Path, dropped: Path | None, filters: Filters, console: Console) -> None:
    """Write the rows that are fit to train on to `out`, the others with their reasons to `dropped`; print counts."""
    check_output(out, ROWS, (rows, dropped))
    check_output(dropped, ROWS, (rows,))
    tasks = read_tasks(rows)
    kept: list[Task] = []
    lost: list[tuple[Task, str]] = []
    for task, reason in zip(tasks, reasons(tasks, filters, VerifyConfig()), strict=True):
        if reason:
            lost.append((task, reason))
        else:
            kept.append(task)
    with disk_faults(out):
        write_rows(out, kept)
    if dropped:
        with disk_faults(dropped), dropped.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({**task.to_dict(), "reason": reason}) + "\n" for task, reason in lost)
    table = new_table("rows", "number", title=str(rows), title_justify="left")
    table.add_row("read", str(len(tasks)))
    for name, count in Counter(kind(reason) for _, reason in lost).most_common():
        table.add_row(f"dropped: {name}", str(count))
    table.add_row("kept", str(len(kept)))
    print_table(table, console)


def kind(reason: str) -> str:
    """Return a reason without what is special to one row: its part before a bracket or colon, and no row's id."""
    return "duplicate" if reason.startswith("duplicate of") else reason.partition(" (")[0].partition(":")[0]


def convert_rows(source: str, out: Path, columns: list[str], split: str, console: Console) -> None:
    """Write the tasks of `source` in our format."""
    check_output(out, ROWS, (Path(source.removeprefix(FILE)),))
    tasks = read_source_tasks(source, mapping(columns), split)
    with disk_faults(out):
        written = write_rows(out, tasks)
    console.print(f"{written} {'task' if written == 1 else 'tasks'}: {out}", highlight=False, soft_wrap=True)


def mapping(columns: Sequence[str]) -> dict[str, str]:
    """Return {our name: their name} from `ours=theirs`; raise UsageError for anything else."""
    known = {"id", "instruction", "reference", "header", "top"}
    names = {}
    for column in columns:
        ours, equals, theirs = column.partition("=")
        if not equals or ours not in known or not theirs:
            raise UsageError(f"--column expects ours=theirs with ours one of {sorted(known)}, found {column!r}")
        names[ours] = theirs
    return names


def read_source_tasks(source: str, names: Mapping[str, str], split: str) -> list[Task]:
    """Return the tasks of a JSONL file, of a Hugging Face dataset, or of a suite."""
    path = Path(source)
    jsonl = path.is_file() and path.suffix not in HUGGING_FACE
    if names and jsonl:
        return list(_from_columns(((f"{source}:{number}", row) for number, row in numbered_rows(path)), names))
    if names:
        rows = enumerate(_hugging_face(source, split), 1)
        return list(_from_columns(((f"{source}: row {number}", row) for number, row in rows), names))
    if jsonl:
        return read_tasks(path)
    if path.suffix in HUGGING_FACE:
        raise UsageError(f"{source}: name its columns, such as --column instruction=prompt --column reference=code")
    return load_suite(source, Config())


def _from_columns(rows: Iterable[tuple[str, Mapping[str, Any]]], names: Mapping[str, str]) -> Iterator[Task]:
    """Return the task of each row, which stands behind where it is from."""
    return told_apart(_parsed(rows, names))


def _parsed(
    rows: Iterable[tuple[str, Mapping[str, Any]]], names: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, Any], Task]]:
    for where, row in rows:
        if missing := [theirs for theirs in names.values() if theirs not in row]:
            raise DataError(f"{where}: has no columns {missing}; it has {sorted(row)}")
        fields = {ours: row[theirs] for ours, theirs in names.items()}
        yield where, fields, parse_task(fields, where, called=names)


def _hugging_face(source: str, split: str) -> Iterable[Mapping[str, Any]]:
    """Return the rows of a dataset: a saved directory, a parquet, arrow or CSV file, or a name on the hub."""
    try:
        import datasets
    except ImportError as error:
        raise MissingToolError("reading a Hugging Face dataset needs: pip install datasets") from error
    path = Path(source)
    kinds = {".parquet": "parquet", ".arrow": "arrow", ".csv": "csv", ".jsonl": "json", ".json": "json"}
    rows: Iterable[Mapping[str, Any]]
    try:
        if path.is_dir() and (path / "dataset_info.json").exists():
            rows = datasets.load_from_disk(source)
        elif path.is_file():
            rows = datasets.load_dataset(kinds.get(path.suffix, "json"), data_files=source, split="train")
        else:
            rows = datasets.load_dataset(source, split=split)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(f"{source} cannot be read as a Hugging Face dataset: {reason}") from error
    return rows
