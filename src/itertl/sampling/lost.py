"""Samples that no server has given: how many there may be, and what is said of them."""

import logging
from dataclasses import dataclass
from typing import Literal

from itertl.errors import ServerError
from itertl.words import counted

LOST = 8  # samples in a row that no server gives, after which none will
Failures = Literal["refuse", "stop", "defer", "allow"]
log = logging.getLogger("itertl")


@dataclass
class Lost:
    """The samples that no server has given so far; `failures` is as in `Draw`."""

    failures: Failures
    count: int = 0
    in_a_row: int = 0
    first: str = ""

    def add(self, task_id: str, index: int, error: ServerError) -> None:
        """Count a sample; raise its error where one too many is lost."""
        self.count, self.in_a_row = self.count + 1, self.in_a_row + 1
        self.first = self.first or f"{task_id}, sample {index}: {error}"
        if self.failures == "refuse":
            raise error
        if self.failures == "stop" or self.in_a_row >= LOST:
            raise ServerError(f"{error}; the rows before it are kept, and the same command continues")
        log.warning("no sample of task %s, index %d: %s", task_id, index, error)

    def check(self) -> None:
        """Raise ServerError at the end where samples are missing that may not be."""
        if self.count and self.failures != "allow":
            raise ServerError(
                f"{counted(self.count, 'samples are', 'sample is')} missing, first one: {self.first}. "
                "All others are kept; the same command asks for these again, evaluation.allow_missing=true goes on "
                "without them"
            )
