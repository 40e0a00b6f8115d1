"""One process or many: what differs between them, and the sharding of a model over them.

    torchrun --standalone --nproc-per-node 8 -m itertl.training.rank JOB      (the training stage starts this itself)

Parameters, gradients and optimiser state are spread over all processes (FSDP2, `fully_shard`), or over those of a node,
each node having all of them (HSDP); S, a few numbers per group, is exchanged so that every process computes the same
coefficients. The first process alone reads weights, which the others get from it, each its own part. After start-up the
number of processes and the sharding are checked, since a set-up that silently trains unsharded copies looks like one
that works.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor

from itertl.config import TrainingConfig
from itertl.errors import TrainingError

Shared = TypeVar("Shared")
PATIENCE = timedelta(minutes=30)  # a process that has not answered for so long is taken for lost


@dataclass(frozen=True)
class World:
    """This process among `size` ones, which hold `copies` of the weights; `mesh` is None where it is alone."""

    rank: int = 0
    size: int = 1
    mesh: DeviceMesh | None = None
    copies: int = 1

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum of a CPU tensor over all processes."""
        if self.size == 1:
            return values
        values = values.to(torch.cuda.current_device() if dist.get_backend() == "nccl" else "cpu").clone()
        dist.all_reduce(values)
        return values.cpu()

    def share(self, value: Shared) -> Shared:
        """Return what the first process has as `value`: files that it has just written, others may not see yet."""
        if self.size == 1:
            return value
        held = [value]
        dist.broadcast_object_list(held, src=0)
        return held[0]

    def barrier(self) -> None:
        """Wait until all processes are here."""
        self.sum(torch.zeros(1))


ALONE = World()


@contextmanager
def joined(settings: TrainingConfig, node: int = 0) -> Iterator[World]:
    """Join the process group that torchrun describes in the environment; leave it at the end of the block.

    Processes count from the first one of node 0 on, whichever node torchrun has counted first. Raise TrainingError
    where there are others than `settings` asks for.
    """
    cuda, local, each = torch.cuda.is_available(), int(os.environ["LOCAL_RANK"]), settings.processes
    if cuda:
        torch.cuda.set_device(local)
    size, wanted = int(os.environ["WORLD_SIZE"]), each * settings.nodes.count
    if size != wanted:
        raise TrainingError(f"expected {wanted} training processes, found {size}")
    dist.init_process_group("nccl" if cuda else "gloo", timeout=PATIENCE, rank=node * each + local, world_size=size)
    try:
        copies = settings.nodes.count if settings.nodes.replicate else 1
        shape, dimensions = ((copies, each), ("replicate", "shard")) if copies > 1 else ((size,), ("shard",))
        mesh = dist.device_mesh.init_device_mesh("cuda" if cuda else "cpu", shape, mesh_dim_names=dimensions)
        world = World(dist.get_rank(), size, mesh, copies)
        found = int(world.sum(torch.ones(1)))
        if found != size:
            raise TrainingError(f"expected {wanted} training processes, found {found} that answer")
        yield world
    finally:
        dist.destroy_process_group()


def shard(scorer: Any, layers: list[torch.nn.Module], world: World, dtype: torch.dtype) -> None:
    """Spread the parameters over the processes, layer by layer; arithmetic in `dtype`, sums of gradients in float32.

    The numbers are those of the first process; the others' models are on the device `meta`. Raise TrainingError where
    the result is not what was asked for.
    """
    assert world.mesh is not None
    whole = scorer.state_dict() if world.rank == 0 else {}
    numbers = {name: parameter.numel() for name, parameter in scorer.named_parameters()}
    policy = MixedPrecisionPolicy(param_dtype=dtype, reduce_dtype=torch.float32)
    for module in (*layers, scorer):
        fully_shard(module, mesh=world.mesh, mp_policy=policy)
    for module in scorer.modules():
        if isinstance(module, FSDPModule):  # the sum over processes, not the mean: one denominator serves the step
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)
    _hand_out(scorer, whole, world)
    _check_sharding(scorer, numbers, world)


def release(scorer: Any) -> None:
    """Let go of gathered parameters after passes without a backward pass, which would do so."""
    if isinstance(scorer, FSDPModule):
        scorer.reshard()


def _hand_out(scorer: Any, whole: dict[str, Any], world: World) -> None:
    """Give every process its part of the first one's weights, and all of the buffers that are not saved."""
    if world.rank > 0:
        scorer.to_empty(device=torch.cuda.current_device() if dist.get_backend() == "nccl" else "cpu")
    options = StateDictOptions(full_state_dict=True, broadcast_from_rank0=True)
    set_model_state_dict(scorer, whole, options=options)
    for _, buffer in sorted(scorer.named_buffers()):
        dist.broadcast(buffer, src=0)


def _check_sharding(scorer: Any, numbers: dict[str, int], world: World) -> None:
    local = []
    for name, parameter in scorer.named_parameters():
        if not isinstance(parameter, DTensor):
            raise TrainingError(f"parameter {name} is not spread over the {world.size} processes")
        local.append(parameter.to_local().numel())
    total = world.sum(torch.tensor(local, dtype=torch.float64)).long().tolist()
    for (name, expected), found in zip(numbers.items(), total, strict=True):
        if found != expected * world.copies:
            times = "once" if world.copies == 1 else f"{world.copies} times"
            raise TrainingError(
                f"the {world.size} processes hold {found} numbers of parameter {name}; expected its {expected}, {times}"
            )
