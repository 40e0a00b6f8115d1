"""itertl: iterative fine-tuning of language models for Verilog, with feedback that no candidate can cheat.

    itertl run configs/quickstart.yaml

Importing the package is cheap; torch and transformers are imported by the stage that needs them.
"""

from itertl.config import Config, load_config
from itertl.errors import ItertlError
from itertl.evaluation.pass_at_k import pass_at_k
from itertl.loop import run
from itertl.records import Candidate, Group, Outcome, Task, Verdict
from itertl.run_dir import Store, open_run
from itertl.verify import verify

__all__ = [
    "Candidate",
    "Config",
    "Group",
    "ItertlError",
    "Outcome",
    "Store",
    "Task",
    "Verdict",
    "load_config",
    "open_run",
    "pass_at_k",
    "run",
    "verify",
]
