"""Optimisers and their learning rate over the steps of one stage."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from itertl.config import TrainingConfig

MUON_FACTOR = 10.0  # Muon's learning rate relative to AdamW's: its updates have unit spectral norm
FINAL_RATE = 0.1  # learning rate at the end of the decay, relative to the peak

Optimizers = list[torch.optim.Optimizer]


def build_optimizers(model: Any, settings: TrainingConfig) -> Optimizers:
    """Return the optimisers of what is trainable, each parameter group with its peak rate under the key `peak`."""
    hidden: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            inner = parameter.ndim == 2 and "embed" not in name and "lm_head" not in name
            (hidden if inner and settings.optimizer == "muon" else rest).append(parameter)
    rate, decay = settings.learning_rate, settings.weight_decay
    optimizers: Optimizers = []
    if rest:
        adamw = [{"params": rest, "peak": rate}]
        # fused: one pass over memory, and no temporaries of the size of a matrix (CPU) or of all weights (CUDA)
        optimizers.append(torch.optim.AdamW(adamw, lr=rate, weight_decay=decay, betas=(0.9, 0.95), fused=True))
    if hidden:
        muon = [{"params": hidden, "peak": rate * MUON_FACTOR}]
        optimizers.append(torch.optim.Muon(muon, lr=rate * MUON_FACTOR, weight_decay=decay))
    return optimizers


def relative_rate(step: int, steps: int, settings: TrainingConfig) -> float:
    """Return the learning rate of `step` (from 0) relative to its peak: linear warm-up, then decay to FINAL_RATE."""
    rising = max(1, round(settings.warm_up * steps))
    if step < rising:
        return (step + 1) / rising
    done = (step - rising) / max(1, steps - rising)
    match settings.schedule:
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
