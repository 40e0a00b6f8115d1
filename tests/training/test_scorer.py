"""The log-probability of a label, computed in the memory of its logits, is what cross_entropy says."""

import pytest
import torch

from itertl.training.scorer import label_logps


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_value_and_gradient_are_those_of_cross_entropy(scale: float) -> None:
    generator = torch.Generator().manual_seed(1)
    logits_NV = scale * torch.randn(50, 300, generator=generator)
    label_N = torch.randint(300, (50,), generator=generator)
    weight_N = torch.randn(50, generator=generator)
    first, second = (logits_NV.clone().requires_grad_() for _ in range(2))
    expected = -torch.nn.functional.cross_entropy(first, label_N, reduction="none")
    (expected * weight_N).sum().backward()  # type: ignore[no-untyped-call]
    found = label_logps(second * 1.0, label_N)
    (found * weight_N).sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-5)
    torch.testing.assert_close(second.grad, first.grad, rtol=1e-4, atol=1e-6)
