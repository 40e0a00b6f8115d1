"""Checkpoints within a training stage: trainable weights, optimiser state, step and log, by any number of processes.

Each is a folder `checkpoint/NNNNNN` in the format of torch.distributed.checkpoint, of which every process writes its
own share. It has its name only when it is complete, and the one before is deleted only then.
"""

import json
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict, set_state_dict
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save

from itertl.training.distributed import World

FOLDER = "checkpoint"
LOG = "log.json"
OPTIONS = StateDictOptions(ignore_frozen_params=True, strict=False)

Log = list[dict[str, float]]


def save_checkpoint(
    model: torch.nn.Module, optimizers: Sequence[torch.optim.Optimizer], step: int, log: Log, out: Path, world: World
) -> None:
    """Write a checkpoint of `step` finished steps below `out`, then delete earlier ones."""
    final = out / FOLDER / f"{step:06d}"
    partial = final.with_name(final.name + ".partial")
    if world.rank == 0:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    world.barrier()
    with _quiet():
        save(_state(model, optimizers), checkpoint_id=partial, no_dist=world.size == 1)
    if world.rank == 0:
        (partial / LOG).write_text(json.dumps(log), encoding="utf-8")
        partial.rename(final)
        for other in _complete(out)[:-1]:
            shutil.rmtree(other)
    world.barrier()


def load_checkpoint(
    model: torch.nn.Module, optimizers: Sequence[torch.optim.Optimizer], out: Path, world: World
) -> tuple[int, Log]:
    """Restore the latest checkpoint below `out`; return the number of finished steps (0 without one) and the log.

    It may have been written by another number of processes, of which each took its own part.
    """
    found: str = world.share(max((path.name for path in _complete(out)), default=""))
    if not found:
        return 0, []
    folder = out / FOLDER / found
    state = _state(model, optimizers)
    with _quiet():
        load(state, checkpoint_id=folder, no_dist=world.size == 1)
        set_state_dict(
            model,
            list(optimizers),
            model_state_dict=state["model"],
            optim_state_dict=state["optimizers"],
            options=OPTIONS,
        )
    log: Log = json.loads((folder / LOG).read_text(encoding="utf-8"))
    return int(found), log


def drop_checkpoints(out: Path) -> None:
    """Delete the checkpoints of a stage that is complete."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)


def _state(model: torch.nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> dict[str, Any]:
    with _quiet():
        weights, states = get_state_dict(model, list(optimizers), options=OPTIONS)
    return {"model": weights, "optimizers": states}


def _complete(out: Path) -> list[Path]:
    return sorted(path for path in (out / FOLDER).glob("*") if path.name.isdecimal())


@contextmanager
def _quiet() -> Iterator[None]:
    """Torch warns of its own deprecated types, and of a single process, while it writes and reads checkpoints."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
