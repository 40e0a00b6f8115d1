"""`itertl run`: the loop of a config file, from the start or from where it was interrupted."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from itertl import progress
from itertl.commands.policy import require_training
from itertl.commands.tables import interval
from itertl.config import Config, load_config
from itertl.disk import names
from itertl.disk.outline import Stage, in_all
from itertl.disk.run_dir import StageReached, Store, names_of, open_run
from itertl.evaluation.measure import Comparison
from itertl.live import Look, Show
from itertl.loop import run
from itertl.plan import Rates, keep_foreseen, plan, rates, refuse, remarks, seconds
from itertl.progress import duration, listening
from itertl.report.write import REPORT
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.tracking import tracked
from itertl.words import counted

RUNS = Path("runs")
UNITS = ("samples", "verdicts", "steps")  # what takes the time of a run


def run_loop(
    path: Path, overrides: list[str], out: Path | None, until: str | None, quiet: bool, console: Console
) -> None:
    """Run or continue the loop of a config file; end with a table, and with the path of the report.

    `quiet` runs print warnings and errors alone. What can be known to stand against the run is raised before anything
    is computed or written.
    """
    from itertl.report import write_report

    console = Console(quiet=True) if quiet else console
    if _helped(path, overrides, out, console):
        return
    config, root = _asked(path, overrides, out, until)
    try:
        with _at_work(config, root, until) as store:
            console.print(f"run directory: {root}", highlight=False, soft_wrap=True)
            with _shown(root, quiet):
                comparison = run(config, store)
    except StageReached as reached:
        console.print(f"stopped after {reached}; without --until the same command continues", highlight=False)
        return
    finally:
        if (root / REPORT).exists():  # it says that the run is alive
            write_report(root)
    for table in summary(comparison):
        print_table(table, console)
    console.print(f"report: {write_report(root)}", highlight=False, soft_wrap=True)


def _helped(path: Path, overrides: list[str], out: Path | None, console: Console) -> bool:
    """On every node but the first take part in training until the run is over; return whether this is one of those."""
    config = load_config(path, overrides)
    if config.training.nodes.count == 1:
        return False
    from itertl.training.nodes import find_place

    place, root = find_place(config.training.nodes.count), out or RUNS / config.name
    require_training()
    if place.index == 0:
        return False
    from itertl.training.launch import help_train

    console.print(f"node {place.index} of {place.count}: takes part in training, for the run in {root}", soft_wrap=True)
    help_train(root, config.training, place, lambda line: console.print(line, highlight=False, soft_wrap=True))
    return True


@contextmanager
def _at_work(config: Config, root: Path, until: str | None) -> Iterator[Store]:
    """Open the run; keep what is foreseen of it, and its report, up to date while it goes on."""
    from itertl.report import write_report

    def hear(event: dict[str, Any]) -> None:
        stage = event.get("stage", "")
        measured = stage.endswith(f"dev/{names.EVALUATION}")
        if event["event"] == "stage_end" and (stage == names.TASKS or measured):
            keep_foreseen(config, root)
        if event["event"] == "stage_end" and measured:
            write_report(root)

    with open_run(config, root, until) as store:
        if (root / names.TASKS).exists():
            keep_foreseen(config, root)
        store.listeners.append(hear)
        with tracked(config, root) as listener:
            store.listeners.append(listener)
            yield store


@contextmanager
def _shown(root: Path, quiet: bool) -> Iterator[None]:
    """Show the run on standard error: a live picture in a terminal, lines elsewhere, nothing for the quiet."""
    if quiet:
        with listening():
            yield
        return
    with ExitStack() as stack:
        if progress.console.is_terminal:
            stack.enter_context(listening())  # the picture has them
        stack.enter_context(Show(Look(root), progress.console, jobs=False))
        yield


def show_plan(path: Path, overrides: list[str], out: Path | None, until: str | None, console: Console) -> None:
    """Print what `run_loop` would do: the stages, what they read and write, how much and how long; write nothing."""
    config, root = _asked(path, overrides, out, until)
    stages, known = _up_to(plan(config, root), until), rates(root, config)
    aside = {stage.beside: stage.name.partition("/")[0] for stage in stages if stage.beside}
    headings = ["writes", "reads", "at most", "time", *(["beside"] if aside else [])]
    table = new_table(*headings, hidden=["reads"], title=f"{root}: the stages of the run", title_justify="left")
    for column in table.columns[2:4]:
        column.justify = "right"
    for stage in stages:
        foreseen = seconds(stage, known)
        time = "done" if stage.done else duration(foreseen) if foreseen is not None else ""
        amount = counted(stage.amount, stage.unit) if stage.amount is not None else ""
        reads = ", ".join(names_of(name)[0] for name in stage.reads)
        other = [aside.get(-stage.beside, "") + ("/dev" if stage.beside < 0 else "")] if aside else []
        table.add_row(names_of(stage.name)[0], reads, amount, time, *other)
    print_table(table, console)
    for said in remarks(config, root):
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    console.print(_total(stages, known), highlight=False, soft_wrap=True)


def _asked(path: Path, overrides: list[str], out: Path | None, until: str | None) -> tuple[Config, Path]:
    """Return the config and the run directory that a command line means; raise what stands against the run."""
    config = load_config(path, overrides)
    require_training()
    root = out or RUNS / config.name
    refuse(config, root, until)
    return config, root


def _up_to(stages: list[Stage], until: str | None) -> list[Stage]:
    last = next((i for i, stage in enumerate(stages) if until in names_of(stage.name)), len(stages) - 1)
    return stages[: last + 1]


def _total(stages: list[Stage], known: Rates) -> str:
    costly = [stage for stage in stages if stage.amount is not None and stage.unit in UNITS]
    times = [seconds(stage, known) for stage in costly]
    left = sum(not stage.done for stage in stages)
    if not left:
        return "every stage is done"
    to_go = f"{counted(left, 'stages')} to go"
    unknown = sum(time is None for time in times)
    measured = duration(in_all((stage.beside, time or 0.0) for stage, time in zip(costly, times, strict=True)))
    if unknown == len(times):
        return f"{to_go}; how long is not known: no run beside this one has measured this machine"
    return f"{to_go}, about {measured}" + (f", {unknown} of them not counted" if unknown else "")


def summary(comparison: Comparison) -> list[Table]:
    """Return the table of a finished run: pass@1 of each arm on each suite, and the gain of the best iteration."""
    best = f"best on dev (iteration {comparison.best_iteration})"
    headings = ("suite", "warm start", best, "last iteration", "gain of best")
    table = new_table(*headings, title="pass@1 [95 % interval over problems]", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for suite, arms in comparison.evaluations.items():
        gain = comparison.gains[suite]
        cells = [interval(arms[arm].pass_at["1"]) for arm in ("warm_start", "best", "last")]
        table.add_row(suite, *cells, f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] p={gain.p:.2g}")
    return [table] if comparison.evaluations else []
