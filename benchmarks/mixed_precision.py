"""What a training step in bfloat16 costs, by when its weights are converted: time and peak memory, beside float32.

    python benchmarks/mixed_precision.py                             both shapes, all designs, some minutes on two cores
    python benchmarks/mixed_precision.py --shape embedded --rounds 3

    float32     no conversion
    pass        converted once per forward pass, let go behind its backward pass: what training does
    step        converted once per optimiser step, one autocast block around all micro-batches of the step
    each        converted where they are used, nothing kept (autocast with cache_enabled=False)
    copy        a bfloat16 model computes; float32 masters collect its gradients and refresh it behind the optimiser
    pass, two processes    FSDP2 with gloo: bfloat16 copies gathered layer by layer; both processes on these cores

Each line is a process of its own: random weights of the real shape, AdamW, steps of `--batches` micro-batches of
`--rows` times 250 tokens under MLE. Time is CPU time, since others may use these cores; memory is the peak of the
resident set (VmHWM) beyond what it was before the model was built, each of two processes by itself. Only ratios mean
anything beyond this machine.
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import torch
import transformers
from rich.console import Console
from rich.table import Table
from torch import Tensor

from itertl.config import LoraConfig, TrainingConfig
from itertl.policy.arithmetic import arithmetic
from itertl.policy.load import load_policy
from itertl.policy.memory import GIB
from itertl.training.distributed import ALONE, World, joined, shard
from itertl.training.rows import Example
from itertl.training.scorer import Scorer
from itertl.training.trainee import checkpoint_layers, layers_of
from itertl.training.two_pass import two_pass_backward

DESIGNS = ("float32", "pass", "step", "each", "copy")
WITH_ADAPTERS = ("pass", "each")  # the frozen weights are bfloat16 from the start
RECOMPUTING = ("pass", "each", "copy")
PROMPT, ANSWER, VOCABULARY = 60, 190, 1000  # tokens, and ids that are drawn
RATE = 1e-4


@dataclass(frozen=True)
class Setting:
    """One line of the table: `steps` of `batches` micro-batches are measured, behind a short one that warms up."""

    shape: str
    design: str
    rank: int = 0
    checkpointing: bool = False
    processes: int = 1
    layers: int = 30
    rows: int = 8
    batches: int = 4
    steps: int = 2


def build(setting: Setting) -> Any:
    """Return the model, adapters and recomputation included: the embedded policy, or SmolLM2's shape at random."""
    if setting.shape == "embedded":
        model, _ = load_policy("embedded")
    else:
        config = transformers.LlamaConfig(
            vocab_size=49152,
            hidden_size=576,
            intermediate_size=1536,
            num_hidden_layers=setting.layers,
            num_attention_heads=9,
            num_key_value_heads=3,
            tie_word_embeddings=True,
        )
        torch.manual_seed(1)
        model = transformers.LlamaForCausalLM(config).eval()
    if setting.design == "copy" or (setting.rank and setting.design != "float32"):
        model = model.to(torch.bfloat16)
    if setting.rank:
        from itertl.policy.adapters import add_adapters

        model = add_adapters(model, LoraConfig(rank=setting.rank), 1).get_base_model()
    if setting.checkpointing:
        checkpoint_layers(model)
    return model


def step_of(setting: Setting, world: World) -> Callable[[int], None]:
    """Return an optimiser step of so many micro-batches by the design of `setting`."""
    model = build(setting)
    sharded = world.mesh is not None
    scorer = Scorer(model, "float32" if sharded or setting.design in ("float32", "copy") else "bfloat16")
    if sharded:
        shard(scorer, layers_of(model), world, torch.bfloat16)
    trained: list[Tensor] = [p for p in scorer.parameters() if p.requires_grad]
    masters: list[Tensor] = list(trained)
    if setting.design == "copy":
        masters = [p.detach().float().requires_grad_() for p in trained]
        for parameter, master in zip(trained, masters, strict=True):
            parameter.register_post_accumulate_grad_hook(_hand_over(master))  # type: ignore[no-untyped-call]
    if setting.design == "each":
        torch.set_autocast_cache_enabled(False)
    optimizer = torch.optim.AdamW(masters, lr=RATE, fused=True)
    generator = torch.Generator().manual_seed(1)

    def ids(count: int) -> list[int]:
        found: list[int] = torch.randint(2, VOCABULARY, (count,), generator=generator).tolist()
        return found

    examples = [Example(ids(PROMPT), [ids(ANSWER)]) for _ in range(setting.rows * setting.batches)]

    def objective(g: int, logp_K: Tensor) -> Tensor:
        return -logp_K.sum() / (ANSWER * len(examples))

    def backward(count: int) -> None:
        batch = examples[: setting.rows * count]
        tokens = setting.rows * (PROMPT + ANSWER)
        constant = [True] * len(batch)
        two_pass_backward(scorer, batch, objective, micro_batch=tokens, constant=constant, world=world)

    def step(count: int) -> None:
        optimizer.zero_grad(set_to_none=True)
        if setting.design == "step":
            with arithmetic("bfloat16"):
                backward(count)
        else:
            backward(count)
        torch.nn.utils.clip_grad_norm_(masters, 1.0)
        optimizer.step()
        if setting.design == "copy":
            with torch.no_grad():
                torch._foreach_copy_(trained, masters)

    return step


def _hand_over(master: Tensor) -> Callable[[Tensor], None]:
    """Return a hook that adds the gradient of a bfloat16 parameter to the float32 one of its master."""

    def add(parameter: Tensor) -> None:
        assert parameter.grad is not None
        if master.grad is None:
            master.grad = parameter.grad.float()
        else:
            master.grad += parameter.grad
        parameter.grad = None

    return add


def measure(setting: Setting, world: World = ALONE) -> dict[str, float]:
    """Return CPU seconds of a step and the peak of memory beyond the start, bytes, measured in this process."""
    gc.collect()
    before = psutil.Process().memory_info().rss
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # sets the peak back to what is resident now
    step = step_of(setting, world)
    step(setting.processes)  # warms up
    seconds = []
    for _ in range(setting.steps):
        started = time.process_time()
        step(setting.batches)
        seconds.append(time.process_time() - started)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = 1024 * int(status.split("VmHWM:")[1].split()[0])
    return {"seconds": statistics.median(seconds), "peak": float(peak - before)}


def measured(setting: Setting) -> dict[str, float]:
    """Return `measure` of a child process, or of several: their seconds together, the largest peak of one."""
    argv = [sys.executable]
    if setting.processes > 1:
        argv += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={setting.processes}"]
    environment = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}  # waiting threads would count as CPU time
    if setting.processes > 1:
        environment |= {"OMP_NUM_THREADS": str(max(1, torch.get_num_threads() // setting.processes))}
    child = subprocess.run(
        [*argv, __file__, "--measure", json.dumps(vars(setting))],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode:
        raise SystemExit(child.stderr)
    found = [json.loads(line) for line in child.stdout.splitlines() if line.startswith("{")]
    assert len(found) == setting.processes, child.stdout
    return {"seconds": sum(row["seconds"] for row in found), "peak": max(row["peak"] for row in found)}


def measure_here(setting: Setting) -> None:
    """Print what a line of the table is made of, for the parent process."""
    if setting.processes == 1:
        print(json.dumps(measure(setting)), flush=True)
        return
    with joined(TrainingConfig(processes=setting.processes)) as world:
        found = measure(setting, world)
        sys.stdout.write(json.dumps(found) + "\n")  # in one piece: both processes write to one pipe
        sys.stdout.flush()
        world.barrier()


def settings_of(base: Setting) -> dict[str, list[Setting]]:
    """Return the lines of the tables of a shape, by kind of training."""
    kinds = {
        "all weights": [
            *(replace(base, design=design) for design in DESIGNS),
            replace(base, processes=2),
        ],
        "LoRA, rank 16": [replace(base, design=design, rank=16) for design in WITH_ADAPTERS],
        "all weights, checkpointing": [replace(base, design=design, checkpointing=True) for design in RECOMPUTING],
    }
    if base.shape == "embedded":  # layers that small are never computed again
        del kinds["all weights, checkpointing"]
    return kinds


def main() -> None:
    """Measure all lines, round by round, and print a table per shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", nargs="+", choices=("embedded", "smollm2"), default=["embedded", "smollm2"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--batches", type=int, default=4, help="micro-batches of a step")
    parser.add_argument("--steps", type=int, default=2, help="measured, behind a short one that warms up")
    parser.add_argument("--rows", type=int, default=8, help="of 250 tokens in a micro-batch")
    parser.add_argument("--layers", type=int, default=30, help="of smollm2, on a machine with little memory or time")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--design", nargs="+", choices=DESIGNS, default=list(DESIGNS))
    options = parser.parse_args()
    if options.measure:
        measure_here(Setting(**json.loads(options.measure)))
        return
    console = Console(width=120)
    for shape in options.shape:
        base = Setting(shape, "pass", layers=options.layers, rows=options.rows)
        kinds = settings_of(replace(base, batches=options.batches, steps=options.steps))
        kinds = {kind: [s for s in some if s.design in {"pass", *options.design}] for kind, some in kinds.items()}
        rows: dict[Setting, list[dict[str, float]]] = {s: [] for settings in kinds.values() for s in settings}
        for _ in range(options.rounds):
            for setting in rows:
                rows[setting].append(measured(setting))
                print(setting, rows[setting][-1], file=sys.stderr, flush=True)
        table = Table("training", "weights converted", "CPU s/step", "to pass", "peak GiB", "to pass", title=shape)
        for kind, settings in kinds.items():
            middle = {s: {k: statistics.median(row[k] for row in rows[s]) for k in rows[s][0]} for s in settings}
            ours = next(found for s, found in middle.items() if s.design == "pass" and s.processes == 1)
            for setting, found in middle.items():
                name = setting.design + (f", {setting.processes} processes" if setting.processes > 1 else "")
                ratios = [f"{found[key] / ours[key]:.2f}" for key in ("seconds", "peak")]
                table.add_row(kind, name, f"{found['seconds']:.2f}", ratios[0], f"{found['peak'] / GIB:.2f}", ratios[1])
        console.print(table)


if __name__ == "__main__":
    main()
