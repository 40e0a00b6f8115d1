"""How vllm is asked to serve a policy: whole weights by name, adapters unmerged on their base."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.sampling.test_server import DRAW

from itertl.config import LoraConfig, parse_config
from itertl.policy.adapters import add_adapters, save_adapters
from itertl.policy.folder import follow
from itertl.policy.load import load_policy
from itertl.sampling.draw import Service
from itertl.sampling.managed import Source, fill
from itertl.sampling.server import _source
from itertl.sampling.vllm import RANKS, adapter_command, size_for, whole_command

VALUES = {
    "host": "127.0.0.1",
    "policy": "runs/a/policy",
    "port": "8123",
    "name": "policy-abc",
    "seed": "1",
    "base": "base",
    "rank": "32",
}


def test_adapters_are_served_on_their_base_under_the_policys_name() -> None:
    command = fill(adapter_command("/opt/vllm/bin/python", "auto"), **VALUES)
    assert command[:5] == ["/opt/vllm/bin/python", "-m", "vllm.entrypoints.openai.api_server", "--model", "base"]
    assert "--enable-lora" in command
    assert command[command.index("--lora-modules") + 1] == "policy-abc=runs/a/policy"
    assert command[command.index("--max-lora-rank") + 1] == "32"
    assert command[command.index("--served-model-name") + 1] != "policy-abc"
    assert command[command.index("--dtype") + 1] == "bfloat16"
    assert not any("{" in part for part in command)


def test_whole_weights_are_served_as_they_are() -> None:
    for dtype, served in (("auto", "bfloat16"), ("bfloat16", "bfloat16"), ("float32", "float32")):
        command = fill(whole_command("python", dtype), **VALUES)
        assert command[command.index("--model") + 1] == "runs/a/policy"
        assert command[command.index("--dtype") + 1] == served
        assert "--enable-lora" not in command
    assert adapter_command("python", "float32") == (), "its kernels for adapters know 16 bit only"


@pytest.mark.parametrize(("rank", "size"), [(1, 8), (8, 8), (9, 16), (24, 32), (200, 256), (512, 512), (513, None)])
def test_the_rank_is_one_that_vllm_takes(rank: int, size: int | None) -> None:
    assert size_for(rank) == size
    assert size is None or size in RANKS


@pytest.fixture
def adapters(tmp_path: Path) -> Path:
    model, tokenizer = load_policy("embedded")
    folder = tmp_path / "iter_01" / "policy"
    folder.mkdir(parents=True)
    save_adapters(add_adapters(model, LoraConfig(rank=12), 1), tokenizer, ("embedded", None), folder)
    return folder


def service(values: dict[str, Any], dtype: str = "auto") -> Service:
    found = Service.of(parse_config({"server": values}).server, dtype)
    assert found is not None
    return found


def test_vllm_loads_adapters_as_they_are_and_other_engines_whole_weights(adapters: Path) -> None:
    draw = replace(DRAW, dtype="auto")
    base = follow("embedded")[0]
    assert _source(adapters, draw, service({"vllm_python": "python"})) == Source(str(adapters), base, 16)
    assert _source(Path("embedded"), draw, service({"vllm_python": "python"})) == Source(base)
    other = _source(adapters, draw, service({"command": ["serve", "{policy}", "{port}"]}))
    exact = _source(adapters, replace(DRAW, dtype="float32"), service({"vllm_python": "python"}, "float32"))
    for found in (other, exact):
        assert found.base == ""
        assert Path(found.folder).parent == adapters.parent / "merged"
    assert other.folder != exact.folder
