"""How fast a training step is on this processor with rows end to end, beside padded batches.

    python -m benchmarks.joined_rows --policies embedded smollm2 --dtypes float32 bfloat16

Steps of eight references of the gym, by MLE, all weights. The ways take turns over the same steps, and a row prints the
tokens a second of each, padding not counted, relative to padded batches with attention in the arithmetic of products:
the medians of the steps' ratios. The parts of `itertl.training` that are compared are switched by hand here.
"""

import argparse
import statistics
import time
from dataclasses import replace

import torch

from itertl.config import TrainingConfig
from itertl.policy.prompt import encode_prompt, encode_target, render_prompt
from itertl.policy.weights import load_tokenizer, load_weights
from itertl.tasks import gym
from itertl.training.attention import ATTENTION
from itertl.training.optimise import Optimizers, build_optimizers
from itertl.training.rows import Example
from itertl.training.scorer import Scorer, join_rows
from itertl.training.two_pass import two_pass_backward

TEMPLATE = "{commented}\n{header}"
STEP = 8  # references
LONGEST = 512  # tokens of an example
PADDED, LAUNCH_64 = "sdpa", 64.0  # attention and the cost of a batch by itself, as they were


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--policies", nargs="+", default=["embedded", "smollm2"])
    parser.add_argument("--dtypes", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--micro-batch", type=int, default=4096)
    asked = parser.parse_args()
    print(
        "| policy, arithmetic | padded | padded, attention in float32, fuller batches | end to end |\n|---|---|---|---|"
    )
    for name in asked.policies:
        tokenizer = load_tokenizer(name)
        steps = _steps(tokenizer, asked.steps)
        for dtype in asked.dtypes:
            rates = _rates(Scorer(load_weights(name), dtype), steps, asked.micro_batch)
            base = rates[0]
            ratios = [statistics.median(a / b for a, b in zip(rate, base, strict=True)) for rate in rates]
            shown = " | ".join(
                f"{ratio:.2f} ({statistics.median(r):.0f}/s)" for ratio, r in zip(ratios, rates, strict=True)
            )
            print(f"| {name}, {dtype} | {shown} |", flush=True)


def _steps(tokenizer: object, count: int) -> list[list[Example]]:
    examples = []
    for task in gym.generate("train", 4 * STEP * count, 1):
        prompt = encode_prompt(tokenizer, render_prompt(task, TEMPLATE))
        target = encode_target(tokenizer, task.body)
        if len(prompt) + len(target) <= LONGEST:
            examples.append(Example(prompt, [target]))
    return [examples[i : i + STEP] for i in range(0, STEP * count, STEP)]


def _rates(scorer: Scorer, steps: list[list[Example]], micro_batch: int) -> list[list[float]]:
    """Return tokens a second of each step: padded as it was, padded as it is, end to end."""
    fuller = scorer.cost
    join_rows(scorer, [example for step in steps for example in step])
    ways = [
        (PADDED, replace(fuller, launch=LAUNCH_64), False),
        (ATTENTION, fuller, False),
        (ATTENTION, fuller, scorer.end_to_end),
    ]
    optimizers = build_optimizers(scorer, TrainingConfig(objective="mle", learning_rate=1e-5))
    rates: list[list[float]] = [[] for _ in ways]
    for number, examples in enumerate([steps[0], *steps]):
        for rate, (attention, cost, end_to_end) in zip(rates, ways, strict=True):
            scorer.model.set_attn_implementation(attention)
            scorer.cost, scorer.end_to_end = cost, end_to_end
            seconds = _step(scorer, examples, optimizers, micro_batch)
            if number:  # the first one warms up
                rate.append(sum(len(e.prompt) + len(e.targets[0]) for e in examples) / seconds)
    return rates


def _step(scorer: Scorer, examples: list[Example], optimizers: Optimizers, micro_batch: int) -> float:
    begin = time.perf_counter()
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    two_pass_backward(
        scorer, examples, lambda _, logp: -logp.sum() / 1000, micro_batch=micro_batch, constant=[True] * len(examples)
    )
    torch.nn.utils.clip_grad_norm_(scorer.parameters(), 1.0)
    for optimizer in optimizers:
        optimizer.step()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
