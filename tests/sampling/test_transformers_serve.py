"""The real `transformers serve`, started and stopped by the sampler, with the policy that comes along."""

import json
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from itertl.config import parse_config
from itertl.disk.run_dir import open_run
from itertl.errors import ServerError
from itertl.loop import run
from itertl.policy.folder import policy_digest
from itertl.sampling import Draw, sample
from itertl.tasks import gym

SERVE = [str(Path(sys.executable).with_name("transformers")), "serve", "{policy}", "--device", "cpu"]
SERVE += ["--host", "127.0.0.1", "--port", "{port}"]
SAMPLED = {"generation_config": json.dumps({"do_sample": True, "top_k": 0, "eos_token_id": 1})}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("uvicorn"), reason="transformers[serving] is not installed"),
]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def test_an_iteration_runs_on_a_managed_server(tmp_path: Path) -> None:
    config = parse_config(
        {
            "iterations": 1,
            "tasks": {"gym": {"train": 4, "dev": 0, "test": 1, "shifted": 0, "unseen": 0}},
            "policy": {"path": "embedded"},
            "sampling": {
                "candidates": 2,
                "max_new_tokens": 60,
            },
            "server": {"command": SERVE, "concurrency": 1, "request": SAMPLED},
            "training": {"objective": "mle", "steps": 1, "groups_per_step": 2},
            "evaluation": {"samples": 1, "dev_samples": 1, "suites": []},
            "verify": {"workers": 1},
        }
    )
    with open_run(config, tmp_path / "run") as store:
        run(config, store)
    rows = [json.loads(line) for line in (tmp_path / "run/iter_01/candidates.jsonl").read_text().splitlines()]
    assert len(rows) == 8
    assert all(row["completion"] for row in rows)
    by_task = {row["task_id"]: {r["completion"] for r in rows if r["task_id"] == row["task_id"]} for row in rows}
    assert any(len(texts) > 1 for texts in by_task.values())
    assert {row["policy"] for row in rows} == {policy_digest(tmp_path / "run/iter_00/policy")}
    assert policy_digest(tmp_path / "run/iter_01/policy") != rows[0]["policy"]


def test_a_server_that_decodes_greedily_whatever_is_asked_is_found_out() -> None:
    config = parse_config({"policy": {"path": "embedded"}, "server": {"command": SERVE, "concurrency": 1}})
    draw = replace(Draw.for_training(config, 1), samples=2)
    with pytest.raises(ServerError, match="ignores seed or temperature"):
        list(sample(Path("embedded"), gym.generate("train", 2, 1), draw))
