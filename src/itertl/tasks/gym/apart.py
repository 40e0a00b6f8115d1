"""Tasks made by several processes, each of which makes those of some families.

    tasks = generate_apart("train", 50000, seed=0, processes=4)

In base and train a family's tasks follow from split, seed and family alone, so the list is the one that a single
process makes.

    itertl gym export --split train --count 50000 --processes 4 --out tasks.jsonl
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection

from itertl.errors import ToolError
from itertl.records import Task
from itertl.tasks.gym.design import Family
from itertl.tasks.gym.families import FAMILIES
from itertl.tasks.gym.splits import TRAINED, family_tasks, first, generate, select, stream, times_a_round

ROUNDS = 40  # that a process sends at once: some hundreds of tasks
Batch = dict[str, list[Task]]


def generate_apart(split: str, count: int, seed: int, processes: int) -> list[Task]:
    """Return what `splits.generate` returns, made by several processes where the split is base or train.

    Raise what that raises, and ToolError where a process ends early.
    """
    if processes == 1 or split not in TRAINED:
        return generate(split, count, seed)
    families = select(split)
    with made_apart(split, seed, families, processes) as sources:
        return first(count, stream(split, seed, families, sources), split, families)


@contextmanager
def made_apart(
    split: str, seed: int, families: Sequence[Family], processes: int
) -> Iterator[dict[str, Iterator[Task]]]:
    """Give the tasks of each family of base or train, by its name; the processes that make them end with the block.

    Raise ToolError, while tasks are asked for, where a process ends before its families do.
    """
    context = get_context("spawn")  # a fork copies whatever threads hold
    heavy = sorted(families, key=times_a_round, reverse=True)
    workers = []
    sources: dict[str, Iterator[Task]] = {}
    try:
        for share in (heavy[k::processes] for k in range(min(processes, len(heavy)))):
            names = [family.name for family in share]
            receiver, sender = context.Pipe(duplex=False)
            worker = context.Process(target=_make, args=(split, seed, names, sender), daemon=True)
            worker.start()
            workers.append(worker)
            sender.close()
            waiting: dict[str, deque[Task]] = {name: deque() for name in names}
            spent: set[str] = set()
            sources |= {name: _received(receiver, name, waiting, spent) for name in names}
        yield sources
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _make(split: str, seed: int, names: Sequence[str], sender: "Connection[Batch, Batch]") -> None:
    """Send batch after batch, a family's tasks in their order, until nobody listens or all families are used up."""
    sources = {name: family_tasks(split, seed, FAMILIES[name], set()) for name in names}
    with suppress(BrokenPipeError):
        while sources:
            batch = {name: list(islice(source, _asked(name))) for name, source in sources.items()}
            sender.send(batch)
            sources = {name: source for name, source in sources.items() if len(batch[name]) == _asked(name)}


def _asked(name: str) -> int:
    return ROUNDS * times_a_round(FAMILIES[name])


def _received(
    receiver: "Connection[Batch, Batch]", name: str, waiting: dict[str, deque[Task]], spent: set[str]
) -> Iterator[Task]:
    """Yield the tasks of one family; those of others that come with them wait for their turn."""
    while True:
        while waiting[name]:
            yield waiting[name].popleft()
        if name in spent:
            return
        try:
            batch = receiver.recv()
        except (EOFError, OSError) as error:
            raise ToolError(
                f"a process that makes tasks of {name} ended early; expected it to go on: its own message stands above"
            ) from error
        for other, tasks in batch.items():
            waiting[other].extend(tasks)
            if len(tasks) < _asked(other):
                spent.add(other)
