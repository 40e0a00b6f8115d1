"""Verification workers that are kept from one test to the next: to start one takes longer than most of what it judges.

    pytestmark = pytest.mark.usefixtures("kept_workers")

For tests of verdicts. A kept worker still knows the references that it has prepared, and outlives its pool, so this is
not for tests of workers, of the sandbox or of the cache.
"""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from itertl.tools.sandbox.levels import environment
from itertl.verify.workers.pool import Pool, _Worker

MOST = 6  # workers that wait; the one that has waited longest ends where there are more

Kind: TypeAlias = tuple[object, ...]


def kind(pool: Pool[Any]) -> Kind:
    """Return what two pools have in common whose workers are alike: settings, modules, environment and folder."""
    settings = dataclasses.replace(pool._settings.of_a_worker, workers=0)
    return settings, pool._imports, environment(Path()), os.getcwd()  # noqa: PTH109


class Stock:
    """Idle workers of pools that have ended."""

    def __init__(self) -> None:
        self.idle: list[tuple[Kind, _Worker]] = []
        self.start, self.end = Pool._start, Pool._end

    def take(self, pool: Pool[Any]) -> _Worker:
        """Return a worker for `pool`: one that waits, else a new one."""
        wanted = kind(pool)
        for place, (found, worker) in enumerate(self.idle):
            if found == wanted and worker.process.poll() is None:
                del self.idle[place]
                return worker
        return self.start(pool)

    def leave(self, pool: Pool[Any], worker: _Worker) -> None:
        """Keep a worker of `pool` that has nothing to do; end any other one."""
        if worker.held or worker.process.poll() is not None:
            self.end(pool, worker)
            return
        self.idle.append((kind(pool), worker))
        while len(self.idle) > MOST:
            self.end(pool, self.idle.pop(0)[1])


@pytest.fixture(scope="session")
def stock_of_workers() -> Iterator[Stock]:
    """The workers that wait, all of which end with the session."""
    stock = Stock()
    yield stock
    nobody = Pool[Any].__new__(Pool)
    for _, worker in stock.idle:
        stock.end(nobody, worker)


@pytest.fixture
def kept_workers(stock_of_workers: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pools take workers that wait, and leave theirs to the next test."""
    monkeypatch.setattr(Pool, "_start", lambda pool: stock_of_workers.take(pool))
    monkeypatch.setattr(Pool, "_end", lambda pool, worker: stock_of_workers.leave(pool, worker))
