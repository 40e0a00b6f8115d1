"""`itertl gym`: generated tasks to look at."""

import os
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console

from itertl.commands.outputs import ROWS, check_output
from itertl.commands.tables import print_code
from itertl.disk.artefacts import disk_faults
from itertl.disk.rows import write_rows
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.tasks import gym
from itertl.tasks.gym.apart import generate_apart
from itertl.tasks.gym.design import Form
from itertl.tasks.gym.stats import BASE_TIMES, measure

MANY = 20_000  # tasks, from which it pays to start processes


def show_task(family: str, seed: int, console: Console) -> None:
    """Print one task of a gym family: instruction, header and reference."""
    task = gym.example(family, seed)
    console.print(f"{task.id}   {' '.join(task.tags)}", style="dim", highlight=False)
    console.print(task.instruction + "\n", highlight=False, markup=False)
    print_code(task.reference, console)


def show_families(console: Console) -> None:
    """List the families of the gym."""
    table = new_table("family", "level", "split", title=f"{len(gym.FAMILIES)} families")
    for name, family in gym.FAMILIES.items():
        table.add_row(name, str(family.level), "unseen" if family.held_out else "")
    print_table(table, console)


def show_stats(count: int, seed: int, console: Console) -> None:
    """Print what each split holds, and how near it is to what models train on."""
    rows = list(measure(count, seed))
    table = new_table(
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title=f"up to {count} tasks a split, of base {BASE_TIMES} times as many; seed {seed}",
    )
    for title in ("split", "tasks", "families", "designs", "shared", "twice", "nearest", "words", "clocked"):
        table.add_column(title, justify="left" if title == "split" else "right", no_wrap=True)
    for row in rows:
        shared, twice = ("", "") if row.nearest is None else (str(row.shared), str(row.repeated))
        nearest = "" if row.nearest is None else "{:.2f} {:.2f} {:.2f}".format(*row.nearest)
        words = "{:.0f} {:.0f} {:.0f}".format(*row.words)
        counts = (str(row.tasks), str(row.families), str(row.designs), shared, twice, nearest, words)
        table.add_row(row.split, *counts, f"{100 * row.clocked:.0f} %")
    print_table(table, console)
    console.print(
        "designs and nearest: up to names; shared: with base and train; nearest: similarity to "
        "the nearest design there; nearest and words (of an instruction) at 10, 50 and 90 %",
        highlight=False,
    )
    forms = new_table("form", *(row.split for row in rows), box=SIMPLE, title="how tasks are told")
    for form in Form:
        if any(row.forms.get(form) for row in rows):
            forms.add_row(form, *(f"{100 * row.forms.get(form, 0) / max(1, row.tasks):.1f} %" for row in rows))
    print_table(forms, console)


def export_tasks(out: Path, split: str, count: int, seed: int, processes: int | None, console: Console) -> None:
    """Write tasks of a split as JSONL, one per line; many are made by as many processes as there are cores."""
    check_output(out, ROWS)
    usable = len(os.sched_getaffinity(0)) if count >= MANY else 1
    tasks = generate_apart(split, count, seed, processes or usable)
    with disk_faults(out):
        written = write_rows(out, tasks)
    console.print(f"{written} {'task' if written == 1 else 'tasks'}: {out}", highlight=False, soft_wrap=True)
