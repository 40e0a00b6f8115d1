"""Measured in processes of their own: the memory of a step does not grow with the number of candidates."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
import torch
from itertl.config import TinyConfig
from itertl.training.models import build_tiny
from itertl.training.two_pass import Example, one_pass_backward, two_pass_backward

class Vocabulary:
    bos_token_id, eos_token_id = 0, 1
    def __len__(self):
        return 500

torch.set_num_threads(1)
model = build_tiny(TinyConfig(width=128, layers=4, heads=4), Vocabulary(), 1)
way, size = sys.argv[1], int(sys.argv[2])
example = Example([0] * 40, [[5 + k] * 300 + [1] for k in range(size)])
square = lambda index, logp: (logp / 300).square().sum()
step = {
    "two": lambda e: two_pass_backward(model, [e], square, micro_batch=700),
    "one": lambda e: one_pass_backward(model, [e], square),
}[way]
step(Example([0] * 40, example.targets[:1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
step(example)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def growth(way: str, candidates: int) -> int:
    """Return how far one step raises the peak of the resident memory, KiB."""
    outcome = subprocess.run(
        [sys.executable, "-c", SCRIPT, way, str(candidates)], capture_output=True, text=True, check=True
    )
    return int(outcome.stdout)


@pytest.mark.slow
def test_two_passes_hold_the_memory_of_one_micro_batch_and_one_pass_does_not() -> None:
    few, many = growth("two", 4), growth("two", 32)
    one_pass = growth("one", 32)
    assert many < few + 0.2 * one_pass
    assert one_pass > 3 * many
