"""Tasks that several processes make are the ones that a single process makes."""

import pytest

from itertl.errors import ToolError, UsageError
from itertl.tasks import gym
from itertl.tasks.gym import splits
from itertl.tasks.gym.apart import generate_apart, made_apart


@pytest.mark.parametrize("split", ["train", "dev"])
def test_several_processes_make_the_same_tasks(split: str) -> None:
    assert generate_apart(split, 400, 3, processes=2) == gym.generate(split, 400, 3)


def test_families_that_are_used_up_end_and_the_others_go_on() -> None:
    families = [gym.FAMILIES[name] for name in ("vending", "counter", "mux")]  # the first has nothing in train
    with made_apart("train", 1, families, processes=5) as sources:
        found = splits.first(60, splits.stream("train", 1, families, sources), "train", families)
    assert found == splits.first(60, splits.stream("train", 1, families), "train", families)
    with pytest.raises(UsageError, match="one of the splits"):
        generate_apart("trains", 4, 1, processes=2)


def test_a_process_that_ends_early_is_told() -> None:
    families = [gym.FAMILIES["counter"]]
    with made_apart("train", 1, families, processes=1) as sources:
        source = sources["counter"]
        next(source)
    with pytest.raises(ToolError, match="ended early"):
        list(source)
