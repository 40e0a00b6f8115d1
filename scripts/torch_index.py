"""Where pip finds a torch that fits this machine: prints an option for it, or nothing.

PyPI's torch for Linux brings gigabytes of CUDA along. Where there is no NVIDIA GPU, PyTorch's own index of builds for
processors is asked, too, if it can be reached; its versions (2.13.0+cpu) count as later ones than PyPI's.
"""

import sys
import urllib.request
from pathlib import Path

INDEX = "https://download.pytorch.org/whl/cpu"
SECONDS = 5.0  # to answer; without an answer PyPI's build is taken


def main() -> None:
    """Print the option."""
    has_gpu = any(Path(place).exists() for place in ("/proc/driver/nvidia", "/dev/nvidia0", "/dev/nvidiactl"))
    if sys.platform.startswith("linux") and not has_gpu and _reachable():
        print(f"--extra-index-url {INDEX}")


def _reachable() -> bool:
    try:
        with urllib.request.urlopen(f"{INDEX}/torch/", timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    main()
