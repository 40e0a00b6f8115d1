"""The gym and the verdicts belong together: every reference passes its own check, and a defect rarely does."""

import random

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate
from itertl.tasks import gym
from itertl.verify import check_references, verify
from itertl.verilog.tokens import code_id

pytestmark = pytest.mark.usefixtures("kept_workers")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_every_reference_passes_its_own_verification(seed: int) -> None:
    faults = dict(zip(gym.FAMILIES, check_references([gym.example(name, seed) for name in gym.FAMILIES]), strict=True))
    assert {name: fault for name, fault in faults.items() if fault} == {}
    assert len(faults) >= 30


@pytest.mark.slow
def test_injected_defects_are_found() -> None:
    rng, tasks, candidates = random.Random(1), [], []
    for name in gym.FAMILIES:
        task = gym.example(name, 3)
        if code := gym.defects.inject(task.reference, rng):
            tasks.append(task)
            candidates.append(Candidate(task.id, 0, 0, 0, "", code, code, code_id(task.id, code)))
    verdicts = list(verify(candidates, tasks))
    assert len(verdicts) > 40
    assert not [v for v in verdicts if v.outcome is Outcome.TOOL_ERROR]
    passed = [v.task_id for v in verdicts if v.passed]
    assert len(passed) <= 0.1 * len(verdicts), passed  # a few defects change nothing, such as > into >= in a maximum
