"""In which arithmetic a policy computes here.

with arithmetic("auto"): logits = model(tokens).logits
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def arithmetic(dtype: str) -> Iterator[None]:
    """Run matrix products in `dtype` (float32, bfloat16 or auto) inside the block, parameters untouched.

    A block belongs around one forward pass. It converts a trainable weight once and keeps the copy until its end, so
    that passes behind an optimiser step, in the same block, would see the weights from before it.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.autocast(device, dtype=torch.bfloat16, enabled=uses_bfloat16(dtype)):
        yield


def uses_bfloat16(dtype: str) -> bool:
    """Return True if `dtype` (float32, bfloat16 or auto) means bfloat16 on this machine."""
    return multiplies_bfloat16() if dtype == "auto" else dtype == "bfloat16"


def multiplies_bfloat16() -> bool:
    """Return True if this machine's GPU, or its processor, has instructions for products in bfloat16.

    A processor without them takes some two hundred times as long for one as in float32.
    """
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
