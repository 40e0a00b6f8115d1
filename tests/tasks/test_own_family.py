"""A family that a stranger adds, as CONTRIBUTING.md describes it, and what happens where one is not listed."""

import importlib
import pkgutil

import pytest
from examples.own_family import ONE_HOT

from itertl.errors import UsageError
from itertl.tasks import gym
from itertl.tasks.gym.design import Family
from itertl.verify import check_references


def test_a_new_family_gives_tasks_whose_references_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gym.FAMILIES, ONE_HOT.name, ONE_HOT)
    tasks = [
        task for split in ("train", "test", "shifted") for task in gym.generate(split, 2, 1, families=[ONE_HOT.name])
    ]
    assert len({task.reference for task in tasks}) == 6
    assert {task.tags[0] for task in tasks} == {"family:one_hot"}
    assert list(check_references(tasks)) == [None] * 6


def test_a_family_is_unknown_until_it_is_listed() -> None:
    with pytest.raises(UsageError, match="found one_hot; choose among"):
        gym.example(ONE_HOT.name, 1)


def test_every_family_of_the_gym_is_listed() -> None:
    names = [module.name for module in pkgutil.iter_modules(gym.__path__)]
    modules = [importlib.import_module(f"itertl.tasks.gym.{name}") for name in names]
    defined = {id(value): value.name for module in modules for value in vars(module).values() if type(value) is Family}
    assert set(defined) == {id(family) for family in gym.FAMILIES.values()}, "list new ones in gym/families.py"
