"""`itertl run`: the loop of a config file, from the start or from where it was interrupted."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.commands.policy import require_training
from itertl.commands.tables import interval
from itertl.config import load_config
from itertl.disk.run_dir import StageReached, open_run
from itertl.evaluation.measure import Comparison
from itertl.loop import run
from itertl.score import resolve

RUNS = Path("runs")


def run_loop(path: Path, overrides: list[str], out: Path | None, until: str | None, console: Console) -> None:
    """Run or continue the loop of a config file; end with a table, and with the path of the report."""
    from itertl.report import write_report

    config = load_config(path, overrides)
    resolve(config.score)
    require_training()
    root = out or RUNS / config.name
    with open_run(config, root, until) as store:
        console.print(f"run directory: {root}", highlight=False, soft_wrap=True)
        try:
            comparison = run(config, store)
        except StageReached as reached:
            console.print(f"stopped after {reached}; without --until the same command continues", highlight=False)
            return
        store.check_until()
    for table in summary(comparison):
        console.print(table)
    console.print(f"report: {write_report(root)}", highlight=False, soft_wrap=True)


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
        cells = [interval(arms[arm]["pass_at"]["1"]) for arm in ("warm_start", "best", "last")]
        table.add_row(
            suite, *cells, f"{gain['value']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}] p={gain['p']:.2g}"
        )
    return [table] if comparison.evaluations else []
