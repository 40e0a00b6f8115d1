"""What models compute on here: GPUs, or the processor and its memory, and how memory is given back.

python -c "from itertl.machine.device import find_device; print(find_device())"
"""

import ctypes
import gc
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

GIB = 2**30


@dataclass(frozen=True)
class Device:
    """`count` devices of `size` bytes each; without a GPU, one processor and the memory that a process may use."""

    gpu: bool
    count: int
    size: float
    name: str

    def __str__(self) -> str:
        if self.gpu:
            return f"{self.count} x {self.name}, {self.size / GIB:.0f} GiB each"
        return f"no GPU; {self.size / GIB:.0f} GiB of memory"

    def holds(self, size: float, processes: int) -> bool:
        """Return True if `processes` processes find `size` bytes each."""
        return self.count >= processes and self.size >= size if self.gpu else self.size >= size * processes


def find_device() -> Device:
    """Return what there is on this machine; torch is asked for GPUs."""
    import torch

    if torch.cuda.is_available():
        each = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
        return Device(True, len(each), float(min(p.total_memory for p in each)), each[0].name)
    total, limit = float(psutil.virtual_memory().total), cgroup_memory_limit()
    return Device(False, 1, total if limit is None else min(total, limit), "CPU")


def cgroup_memory_limit(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> float | None:
    """Return the least memory limit in bytes of this process's control group and those above it, None for none."""
    limits = []
    for line in (_read(own) or "").splitlines():
        _, controllers, group = [*line.split(":", 2), "", ""][:3]
        if controllers not in ("", "memory"):
            continue
        base, file = (root, "memory.max") if not controllers else (root / "memory", "memory.limit_in_bytes")
        folder = base / group.lstrip("/")
        for place in (folder, *folder.parents):
            if (text := (_read(place / file) or "").strip()).isdecimal():
                limits.append(float(text))
            if place == base:
                break
    return min(limits, default=None)


def give_back_memory() -> None:
    """Return memory that nothing uses any more to the system, and to the GPU's other users.

    glibc keeps 1 to 2 GiB of freed blocks behind a training or a batch of samples, unless it is told to trim.
    """
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    with suppress(AttributeError, OSError):  # a C library without it, as on macOS
        ctypes.CDLL(None).malloc_trim(0)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
