"""In-process sampling: reproducible per sample, resumable, and equal to what transformers itself generates."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from itertl.errors import UsageError
from itertl.records import Candidate
from itertl.sampling import Draw
from itertl.sampling.candidate import sample_seed
from itertl.sampling.decode import decode
from itertl.sampling.in_process import sample
from itertl.sampling.nucleus import choose
from itertl.tasks import gym
from itertl.training.models import save_policy

TASKS = gym.generate("train", 5, 1)
DRAW = Draw(
    samples=3,
    temperature=1.0,
    top_p=0.95,
    max_new_tokens=12,
    batch_size=6,
    template="{instruction}\n\n{header}",
    dtype="float32",
    seed=7,
    stream="iteration 1",
    iteration=1,
)


@pytest.fixture
def policy(tiny: Any, tokenizer: Any, tmp_path: Path) -> Path:
    save_policy(tiny, tokenizer, tmp_path)
    return tmp_path


def test_samples_are_complete_distinct_and_reproducible(policy: Path) -> None:
    first, second = list(sample(policy, TASKS, DRAW)), list(sample(policy, TASKS, DRAW))
    assert first == second
    assert {(c.task_id, c.index) for c in first} == {(t.id, i) for t in TASKS for i in range(3)}
    assert len({c.completion for c in first}) > 10
    assert len({c.seed for c in first}) == 15
    assert all(c.prompt.endswith(task.header) for c in first for task in TASKS if task.id == c.task_id)
    assert len({c.policy for c in first}) == 1


@pytest.mark.parametrize("kept", [0, 1, 4, 7, 14, 15])
def test_an_interrupted_job_draws_the_samples_that_were_missing(policy: Path, kept: int) -> None:
    whole = list(sample(policy, TASKS, DRAW))
    assert whole[:kept] + list(sample(policy, TASKS, DRAW, done=whole[:kept])) == whole


def test_another_stream_draws_other_samples(policy: Path) -> None:
    def texts(draw: Draw) -> list[str]:
        return [c.completion for c in sample(policy, TASKS, draw)]

    assert texts(DRAW) != texts(replace(DRAW, stream="iteration 2"))
    assert texts(DRAW) != texts(replace(DRAW, seed=8))


def test_sample_seeds_are_stable_numbers() -> None:
    assert sample_seed(1, "iteration 1", "task", 0) == 8616786994196685144
    assert len({sample_seed(1, "a", "task", i) for i in range(1000)}) == 1000


def test_greedy_decoding_equals_generate_for_prompts_of_different_length(tiny: Any) -> None:
    prompts = [[0, 5, 6, 7, 8, 9, 10], [0, 20, 21], [0, 300]]
    found = decode(tiny, prompts, 1, torch.zeros(3, 16), eos=1, draw=replace(DRAW, temperature=0.0))
    for prompt, tokens in zip(prompts, found, strict=True):
        whole = tiny.generate(
            torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
            max_new_tokens=16,
            do_sample=False,
            eos_token_id=1,
            pad_token_id=1,
        )
        assert tokens == whole[0, len(prompt) :].tolist()


def test_rows_that_end_early_do_not_disturb_the_others(tiny: Any) -> None:
    prompts = [[0, i, i + 1] for i in range(10, 60)]
    uniform = torch.from_numpy(np.random.default_rng(0).random((50, 30), dtype=np.float32))
    free = decode(tiny, prompts, 1, uniform, eos=-1, draw=DRAW)
    common = max(range(400), key=lambda token: sum(token in row[:15] for row in free))
    stopped = decode(tiny, prompts, 1, uniform, eos=common, draw=DRAW)
    ended = [row for row in stopped if row[-1] == common]
    assert 0 < len(ended) < 50
    for full, short in zip(free, stopped, strict=True):
        assert short == full[: len(short)]


def test_choose_draws_from_the_nucleus_with_its_probabilities() -> None:
    probability = torch.tensor([0.5, 0.3, 0.15, 0.05])
    uniform = (torch.arange(10_000) + 0.5) / 10_000
    chosen = choose(probability.log().expand(10_000, 4), uniform, temperature=1.0, top_p=0.9)
    share = torch.bincount(chosen, minlength=4) / 10_000
    torch.testing.assert_close(share, torch.tensor([0.5, 0.3, 0.15, 0.0]) / 0.95, atol=1e-3, rtol=0)


@pytest.mark.parametrize("spread", [0.01, 6.0])
def test_a_wide_nucleus_is_as_exact_as_a_narrow_one(spread: float) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(50, 500, generator=generator) * spread
    uniform = torch.rand(50, generator=generator)

    def naive(row: torch.Tensor, u: float) -> int:
        p, order = row.softmax(0).sort(descending=True)
        keep = int((p.cumsum(0) - p < 0.95).sum())
        return int(order[int((p[:keep].cumsum(0) <= u * p[:keep].sum()).sum())])

    found = choose(logits, uniform, temperature=1.0, top_p=0.95).tolist()
    assert found == [naive(row, float(u)) for row, u in zip(logits, uniform, strict=True)]


def test_temperature_zero_takes_the_largest() -> None:
    assert choose(torch.tensor([[0.0, 3.0, 1.0]]), torch.tensor([0.99]), 0.0, 1.0).tolist() == [1]


def test_a_sample_at_the_token_limit_says_so(policy: Path) -> None:
    reasons: Callable[[list[Candidate]], set[str]] = lambda cs: {c.finish_reason for c in cs}  # noqa: E731
    assert "length" in reasons(list(sample(policy, TASKS, replace(DRAW, max_new_tokens=2))))


def test_a_prompt_that_fills_the_context_gets_no_answer_and_disturbs_no_other(policy: Path) -> None:
    long = replace(TASKS[0], id="long", instruction="very " * 1000)
    found = list(sample(policy, [TASKS[1], long], replace(DRAW, batch_size=100)))
    assert [(c.completion, c.finish_reason) for c in found if c.task_id == "long"] == [("", "length")] * 3
    assert all(c.completion for c in found if c.task_id != "long")


def test_a_stop_ends_a_sample_and_leaves_what_stands_before_it(policy: Path) -> None:
    draw = replace(DRAW, max_new_tokens=60)
    free = {(c.task_id, c.index): c.completion for c in sample(policy, TASKS, draw)}
    letter = max("aeionrst", key=lambda c: sum(c in text for text in free.values()))
    for candidate in sample(policy, TASKS, replace(draw, stop=(letter,))):
        whole = free[candidate.task_id, candidate.index]
        place = whole.find(letter)
        assert candidate.completion == (whole[: place + 1] if place >= 0 else whole)
        if place >= 0:
            assert candidate.finish_reason == "stop"


def test_samples_of_other_weights_are_not_continued(policy: Path) -> None:
    first = next(iter(sample(policy, TASKS, DRAW)))
    with pytest.raises(UsageError, match=r"drawn by the policy other, the model's weights are now [0-9a-f]{16}"):
        next(iter(sample(policy, TASKS, DRAW, done=[replace(first, policy="other")])))
