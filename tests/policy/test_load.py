"""What ends a sample: every EOS that a model brings, through training, adapters and merging."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import SHAPE
from tests.training.conftest import GROUPS, settings

from itertl.config import PolicyConfig
from itertl.errors import ConfigError
from itertl.policy.adapters import merged
from itertl.policy.load import load_policy
from itertl.policy.tiny import build_tiny
from itertl.policy.weights import end_ids, load_weights, save_policy
from itertl.training.job import Job
from itertl.training.launch import run_job

TURN = 300  # a token of the tests' vocabulary, made the end of a turn


def save_with_ends(tokenizer: Any, folder: Path, ends: Any) -> None:
    """Save a tiny policy whose generation_config.json names `ends`, and whose tokenizer knows TURN as special."""
    own = copy.deepcopy(tokenizer)
    own.add_special_tokens({"additional_special_tokens": [own.convert_ids_to_tokens(TURN)]})
    save_policy(build_tiny(SHAPE, tokenizer, seed=1), own, folder)
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": ends, "temperature": 0.6}))


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ([1, TURN], {1, TURN}),  # as Llama 3
        (TURN, {1, TURN}),
        (1, {1}),
        (None, {1}),
        ([2], {1}),  # a default of the config's class, and here a letter
    ],
)
def test_the_ends_of_generation_config_and_tokenizer_end_a_sample(
    tokenizer: Any, tmp_path: Path, named: Any, found: set[int]
) -> None:
    save_with_ends(tokenizer, tmp_path, named)
    model, own = load_policy(tmp_path)
    assert end_ids(model, own) == found
    assert model.generation_config.temperature is None  # how samples are drawn is the config's


@pytest.mark.parametrize("rank", [0, 4], ids=["all weights", "adapters"])
def test_a_trained_policy_keeps_its_ends(tokenizer: Any, tmp_path: Path, rank: int) -> None:
    base, out = tmp_path / "base", tmp_path / "policy"
    save_with_ends(tokenizer, base, [1, TURN])
    out.mkdir()
    policy = PolicyConfig.model_validate({"dtype": "float32", "lora": {"rank": rank, "alpha": 8}})
    run_job(Job(str(base), GROUPS[:2], settings(steps=1, objective="mle"), policy, 1, out), "test")
    assert end_ids(*load_policy(out)) == {1, TURN}
    whole = merged(out, tmp_path / "merged")
    assert json.loads((whole / "generation_config.json").read_text())["eos_token_id"] == [1, TURN]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("runs/quickstat", "the folder runs has no 'quickstat'; did you mean runs/quickstart?"),
        ("runs/other/iter_01/policy", "the folder runs has no 'other', it holds quickstart"),
        (
            "./runs/quickstart/iter_1/policy",
            "the folder runs/quickstart has no 'iter_1'; did you mean runs/quickstart/iter_01?",
        ),
        ("nobody/nothing", "a name on the hub that this machine can reach"),
    ],
)
def test_a_model_that_is_not_there_is_told_beside_what_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    (tmp_path / "runs/quickstart/iter_01/policy").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ConfigError, match=re.escape(said)) as found:
        load_weights(name)
    assert ("the folder" in str(found.value)) is ("runs" in name)
