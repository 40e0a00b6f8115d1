"""How fast is sampling in process? Ours beside transformers' own `generate`, same settings, alternating in one run.

    python benchmarks/sampling_speed.py [--policy DIR] [--tasks 60] [--rounds 3]

Both draw K samples for the same tasks of the gym at the same temperature and top_p, in batches of the same number of
samples, in float32, with as many threads. `generate` takes the tasks as they come; `generate, sorted` takes them by
length of prompt. Printed per way: samples per second of wall time (median over the rounds, each way once per round),
tokens per sample as a check that the ways draw from the same distribution, and the ratio to `generate`, of wall time
and of CPU time, which other work on the machine disturbs less.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from itertl import load_config
from itertl.policy.load import load_policy
from itertl.policy.prompt import encode_prompt, render_prompt
from itertl.records import Task
from itertl.sampling import Draw, sample
from itertl.tasks import gym

QUICKSTART = Path(__file__).parent.parent / "configs" / "quickstart.yaml"


def draw_ours(policy: Path, tasks: Sequence[Task], draw: Draw) -> list[int]:
    """Draw with `itertl.sampling.sample`; return the tokens of each sample."""
    _, tokenizer = load_policy(policy)
    return [len(tokenizer.encode(c.completion)) + (c.finish_reason == "stop") for c in sample(policy, tasks, draw)]


def draw_generate(policy: Path, tasks: Sequence[Task], draw: Draw, by_length: bool) -> list[int]:
    """Draw with `generate`, prompts padded on the left; return the tokens of each sample, EOS included."""
    model, tokenizer = load_policy(policy)
    prompts = [encode_prompt(tokenizer, render_prompt(task, draw.template)) for task in tasks]
    prompts = sorted(prompts, key=len) if by_length else prompts
    size = max(1, draw.batch_size // draw.samples)
    eos, lengths = tokenizer.eos_token_id, list[int]()
    torch.manual_seed(draw.seed)
    for start in range(0, len(prompts), size):
        batch = prompts[start : start + size]
        width = max(map(len, batch))
        ids = torch.tensor([[eos] * (width - len(prompt)) + prompt for prompt in batch])
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in batch])
        with torch.inference_mode():
            found: Any = model.generate(
                ids,
                attention_mask=mask,
                do_sample=True,
                temperature=draw.temperature,
                top_p=draw.top_p,
                top_k=0,
                num_return_sequences=draw.samples,
                max_new_tokens=draw.max_new_tokens,
                pad_token_id=eos,
            )
        lengths += [row.index(eos) + 1 if eos in row else len(row) for row in found[:, width:].tolist()]
    return lengths


def main() -> None:
    """Measure all ways and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policy", type=Path, default=Path("embedded"))
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    tasks = gym.generate("train", options.tasks, 1)
    draw = Draw.for_training(load_config(QUICKSTART, ["policy.dtype=float32"]), 1)
    ways: dict[str, Callable[[], list[int]]] = {
        "generate": lambda: draw_generate(options.policy, tasks, draw, by_length=False),
        "generate, sorted": lambda: draw_generate(options.policy, tasks, draw, by_length=True),
        "itertl": lambda: draw_ours(options.policy, tasks, draw),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    tokens: dict[str, float] = {}
    draw_ours(options.policy, tasks[:2], draw)
    draw_generate(options.policy, tasks[:2], draw, by_length=False)
    for _ in range(options.rounds):
        for name, way in ways.items():
            started, used = time.perf_counter(), time.process_time()
            lengths = way()
            seconds[name].append(time.perf_counter() - started)
            busy[name].append(time.process_time() - used)
            tokens[name] = sum(lengths) / len(lengths)
    table = Table("way", "samples/s", "tokens/sample", "ratio to generate", "ratio of CPU time")
    base, base_busy = (statistics.median(spent["generate"]) for spent in (seconds, busy))
    for name, spent in seconds.items():
        middle = statistics.median(spent)
        rate = options.tasks * draw.samples / middle
        cpu = base_busy / statistics.median(busy[name])
        table.add_row(name, f"{rate:.1f}", f"{tokens[name]:.1f}", f"{base / middle:.2f}", f"{cpu:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
