"""A policy on its way from one folder to the next: loaded for training, spread over processes, saved.

Full fine-tuning keeps all weights in float32. With adapters the frozen weights are kept in the arithmetic's type.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from torch.utils.checkpoint import checkpoint

from itertl.config import PolicyConfig
from itertl.errors import ConfigError, TrainingError
from itertl.policy.arithmetic import uses_bfloat16
from itertl.policy.folder import BASE, follow, named, read_pointer
from itertl.policy.weights import load_empty, load_tokenizer, load_weights, save_policy
from itertl.training.distributed import ALONE, World, shard
from itertl.training.scorer import Scorer, check_scorer

SCORER = "model."  # the prefix of a Scorer's parameters


@dataclass(frozen=True)
class Trainee:
    """The model as training sees it; `wrapped` is the peft model around it and `base` what its adapters belong to."""

    scorer: Scorer
    tokenizer: Any
    wrapped: Any = None
    base: tuple[str, str | None] = ("", None)


def load_trainee(path: str | Path, policy: PolicyConfig, seed: int, world: World = ALONE) -> Trainee:
    """Load a policy for training, with adapters where it has some or `policy` asks for them, spread over `world`.

    The first process reads the weights; the others build the model without numbers, and get their part from it.
    """
    source = follow(path)
    has_adapters = (Path(source[0]) / BASE).is_file()
    base = read_pointer(source[0], BASE) if has_adapters else named(path)
    use_adapters = has_adapters or policy.lora.rank > 0
    reduced = torch.bfloat16 if uses_bfloat16(policy.dtype) else torch.float32
    load = load_weights if world.rank == 0 else load_empty
    model = load(*base, **_options(policy, reduced if use_adapters else torch.float32, world))
    wrapped = None
    if use_adapters:
        from itertl.policy.adapters import add_adapters, load_adapters

        folder = Path(source[0])
        lora = policy.lora
        wrapped = load_adapters(model, folder, trainable=True) if has_adapters else add_adapters(model, lora, seed)
        model = wrapped.get_base_model()
    refuse_dropout(model)
    scorer = Scorer(model, policy.dtype if world.mesh is None else "float32")
    if world.rank == 0:
        check_scorer(scorer)
    if policy.gradient_checkpointing:
        checkpoint_layers(model)
    if world.mesh is not None:
        shard(scorer, layers_of(model), world, reduced)
    return Trainee(scorer, load_tokenizer(path), wrapped, base)


def save_trainee(trainee: Trainee, folder: Path, world: World = ALONE) -> None:
    """Write the policy; every process has to take part, and the first one writes."""
    weights = None
    if world.size > 1:
        options = StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=bool(trainee.wrapped))
        gathered: dict[str, Any] = get_model_state_dict(trainee.scorer, options=options)
        names = {name for name, _ in trainee.scorer.named_parameters()}  # tied weights once
        weights = {name.removeprefix(SCORER): value for name, value in gathered.items() if name in names}
    if world.rank == 0:
        if trainee.wrapped is None:
            save_policy(trainee.scorer.model, trainee.tokenizer, folder, weights)
        else:
            from itertl.policy.adapters import save_adapters

            save_adapters(trainee.wrapped, trainee.tokenizer, trainee.base, folder, weights)
    world.barrier()


def layers_of(model: Any) -> list[torch.nn.Module]:
    """Return the decoder layers: what is computed again as one, and spread over processes as one."""
    for module in model.modules():
        if isinstance(module, torch.nn.ModuleList) and len(module) == model.config.num_hidden_layers:
            return list(module)
    raise TrainingError(f"{type(model).__name__} holds no list of {model.config.num_hidden_layers} decoder layers")


def checkpoint_layers(model: Any) -> None:
    """Let every decoder layer keep its input only and compute the rest again in the backward pass."""
    for layer in layers_of(model):
        layer.forward = functools.partial(checkpoint, layer.forward, use_reentrant=False)


def refuse_dropout(model: Any) -> None:
    """Raise TrainingError if the model draws random numbers in its forward pass."""
    model.eval()
    if any(module.training for module in model.modules()):
        raise TrainingError("dropout must be off: the two-pass gradient needs the same forward twice")


def _options(policy: PolicyConfig, dtype: torch.dtype, world: World) -> dict[str, Any]:
    options: dict[str, Any] = {"dtype": dtype}
    if policy.attention != "sdpa":  # which is the default of models that have it
        options["attn_implementation"] = policy.attention
    if policy.lora.quantize:
        from itertl.policy.adapters import quantized

        if world.size > 1:
            raise ConfigError(
                "policy.lora.quantize works in one process only: set training.processes and nodes.count to 1"
            )
        return options | quantized()
    return options | ({"device_map": {"": "cpu"}} if world.size > 1 else {})
