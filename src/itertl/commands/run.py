"""`itertl run`: the loop of a config file, from the start or from where it was interrupted."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.commands.policy import require_training
from itertl.commands.tables import interval
from itertl.config import Config, load_config
from itertl.disk.outline import Stage
from itertl.disk.run_dir import StageReached, names_of, open_run
from itertl.evaluation.measure import Comparison
from itertl.loop import run
from itertl.plan import Rates, plan, rates, refuse, seconds
from itertl.progress import duration

RUNS = Path("runs")
UNITS = ("samples", "verdicts", "steps")  # what takes the time of a run


def run_loop(path: Path, overrides: list[str], out: Path | None, until: str | None, console: Console) -> None:
    """Run or continue the loop of a config file; end with a table, and with the path of the report.

    What can be known to stand against the run is raised before anything is computed or written.
    """
    from itertl.report import write_report

    config, root = _asked(path, overrides, out, until)
    with open_run(config, root, until) as store:
        console.print(f"run directory: {root}", highlight=False, soft_wrap=True)
        try:
            comparison = run(config, store)
        except StageReached as reached:
            console.print(f"stopped after {reached}; without --until the same command continues", highlight=False)
            return
    for table in summary(comparison):
        console.print(table)
    console.print(f"report: {write_report(root)}", highlight=False, soft_wrap=True)


def show_plan(path: Path, overrides: list[str], out: Path | None, until: str | None, console: Console) -> None:
    """Print what `run_loop` would do: the stages, what they read and write, how much and how long; write nothing."""
    config, root = _asked(path, overrides, out, until)
    stages, known = _up_to(plan(config, root), until), rates(root, config)
    table = Table(title=f"{root}: the stages of the run", title_justify="left")
    for heading in ("writes", "reads"):
        table.add_column(heading, overflow="fold")
    for heading in ("at most", "time"):
        table.add_column(heading, justify="right", overflow="fold")
    for stage in stages:
        foreseen = seconds(stage, known)
        time = "done" if stage.done else duration(foreseen) if foreseen is not None else ""
        amount = f"{stage.amount} {stage.unit}" if stage.amount is not None else ""
        table.add_row(names_of(stage.name)[0], ", ".join(names_of(name)[0] for name in stage.reads), amount, time)
    console.print(table)
    console.print(_total(stages, known), highlight=False)


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
    times = [seconds(stage, known) for stage in stages if stage.amount is not None and stage.unit in UNITS]
    left = sum(not stage.done for stage in stages)
    if not left:
        return "every stage is done"
    unknown = sum(time is None for time in times)
    measured = duration(sum(time or 0.0 for time in times))
    if unknown == len(times):
        return f"{left} stages to go; how long is not known: no run beside this one has measured this machine"
    return f"{left} stages to go, about {measured}" + (f", {unknown} of them not counted" if unknown else "")


def summary(comparison: Comparison) -> list[Table]:
    """Return the table of a finished run: pass@1 of each arm on each suite, and the gain of the best iteration."""
    table = Table(title="pass@1 [95 % interval over problems]", title_justify="left")
    table.add_column("suite")
    for heading in (
        "warm start",
        f"best on dev (iteration {comparison.best_iteration})",
        "last iteration",
        "gain of best",
    ):
        table.add_column(heading, justify="right")
    for suite, arms in comparison.evaluations.items():
        gain = comparison.gains[suite]
        cells = [interval(arms[arm].pass_at["1"]) for arm in ("warm_start", "best", "last")]
        table.add_row(suite, *cells, f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] p={gain.p:.2g}")
    return [table] if comparison.evaluations else []
