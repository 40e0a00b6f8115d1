"""Which arithmetic decodes: by name, or by the machine and the model's width."""

import pytest
import torch

from itertl.sampling.precision import WIDE, decoding_dtype


@pytest.mark.parametrize("width", [32, 4096])
def test_a_named_arithmetic_is_obeyed(width: int) -> None:
    assert decoding_dtype(width, "float32") == torch.float32
    assert decoding_dtype(width, "bfloat16") == torch.bfloat16


@pytest.mark.parametrize("multiplies", [False, True])
def test_auto_takes_bfloat16_for_wide_models_where_the_processor_multiplies_in_it(
    multiplies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": multiplies})
    assert decoding_dtype(WIDE - 1, "auto") == torch.float32
    assert decoding_dtype(WIDE, "auto") == (torch.bfloat16 if multiplies else torch.float32)
