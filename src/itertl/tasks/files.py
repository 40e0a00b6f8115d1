"""Tasks from JSONL files: our own format, and RTLCoder's (`Instruction`, `Input`, `Response`).

    {"id": "adder", "instruction": "...", "header": "module adder(...);", "reference": "module adder ... endmodule"}
    {"id": "fifo", "instruction": "...", "top": "fifo", "project": {"files": {"rtl/fifo.v": "..."}}}
    {"id": "uart", "instruction": "...", "header": "module uart(...);", "testbench": "import ...", "bench": "cocotb"}
    {"Instruction": "...", "Input": "module adder(...);", "Response": ["module adder ... endmodule"]}

The header of a task is the reference's own, so that the reference is header plus body to the letter; where completions
of another model are judged, it is the row's, from which they go on. A row's `suite` says where it comes from and names
nothing that is imported. A row without an id gets one from its text, `row-...`, and of equal rows the second one gets
`row-...-2`.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from itertl.disk.rows import numbered_rows
from itertl.errors import DataError
from itertl.identity import digest
from itertl.projects.rows import of_project
from itertl.records import BenchKind, Task
from itertl.verify.cocotb.text import syntax_fault
from itertl.verilog.extract import extract_module, why_empty
from itertl.verilog.header import top_first, under_header

RTLCODER = {"Instruction", "Response"}
OURS = {"instruction", "reference"}
_COCOTB = re.compile(r"^\s*(import|from) cocotb\b", re.MULTILINE)
DOTTED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")  # what names code: package.module:NAME


def read_tasks(path: Path, *, given_headers: bool = False) -> list[Task]:
    """Return the tasks of a JSONL file; raise DataError that names the line where a row is in neither format.

    `given_headers`: a row's own header counts, even where the reference's differs.
    """
    rows = ((f"{path}:{number}", row) for number, row in numbered_rows(path))
    tasks = list(told_apart((where, row, parse_task(row, where, given_headers)) for where, row in rows))
    if not tasks:
        raise DataError(f"{path} holds no rows; expected one JSON object per task")
    return tasks


def told_apart(parsed: Iterable[tuple[str, Mapping[str, Any], Task]]) -> Iterator[Task]:
    """Yield the tasks of rows, each behind where its row is and the row; raise DataError where an id is given twice.

    Where a row gives none, as equal rows of raw data sets do not, an id that is taken gets a number behind it.
    """
    taken: set[str] = set()
    times: Counter[str] = Counter()
    for where, row, task in parsed:
        name = task.id
        if name in taken and _given_id(row) is not None:
            raise DataError(f"{where}: the id {name!r} is taken; expected one row per task")
        while name in taken:
            times[task.id] += 1
            name = f"{task.id}-{times[task.id] + 1}"
        taken.add(name)
        yield task if name == task.id else dataclasses.replace(task, id=name)


def parse_task(
    row: Mapping[str, Any], where: str, given_header: bool = False, called: Mapping[str, str] = MappingProxyType({})
) -> Task:
    """Return the task of one row; raise DataError that says `where`, and which field is wrong.

    `given_header`: the row's own header counts, even where the reference's differs. `called`: what fields are called
    where the row comes from.
    """
    if row.get("project"):
        return of_project(row, where)
    if row.get("testbench") and not row.get("reference") and not row.keys() >= RTLCODER:
        return _benched(row, where)
    if row.keys() >= RTLCODER:
        response = row["Response"]
        reference = response[0] if isinstance(response, list) and response else response
        instruction, called = row["Instruction"], {"instruction": "Instruction", "reference": "Response"}
    elif row.keys() >= OURS:
        reference, instruction = row["reference"], row["instruction"]
    else:
        raise DataError(f"{where}: expected the fields {sorted(OURS)} or {sorted(RTLCODER)}, found {sorted(row)}")
    reference = _text("reference", reference, where, called)
    instruction = _text("instruction", instruction, where, called)
    if not reference.strip():
        raise DataError(f"{where}: {called.get('reference', 'reference')} is empty; expected the reference design")
    if why := _broken(reference):
        raise DataError(f"{where}: {called.get('reference', 'reference')} holds no complete module: {why}")
    if DOTTED.fullmatch(str(row.get("rule", ""))):
        raise DataError(f"{where}: a row names no rule, for rules are imported; found {row['rule']!r}: leave it out")
    given = str(row.get("header", row.get("Input", "")) or "")
    if given_header:
        reference, header, top = under_header(reference, given, str(row.get("top") or ""))
    else:
        reference, header, top = top_first(reference, str(row.get("top") or ""))
    named = _given_id(row)
    return Task(
        id=str(named) if named is not None else f"row-{digest(instruction, reference)}",
        instruction=instruction,
        header=header or given,
        reference=reference,
        top=top,
        suite=str(row.get("suite", "file")),
        testbench=str(row.get("testbench", "")),
        tags=tuple(row.get("tags", ())),
        files=tuple((str(name), str(text)) for name, text in row.get("files", ())),
        bench=_bench(row, where),
    )


def _benched(row: Mapping[str, Any], where: str) -> Task:
    """Return the task of a row without a reference, which its testbench judges."""
    texts = {name: _text(name, row.get(name, ""), where, {}) for name in ("instruction", "header", "testbench")}
    _, header, top = top_first(texts["header"])
    if not header:
        raise DataError(f"{where}: a row with a testbench and no reference expects the module's header, up to its `;`")
    named = _given_id(row)
    named = f"row-{digest(texts['instruction'], texts['testbench'])}" if named is None else named
    files = tuple((str(name), str(text)) for name, text in row.get("files", ()))
    suite, tags = str(row.get("suite", "file")), tuple(row.get("tags", ()))
    bench = _bench(row, where)
    return Task(str(named), texts["instruction"], header, "", top, suite, texts["testbench"], tags, files, bench=bench)


def _given_id(row: Mapping[str, Any]) -> Any:
    """Return the id that a row gives, None where it gives none."""
    return row.get("id", row.get("task_id"))


def _bench(row: Mapping[str, Any], where: str) -> BenchKind:
    """Return what a row's testbench is written in: Verilog, where it does not say it."""
    kinds: tuple[BenchKind, ...] = get_args(BenchKind)
    said, text = row.get("bench", kinds[0]), str(row.get("testbench", ""))
    if said not in kinds:
        raise DataError(
            f"{where}: bench says what the testbench is written in: expected {' or '.join(kinds)}, found {said!r}"
        )
    if said == "verilog" and _COCOTB.search(text):
        raise DataError(f'{where}: the testbench imports cocotb, and the row calls it Verilog: add "bench": "cocotb"')
    if said == "cocotb" and (fault := syntax_fault(text)):
        raise DataError(f"{where}: the testbench is no Python: {fault}")
    return "cocotb" if said == "cocotb" else "verilog"


def _text(field: str, value: Any, where: str, called: Mapping[str, str]) -> str:
    """Return the text of a field; raise DataError that names the field, as its source calls it."""
    if isinstance(value, str):
        return value
    raise DataError(f"{where}: expected text in {called.get(field, field)}, found {type(value).__name__}")


def _broken(reference: str) -> str:
    """Return why a reference in prose or fences, none of which may reach a training target, has no module, or ""."""
    return why_empty(reference) if "```" in reference and not extract_module(reference, "", "") else ""
