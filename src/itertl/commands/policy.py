"""What commands with a model need first: the libraries, the simulator, and where the policy lies."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from itertl.config import Config
from itertl.disk import names
from itertl.disk.run_dir import read_config
from itertl.errors import MissingToolError, UsageError
from itertl.tools.process import INSTALL


def find_policy(model: str) -> Path:
    """Return the policy of a run directory (of its best iteration, or its last), or `model` as it is."""
    root = Path(model)
    if not (root / names.CONFIG).is_file():
        if not root.exists() and _is_place(model):
            raise UsageError(
                f"there is no model {model!r}: expected a run, a directory, a GGUF file, or a model's name"
            )
        if root.is_dir() and not any(root.iterdir()):
            raise UsageError(f"the folder {model} is empty; expected a model in it, or a run")
        return root
    if (root / names.COMPARISON).is_file():
        from itertl.disk.artefacts import read_value
        from itertl.evaluation.measure import Comparison

        best = read_value(root / names.COMPARISON, Comparison).best_iteration
        return root / f"iter_{best:02d}" / names.POLICY
    policies = sorted(root.glob("iter_*/policy"))
    if not policies:
        raise UsageError(f"the run {root} has no policy yet; expected iter_00/policy, continue it with `itertl run`")
    return policies[-1]


def _is_place(model: str) -> bool:
    from itertl.policy.folder import is_place

    return is_place(model)


def run_config(model: str) -> Config | None:
    """Return the config of the run that `model` is, or is a policy of; None for a model from elsewhere."""
    root = Path(model)
    owner = root if (root / names.CONFIG).is_file() else root.resolve().parent.parent
    inside = owner == root or root.resolve().parent.name.startswith("iter_")
    return read_config(owner) if inside and (owner / names.CONFIG).is_file() else None


def origin_of_policy(policy: Path) -> Mapping[str, str] | None:
    """Return model, source and licence of the weights that a policy began with, None where no one has noted them."""
    from itertl.policy.folder import follow
    from itertl.policy.gguf import origin_of

    return origin_of(follow(policy)[0])


def require_simulator() -> None:
    """Raise MissingToolError where Icarus Verilog is not installed."""
    for tool in ("iverilog", "vvp"):
        if not shutil.which(tool):
            raise MissingToolError(f"verification needs {tool}, which is not on PATH; {INSTALL}")


def require_training() -> None:
    """Raise MissingToolError where what sampling and training need is not installed."""
    from importlib.util import find_spec

    missing = [package for package in ("torch", "transformers", "tokenizers", "safetensors") if not find_spec(package)]
    if missing:
        raise MissingToolError(f"sampling and training need {', '.join(missing)}: pip install 'itertl[train]'")
    require_simulator()


def require_server() -> None:
    """Raise MissingToolError where what asking a server needs is not installed."""
    from importlib.util import find_spec

    if not find_spec("httpx2"):
        raise MissingToolError("asking a server needs httpx2: pip install 'httpx2>=2.10,<3'")
    require_simulator()
