"""Training in bfloat16 follows training in float32, and what is saved is what was trained."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.conftest import SHAPE
from tests.training.conftest import GROUPS, OBJECTIVES, interrupted, settings

from itertl.config import PolicyConfig
from itertl.errors import TrainingError
from itertl.policy.load import load_policy
from itertl.policy.tiny import build_tiny
from itertl.progress import silent
from itertl.training import job as jobs
from itertl.training import trainer
from itertl.training.job import Job, perform
from itertl.training.launch import run_job
from itertl.training.scorer import Scorer
from itertl.training.trainee import save_trainee

STEPS = 12
APART = 0.1  # mean distance of two trajectories, relative to how far the loss falls; stale weights: over 0.34

gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
CUDA = pytest.param("cuda", marks=[pytest.mark.gpu, gpu])


@pytest.fixture(params=["cpu", CUDA])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the test trains: on the processor even where there is a GPU, and on a GPU."""
    if request.param == "cpu":
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    return str(request.param)


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "training.jsonl").read_text().splitlines()]


def train(
    base: Path | str, out: Path, dtype: str, *, rank: int = 0, checkpointing: bool = False, **changes: Any
) -> list[float]:
    """A training stage of the policy `base` in `dtype`; return the loss of each step."""
    out.mkdir(parents=True, exist_ok=True)
    values = {"dtype": dtype, "lora": {"rank": rank}, "gradient_checkpointing": checkpointing}
    rate = 1e-2 if rank else 3e-3
    chosen = settings(**{"steps": STEPS, "learning_rate": rate, "checkpoint_steps": 10} | changes)
    run_job(Job(str(base), GROUPS, chosen, PolicyConfig.model_validate(values), 7, out), "test")
    return losses(out)


def assert_follows(found: list[float], wanted: list[float]) -> None:
    """The one trajectory stays near the other, measured by how far that one falls."""
    fall = wanted[0] - min(wanted)
    distance = sum(abs(a - b) for a, b in zip(found, wanted, strict=True)) / len(wanted)
    assert fall > 0
    assert distance <= APART * fall, f"distance {distance / fall:.3f} of the fall"


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_each_objective_falls_in_bfloat16_as_in_float32(
    tokenizer: Any, tmp_path: Path, objective: str, device: str
) -> None:
    found = []
    for dtype in ("bfloat16", "float32"):
        (tmp_path / dtype).mkdir()
        scorer = Scorer(build_tiny(SHAPE, tokenizer, seed=1).to(device), dtype)
        chosen = settings(objective=objective, steps=STEPS, groups_per_step=2, learning_rate=3e-3, checkpoint_steps=100)
        trainer.fit(scorer, tokenizer, GROUPS[:6], chosen, 1, tmp_path / dtype)
        found.append(losses(tmp_path / dtype))
    assert_follows(*found)


@pytest.mark.slow
def test_the_embedded_policy_falls_in_bfloat16_as_in_float32(tmp_path: Path, device: str) -> None:
    chosen: dict[str, Any] = {"objective": "verified", "learning_rate": 3e-4}
    found = train("embedded", tmp_path / "bfloat16", "bfloat16", **chosen)
    assert_follows(found, train("embedded", tmp_path / "float32", "float32", **chosen))


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{"rank": 8}, {"checkpointing": True}], ids=str)
def test_adapters_and_recomputed_layers_follow_float32(
    base: Path, tmp_path: Path, changes: dict[str, Any], device: str
) -> None:
    found = train(base, tmp_path / "bfloat16", "bfloat16", objective="mle", **changes)
    assert_follows(found, train(base, tmp_path / "float32", "float32", objective="mle", **changes))


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 8])
@pytest.mark.usefixtures("started")
def test_two_processes_in_bfloat16_follow_one_in_float32(base: Path, tmp_path: Path, rank: int) -> None:
    found = train(base, tmp_path / "two", "bfloat16", rank=rank, objective="mle", processes=2)
    assert_follows(found, train(base, tmp_path / "one", "float32", rank=rank, objective="mle"))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    (path,) = folder.glob("*.safetensors")
    return dict(load_file(path))


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 8])
def test_an_interrupted_stage_in_bfloat16_ends_with_the_same_weights(base: Path, tmp_path: Path, rank: int) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(base, whole, "bfloat16", rank=rank, steps=8, checkpoint_steps=3)
    with interrupted(step=6):
        train(base, broken, "bfloat16", rank=rank, steps=8, checkpoint_steps=3)
    assert (broken / "checkpoint" / "000003").is_dir()
    train(base, broken, "bfloat16", rank=rank, steps=8, checkpoint_steps=3)
    assert losses(broken) == losses(whole)
    for name, value in weights(whole).items():
        assert torch.equal(weights(broken)[name], value), name


def a_job(out: Path, dtype: str = "bfloat16", rank: int = 0, **changes: Any) -> Job:
    out.mkdir(exist_ok=True)
    policy = PolicyConfig.model_validate({"dtype": dtype, "lora": {"rank": rank}})
    chosen = settings(**{"objective": "mle", "steps": 6, "learning_rate": 1e-3} | changes)
    return Job("embedded", GROUPS, chosen, policy, 7, out)


def test_weights_that_stay_stale_while_training_goes_on_are_found(tmp_path: Path) -> None:
    with (
        torch.autocast("cpu", dtype=torch.bfloat16),  # keeps the copies of the first step's weights until its end
        pytest.raises(TrainingError, match=r"is not the one that was trained: .* nats per token has"),
    ):
        perform(a_job(tmp_path / "out"), silent)


@pytest.mark.parametrize("rank", [0, 4])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_policy_saved_without_its_last_updates_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, rank: int
) -> None:
    plain, factor = save_trainee, 0.0 if rank else 0.98

    def loses(trainee: Any, folder: Path, world: Any) -> None:
        plain(trainee, folder, world)
        (path,) = folder.glob("*.safetensors")
        save_file({name: value * factor for name, value in load_file(path).items()}, path, {"format": "pt"})

    monkeypatch.setattr(jobs, "save_trainee", loses)
    with pytest.raises(TrainingError, match="is not the one that was trained"):
        perform(a_job(tmp_path / "out", dtype, rank, learning_rate=1e-2), silent)


def test_a_forward_pass_sees_the_weights_of_its_step() -> None:
    model, _ = load_policy("embedded")
    scorer = Scorer(model, "bfloat16")
    layout = layout_of_one(scorer)
    first = scorer(layout)
    with torch.no_grad():
        model.model.layers[0].mlp.down_proj.weight.mul_(2.0)
    assert not torch.equal(scorer(layout), first)


def layout_of_one(scorer: Scorer) -> Any:
    from itertl.training.rows import Example, Row, lay_out

    return lay_out([Example([0, 5, 6], [[7, 8, 1]])], [Row(0, [0], 6)]).to(scorer.device)
