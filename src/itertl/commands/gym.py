"""`itertl gym`: generated tasks to look at."""

from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from itertl.disk.artefacts import disk_faults
from itertl.disk.rows import write_rows
from itertl.tasks import gym


def show_task(family: str, seed: int, console: Console) -> None:
    """Print one task of a gym family: instruction, header and reference."""
    task = gym.example(family, seed)
    console.print(f"{task.id}   {' '.join(task.tags)}", style="dim", highlight=False)
    console.print(task.instruction + "\n", highlight=False, markup=False)
    console.print(Syntax(task.reference, "verilog", background_color="default"))


def show_families(console: Console) -> None:
    """List the families of the gym."""
    table = Table("family", "level", "split", title=f"{len(gym.FAMILIES)} families")
    for name, family in gym.FAMILIES.items():
        table.add_row(name, str(family.level), "unseen" if family.held_out else "")
    console.print(table)


def export_tasks(out: Path, split: str, count: int, seed: int, console: Console) -> None:
    """Write tasks of a split as JSONL, one per line."""
    tasks = gym.generate(split, count, seed)
    with disk_faults(out):
        written = write_rows(out, tasks)
    console.print(f"{written} tasks: {out}", highlight=False, soft_wrap=True)
