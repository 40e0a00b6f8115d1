"""Tiny models and ragged groups for the tests of training."""

import itertools
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from tests import warm
from tests.conftest import SHAPE

from itertl.config import LoraConfig, TinyConfig, TrainingConfig
from itertl.policy.adapters import add_adapters
from itertl.policy.prompt import render_prompt
from itertl.policy.tiny import build_tiny
from itertl.policy.weights import save_policy
from itertl.records import Group, Task
from itertl.tasks import gym
from itertl.training import objective, trainer
from itertl.training.lessons import Lesson
from itertl.training.rows import Example
from itertl.training.scorer import Scorer

TOKENS = 300
OBJECTIVES = tuple(objective.OBJECTIVES)


def groups_of(tasks: Iterable[Task]) -> list[Group]:
    """A group of each task: a candidate that is nearly its reference, and one that is not."""
    return [
        Group(
            task_id=task.id,
            prompt=render_prompt(task, "{instruction}\n\n{header}"),
            reference=task.body,
            candidates=(task.body.replace("<=", "="), "    assign y = 0;\nendmodule\n"),
            scores=(0.4, 0.1),
            passed=(False, False),
            counts=(1, 2),
        )
        for task in tasks
    ]


# Short ones, so that steps are quick; a candidate of every other one differs from its reference.
_TASKS = sorted(gym.generate("train", 100, 1), key=lambda task: len(task.instruction) + len(task.reference))
_CLOCKED, _OTHERS = ([task for task in _TASKS if ("<=" in task.body) is clocked][:6] for clocked in (True, False))
GROUPS = groups_of(itertools.chain.from_iterable(zip(_CLOCKED, _OTHERS, strict=True)))
LONG_GROUPS = groups_of(gym.generate("train", 12, 1))  # whose steps last so long that a process is killed between two


class Vocabulary:
    """What `build_tiny` needs of a tokenizer."""

    bos_token_id, eos_token_id = 0, 1

    def __len__(self) -> int:
        return TOKENS


class ManyHeads(TinyConfig):
    """A narrow shape with as many heads as a wide one."""

    head: ClassVar[int] = 8


def tiny_scorer(*, lora: bool = False, width: int = 32, seed: int = 3) -> Scorer:
    """A Llama with random weights; with adapters that are not at their start, where half of the gradients are 0."""
    model = build_tiny(ManyHeads(width=width, layers=2), Vocabulary(), seed=seed)
    if lora:
        wrapped = add_adapters(model, LoraConfig(rank=4, alpha=8.0), seed)
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in wrapped.named_parameters():
            if "lora_B" in name:
                parameter.data = 0.1 * torch.randn(parameter.shape, generator=generator)
        model = wrapped.get_base_model()
    return Scorer(model)


def trainable(scorer: Scorer) -> list[torch.nn.Parameter]:
    """The parameters that get gradients."""
    return [parameter for parameter in scorer.parameters() if parameter.requires_grad]


def gradients(scorer: Scorer) -> list[torch.Tensor]:
    """Take the gradients out of the model."""
    found = [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in trainable(scorer)]
    for parameter in trainable(scorer):
        parameter.grad = None
    return found


def relative_error(found: list[torch.Tensor], wanted: list[torch.Tensor]) -> float:
    """Largest relative difference of two lists of gradients, by parameter."""
    scale = max(float(w.norm()) for w in wanted)
    pairs = zip(found, wanted, strict=True)
    return max(float((f - w).norm() / w.norm().clamp(min=1e-3 * scale)) for f, w in pairs)


def ragged(seed: int, sizes: list[int], prompt: int = 30, target: int = 40) -> list[Example]:
    """Examples with so many targets each, of random lengths."""
    rng = random.Random(seed)

    def ids(low: int, high: int) -> list[int]:
        return [rng.randrange(2, TOKENS) for _ in range(rng.randint(low, high))]

    return [Example([0, *ids(1, prompt)], [[*ids(0, target), 1] for _ in range(size)]) for size in sizes]


def lessons_of(examples: list[Example], seed: int = 1) -> list[Lesson]:
    """Lessons with random scores and log-probabilities of the start; the last target of each is the reference."""
    rng = random.Random(seed)
    made = []
    for example in examples:
        size = len(example.targets)
        lengths = torch.tensor([float(len(target)) for target in example.targets])
        scores = torch.tensor([rng.choice([0.0, 0.3, 0.6, 1.0]) for _ in range(size)])
        start = torch.tensor([-5.7 * len(target) + rng.uniform(-1, 1) for target in example.targets])
        made.append(
            Lesson(
                example,
                score_K=scores,
                passed_K=(scores == 1.0).float(),
                length_K=lengths,
                count_K=torch.tensor([float(rng.randint(1, 3)) for _ in range(size - 1)] + [0.0]),
                reference=size - 1,
                active=True,
                constant=False,
                old_K=start,
                start_K=start,
            )
        )
    return made


def settings(**changes: Any) -> TrainingConfig:
    """Settings for quick training of tiny models."""
    values = {"objective": "rank", "learning_rate": 1e-3, "groups_per_step": 4, "checkpoint_steps": 2}
    return TrainingConfig.model_validate(values | changes)


@contextmanager
def interrupted(step: int) -> Iterator[None]:
    """Expect that the block is interrupted in optimiser step `step`, counted from 1, as by Ctrl-C."""
    plain, calls = trainer.train_step, itertools.count(1)

    def breaks(*args: Any) -> dict[str, float]:
        if next(calls) == step:
            raise KeyboardInterrupt
        return plain(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "train_step", breaks)
        with pytest.raises(KeyboardInterrupt):
            yield


@pytest.fixture
def fresh(tokenizer: Any) -> Callable[[], Scorer]:
    """Builds one and the same tiny model with a real tokenizer, again and again."""
    return lambda: Scorer(build_tiny(SHAPE, tokenizer, seed=1))


@pytest.fixture(scope="session")
def base(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny policy with random weights."""
    folder: Path = tmp_path_factory.mktemp("base")
    save_policy(build_tiny(SHAPE, tokenizer, seed=1), tokenizer, folder)
    return folder


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Python that has imported the libraries already."""
    with warm.interpreter(tmp_path_factory.mktemp("warm")) as python:
        yield python


@pytest.fixture
def started(interpreter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes that train together be forked off one that has imported the libraries; a start takes 4 s."""
    monkeypatch.setattr(sys, "executable", interpreter)
