"""What models compute on here: GPUs, or the processor and its memory, and how memory is given back.

python -c "from itertl.device import find_device; print(find_device())"
"""

import ctypes
import gc
from contextlib import suppress
from dataclasses import dataclass

import psutil

from itertl.doctor import cgroup_memory_limit

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
