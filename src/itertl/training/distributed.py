"""One process or many: what differs between them, and the sharding of a model over them.

    torchrun --standalone --nproc-per-node 8 -m itertl.training.worker JOB      (the training stage starts this itself)

Parameters, gradients and optimiser state are spread over all processes (FSDP2, `fully_shard`); S, a few numbers per
group, is exchanged so that every process computes the same coefficients. After start-up the number of processes and
the sharding are checked, since a set-up that silently trains unsharded copies looks like one that works.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor

from itertl.errors import TrainingError

PATIENCE = timedelta(minutes=30)  # a process that has not answered for so long is taken for lost


@dataclass(frozen=True)
class World:
    """This process among `size` ones; `mesh` is None where it is alone."""

    rank: int = 0
    size: int = 1
    mesh: DeviceMesh | None = None

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum of a CPU tensor over all processes."""
        if self.size == 1:
            return values
        values = values.to(torch.cuda.current_device() if dist.get_backend() == "nccl" else "cpu").clone()
        dist.all_reduce(values)
        return values.cpu()

    def barrier(self) -> None:
        """Wait until all processes are here."""
        self.sum(torch.zeros(1))


ALONE = World()


@contextmanager
def joined(processes: int) -> Iterator[World]:
    """Join the process group that torchrun describes in the environment; leave it at the end of the block.

    Raise TrainingError where it has another number of members than `processes`.
    """
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if cuda else "gloo", timeout=PATIENCE)
    try:
        size = dist.get_world_size()
        mesh = dist.device_mesh.init_device_mesh("cuda" if cuda else "cpu", (size,))
        world = World(dist.get_rank(), size, mesh)
        found = int(world.sum(torch.ones(1)))
        if not found == size == processes:
            raise TrainingError(f"expected {processes} training processes, found {size}, of which {found} answer")
        yield world
    finally:
        dist.destroy_process_group()


def shard(scorer: Any, layers: list[torch.nn.Module], world: World, dtype: torch.dtype) -> None:
    """Spread the parameters over the processes, layer by layer; arithmetic in `dtype`, sums of gradients in float32.

    Raise TrainingError where the result is not what was asked for.
    """
    assert world.mesh is not None
    numbers = {name: parameter.numel() for name, parameter in scorer.named_parameters()}
    policy = MixedPrecisionPolicy(param_dtype=dtype, reduce_dtype=torch.float32)
    for module in (*layers, scorer):
        fully_shard(module, mesh=world.mesh, mp_policy=policy)
    for module in scorer.modules():
        if isinstance(module, FSDPModule):  # the sum over processes, not the mean: one denominator serves the step
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)
    _check_sharding(scorer, numbers, world)


def release(scorer: Any) -> None:
    """Let go of gathered parameters after passes without a backward pass, which would do so."""
    if isinstance(scorer, FSDPModule):
        scorer.reshard()


def _check_sharding(scorer: Any, numbers: dict[str, int], world: World) -> None:
    local = []
    for name, parameter in scorer.named_parameters():
        if not isinstance(parameter, DTensor):
            raise TrainingError(f"parameter {name} is not spread over the {world.size} processes")
        local.append(parameter.to_local().numel())
    total = world.sum(torch.tensor(local, dtype=torch.float64)).long().tolist()
    for (name, expected), found in zip(numbers.items(), total, strict=True):
        if found != expected:
            raise TrainingError(
                f"the {world.size} processes hold {found} numbers of parameter {name}; expected its {expected}, once"
            )
