"""In-process sampling: reproducible per sample, resumable, and equal to what transformers itself generates."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from itertl.errors import UsageError
from itertl.pace import Pace
from itertl.policy.weights import save_policy
from itertl.progress import Advance, silent
from itertl.sampling import Draw
from itertl.sampling.candidate import sample_seed
from itertl.sampling.in_process import sample
from itertl.tasks import gym

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


def test_a_sample_at_the_token_limit_says_so(policy: Path) -> None:
    assert "length" in {c.finish_reason for c in sample(policy, TASKS, replace(DRAW, max_new_tokens=2))}


def test_a_prompt_that_fills_the_context_gets_no_answer_and_disturbs_no_other(policy: Path) -> None:
    long = replace(TASKS[0], id="long", instruction="very " * 1000)
    found = list(sample(policy, [TASKS[1], long], replace(DRAW, batch_size=100)))
    assert [(c.completion, c.finish_reason) for c in found if c.task_id == "long"] == [("", "length")] * 3
    assert all(c.completion for c in found if c.task_id != "long")


def test_a_short_prompt_has_its_own_limit_beside_a_long_one(policy: Path) -> None:
    long = replace(TASKS[0], id="long", instruction="ab " * 460)
    draw = replace(DRAW, max_new_tokens=200, batch_size=100)
    alone = {c.index: c for c in sample(policy, [TASKS[1]], draw)}
    beside = {c.index: c for c in sample(policy, [TASKS[1], long], draw) if c.task_id == TASKS[1].id}
    assert {i: len(c.completion) for i, c in beside.items()} == {i: len(c.completion) for i, c in alone.items()}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_arithmetic_that_is_asked_for_is_shown_and_resumes_with_equal_bytes(
    policy: Path, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles: list[str] = []

    @contextmanager
    def note(title: str, total: int | None, work: float | None = None, **_: Any) -> Iterator[Advance]:
        titles.append(title)
        with silent(total, work) as advance:
            yield advance

    monkeypatch.setattr("itertl.sampling.in_process.progress", note)
    draw = replace(DRAW, dtype=dtype)
    whole = list(sample(policy, TASKS, draw))
    assert whole[:4] + list(sample(policy, TASKS, draw, done=whole[:4])) == whole
    assert titles == [f"sampling, iteration 1, in {dtype}"] * 2


def test_a_batch_tells_of_its_tokens_before_its_samples(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[int, int, float]] = []

    @contextmanager
    def note(title: str, total: int | None, work: float | None = None, **_: Any) -> Iterator[Advance]:
        pace = Pace(total, work)
        yield Advance(pace, lambda pace: heard.append((pace.done, pace.marks[-1].tokens, pace.marks[-1].work)))

    monkeypatch.setattr("itertl.sampling.in_process.progress", note)
    draw = replace(DRAW, max_new_tokens=40, batch_size=100)
    drawn = list(sample(policy, TASKS, draw))
    assert [done for done, tokens, _ in heard if tokens and not done]
    units, tokens, work = heard[-1]
    assert units == len(drawn)
    assert tokens >= len(drawn)
    assert work == pytest.approx(sum(len(c.prompt) for c in drawn if c.index == 0))
    assert [w for *_, w in heard] == sorted(w for *_, w in heard)  # nothing is taken back


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


def test_every_end_that_the_model_brings_ends_a_sample_and_is_not_in_its_text(
    tiny: Any, tokenizer: Any, tmp_path: Path
) -> None:
    save_policy(tiny, tokenizer, tmp_path / "free")
    draw = replace(DRAW, max_new_tokens=30)
    free = {(c.task_id, c.index): c.completion for c in sample(tmp_path / "free", TASKS, draw)}
    words = {name: " " + name[1:] for name in tokenizer.get_vocab() if name.startswith("\u0120") and len(name) > 1}
    name = max(words, key=lambda n: sum(words[n] in text for text in free.values()))
    own = copy.deepcopy(tokenizer)
    own.add_tokens(name)  # a token apart, but not a special one, whose name no prompt holds
    tiny.generation_config.eos_token_id = [own.convert_tokens_to_ids(name), own.eos_token_id]
    save_policy(tiny, own, tmp_path / "ended")
    rests = []
    for candidate in sample(tmp_path / "ended", TASKS, draw):
        whole = free[candidate.task_id, candidate.index]
        assert whole.startswith(candidate.completion)
        rests.append(whole.removeprefix(candidate.completion))
        assert candidate.finish_reason == "stop" or not rests[-1]
    assert any(rests)
    assert all(rest.startswith(words[name]) for rest in rests if rest)
