"""In which arithmetic a policy decodes in this process, by the machine and the model's shape.

    dtype = decoding_dtype(width=576, dtype="auto")         torch.bfloat16 on a CPU that can multiply in it

Nothing is timed at run time: a resumed stage has to continue with the arithmetic, and so the bytes, of the first part.
"""

import torch

from itertl.training.models import uses_bfloat16

WIDE = 384  # width of a model from which bfloat16 decodes faster on a CPU, see benchmarks/sampling_speed.py


def decoding_dtype(width: int, dtype: str) -> torch.dtype:
    """Return the type of the weights that decode: `dtype`, float32 or bfloat16, or, for auto, what is faster here.

    `width` is the size of the model's hidden states. In a narrow model on a CPU, conversions cost more than products
    in bfloat16 save.
    """
    half = uses_bfloat16(dtype)
    if dtype == "auto" and not torch.cuda.is_available():
        half = half and width >= WIDE
    return torch.bfloat16 if half else torch.float32
