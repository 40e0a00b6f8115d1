"""In which arithmetic a policy decodes in this process, by the machine and the model's shape.

    dtype = decoding_dtype(width=576, dtype="auto")         torch.bfloat16 on a CPU that can multiply in it

Nothing is timed at run time: a resumed stage has to continue with the arithmetic, and so the bytes, of the first part.
"""

import torch

from itertl.policy.arithmetic import uses_bfloat16

WIDE = 256  # width of a model from which bfloat16 decodes faster on a CPU, see benchmarks/decoding_arithmetic.py


def decodes_in_bfloat16(width: int, dtype: str) -> bool:
    """Return True if weights in bfloat16 decode here: as `dtype` says, or, for auto, if that is faster.

    `width` is the size of the model's hidden states. In a narrow model on a CPU, conversions cost more than products
    in bfloat16 save.
    """
    narrow = dtype == "auto" and not torch.cuda.is_available() and width < WIDE
    return uses_bfloat16(dtype) and not narrow


def decoding_dtype(width: int, dtype: str) -> torch.dtype:
    """Return the type of the weights that decode, for a model whose hidden states have `width` elements."""
    return torch.bfloat16 if decodes_in_bfloat16(width, dtype) else torch.float32
