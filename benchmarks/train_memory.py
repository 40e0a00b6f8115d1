"""Memory, speed and model FLOP utilisation of one training step, two passes beside one pass, for K = 1, 4, 8.

    python benchmarks/train_memory.py                                        scaled-down layers on this CPU
    python benchmarks/train_memory.py --device cuda --model qwen2.5-coder-7b --rank 32 --checkpointing

Models have the shapes of the real ones and random weights. On a CPU they are scaled down (`SCALE`), so that the
script ends within minutes; figures of real shapes need a GPU. Memory is measured in a process of its own for each
line: what the step adds to the weights, beside what `itertl.policy.memory` predicts. Times are medians over rounds
in which both ways alternate (CPU time where there is no GPU), and only their ratio means anything beyond this machine.
Utilisation counts the operations of a one-pass step, 6 per weight and token (4 where the weights are frozen), and
compares with a matrix product of the same run; a prompt that is shared is counted once per candidate, as one pass
computes it.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psutil
import torch
import transformers
from torch import Tensor

from itertl.config import LoraConfig
from itertl.policy.arithmetic import arithmetic
from itertl.policy.memory import GIB, KNOWN, Load, Shape, training_memory
from itertl.training import objectives
from itertl.training.rows import Example
from itertl.training.scorer import Scorer
from itertl.training.two_pass import one_pass_backward, two_pass_backward

MODELS = {
    "deepseek-coder-6.7b": "deepseek-ai/deepseek-coder-6.7b-base",
    "qwen2.5-coder-7b": "Qwen/Qwen2.5-Coder-7B",
    "qwen2.5-coder-1.5b": "Qwen/Qwen2.5-Coder-1.5B",
}
SCALE = 32  # on a CPU: width, heads, inner width and vocabulary divided by this, and LAYERS layers
LAYERS = 4
GROUPS = {"long answers": (80, 400), "long prompts": (480, 80)}  # tokens of the prompt and of each candidate
AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}  # freed memory goes back, so that peaks are real


@dataclass(frozen=True)
class Setting:
    """What one line of the tables measures."""

    model: str
    device: str
    rank: int
    checkpointing: bool
    micro_batch: int
    groups: int
    kind: str = "long answers"
    candidates: int = 1
    way: str = "two"


def shape_for(setting: Setting) -> Shape:
    """Return the real shape, or the scaled one on a CPU."""
    real = KNOWN[MODELS[setting.model]]
    if setting.device != "cpu":
        return real
    heads = max(2, real.heads // SCALE)
    return Shape(
        LAYERS,
        real.width // SCALE // heads * heads,
        real.inner // SCALE,
        heads,
        max(1, min(heads, real.kv_heads // SCALE)),
        real.width // SCALE // heads,
        real.vocabulary // SCALE,
        4096,
        real.tied,
    )


def build(setting: Setting) -> Scorer:
    """Return the model with random weights, with adapters where a rank is given."""
    shape = shape_for(setting)
    values = {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "max_position_embeddings": shape.context,
        "tie_word_embeddings": shape.tied,
    }
    qwen = setting.model.startswith("qwen")
    config = transformers.Qwen2Config(**values) if qwen else transformers.LlamaConfig(**values)
    torch.manual_seed(1)
    frozen = torch.bfloat16 if setting.rank and setting.device != "cpu" else torch.float32
    with torch.device(setting.device):
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=frozen, attn_implementation="sdpa")
    model.eval()
    if setting.rank:
        from itertl.policy.adapters import add_adapters

        model = add_adapters(model, LoraConfig(rank=setting.rank), 1).get_base_model()
    if setting.checkpointing:
        from itertl.training.trainee import checkpoint_layers

        checkpoint_layers(model)
    return Scorer(model)


def step_of(setting: Setting, scorer: Scorer) -> Callable[[], Any]:
    """Return a training step without the optimiser: all groups, with the paper's objective."""
    prompt, answer = GROUPS[setting.kind]
    vocabulary = scorer.model.config.vocab_size
    generator = torch.Generator().manual_seed(1)

    def ids(count: int) -> list[int]:
        found: list[int] = torch.randint(vocabulary, (count,), generator=generator).tolist()
        return found

    size = setting.candidates + 1  # the candidates and the reference
    examples = [
        Example(ids(prompt), [ids(answer + 7 * (k % 5) - 14) for k in range(size)]) for _ in range(setting.groups)
    ]
    scores = torch.linspace(0, 1, size)
    lengths = [torch.tensor([float(len(target)) for target in example.targets]) for example in examples]

    def objective(g: int, logp_K: Tensor) -> Tensor:
        return objectives.ranked_mle(logp_K, lengths[g], scores, size - 1, weight=1.0, margin=0.3, gap=0.05)

    def step() -> None:
        scorer.zero_grad(set_to_none=True)
        with arithmetic("float32" if setting.device == "cpu" else "bfloat16"):
            if setting.way == "one":
                one_pass_backward(scorer, examples, objective)
            else:
                two_pass_backward(scorer, examples, objective, micro_batch=setting.micro_batch)
        if setting.device != "cpu":
            torch.cuda.synchronize()

    return step


def peak(setting: Setting) -> float:
    """Return the bytes that a step needs beyond the weights, measured in this process; run in one of its own."""
    scorer = build(setting)
    step = step_of(setting, scorer)
    if setting.device != "cpu":
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        step()
        return float(torch.cuda.max_memory_allocated() - before)
    two_pass_backward(scorer, [Example([0], [[1]])], lambda g, logp_K: logp_K.sum(), micro_batch=1)  # libraries warm
    scorer.zero_grad(set_to_none=True)
    resident = psutil.Process().memory_info().rss
    step()
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - resident)


def measured_peak(setting: Setting) -> float | None:
    """Return `peak` of a child process; None where it ran out of memory."""
    child = subprocess.run(
        [sys.executable, __file__, "--peak", json.dumps(vars(setting))],
        env=os.environ | AT_ONCE,
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode:
        if "OutOfMemory" not in child.stderr and child.returncode != -9:
            raise SystemExit(child.stderr)
        return None
    return float(child.stdout.splitlines()[-1])


def times(setting: Setting, rounds: int) -> tuple[float, float]:
    """Return the median seconds of a step by two passes, and the median ratio to one pass in the same round."""
    scorer = build(setting)
    ways = [step_of(Setting(**{**vars(setting), "way": way}), scorer) for way in ("two", "one")]
    for step in ways:
        step()
    clock = time.process_time if setting.device == "cpu" else time.perf_counter  # others may use this CPU as well
    seconds = [[_seconds(step, clock) for step in ways] for _ in range(rounds)]
    return statistics.median(two for two, _ in seconds), statistics.median(two / one for two, one in seconds)


def _seconds(step: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    step()
    return clock() - start


def matrix_rate(device: str) -> float:
    """Return floating point operations per second of a large matrix product, in the arithmetic of the steps."""
    size, dtype = (1024, torch.float32) if device == "cpu" else (8192, torch.bfloat16)
    a = torch.randn(size, size, device=device, dtype=dtype)
    b = torch.randn(size, size, device=device, dtype=dtype)

    clock = time.process_time if device == "cpu" else time.perf_counter

    def product() -> None:
        for _ in range(4):
            a @ b
        if device != "cpu":
            torch.cuda.synchronize()

    product()
    return 4 * 2 * size**3 / min(_seconds(product, clock) for _ in range(5))


def memory_table(base: Setting, counts: Sequence[int]) -> None:
    """Print what a step adds to the weights, by K and way."""
    shape = shape_for(base)
    load = Load(base.rank, base.micro_batch, 1, base.checkpointing, bfloat16=base.device != "cpu")
    foreseen = training_memory(shape, load)
    predicted = foreseen.gradients + foreseen.activations + foreseen.logits + foreseen.copies
    print(f"\nmemory beyond the weights, GiB (predicted for two passes: {predicted / GIB:.3f})")
    print("K   two passes   one pass")
    for count in counts:
        found = []
        for way in ("two", "one"):
            value = measured_peak(Setting(**{**vars(base), "candidates": count, "way": way}))
            found.append("out of memory" if value is None else f"{value / GIB:.3f}")
        print(f"{count:<3} {found[0]:>10} {found[1]:>10}", flush=True)


def time_table(base: Setting, counts: Sequence[int], rounds: int) -> None:
    """Print speed by kind of group and K."""
    shape, rate = shape_for(base), matrix_rate(base.device)
    print(f"\ntime (a matrix product: {rate / 1e12:.3f} TFLOP/s)")
    print("group          K   tokens/s   utilisation   time, two passes : one pass")
    for kind, (prompt, answer) in GROUPS.items():
        for count in counts:
            setting = Setting(**{**vars(base), "candidates": count, "kind": kind})
            seconds, ratio = times(setting, rounds)
            tokens = base.groups * (count + 1) * (prompt + answer)
            used = (4 if base.rank else 6) * shape.parameters * tokens / seconds / rate
            print(f"{kind:<14} {count:<3} {tokens / seconds:>8.0f}   {used:>10.0%}   {ratio:>14.2f}", flush=True)


def main() -> None:
    """Print both tables, or one peak for the parent process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", choices=MODELS, default="deepseek-coder-6.7b")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--rank", type=int, default=0, help="rank of LoRA adapters; 0: all weights")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--micro-batch", type=int, help="padded tokens per forward pass")
    parser.add_argument("--groups", type=int, default=2, help="groups of a step")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("-k", type=int, nargs="+", default=[1, 4, 8], help="candidates per group")
    parser.add_argument("--only", choices=("memory", "time"))
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    if options.peak:
        print(peak(Setting(**json.loads(options.peak))))
        return
    micro_batch = options.micro_batch or (1024 if options.device == "cpu" else 8192)
    base = Setting(options.model, options.device, options.rank, options.checkpointing, micro_batch, options.groups)
    trained = f"LoRA of rank {base.rank}" if base.rank else "all weights"
    scaled = f", scaled down to {shape_for(base).parameters / 1e6:.1f} million weights" if base.device == "cpu" else ""
    print(f"{base.model}{scaled}, {trained}, micro-batch {micro_batch} tokens, {base.groups} groups a step")
    if options.only != "time":
        memory_table(base, options.k)
    if options.only != "memory":
        time_table(base, options.k, options.rounds)


if __name__ == "__main__":
    main()
