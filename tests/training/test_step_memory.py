"""Measured in processes of their own: the memory of a step does not grow with candidates, nor with T x V."""

import json
import os
import subprocess
import sys

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

def growth(way, vocabulary=500, width=128, groups=2, size=1, length=300):
    scorer = Scorer(build_tiny(Long.model_construct(width=width, layers=2), Vocabulary(vocabulary), 1))
    examples = [Example([0] * 40, [[5 + k] * length + [1] for k in range(size)]) for _ in range(groups)]
    square = lambda index, logp: (logp / 300).square().sum()
    step = {
        "two": lambda e: two_pass_backward(scorer, e, square, micro_batch=700),
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


SIZES = [{"way": way, "size": size} for way, size in (("two", 1), ("two", 16), ("one", 2), ("one", 8))]
WIDE = {"way": "two", "vocabulary": 152_000, "width": 8, "groups": 1, "size": 1}
LENGTHS = [{**WIDE, "length": length} for length in (250, 500)]


@pytest.fixture(scope="module")
def growths() -> list[int]:
    """How far one step of each of SIZES and LENGTHS raises the peak of the resident memory, bytes."""
    outcome = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps([*SIZES, *LENGTHS])],
        env=os.environ | AT_ONCE,
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(line) for line in outcome.stdout.split()]


@pytest.mark.slow
def test_two_passes_hold_the_memory_of_one_micro_batch_and_one_pass_does_not(growths: list[int]) -> None:
    small, large, few, many = growths[: len(SIZES)]
    assert large < 1.05 * small
    assert 3 < many / few < 5


@pytest.mark.slow
def test_memory_does_not_grow_with_the_product_of_tokens_and_vocabulary(growths: list[int]) -> None:
    few, many = growths[len(SIZES) :]
    assert many < few + 60e6  # logits of the 250 more tokens alone would take 150 MB, and their gradients as much
