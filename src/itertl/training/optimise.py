"""Optimisers and their learning rate over the steps of one stage."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from itertl.config import TrainingConfig

MUON_FACTOR = 10.0  # Muon's learning rate relative to AdamW's: its updates have unit spectral norm
WARM_UP = 0.1  # share of the steps with rising learning rate
FINAL_RATE = 0.1  # learning rate at the end of the decay, relative to the peak

Optimizers = list[torch.optim.Optimizer]


def build_optimizers(scorer: Any, settings: TrainingConfig) -> Optimizers:
    """Return the optimisers of what is trainable, each parameter group with its peak rate under the key `peak`.

    Weights of layers decay, and Muon takes those that are matrices; norms, biases and embeddings, input and output,
    are AdamW's and do not decay.
    """
    spared = _spared(scorer.model)
    hidden: list[torch.nn.Parameter] = []  # Muon's
    inner: list[torch.nn.Parameter] = []
    outer: list[torch.nn.Parameter] = []
    for parameter in scorer.model.parameters():
        if not parameter.requires_grad:
            continue
        if parameter.ndim < 2 or id(parameter) in spared:
            outer.append(parameter)
        else:
            (hidden if parameter.ndim == 2 and settings.optimizer.name == "muon" else inner).append(parameter)
    rate, decay = settings.learning_rate, settings.optimizer.weight_decay
    optimizers: Optimizers = []
    groups = [(inner, decay), (outer, 0.0)]
    adamw = [{"params": some, "peak": rate, "weight_decay": share} for some, share in groups if some]
    if adamw:
        # fused: one pass over memory, and no temporaries of the size of a matrix (CPU) or of all weights (CUDA)
        optimizers.append(torch.optim.AdamW(adamw, lr=rate, betas=(0.9, 0.95), fused=True))
    if hidden:
        muon = [{"params": hidden, "peak": rate * MUON_FACTOR}]
        optimizers.append(torch.optim.Muon(muon, lr=rate * MUON_FACTOR, weight_decay=decay))
    return optimizers


def _spared(model: Any) -> set[int]:
    """Return the ids of matrices that are no weights of a layer: embeddings, and the decay rates of a state (`A_log`).

    The model itself knows its embeddings (a tied one is one parameter under two names); further ones, of positions,
    are told by their class.
    """
    ends = {model.get_input_embeddings(), model.get_output_embeddings()} - {None}
    ends |= {module for module in model.modules() if isinstance(module, torch.nn.Embedding)}
    states = {id(p) for name, p in model.named_parameters() if name.endswith("A_log")}
    return states | {id(p) for module in ends for p in module.parameters()}


def relative_rate(step: int, steps: int, settings: TrainingConfig) -> float:
    """Return the learning rate of `step` (from 0) relative to its peak: linear warm-up, then decay to FINAL_RATE."""
    rising = max(1, round(WARM_UP * steps))
    if step < rising:
        return (step + 1) / rising
    done = (step - rising) / max(1, steps - rising)
    match settings.optimizer.schedule:
        case "cosine":
            return FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * done))
        case "linear":
            return FINAL_RATE + (1 - FINAL_RATE) * (1 - done)
        case "constant":
            return 1.0


def set_rate(optimizers: Sequence[torch.optim.Optimizer], relative: float) -> None:
    """Set the learning rate of every parameter group to `relative` times its peak."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * relative
