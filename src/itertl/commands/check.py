"""`itertl check`: is a config fit to run, without training, and how long will the run take?"""

import tempfile
import time
from pathlib import Path

from rich.console import Console

from itertl.commands.run import RUNS
from itertl.config import Config, load_config
from itertl.errors import UsageError
from itertl.progress import duration
from itertl.tables import print_table


def check_config(path: Path, overrides: list[str], console: Console, measured: bool = False) -> bool:
    """Print what was found out about a config as a table; return True if nothing in it is wrong.

    With `measured` the times of its stages follow, foretold from a short measurement.
    """
    from itertl.check import Status, examine, passed, render

    config = load_config(path, overrides)
    findings = list(examine(config, RUNS))
    print_table(render(findings), console)
    if not measured:
        return passed(findings)
    absent = any(finding.name == "policy" and finding.status is not Status.OK for finding in findings)
    if not passed(findings) or absent:
        what = "the policy is not here" if passed(findings) else "the config is not fit to run"
        console.print(f"nothing was measured: {what}, see above", highlight=False)
        return False
    _measure(config, console)
    return True


def _measure(config: Config, console: Console) -> None:
    """Print what each stage of the run will take on this machine; raise UsageError where the run is done."""
    from itertl.check.forecast import forecast, render
    from itertl.check.measure import measure
    from itertl.plan import plan

    root = RUNS / config.name
    stages = plan(config, root)
    if all(stage.done for stage in stages):
        raise UsageError(f"{root} is complete: there is nothing to foretell")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="itertl-measure-", ignore_cleanup_errors=True) as scratch:
        costs = measure(config, Path(scratch))
    print_table(render(forecast(stages, costs, config)), console)
    said = (
        f"measured in {duration(time.monotonic() - started)} on a few tasks; the range is what these samples, verdicts "
    )
    said += "and steps, and the references, leave open: a busier machine is outside of it"
    console.print(said, highlight=False, soft_wrap=True)
    if (root / "config.yaml").exists():
        console.print(f"stages that {root} has finished are left out", highlight=False, soft_wrap=True)
