"""The trainer: what is supervised, one denominator, resume, and what it refuses."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.conftest import SHAPE

from itertl.config import TrainingConfig
from itertl.errors import TrainingError
from itertl.records import Group
from itertl.sampling.prompt import render_prompt
from itertl.tasks import gym
from itertl.training import trainer
from itertl.training.models import build_tiny, load_policy

GROUPS = [
    Group(
        task_id=task.id,
        prompt=render_prompt(task, "{instruction}\n\n{header}"),
        reference=task.body,
        candidates=(task.body.replace("<=", "="), "    assign y = 0;\nendmodule\n"),
        scores=(0.4, 0.1),
        passed=(False, False),
        counts=(1, 2),
    )
    for task in gym.generate("train", 12, 1)
]


def settings(**changes: Any) -> TrainingConfig:
    values = {"objective": "rank", "learning_rate": 1e-3, "groups_per_step": 4, "checkpoint_steps": 2}
    return TrainingConfig.model_validate(values | changes)


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def assert_equal_weights(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    for name, value in a.items():
        torch.testing.assert_close(value, b[name], rtol=1e-4, atol=1e-5)


def test_last_supervised_token_is_the_only_eos_and_the_prompt_has_the_only_bos(tokenizer: Any) -> None:
    for lesson in trainer.build_lessons(GROUPS, tokenizer, "rank", 1024):
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


@pytest.mark.parametrize("objective", ["mle", "rank", "rtlcoder_code", "rft", "verified"])
def test_a_step_does_not_depend_on_the_micro_batch(tokenizer: Any, objective: str) -> None:
    lessons = trainer.build_lessons(GROUPS[:5], tokenizer, objective, 1024)
    results = []
    for micro_batch in (1, 700, 1_000_000):
        chosen = settings(objective=objective, micro_batch=micro_batch)
        model = build_tiny(SHAPE, tokenizer, seed=1)
        row = trainer.train_step(model, lessons, trainer.build_optimizers(model, chosen), chosen)
        results.append((row, weights(model)))
    for row, values in results[1:]:
        assert row["loss"] == pytest.approx(results[0][0]["loss"], rel=1e-5)
        assert row["grad_norm"] == pytest.approx(results[0][0]["grad_norm"], rel=1e-4)
        assert_equal_weights(values, results[0][1])


def test_the_loss_of_a_step_is_the_mean_of_its_groups(tokenizer: Any, tiny: Any) -> None:
    chosen = settings(objective="mle", groups_per_step=3, learning_rate=1e-9)
    lessons = trainer.build_lessons(GROUPS[:3], tokenizer, "mle", 1024)
    rows = [trainer.train_step(tiny, [x], trainer.build_optimizers(tiny, chosen), chosen) for x in lessons]
    together = trainer.train_step(tiny, lessons, trainer.build_optimizers(tiny, chosen), chosen)
    assert together["loss"] == pytest.approx(sum(row["loss"] for row in rows), rel=1e-4)


def test_training_lowers_the_loss_and_leaves_a_policy_that_loads(tokenizer: Any, tiny: Any, tmp_path: Path) -> None:
    trainer.fit(
        tiny, tokenizer, GROUPS, settings(passes=8, objective="mle", learning_rate=1e-2), "float32", 1, tmp_path
    )
    log = [json.loads(line) for line in (tmp_path / "training.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == list(range(24))
    assert log[-1]["mle"] < 0.7 * log[0]["mle"]
    assert not (tmp_path / "checkpoint.pt").exists()
    loaded, again = load_policy(tmp_path)
    assert_equal_weights(weights(loaded), weights(tiny))
    assert again.encode("assign") == tokenizer.encode("assign")


def test_an_interrupted_fit_continues_to_the_same_weights(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(passes=3, optimizer="muon")
    whole = build_tiny(SHAPE, tokenizer, seed=1)
    (tmp_path / "whole").mkdir()
    trainer.fit(whole, tokenizer, GROUPS, chosen, "float32", 1, tmp_path / "whole")

    (tmp_path / "broken").mkdir()
    plain, calls = trainer.train_step, 0

    def breaks(*args: Any) -> dict[str, float]:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise KeyboardInterrupt
        return plain(*args)

    monkeypatch.setattr(trainer, "train_step", breaks)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(build_tiny(SHAPE, tokenizer, 1), tokenizer, GROUPS, chosen, "float32", 1, tmp_path / "broken")
    monkeypatch.setattr(trainer, "train_step", plain)
    resumed = build_tiny(SHAPE, tokenizer, seed=1)
    trainer.fit(resumed, tokenizer, GROUPS, chosen, "float32", 1, tmp_path / "broken")
    assert_equal_weights(weights(resumed), weights(whole))
    log = (tmp_path / "broken" / "training.jsonl").read_text()
    assert log == (tmp_path / "whole" / "training.jsonl").read_text()


def test_a_step_that_is_not_finite_changes_nothing(tokenizer: Any, tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = weights(tiny)
    lessons = trainer.build_lessons(GROUPS[:2], tokenizer, "mle", 1024)
    monkeypatch.setattr(trainer, "two_pass_backward", lambda *a, **k: (float("nan"), [torch.zeros(1)] * 2))
    row = trainer.train_step(tiny, lessons, trainer.build_optimizers(tiny, settings()), settings(objective="mle"))
    assert row["skipped"] == 1.0
    assert_equal_weights(weights(tiny), before)


def test_groups_that_teach_nothing_are_refused(tokenizer: Any, tiny: Any, tmp_path: Path) -> None:
    silent = [Group("t", "prompt", "", ("x",), (0.0,), (False,), (1,))]
    with pytest.raises(TrainingError, match="none of the 1 groups"):
        trainer.fit(tiny, tokenizer, silent, settings(objective="rft"), "float32", 1, tmp_path)


def test_learning_rate_rises_then_falls_to_a_tenth() -> None:
    rates = [trainer.learning_rate(step, 100, 0.1) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * (i + 1) for i in range(10)])
    assert max(rates) == pytest.approx(1.0)
    assert all(a >= b for a, b in itertools.pairwise(rates[10:]))
    assert rates[-1] == pytest.approx(0.1, abs=0.01)
