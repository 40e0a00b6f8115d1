"""`itertl check`: is a config fit to run, without training?"""

from pathlib import Path

from rich.console import Console

from itertl.commands.run import RUNS
from itertl.config import load_config


def check_config(path: Path, overrides: list[str], console: Console) -> bool:
    """Print what was found out about a config as a table; return True if nothing in it is wrong."""
    from itertl.check import examine, passed, render

    findings = list(examine(load_config(path, overrides), RUNS))
    console.print(render(findings))
    return passed(findings)
