"""Adapters: only they are saved, they continue, they merge, and the digest covers base and adapters."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tests.conftest import SHAPE
from tests.training.conftest import GROUPS, settings

from itertl.config import PolicyConfig
from itertl.errors import ConfigError
from itertl.training.adapters import merged
from itertl.training.job import Job
from itertl.training.launch import run_job
from itertl.training.models import load_policy, load_shape, policy_digest, save_policy, weights_folder
from itertl.training.tiny import build_tiny
from itertl.training.trainee import load_trainee

POLICY = PolicyConfig.model_validate({"dtype": "float32", "lora": {"rank": 4, "alpha": 8}})


@pytest.fixture(scope="module")
def run(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory with a base and two iterations of adapters."""
    root = tmp_path_factory.mktemp("run")
    base = root / "iter_00" / "base"
    save_policy(build_tiny(SHAPE, tokenizer, seed=1), tokenizer, base)
    before = base
    for t in (1, 2):
        out = root / f"iter_{t:02d}" / "policy"
        out.mkdir(parents=True)
        run_job(Job(str(before), GROUPS, settings(steps=3, learning_rate=1e-2), POLICY, t, out), "test")
        before = out
    return root


def policy(run: Path, iteration: int) -> Path:
    return run / f"iter_{iteration:02d}" / "policy"


def test_a_policy_holds_its_adapters_only_and_names_its_base(run: Path) -> None:
    for t in (1, 2):
        folder = policy(run, t)
        assert [path.name for path in folder.glob("*.safetensors")] == ["adapter_model.safetensors"]
        assert all(".lora_" in name for name in load_file(folder / "adapter_model.safetensors"))
        assert json.loads((folder / "base.json").read_text())["path"] == "../../iter_00/base"
        assert load_shape(folder).hidden_size == SHAPE.width


def test_the_next_iteration_continues_the_adapters(run: Path) -> None:
    first, second = (load_file(policy(run, t) / "adapter_model.safetensors") for t in (1, 2))
    assert first.keys() == second.keys()
    assert any(not torch.equal(first[name], second[name]) for name in first)
    trainee = load_trainee(policy(run, 2), POLICY, seed=9)
    trainable = {name: p for name, p in trainee.scorer.named_parameters() if p.requires_grad}
    assert len(trainable) == len(second)
    for name, value in trainable.items():
        saved = name.removeprefix("model.").replace(".default", "")
        torch.testing.assert_close(value.data, second[f"base_model.model.{saved}"])


def test_merged_weights_are_a_plain_checkpoint_with_the_same_output(run: Path, tmp_path: Path) -> None:
    folder = merged(policy(run, 2), tmp_path / "merged", dtype="float32")
    assert not list(folder.glob("adapter*"))
    ids = torch.tensor([[0, 5, 9, 30]])
    with torch.no_grad():
        plain = load_policy(folder)[0](ids).logits
        trainee = load_trainee(policy(run, 2), POLICY, seed=9).scorer.model(ids).logits
        sampled = load_policy(policy(run, 2))[0](ids).logits
        base = load_policy(run / "iter_00" / "base")[0](ids).logits
    torch.testing.assert_close(plain, trainee, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(sampled, plain, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(plain, base, atol=1e-4)
    assert merged(folder, tmp_path / "other") == folder
    assert Path(weights_folder(policy(run, 2))).is_relative_to(run / "iter_02" / "merged")


def test_the_digest_covers_adapters_and_base(run: Path) -> None:
    digests = {policy_digest(path) for path in (run / "iter_00" / "base", policy(run, 1), policy(run, 2))}
    assert len(digests) == 3
    before = policy_digest(policy(run, 1))
    weights = run / "iter_00" / "base" / "model.safetensors"
    kept = weights.read_bytes()
    weights.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert policy_digest(policy(run, 1)) != before
    weights.write_bytes(kept)
    assert policy_digest(policy(run, 1)) == before


def test_targets_that_fit_no_layer_are_refused(run: Path) -> None:
    wrong = PolicyConfig.model_validate({"lora": {"rank": 4, "targets": ["nothing_proj"]}})
    with pytest.raises(ConfigError, match=r"policy\.lora\.targets \['nothing_proj'\] fit no layer"):
        load_trainee(run / "iter_00" / "base", wrong, seed=1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_quantized_weights_need_a_gpu(run: Path) -> None:
    wrong = PolicyConfig.model_validate({"lora": {"rank": 4, "quantize": True}})
    with pytest.raises(ConfigError, match=r"policy\.lora\.quantize needs a CUDA device"):
        load_trainee(run / "iter_00" / "base", wrong, seed=1)


def test_gradient_checkpointing_changes_no_gradient(run: Path, tokenizer: Any) -> None:
    from itertl.training.lessons import build_lessons
    from itertl.training.optimise import build_optimizers
    from itertl.training.trainer import train_step

    rows = []
    for again in (False, True):
        chosen = POLICY.model_copy(update={"gradient_checkpointing": again})
        trainee = load_trainee(policy(run, 1), chosen, seed=1)
        lessons = build_lessons(GROUPS[:4], tokenizer, settings(), 1024)
        rows.append(train_step(trainee.scorer, lessons, build_optimizers(trainee.scorer, settings()), settings()))
    assert rows[0] == pytest.approx(rows[1], rel=1e-5)
