"""What can move a result besides the config: versions of packages and tools, the processor, the thread count.

itertl doctor          shows the same for a person
"""

import os
import platform
from importlib import metadata
from typing import Any

from itertl.tools.shop import tool_versions

PACKAGES = ("itertl", "torch", "transformers", "tokenizers", "safetensors", "gguf", "pyslang", "rapidfuzz", "numpy")


def describe_environment() -> dict[str, Any]:
    """Return the description that a run keeps as env.json."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": os.environ.get("OMP_NUM_THREADS", ""),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "tools": tool_versions(),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
