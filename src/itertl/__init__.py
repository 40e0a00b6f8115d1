"""itertl: iterative fine-tuning of language models for Verilog, with feedback that no candidate can cheat.

    itertl run configs/quickstart.yaml        itertl verify design.v --reference ref.v

Importing the package is cheap: what reads configs, runs the loop or measures is imported when it is first used, torch
and transformers by the stage that needs them.
"""

from itertl.interrupt import meanwhile

meanwhile()  # before all else: what follows is most of what a command waits for

from importlib import import_module
from typing import TYPE_CHECKING

from itertl.errors import ItertlError
from itertl.outcome import Outcome
from itertl.records import Candidate, Group, Submission, Task, Verdict
from itertl.verify import VerifySettings, verify

if TYPE_CHECKING:
    from itertl.config import Config, load_config
    from itertl.disk.run_dir import Store, open_run
    from itertl.evaluation.pass_at_k import pass_at_k
    from itertl.loop import run

__all__ = [
    "Candidate",
    "Config",
    "Group",
    "ItertlError",
    "Outcome",
    "Store",
    "Submission",
    "Task",
    "Verdict",
    "VerifySettings",
    "load_config",
    "open_run",
    "pass_at_k",
    "run",
    "verify",
]
_LATER = {
    "Config": "itertl.config",
    "Store": "itertl.disk.run_dir",
    "load_config": "itertl.config",
    "open_run": "itertl.disk.run_dir",
    "pass_at_k": "itertl.evaluation.pass_at_k",
    "run": "itertl.loop",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use; `__version__` is what pyproject.toml says, as it was installed."""
    if name == "__version__":
        from importlib.metadata import version  # late: it brings the e-mail parser along

        return version("itertl")
    if name not in _LATER:
        raise AttributeError(f"module 'itertl' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_LATER[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
