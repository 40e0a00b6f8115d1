"""GRPO with TRL on generated hardware tasks: the reward is what simulation says, on a CPU in minutes.

python examples/trl_grpo.py --steps 20          # pip install 'itertl[train]' trl

With a model and data of one's own, three things remain: the dataset's column `reference` (and `header`, where prompts
end with one), `reward_funcs=functional_reward`, and nothing else.
"""

import argparse
from importlib.resources import files
from typing import Any

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

from itertl.rewards import functional_reward
from itertl.tasks import gym

EMBEDDED = str(files("itertl") / "embedded")  # a tiny policy that comes with the package


def dataset(count: int) -> Dataset:
    """Return `count` tasks as TRL reads them: a prompt, and the columns that the reward needs."""
    tasks = gym.generate("train", count, seed=1)
    rows = [
        {"prompt": f"{task.instruction}\n\n{task.header}", "reference": task.reference, "header": task.header}
        for task in tasks
    ]
    return Dataset.from_list(rows)


def trainer(out: str, steps: int, reward: Any = functional_reward) -> GRPOTrainer:
    """Return TRL's trainer, ready to run `steps` optimiser steps."""
    config = GRPOConfig(
        output_dir=out,
        max_steps=steps,
        per_device_train_batch_size=16,
        num_generations=8,
        max_completion_length=160,
        learning_rate=3e-4,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        bf16=False,
        use_cpu=not torch.cuda.is_available(),
    )
    model = AutoModelForCausalLM.from_pretrained(EMBEDDED, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(EMBEDDED)
    return GRPOTrainer(
        model=model, reward_funcs=reward, args=config, train_dataset=dataset(400), processing_class=tokenizer
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="runs/trl-grpo", help="where the trained model goes")
    parser.add_argument("--steps", type=int, default=20, help="optimiser steps")
    arguments = parser.parse_args()
    grpo = trainer(arguments.out, arguments.steps)
    grpo.train()
    grpo.save_model()
