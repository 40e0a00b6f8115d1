"""Measured in processes of their own: the memory of a step does not grow with candidates, nor with T x V."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import sys
import psutil, torch
from itertl.config import TinyConfig
from itertl.training.rows import Example
from itertl.training.scorer import Scorer
from itertl.policy.tiny import build_tiny
from itertl.training.two_pass import one_pass_backward, two_pass_backward

class Vocabulary:
    bos_token_id, eos_token_id = 0, 1
    def __len__(self):
        return vocabulary

torch.set_num_threads(1)
way, (vocabulary, width, groups, size, length) = sys.argv[1], map(int, sys.argv[2:])
scorer = Scorer(build_tiny(TinyConfig(width=width, layers=2, heads=4, context=4096), Vocabulary(), 1))
examples = [Example([0] * 40, [[5 + k] * length + [1] for k in range(size)]) for _ in range(groups)]
square = lambda index, logp: (logp / 300).square().sum()
step = {
    "two": lambda e: two_pass_backward(scorer, e, square, micro_batch=1400),
    "one": lambda e: one_pass_backward(scorer, e, square),
}[way]
step([Example([0] * 8, [[1] * 8])])
before = psutil.Process().memory_info().rss
step(examples)
status = open("/proc/self/status").read()  # unlike ru_maxrss, it holds nothing of the process before exec
print(1024 * int(status.split("VmHWM:")[1].split()[0]) - before)
"""
AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}  # freed memory goes back, so that peaks are real


def growth(way: str, *, vocabulary: int = 500, width: int = 128, groups: int = 4, size: int, length: int = 300) -> int:
    """Return how far one step raises the peak of the resident memory, bytes."""
    numbers = map(str, (vocabulary, width, groups, size, length))
    outcome = subprocess.run(
        [sys.executable, "-c", SCRIPT, way, *numbers],
        env=os.environ | AT_ONCE,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(outcome.stdout)


@pytest.mark.slow
def test_two_passes_hold_the_memory_of_one_micro_batch_and_one_pass_does_not() -> None:
    assert growth("two", size=16) < 1.05 * growth("two", size=1)
    few, many = growth("one", size=2), growth("one", size=8)
    assert 3 < many / few < 5


@pytest.mark.slow
def test_memory_does_not_grow_with_the_product_of_tokens_and_vocabulary() -> None:
    few, many = (growth("two", vocabulary=152_000, width=8, groups=1, size=1, length=n) for n in (250, 500))
    assert many < few + 60e6  # logits of the 250 more tokens alone would take 150 MB, and their gradients as much
