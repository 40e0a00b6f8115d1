"""How verification is done: plain numbers, each with its unit, none of which changes a right verdict."""

import dataclasses
import os
from pathlib import Path
from typing import Literal

from itertl.tools.process import Limits

CrossCheck = Literal["off", "references", "suspicious", "all"]


@dataclasses.dataclass(frozen=True, slots=True)
class VerifySettings:
    """Settings of `verify`; equal settings and equal tasks give equal verdicts on every machine."""

    workers: int = 0  # processes; 0 takes one for each core that this process may use
    cluster: str = ""  # whose nodes judge instead of workers here, as `itertl.verify.cluster.address` reads it
    batch: int = 32  # candidates of one task in one simulation; 1 simulates each alone
    in_flight: int = 1024  # candidates that are pulled ahead of the verdicts handed out
    cycles: int = 300  # clock cycles of a sequential bench, before what long counters need on top
    vectors: int = 300  # input vectors of a combinational bench whose inputs are too many to try all
    seed: int = 0  # of the stimuli
    explore: bool = True  # try further stimuli on each reference, for states that the usual ones do not reach
    cpu_floor: float = 0.5  # seconds of CPU time that every simulation may use
    cpu_factor: float = 20.0  # times the reference's own CPU time, where that is more than the floor
    cpu_step: float = 0.05  # seconds of CPU time, or twice the reference's whole run, without progress: it is stuck
    memory_mb: int = 1024  # address space of each external program
    output_mb: int = 16  # size of each file that an external program writes
    sandbox: str = "auto"  # auto: the strongest that works here; required: refuse to run without one; off
    own_bench: bool = False  # a bench in Python is the caller's, not a row's: it runs where no sandbox holds, too
    formal: bool = False  # ask Yosys, too, about what passes: proved, refuted (then a mismatch), unknown
    cross_check: CrossCheck = "off"  # whose second reading, by Yosys, is simulated, too
    cache: bool | Path = True  # keep verdicts on disk: in the user's cache folder, in another folder, or not
    cache_mb: int = 512  # size of the cache, MiB; what has not been used for the longest time goes first
    formal_cpu: float = 20.0  # seconds of CPU time that Yosys may take for one candidate
    retries: int = 2  # after a failure that says nothing about the candidate

    @property
    def together(self) -> int:
        """How many candidates a worker takes at once: a proof may take so long that each counts as a job."""
        return 1 if self.formal or self.cross_check == "all" else self.batch

    def limits(self, cpu: float) -> Limits:
        """Return the limits of an external program that may take `cpu` seconds of CPU time."""
        return Limits(cpu, self.memory_mb << 20, self.output_mb << 20)

    @property
    def of_a_worker(self) -> "VerifySettings":
        """The settings as they travel to a worker: plain values, without cache and cluster, which are the caller's.

        Python 3.13 pickles a path under another module's name than the versions before.
        """
        return dataclasses.replace(self, cache=False, cluster="")

    @property
    def processes(self) -> int:
        """The number of worker processes."""
        return self.workers or len(os.sched_getaffinity(0))
