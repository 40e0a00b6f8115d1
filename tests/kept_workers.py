"""Verification workers that are kept from one test to the next: to start one takes longer than most of what it judges.

    pytestmark = pytest.mark.usefixtures("kept_workers")

For tests of verdicts. A kept worker still knows the references that it has prepared, and outlives its pool, so this is
not for tests of workers, of the sandbox or of the cache.
"""

import dataclasses
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from itertl.tools.sandbox.levels import environment
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.process import Fresh, Process

MOST = 6  # workers that wait; the one that has waited longest ends where there are more

Kind: TypeAlias = tuple[object, ...]


def kind(settings: VerifySettings, imports: Mapping[str, str]) -> Kind:
    """Return what workers have in common that are alike: settings, modules, environment and folder."""
    return dataclasses.replace(settings, workers=0), imports, environment(Path()), os.getcwd()  # noqa: PTH109


class Stock(Fresh):
    """Idle workers of pools that have ended."""

    def __init__(self) -> None:
        self.idle: list[Process] = []
        self.kinds: dict[Path, Kind] = {}  # by the folder of each

    def take(self, settings: VerifySettings, imports: Mapping[str, str]) -> Process:
        """Return a worker that waits, else a new one."""
        wanted = kind(settings, imports)
        for place, process in enumerate(self.idle):
            if self.kinds[process.folder] == wanted and process.alive:
                return self.idle.pop(place)
        process = super().take(settings, imports)
        self.kinds[process.folder] = wanted
        return process

    def leave(self, process: Process) -> None:
        """Keep a worker, and end the oldest where there are too many."""
        self.idle.append(process)
        while len(self.idle) > MOST:
            self.idle.pop(0).end()


@pytest.fixture(scope="session")
def stock_of_workers() -> Iterator[Stock]:
    """The workers that wait, all of which end with the session."""
    stock = Stock()
    yield stock
    for process in stock.idle:
        process.end()


@pytest.fixture
def kept_workers(stock_of_workers: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pools take workers that wait, and leave theirs to the next test."""
    monkeypatch.setattr(Pool, "source", stock_of_workers)
