"""The quick-start, cut down, in both arithmetics: what its saved policies have learnt, measured from their folders."""

from pathlib import Path

import pytest
import torch

from itertl import load_config, open_run, run
from itertl.disk.rows import read_rows
from itertl.policy.load import load_policy
from itertl.policy.prompt import encode_prompt, encode_target, render_prompt, response
from itertl.records import Task
from itertl.tasks.load import of_split
from itertl.training.rows import Example
from itertl.training.scorer import Scorer
from itertl.training.two_pass import all_logps

CONFIG = Path(__file__).parent.parent / "configs" / "quickstart.yaml"
SMALL = (
    "iterations=2",
    "tasks.gym={train: 8, dev: 1, test: 1, shifted: 0, unseen: 0, families: [adder, subtractor, gate, register]}",
    "tasks.references=6",
    "tasks.per_iteration=2",
    "sampling.candidates=1",
    "sampling.max_new_tokens=28",
    "training.steps=6",
    "training.groups_per_step=6",
    "evaluation.suites=[]",
    "evaluation.samples=1",
    "evaluation.dev_samples=1",
    "verify.workers=1",
)


def loss(policy: Path, tasks: list[Task], template: str) -> float:
    """Nats per token of a saved policy on the references, in float32."""
    model, tokenizer = load_policy(policy)
    prompts = [encode_prompt(tokenizer, render_prompt(task, template)) for task in tasks]
    targets = [encode_target(tokenizer, response(task, template)) for task in tasks]
    examples = [Example(prompt, [target]) for prompt, target in zip(prompts, targets, strict=True)]
    total = float(torch.cat(all_logps(Scorer(model), examples, micro_batch=4096)).sum())
    return -total / sum(len(example.targets[0]) for example in examples)


@pytest.mark.slow
def test_the_saved_policies_of_the_quick_start_learn_alike_in_both_arithmetics(tmp_path: Path) -> None:
    falls = {}
    for dtype in ("float32", "bfloat16"):
        config = load_config(CONFIG, [*SMALL, f"policy.dtype={dtype}"])
        with open_run(config, tmp_path / dtype) as store:
            run(config, store)
        tasks = [Task.from_dict(row) for row in read_rows(tmp_path / dtype / "tasks.jsonl")]
        known = of_split(tasks, "train")[: config.tasks.references]
        losses = [
            loss(tmp_path / dtype / f"iter_{t:02d}" / "policy", known, config.policy.prompt)
            for t in range(config.iterations + 1)
        ]
        falls[dtype] = [1 - after / losses[0] for after in losses[1:]]
    for fall in falls.values():
        assert fall[1] > fall[0] > 0.05
    assert falls["bfloat16"] == pytest.approx(falls["float32"], rel=0.15)
