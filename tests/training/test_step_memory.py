"""Measured in processes of their own: the memory of a step does not grow with candidates, nor with T x V."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import json, os, sys
from typing import ClassVar
import psutil, torch
from itertl.config import TinyConfig
from itertl.training.rows import Example
from itertl.training.scorer import Scorer
from itertl.policy.tiny import build_tiny
from itertl.training.two_pass import one_pass_backward, two_pass_backward

class Long(TinyConfig):
    context: ClassVar[int] = 4096
    @property
    def heads(self):
        return 4

class Vocabulary:
    bos_token_id, eos_token_id = 0, 1
    def __init__(self, size):
        self.size = size
    def __len__(self):
        return self.size

def growth(way, vocabulary=500, width=128, groups=4, size=1, length=300):
    scorer = Scorer(build_tiny(Long.model_construct(width=width, layers=2), Vocabulary(vocabulary), 1))
    examples = [Example([0] * 40, [[5 + k] * length + [1] for k in range(size)]) for _ in range(groups)]
    square = lambda index, logp: (logp / 300).square().sum()
    step = {
        "two": lambda e: two_pass_backward(scorer, e, square, micro_batch=1400),
        "one": lambda e: one_pass_backward(scorer, e, square),
    }[way]
    step([Example([0] * 8, [[1] * 8])])
    before = psutil.Process().memory_info().rss
    step(examples)
    status = open("/proc/self/status").read()  # unlike ru_maxrss, it holds nothing of the process before
    return 1024 * int(status.split("VmHWM:")[1].split()[0]) - before

torch.set_num_threads(1)
for call in json.loads(sys.argv[1]):  # a child for each: the libraries are imported once, and no peak hides another
    if not (child := os.fork()):
        print(growth(**call), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(1)
"""
AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}  # freed memory goes back, so that peaks are real


def growths(*calls: dict[str, Any]) -> list[int]:
    """Return how far one step of each of `calls` raises the peak of the resident memory, bytes."""
    outcome = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(calls)],
        env=os.environ | AT_ONCE,
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(line) for line in outcome.stdout.split()]


@pytest.mark.slow
def test_two_passes_hold_the_memory_of_one_micro_batch_and_one_pass_does_not() -> None:
    calls = [{"way": way, "size": size} for way, size in (("two", 1), ("two", 16), ("one", 2), ("one", 8))]
    small, large, few, many = growths(*calls)
    assert large < 1.05 * small
    assert 3 < many / few < 5


@pytest.mark.slow
def test_memory_does_not_grow_with_the_product_of_tokens_and_vocabulary() -> None:
    shape = {"way": "two", "vocabulary": 152_000, "width": 8, "groups": 1, "size": 1}
    few, many = growths(*({**shape, "length": length} for length in (250, 500)))
    assert many < few + 60e6  # logits of the 250 more tokens alone would take 150 MB, and their gradients as much
