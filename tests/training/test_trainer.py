"""The trainer: what is supervised, one denominator, resume, and what it refuses."""

import dataclasses
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.training.conftest import GROUPS, OBJECTIVES, interrupted, settings

from itertl.errors import TrainingError
from itertl.policy.load import load_policy
from itertl.policy.weights import save_policy
from itertl.progress import Advance, silent
from itertl.records import Group
from itertl.training import trainer
from itertl.training.distributed import ALONE
from itertl.training.lessons import build_lessons
from itertl.training.objective import find_objective
from itertl.training.optimise import build_optimizers, relative_rate
from itertl.training.scorer import Scorer


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def assert_equal_weights(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor], atol: float = 1e-5) -> None:
    for name, value in a.items():
        torch.testing.assert_close(value, b[name], rtol=1e-4, atol=atol)


def test_last_supervised_token_is_the_only_eos_and_the_prompt_has_the_only_bos(tokenizer: Any) -> None:
    for lesson in build_lessons(GROUPS, tokenizer, settings(), 1024):
        prompt, targets = lesson.example.prompt, lesson.example.targets
        assert prompt[0] == tokenizer.bos_token_id
        assert len(targets) == 3
        for target in targets:
            assert target[-1] == tokenizer.eos_token_id
            assert target.count(tokenizer.eos_token_id) == 1
            assert [*prompt, *target].count(tokenizer.bos_token_id) == 1


def test_the_tokenizer_restores_every_byte_and_keeps_digits_apart(tokenizer: Any) -> None:
    for text in ("assign y = 12'hFFF;\n\tend", "größe 測試 \x00", "a  b\r\n"):
        assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text
    assert len(tokenizer.encode("2024", add_special_tokens=False)) == 4


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_step_does_not_depend_on_the_micro_batch(tokenizer: Any, fresh: Callable[[], Scorer], objective: str) -> None:
    start = torch.tensor([-300.0, -60.0, -310.0])
    results = []
    for micro_batch in (1, 700, 1_000_000):
        chosen = settings(objective=objective, micro_batch=micro_batch)
        lessons = [
            dataclasses.replace(x, start_K=start, old_K=start) if len(x.length_K) == 3 else x
            for x in build_lessons(GROUPS[:5], tokenizer, chosen, 1024)
        ]
        scorer = fresh()
        row = trainer.train_step(scorer, lessons, build_optimizers(scorer, chosen), chosen)
        results.append((row, weights(scorer)))
    for row, values in results[1:]:
        assert row["loss"] == pytest.approx(results[0][0]["loss"], rel=1e-5)
        assert row["grad_norm"] == pytest.approx(results[0][0]["grad_norm"], rel=1e-4)
        # AdamW's first step divides by |gradient| + 1e-8: rounding shows where a gradient is as small as that
        assert_equal_weights(values, results[0][1], atol=5e-5)


def test_the_loss_of_a_step_is_the_mean_of_its_groups(tokenizer: Any, fresh: Callable[[], Scorer]) -> None:
    chosen = settings(objective="mle", groups_per_step=3, learning_rate=1e-9)
    lessons = build_lessons(GROUPS[:3], tokenizer, chosen, 1024)
    scorer = fresh()
    rows = [trainer.train_step(scorer, [x], build_optimizers(scorer, chosen), chosen) for x in lessons]
    together = trainer.train_step(scorer, lessons, build_optimizers(scorer, chosen), chosen)
    assert together["loss"] == pytest.approx(sum(row["loss"] for row in rows) / 3, rel=1e-4)


def test_a_lesson_weighs_the_same_in_a_full_step_and_in_a_short_one(
    tokenizer: Any, fresh: Callable[[], Scorer]
) -> None:
    chosen = settings(objective="mle", groups_per_step=3, learning_rate=1e-9)
    lesson = build_lessons(GROUPS[:1], tokenizer, chosen, 1024)
    scorer = fresh()
    norms = []
    for batch in (lesson * 3, lesson):
        row = trainer.train_step(scorer, batch, build_optimizers(scorer, chosen), chosen, ALONE, 3)
        norms.append(row["grad_norm"])
    assert norms[0] == pytest.approx(3 * norms[1], rel=1e-4)


@pytest.mark.parametrize(
    ("lessons", "size", "changes", "sizes"),
    [
        (5, 16, {}, [5]),
        (5, 16, {"passes": 3.0}, [5, 5, 5]),
        (33, 16, {"passes": 2.0}, [16, 16, 1] * 2),
        (10, 4, {"passes": 0.5}, [4, 4]),
        (10, 4, {"passes": 1.1}, [4, 4, 2, 4]),
        (10, 4, {"steps": 7}, [4, 4, 2, 4, 4, 2, 4]),
    ],
)
def test_passes_follow_one_another_and_end_with_a_short_step(
    lessons: int, size: int, changes: dict[str, Any], sizes: list[int]
) -> None:
    steps = trainer.number_of_steps(lessons, settings(groups_per_step=size, **changes))
    batches = trainer._batches(lessons, size, steps, seed=7)
    assert [len(batch) for batch in batches] == sizes
    assert all(len(set(batch)) == len(batch) for batch in batches)
    flat = [i for batch in batches for i in batch]
    for start in range(0, len(flat), lessons):
        whole = flat[start : start + lessons]
        assert len(set(whole)) == len(whole)
    assert trainer._batches(lessons, size, steps + 3, seed=7)[:steps] == batches
    assert trainer._batches(33, 16, 3, seed=8) != trainer._batches(33, 16, 3, seed=7)


def test_a_stage_takes_every_lesson_once_a_pass(
    tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[list[str], float]] = []
    plain = trainer.train_step

    def keep(model: Any, batch: Any, *rest: Any) -> dict[str, float]:
        seen.append(([lesson.key for lesson in batch], rest[-1]))
        return plain(model, batch, *rest)

    monkeypatch.setattr(trainer, "train_step", keep)
    trainer.fit(fresh(), tokenizer, GROUPS[:5], settings(groups_per_step=16, passes=3), 1, tmp_path)
    assert [(len(set(keys)), len(keys), full) for keys, full in seen] == [(5, 5, 5)] * 3


def test_training_lowers_the_loss_and_leaves_a_policy_that_loads(
    tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path
) -> None:
    scorer = fresh()
    chosen = settings(passes=8, objective="mle", learning_rate=1e-2)
    trainer.fit(scorer, tokenizer, GROUPS, chosen, 1, tmp_path)
    log = rows(tmp_path)
    assert [row["step"] for row in log] == list(range(24))
    assert log[-1]["mle"] < 0.7 * log[0]["mle"]
    save_policy(scorer.model, tokenizer, tmp_path)
    loaded, again = load_policy(tmp_path)
    assert_equal_weights(weights(loaded), weights(scorer.model))
    assert again.encode("assign") == tokenizer.encode("assign")


def rows(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    "changes",
    [{"optimizer": {"name": "muon"}}, {"objective": "dpo"}, {"parameters": {"kl_weight": 0.1}, "groups_per_step": 5}],
    ids=str,
)
def test_an_interrupted_fit_continues_to_the_same_weights(
    tokenizer: Any,
    fresh: Callable[[], Scorer],
    tmp_path: Path,
    changes: dict[str, Any],
) -> None:
    chosen = settings(passes=3, **changes)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    undisturbed = fresh()
    trainer.fit(undisturbed, tokenizer, GROUPS, chosen, 1, whole)
    with interrupted(step=6):
        trainer.fit(fresh(), tokenizer, GROUPS, chosen, 1, broken)
    assert [path.name for path in (broken / "checkpoint").iterdir()] == ["000004"]
    resumed = fresh()
    trainer.fit(resumed, tokenizer, GROUPS, chosen, 1, broken)
    for name, value in weights(resumed).items():
        assert torch.equal(value, weights(undisturbed)[name]), name
    for name in ("training.jsonl", "start.json"):
        if (whole / name).exists():
            assert (broken / name).read_bytes() == (whole / name).read_bytes()
    assert (whole / "start.json").exists() == ("optimizer" not in changes)


def test_a_step_that_is_not_finite_changes_nothing(
    tokenizer: Any, fresh: Callable[[], Scorer], monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer, chosen = fresh(), settings(objective="mle")
    before = weights(scorer)
    lessons = build_lessons(GROUPS[:2], tokenizer, chosen, 1024)
    monkeypatch.setattr(trainer, "two_pass_backward", lambda *a, **k: (float("nan"), [torch.zeros(1)] * 2))
    row = trainer.train_step(scorer, lessons, build_optimizers(scorer, chosen), chosen)
    assert row["skipped"] == 1.0
    assert_equal_weights(weights(scorer), before)


def test_training_fails_when_too_many_steps_are_not_finite(
    tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path
) -> None:
    chosen = settings(objective="mle", passes=10)
    broken = fresh()
    with torch.no_grad():
        next(broken.parameters()).fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"2 of 2 optimiser steps"):
        trainer.fit(broken, tokenizer, GROUPS, chosen, 1, tmp_path)


def test_groups_that_teach_nothing_are_refused(tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path) -> None:
    silent = [Group("t", "prompt", "", ("x",), (0.0,), (False,), (1,))]
    for objective in OBJECTIVES:
        with pytest.raises(TrainingError, match="none of 1 group holds"):
            trainer.fit(fresh(), tokenizer, silent, settings(objective=objective), 1, tmp_path)


@pytest.mark.parametrize("objective", [*OBJECTIVES, "examples.own_objective:WEIGHED"])
def test_every_objective_trains_on_what_the_loop_hands_over(
    tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path, objective: str
) -> None:
    trainer.fit(fresh(), tokenizer, GROUPS, settings(objective=objective, passes=1), 1, tmp_path)
    for row in rows(tmp_path):
        assert row["grad_norm"] > 0
        assert {"loss", "mle", "reference_logp", "skipped", "lr", "step"} <= row.keys()
        pairs = "gap" in find_objective(objective).parameters
        assert pairs == ("rank" in row) == ("active" in row)
        assert row.get("active", 1.0) == 1.0


def test_replayed_groups_are_trained_on_as_they_were_drawn(
    tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    chosen = settings(objective="grpo", passes=1, learning_rate=1e-2)
    scorer = fresh()
    trainer.fit(scorer, tokenizer, GROUPS[:6], chosen, 1, first)
    seen: list[Any] = []
    plain = trainer.train_step

    def keep(model: Any, batch: Any, *rest: Any) -> dict[str, float]:
        seen.extend(batch)
        return plain(model, batch, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "train_step", keep)
        trainer.fit(scorer, tokenizer, GROUPS[6:], chosen, 2, second, replayed=[(first, GROUPS[:6])])
    drawn = json.loads((first / "start.json").read_text())
    old = [lesson for lesson in seen if lesson.key in drawn]
    assert 0 < len({lesson.key for lesson in old}) < len({lesson.key for lesson in seen})
    for lesson in old:
        assert lesson.old_K.tolist() == drawn[lesson.key]
        assert not torch.equal(lesson.old_K, lesson.start_K)


@pytest.mark.parametrize(("schedule", "last"), [("cosine", 0.1), ("linear", 0.1), ("constant", 1.0)])
def test_learning_rate_rises_then_falls(schedule: str, last: float) -> None:
    rates = [relative_rate(step, 100, settings(optimizer={"schedule": schedule})) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * (i + 1) for i in range(10)])
    assert max(rates) == pytest.approx(1.0)
    assert all(a >= b for a, b in itertools.pairwise(rates[10:]))
    assert rates[-1] == pytest.approx(last, abs=0.015)


def test_progress_counts_the_scores_before_the_first_step_and_what_an_earlier_call_has_done(
    tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path
) -> None:
    chosen = settings(objective="dpo", steps=6)
    paces = []

    @contextmanager
    def track(total: int, work: float) -> Iterator[Advance]:
        with silent(total, work) as advance:
            paces.append(advance.pace)
            yield advance

    trainer.fit(fresh(), tokenizer, GROUPS, chosen, 7, tmp_path, track=track)
    trainer.fit(fresh(), tokenizer, GROUPS, chosen, 7, tmp_path, track=track)
    whole, resumed = paces
    lessons = build_lessons(GROUPS, tokenizer, chosen, 1024)
    scored = sum(lesson.tokens for lesson in lessons)
    assert whole.marks[-1].work == pytest.approx(whole.work, rel=1e-3), "shares of prompts are rounded"
    assert whole.marks[-1].tokens > scored, "the scores, and the steps"
    assert whole.done == resumed.done == 6
    assert (resumed.found_units, resumed.marks[-1].units) == (4, 2), "from the checkpoint on"
    assert resumed.found_work + resumed.marks[-1].work == pytest.approx(resumed.work, rel=1e-3)
