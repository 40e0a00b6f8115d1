"""Whether a model of the hub lies in this machine's cache, found out without the network.

absent("Qwen/Qwen2.5-Coder-1.5B", None)  ->  "" where config and weights are here, else what is not: "weights are"
"""

import json
from pathlib import Path

from itertl.policy.folder import HUB_NAME, NAMES, named

CONFIG = "config.json"
WEIGHTS = ("*.safetensors", "*.bin")
INDEX = "*.index.json"  # of weights in several files


def absent(path: str, revision: str | None) -> str:
    """Return what the hub's cache lacks of the model that `path` names, "" for one that is here or is a folder.

    It is said with its verb, as "weights are".
    """
    name, revision = named(path, revision)
    if name in NAMES or Path(name).exists() or not HUB_NAME.fullmatch(name):
        return ""
    import huggingface_hub

    found = huggingface_hub.try_to_load_from_cache(name, CONFIG, revision=revision)
    if not isinstance(found, str):
        return f"{CONFIG} is"
    return _lacking(Path(found).parent)


def is_offline() -> bool:
    """Return True if HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) forbids downloads."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def _lacking(snapshot: Path) -> str:
    """Return which weights a snapshot lacks, of those that its index lists where it has one."""
    for index in snapshot.glob(INDEX):
        try:
            wanted = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (OSError, ValueError, KeyError, AttributeError):
            return f"{index.name} is"
        return min((f"{name} is" for name in wanted if not (snapshot / name).exists()), default="")
    held = any(file.exists() for pattern in WEIGHTS for file in snapshot.glob(pattern))
    return "" if held else "weights are"
