"""Run directories with a tiny chat model: whole, or adapters on a base beside the run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.policy.tiny_gguf import chat_model, chat_tokenizer
from tests.report.synthetic_run import write_run

from itertl.config import LoraConfig, parse_config
from itertl.policy.adapters import add_adapters, save_adapters
from itertl.policy.folder import write_pointer
from itertl.policy.weights import save_policy

ITERATIONS = 2
MakeRun = Callable[..., Path]


@pytest.fixture(scope="session")
def chat() -> tuple[Any, Any]:
    """A model and its tokenizer."""
    tokenizer = chat_tokenizer()
    return chat_model(tokenizer), tokenizer


@pytest.fixture(scope="session")
def base(chat: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the base, with a note of its origin."""
    folder = tmp_path_factory.mktemp("base")
    save_policy(*chat, folder)
    origin = {"model": "Tiny chat", "source": "a test", "licence": "MIT"}
    (folder / "source.json").write_text(json.dumps(origin))
    return folder


@pytest.fixture
def make_run(chat: tuple[Any, Any], base: Path, tmp_path: Path) -> MakeRun:
    """Return a function that writes a run whose policies are adapters on `on`, or whole models where that is None."""

    def make(on: str | None = str(base), *, final: bool = True) -> Path:
        root = write_run(tmp_path / "runs" / "small", ITERATIONS, tasks=6, samples=3, final=final)
        policy = {"path": on or str(base), "dtype": "float32", "lora": {"rank": 4 if on else 0}}
        config = parse_config({"name": "small", "iterations": ITERATIONS, "policy": policy, "training": {"steps": 5}})
        (root / "config.yaml").write_text(config.to_yaml())
        (root / "iter_00" / "base").mkdir()
        write_pointer(root / "iter_00" / "base", on or str(base), None)
        for t in range(ITERATIONS + 1):
            folder = root / f"iter_{t:02d}" / "policy"
            if on is None:
                save_policy(*chat, folder)
            else:
                _write_adapters(chat, on, folder, seed=t)
        return root

    return make


def _write_adapters(chat: tuple[Any, Any], on: str, folder: Path, seed: int) -> None:
    fresh = chat_model(chat[1])
    wrapped = add_adapters(fresh, LoraConfig(rank=4), seed)
    torch.manual_seed(seed)
    for name, parameter in wrapped.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    save_adapters(wrapped, chat[1], (on, None), folder)
