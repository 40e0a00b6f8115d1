"""Run as a program by test_rewards: two optimiser steps of TRL's GRPOTrainer, as examples/trl_grpo.py sets it up.

python tests/trl_two_steps.py FOLDER        prints one JSON object
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from examples.trl_grpo import trainer

from itertl.records import Candidate, Task
from itertl.rewards import functional_reward
from itertl.score import score
from itertl.verify import verify

# TRL 1.16 uses names that transformers 5 has changed.
warnings.filterwarnings("ignore", r"`(is_)?gradient_checkpointing(_\w+)?` is deprecated", FutureWarning)

seen: list[tuple[str, str, float | None]] = []  # reference, completion, reward


def recorded(prompts: list[str], completions: list[str], **columns: Any) -> list[float | None]:
    """The reward itself, and what it was asked and said."""
    values = functional_reward(prompts, completions, **columns)
    seen.extend(zip(columns["reference"], completions, values, strict=True))
    return values


def expected() -> list[float | None]:
    """The scores of all completions, computed the long way; None where there is no verdict to score."""
    tasks = [Task.of(reference) for reference, _, _ in seen]
    candidates = [Candidate.of(task, completion) for task, (_, completion, _) in zip(tasks, seen, strict=True)]
    verdicts = {v.code_id: v for v in verify(candidates, tasks)}
    pairs = zip(tasks, candidates, strict=True)
    found = [(task, c, verdicts[c.code_id]) for task, c in pairs]
    return [score("functional", task, c.code, v) if v.outcome.judged else None for task, c, v in found]


def main(folder: str) -> None:
    """Train for two steps and print rewards, what they had to be, and how far the weights moved."""
    grpo = trainer(folder, 2, recorded)
    before = {name: value.clone() for name, value in grpo.model.state_dict().items()}
    grpo.train()
    moved = sum(float((value - before[name]).abs().sum()) for name, value in grpo.model.state_dict().items())
    logs = [entry["verified/passed"] for entry in grpo.state.log_history if "verified/passed" in entry]
    result = {
        "steps": grpo.state.global_step,
        "changed": moved,
        "rewards": [value for _, _, value in seen],
        "expected": expected(),
        "metric": sum(logs) / len(logs),
        "passed": sum(value == 1.0 for _, _, value in seen) / len(seen),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1])
