"""Memory that several training processes of one host take to load a policy: the model once, or once for each.

    python benchmarks/loading_memory.py --processes 2 --width 768 --layers 12

A Llama of random weights is saved and loaded by the training processes, in float32, all weights trained: as training
does it, where the first process reads the weights and hands out parts; and as it would be if each process read the
whole model and kept its part. Printed for each process: peak resident memory beyond what it holds before, in MiB.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

WAYS = {"shared": "the first process reads", "whole": "each process reads"}


def load(folder: Path, way: str, processes: int) -> None:
    """Be one of the training processes: load the policy and print the peak of what that has added."""
    import torch

    from itertl.config import PolicyConfig, TrainingConfig
    from itertl.policy.weights import load_weights
    from itertl.training import distributed, trainee
    from itertl.training.rank import leave

    if way == "whole":
        vars(trainee).update(load_empty=load_weights)
        vars(distributed).update(_hand_out=lambda scorer, whole, world: None)
    with distributed.joined(TrainingConfig(processes=processes)) as world:
        before, peak, over = psutil.Process().memory_info().rss, [0], threading.Event()

        def watch() -> None:
            while not over.wait(0.002):
                peak[0] = max(peak[0], psutil.Process().memory_info().rss)

        thread = threading.Thread(target=watch)
        thread.start()
        loaded = trainee.load_trainee(folder, PolicyConfig(dtype="float32"), 1, world)
        over.set()
        thread.join()
        own = sum(p.to_local().numel() for p in loaded.scorer.parameters()) * torch.float32.itemsize  # type: ignore[attr-defined]
        row = {"rank": world.rank, "peak": (peak[0] - before) / 2**20, "part": own / 2**20}
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()
        world.barrier()
    leave()


def build(folder: Path, width: int, layers: int) -> float:
    """Save a Llama of that shape with the embedded policy's tokenizer; return the MiB of its weights in float32."""
    from itertl.config import TinyConfig
    from itertl.policy.tiny import build_tiny
    from itertl.policy.weights import load_tokenizer, save_policy

    tokenizer = load_tokenizer("embedded")
    model = build_tiny(TinyConfig(width=width, layers=layers), tokenizer, 1)
    save_policy(model, tokenizer, folder)
    return float(sum(p.numel() for p in model.parameters())) * 4 / 2**20


def measure(folder: Path, way: str, processes: int) -> list[dict[str, float]]:
    """Let torchrun start the processes; return a row of each, by rank."""
    script = str(Path(__file__).resolve())
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    argv = [*torchrun, script, "--load", str(folder), "--way", way, "--processes", str(processes)]
    child = subprocess.run(argv, capture_output=True, text=True, env={"OMP_NUM_THREADS": "1"} | os.environ, check=False)
    if child.returncode:
        raise SystemExit(child.stderr)
    rows = [json.loads(line) for line in child.stdout.splitlines() if line.startswith("{")]
    return sorted(rows, key=lambda row: row["rank"])


def main() -> None:
    """Measure both ways and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--way", choices=WAYS, default="shared", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load:
        load(arguments.load, arguments.way, arguments.processes)
        return
    with tempfile.TemporaryDirectory() as folder:
        size = build(Path(folder), arguments.width, arguments.layers)
        print(f"weights: {size:.0f} MiB in float32, {arguments.processes} processes, {time.strftime('%Y-%m-%d')}")
        for way, words in WAYS.items():
            rows = measure(Path(folder), way, arguments.processes)
            each = ", ".join(f"{row['peak']:.0f} (part {row['part']:.0f})" for row in rows)
            print(f"{words}: {each}; host {sum(row['peak'] for row in rows):.0f} MiB")


if __name__ == "__main__":
    main()
