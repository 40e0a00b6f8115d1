"""A slice of configs/smollm2.yaml, end to end: the pretrained model learns, samples and is judged by the real tools.

What the whole model says is in tests/policy/test_pretrained.py; here it is its first layers, which cost a quarter.
"""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.disk.artefacts import read_value
from itertl.disk.rows import read_rows
from itertl.evaluation.measure import Comparison
from itertl.policy.folder import policy_digest, read_pointer
from itertl.policy.gguf import origin_of
from itertl.policy.pretrained import model_place
from itertl.records import Verdict

LAYERS = 4  # of 30
CONFIG = Path(__file__).parents[1] / "configs" / "smollm2.yaml"
SLICE = [
    "iterations=1",
    "tasks.gym={train: 24, dev: 2, test: 2}",
    "tasks.references=8",
    "tasks.references_per_iteration=2",
    "tasks.per_iteration=3",
    "sampling.candidates=2",
    "sampling.max_new_tokens=8",
    "warm_start.passes=1.0",
    "training.groups_per_step=2",
    "evaluation.suites=[gym-test]",
    "evaluation.samples=1",
    "evaluation.dev_samples=1",
]


@pytest.fixture
def first_layers(smollm2_home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the name smollm2 mean the first layers of the model: in a cache of its own, all files as they are there."""
    monkeypatch.setenv("XDG_CACHE_HOME", smollm2_home)
    whole = model_place("smollm2")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(whole, folder := model_place("smollm2"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": LAYERS}))
    weights = load_file(whole / "model.safetensors")
    left_out = tuple(f"model.layers.{n}." for n in range(LAYERS, config["num_hidden_layers"]))
    kept = {name: value for name, value in weights.items() if not name.startswith(left_out)}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.slow
@pytest.mark.usefixtures("first_layers")
def test_a_slice_of_the_loop(tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = CliRunner().invoke(app, ["run", str(CONFIG), "--out", str(out), *(f"--set={value}" for value in SLICE)])
    assert done.exit_code == 0, done.output
    base = out / "iter_00" / "base"
    assert read_pointer(base) == ("smollm2", None)
    policies = [base, out / "iter_00" / "policy", out / "iter_01" / "policy"]
    assert all((origin_of(policy) or {})["licence"] == "Apache-2.0" for policy in policies)
    assert len({policy_digest(policy) for policy in policies}) == 3
    log = [row["mle"] for row in read_rows(policies[1] / "training.jsonl")]
    assert min(log[-2:]) < 0.8 * log[0]
    verdicts = [Verdict.from_dict(row) for row in read_rows(out / "iter_01" / "verdicts.jsonl")]
    assert len(verdicts) > 3
    assert all(verdict.outcome != "tool_error" for verdict in verdicts)
    assert read_value(out / "final.json", Comparison).evaluations["gym-test"]["last"].problems == 2
    assert json.loads((policies[1] / "config.json").read_text())["vocab_size"] == 49152
    assert (out / "report.html").is_file()
