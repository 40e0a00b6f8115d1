"""From float32 to bfloat16 without losing an update: each weight is rounded at a fixed threshold of its own.

    rounded(w)  =  the next bfloat16 away from 0  where  (|w| - the last bfloat16 before it) / their distance > u
                   the last one before w          elsewhere;        u uniform in [0, 1), from the weight's name alone

Rounding to the nearest leaves a weight of a bfloat16 checkpoint where it was until its updates add up to half a step of
the grid, 2^-9 of its size, and a learning rate of 1e-5 takes many optimiser steps to get there. With thresholds that
are spread evenly an update of a tenth of a step moves a tenth of the weights by a whole one: what a sum over many
weights, such as a logit, sees of it is the update itself. The thresholds are the same for every policy, so that equal
weights are rounded alike, and a weight that keeps moving crosses its threshold once. What lies on the grid stays.
"""

import hashlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

CHUNK = 1 << 24  # entries at once: what bounds the memory that rounding needs beside its result
BELOW = 0xFFFF  # the bits of a float32 that bfloat16 does not have


def round_weight(weight: Tensor, name: str) -> Tensor:
    """Return `weight` (any shape) in bfloat16, rounded at the thresholds that belong to `name`."""
    flat = weight.detach().float().flatten()
    rounded = torch.empty(flat.shape, dtype=torch.bfloat16, device=flat.device)
    for start in range(0, len(flat), CHUNK):
        part = flat[start : start + CHUNK]
        bits = part.view(torch.int32)
        if bool((bits & BELOW).any()):
            seed = int.from_bytes(hashlib.sha256(f"{name}:{start}".encode()).digest()[:8], "big")
            threshold = np.random.default_rng(seed).integers(0, BELOW + 1, len(part), dtype=np.uint16)
            bits = bits + torch.from_numpy(threshold.astype(np.int32)).to(bits.device)
            part = (bits & ~BELOW).view(torch.float32)
        rounded[start : start + CHUNK] = part
    return rounded.view(weight.shape)


def round_parameters(model: Any) -> None:
    """Round all parameters of `model` in place, one after another; its buffers stay as they are."""
    for name, parameter in model.named_parameters():
        if parameter.dtype == torch.float32:
            parameter.data = round_weight(parameter, name)
