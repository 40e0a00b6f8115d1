"""Adapters: only they are saved, they continue, they merge, and the digest covers base and adapters."""

import json
import logging
import re
import shutil
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from safetensors.torch import load_file
from tests.conftest import SHAPE
from tests.sampling.test_in_process import DRAW
from tests.training.conftest import GROUPS, settings

from itertl.config import PolicyConfig
from itertl.errors import ConfigError
from itertl.policy.adapters import merge, merged
from itertl.policy.folder import follow, policy_digest
from itertl.policy.kept import nearest
from itertl.policy.load import load_policy, weights_folder
from itertl.policy.tiny import build_tiny
from itertl.policy.weights import load_shape, load_tokenizer, save_policy
from itertl.sampling.in_process import sample
from itertl.tasks import gym
from itertl.training.job import Job
from itertl.training.launch import run_job
from itertl.training.lessons import build_lessons
from itertl.training.scorer import Scorer
from itertl.training.trainee import load_trainee
from itertl.training.two_pass import all_logps

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


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Adapters on the embedded policy, whose weights are on the bfloat16 grid, after updates that are far below it."""
    folder = tmp_path_factory.mktemp("small") / "iter_01" / "policy"
    folder.mkdir(parents=True)
    chosen = settings(objective="mle", steps=6, learning_rate=2e-5, groups_per_step=2, checkpoint_steps=50)
    run_job(Job("embedded", GROUPS[:4], chosen, POLICY, 1, folder), "test")
    return folder


def scores(model: Any, tokenizer: Any) -> torch.Tensor:
    """S of a few references in nats, in float32."""
    examples = [lesson.example for lesson in build_lessons(GROUPS, tokenizer, settings(objective="mle"), 1024)]
    return torch.cat(list(all_logps(Scorer(model.float(), "float32"), examples, micro_batch=2048)))


def test_the_sampled_policy_has_the_update_that_a_merge_in_bfloat16_loses(small: Path) -> None:
    tokenizer = load_tokenizer(small)
    before = scores(load_policy("embedded")[0], tokenizer)
    trained = scores(merge(small), tokenizer) - before
    sampled = scores(load_policy(small, dtype=torch.bfloat16)[0], tokenizer) - before
    lost = scores(merge(small).bfloat16(), tokenizer) - before
    torch.testing.assert_close(sampled, trained, rtol=1e-2, atol=1e-4)
    assert float((lost - trained).norm()) > 0.75 * float(trained.norm())
    served = scores(load_policy(weights_folder(small))[0], tokenizer) - before
    assert float((served - trained).norm()) < 0.4 * float(trained.norm())


def test_the_sampled_model_keeps_its_base_in_the_arithmetic_and_its_adapters_in_float32(small: Path) -> None:
    for dtype in (torch.float32, torch.bfloat16):
        model, _ = load_policy(small, dtype=dtype)
        kinds = {("lora_" in name, parameter.dtype) for name, parameter in model.named_parameters()}
        assert kinds == {(True, torch.float32), (False, dtype)}
        assert not any(module.training for module in model.modules())


def test_sampling_with_adapters_draws_the_same_bytes_again(small: Path) -> None:
    draw = replace(DRAW, dtype="bfloat16", samples=2, batch_size=2, max_new_tokens=4)
    tasks = gym.generate("train", 2, 1)
    whole = list(sample(small, tasks, draw))
    assert whole[:3] + list(sample(small, tasks, draw, done=whole[:3])) == whole


def test_a_merge_into_bfloat16_warns_of_what_it_loses(small: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "itertl"):
        weights_folder(small)
        merge(small)
        assert not caplog.records
        merge(small, nearest)
    assert re.search(r"merged in bfloat16, the adapters of .* keep \d\.\d % of their update", caplog.text)


def test_plain_peft_loads_a_policys_adapters(small: Path) -> None:
    ids = torch.tensor([[0, 5, 9, 30]])
    named = peft.PeftConfig.from_pretrained(small)
    assert (named.peft_type, named.base_model_name_or_path) == ("LORA", follow("embedded")[0])
    base = load_policy(named.base_model_name_or_path)[0]
    with torch.no_grad():
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=FutureWarning)  # peft reads names that transformers deprecates
            found = peft.PeftModel.from_pretrained(base, small)(ids).logits
        torch.testing.assert_close(found, load_policy(small)[0](ids).logits)


@pytest.mark.filterwarnings("ignore:.*:FutureWarning", "ignore:.*:UserWarning:peft")
def test_pefts_auto_class_opens_an_adapter_folder_by_its_name_alone(small: Path, run: Path) -> None:
    ids = torch.tensor([[0, 5, 9, 30]])
    for folder in (small, policy(run, 2)):
        with torch.no_grad():
            found = peft.AutoPeftModelForCausalLM.from_pretrained(folder, dtype=torch.float32)(ids).logits
            torch.testing.assert_close(found, load_policy(folder)[0](ids).logits)


def test_the_settings_are_those_that_peft_writes(small: Path, tmp_path: Path) -> None:
    peft.PeftConfig.from_pretrained(small).save_pretrained(tmp_path)
    found, theirs = (json.loads((f / "adapter_config.json").read_text()) for f in (small, tmp_path))
    for named in (found, theirs):
        named["target_modules"] = sorted(named["target_modules"])
    assert found == theirs


def test_settings_of_another_version_of_peft_are_read(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "policy")
    file = tmp_path / "policy" / "adapter_config.json"
    for change in ({"of_the_future": True}, None):
        whole = json.loads((small / "adapter_config.json").read_text())
        names = ("r", "lora_alpha", "target_modules", "bias", "task_type", "peft_type", "base_model_name_or_path")
        kept = whole | change if change else {name: whole[name] for name in names}
        file.write_text(json.dumps(kept))
        ids = torch.tensor([[0, 5, 9, 30]])
        with torch.no_grad(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Unexpected keyword")
            torch.testing.assert_close(
                load_policy(tmp_path / "policy")[0](ids).logits, load_policy(small)[0](ids).logits
            )


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
    from itertl.training.optimise import build_optimizers
    from itertl.training.trainer import train_step

    rows = []
    for again in (False, True):
        chosen = POLICY.model_copy(update={"gradient_checkpointing": again})
        trainee = load_trainee(policy(run, 1), chosen, seed=1)
        lessons = build_lessons(GROUPS[:4], tokenizer, settings(), 1024)
        rows.append(train_step(trainee.scorer, lessons, build_optimizers(trainee.scorer, settings()), settings()))
    assert rows[0] == pytest.approx(rows[1], rel=1e-5)
