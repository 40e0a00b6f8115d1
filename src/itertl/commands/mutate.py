"""`itertl mutate REFERENCE`: mutants of a design, which of them each bench kills, and how strong that makes it."""

import dataclasses
import difflib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from itertl.commands.benches import require_fit, with_testbench
from itertl.commands.outputs import check_folder, same_file
from itertl.commands.sources import task_of
from itertl.disk.artefacts import disk_faults
from itertl.errors import UsageError
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.verify import VerifySettings, check_reference
from itertl.verify.strength import Fate, Strength, measure
from itertl.verilog.entrusted import entrusted
from itertl.verilog.guard import Accepted
from itertl.verilog.mutants import mutants
from itertl.words import counted

SURVIVED, TOOL_FAILED = 1, 3
_MUTANT = re.compile(r"\d{3,}_.+\.v")  # what `_write` calls its files
_STYLES = {"killed": "green", "survived": "bold red", "undecided": "yellow", "equivalent": "dim", "refused": "dim"}


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants: how many mutants (None: all) from which seed, which benches, and where results go.

    `all` shows the killed ones, too.
    """

    count: int | None = None
    seed: int = 0
    top: str = ""
    testbench: Path | None = None
    rule: str = ""
    formal: bool = False
    as_json: bool = False
    out: Path | None = None
    all: bool = False


def mutate_design(reference: Path, asked: Asked, console: Console) -> int:
    """Measure benches by mutants of a reference; return the exit status.

    0 no mutant that is known to differ survived, neither ours nor the given testbench; 1 some did; 3 a tool failed.
    Raise UsageError where a file cannot be read, or the reference or the testbench cannot serve.
    """
    check_folder(asked.out)
    if asked.out is not None:
        _refuse_inputs(asked.out, (reference, asked.testbench))
    task, settings = task_of(reference, asked.top), VerifySettings(own_bench=True)
    if fault := check_reference(task, settings):
        raise UsageError(f"the reference {reference} cannot serve: {fault}")
    trusted = entrusted(task.reference, task.top, None)
    if isinstance(trusted, Accepted) and trusted.trusted:  # mutants of what no candidate may hold would all be refused
        task = dataclasses.replace(task, reference=trusted.code)
    if asked.testbench is not None:
        task = with_testbench(task, asked.testbench, asked.rule)
        require_fit(task, asked.testbench, settings)
    drawn = mutants(task.reference, task.top, asked.count, asked.seed)
    theirs = asked.testbench is not None
    fates = measure([task], {task.id: drawn}, settings, formal=asked.formal, theirs=theirs)
    strength = Strength.of(fates)
    if asked.out is not None:
        _write(asked.out, fates)
    if asked.as_json:
        rows = [_row(fate) for fate in fates]
        console.print_json(json.dumps({"strength": dataclasses.asdict(strength), "mutants": rows}))
    else:
        _tell(task, fates, strength, asked, console)
    if any(Outcome.TOOL_ERROR in (fate.ours, fate.theirs) for fate in fates):
        return TOOL_FAILED
    lost = [pair for pair in (strength.ours, strength.theirs) if pair[0] < pair[1]]
    return SURVIVED if lost else 0


def _refuse_inputs(folder: Path, inputs: Sequence[Path | None]) -> None:
    """Raise UsageError where a file that is read lies where a mutant could be written."""
    for path in inputs:
        if path is not None and same_file(path.absolute().parent, folder) and _MUTANT.fullmatch(path.name):
            raise UsageError(
                f"{folder} holds {path.name}, which a mutant could replace; give another folder with --out"
            )


def _row(fate: Fate) -> dict[str, str | int | None]:
    mutant = fate.mutant
    return {
        "kind": mutant.kind,
        "line": mutant.line,
        "change": mutant.change,
        "standing": fate.standing,
        "ours": fate.ours.value,
        "testbench": fate.theirs.value if fate.theirs else None,
        "formal": fate.formal,
        "detail": fate.detail,
    }


def _tell(task: Task, fates: list[Fate], strength: Strength, asked: Asked, console: Console) -> None:
    theirs = asked.testbench is not None
    benches = {"ours": strength.ours, **({"the testbench": strength.theirs} if theirs else {})}
    said = ", ".join(f"{name} {_share(pair)}" for name, pair in benches.items())
    of = f"of {counted(len(fates), 'mutants')} {strength.undecided} undecided"
    rest = f"{strength.equivalent} equivalent, {strength.refused} refused"
    console.print(f"killed: {said}; {of}, {rest}", highlight=False, soft_wrap=True)
    for fate in fates:
        if fate.standing in ("survived", "undecided") or (fate.counts and fate.theirs is Outcome.PASSED):
            _show(task, fate, console)
    if asked.all:
        print_table(_table(fates, theirs), console)
    elif fates:
        console.print(f"{counted(len(fates), 'mutants')} in all: --all", highlight=False)


def _table(fates: list[Fate], theirs: bool) -> Table:
    table = new_table("kind", "line", "change", "ours", *(["testbench"] if theirs else []), "standing")
    for fate in fates:
        bench = [fate.theirs.value if fate.theirs else ""] if theirs else []
        place = (fate.mutant.kind, str(fate.mutant.line), escape(fate.mutant.change))  # a[i] is no markup
        table.add_row(*place, fate.ours.value, *bench, fate.standing, style=_STYLES[fate.standing])
    return table


def _show(task: Task, fate: Fate, console: Console) -> None:
    """Print a mutant that got away as a difference from the reference."""
    before, after = task.reference.splitlines(), fate.mutant.code.splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    benches = (("ours", fate.ours), ("the testbench", fate.theirs))
    passed = " and ".join(name for name, outcome in benches if outcome is Outcome.PASSED)
    what = f"{fate.mutant.kind} in line {fate.mutant.line}"
    known = "" if fate.counts else f"; {fate.standing} whether it differs"
    console.print(f"\n{what} passes {passed}{known}", highlight=False)
    console.print("\n".join(lines), highlight=False, markup=False)
    if fate.detail and fate.standing != "killed":
        console.print(fate.detail, highlight=False, markup=False, soft_wrap=True)


def _write(folder: Path, fates: list[Fate]) -> None:
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for number, fate in enumerate(fates):
            name = f"{number:03d}_{fate.mutant.kind.replace(' ', '_')}.v"
            (folder / name).write_text(fate.mutant.code, encoding="utf-8")
            rows.append(json.dumps({"file": name, **_row(fate)}) + "\n")
        (folder / "mutants.jsonl").write_text("".join(rows), encoding="utf-8")


def _share(pair: tuple[int, int]) -> str:
    return f"{pair[0]} of {pair[1]}" + (f" ({pair[0] / pair[1]:.1%})" if pair[1] else "")
