"""Run as a program by test_resume: runs a config whole, then again under kill -9 in every stage, in one process tree.

The libraries are imported once; every run is a forked child, so that a dozen of interrupted runs stay cheap.

    python tests/kill_and_resume.py CONFIG FOLDER SEED
"""

import gc
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import tokenizers  # noqa: F401  (imported before the fork, on purpose)
import torch  # noqa: F401
import transformers  # noqa: F401
from rich.console import Console

import itertl.sampling.in_process
import itertl.training.stages  # noqa: F401
from itertl.commands.run import run_loop


def start(config: Path, out: Path) -> int:
    """Fork a child, in a process group of its own, that runs the loop; return its process id."""
    child = os.fork()
    if child:
        return child
    os.setpgid(0, 0)
    status = 1
    try:
        with Path(os.devnull).open("w") as null:
            run_loop(config, [], out, None, False, Console(file=null))
        status = 0
    finally:
        os._exit(status)


def stage_starts(out: Path) -> list[str]:
    """Return the stages that have been started, in order, as far as events.jsonl tells."""
    if not (out / "events.jsonl").exists():
        return []
    lines = (out / "events.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line.endswith("}")]
    return [row["stage"] for row in rows if row["event"] == "stage_start"]


def ended(child: int) -> bool:
    """Return True once `child` has ended, and reap it."""
    return os.waitpid(child, os.WNOHANG)[0] != 0


def main(config: Path, folder: Path, seed: int) -> None:
    """Print one JSON object: the exit status of both runs, and the stages in which the second one was killed."""
    gc.freeze()  # the libraries stay: no child's collections look at them
    rng = random.Random(seed)
    whole, broken = folder / "whole", folder / "broken"
    first = os.waitpid(start(config, whole), 0)[1]
    killed = []
    for stage in dict.fromkeys(stage_starts(whole)):
        if (broken / stage).exists():  # the stage before was quick to end, and the kill came in the one behind this
            continue
        child = start(config, broken)
        before = len(stage_starts(broken))
        while not ended(child):
            if stage in stage_starts(broken)[before:]:
                time.sleep(0.25 * rng.random() ** 3)  # most stages last for less than a tenth of a second
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                killed.append(stage)
                break
            time.sleep(0.002)
    second = os.waitpid(start(config, broken), 0)[1]
    print(json.dumps({"whole": first, "resumed": second, "killed": killed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
