"""Where a training job runs: in this process, or in several that torchrun starts for it.

The processes run in a session of their own and are killed when this one ends, however it ends. What they print goes
to `ranks.log` in the job's folder. A process that dies takes the others along; the stage then ends with an error, and
the same command continues from the last checkpoint.
"""

import contextlib
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import torch

from itertl import errors
from itertl.errors import ConfigError, TrainingError
from itertl.policy.kept import note_kept
from itertl.progress import progress
from itertl.training.job import ERROR, Job, Progress, perform, read_progress, write_job

FOLDER = "job"
OUTPUT = "ranks.log"
POLL_SECONDS = 0.2
EXIT = re.compile(r"rank\s*:\s*(\d+).*?exitcode\s*:\s*(-?\d+)", re.DOTALL)


def run_job(job: Job, description: str) -> None:
    """Do the job with as many processes as its settings name, show its progress, and note what bfloat16 keeps of it."""
    processes = job.settings.processes
    if processes == 1:
        perform(job, functools.partial(progress, description, unit="steps"))
    else:
        _perform_apart(job, processes, description)
    if job.model.dtype != "float32":
        note_kept(job.policy, job.out)


def _perform_apart(job: Job, processes: int, description: str) -> None:
    devices = torch.cuda.device_count()
    if devices and processes > devices:
        raise ConfigError(f"training.processes is {processes}, but this machine has {devices} GPUs; one each is needed")
    folder = job.out / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    write_job(job, folder)
    status = _run_ranks(folder, processes, description)
    if status:
        raise _failure(folder, status)
    shutil.rmtree(folder)


def _run_ranks(folder: Path, processes: int, description: str) -> int:
    threads = max(1, len(os.sched_getaffinity(0)) // processes)
    environment = {"OMP_NUM_THREADS": str(threads)} | os.environ
    argv = [sys.executable, "-m", "itertl.training.rank", "torchrun", str(folder), str(processes)]
    with (folder / OUTPUT).open("wb") as output:
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    try:
        return _wait(child, folder, description)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _wait(child: subprocess.Popen[bytes], folder: Path, description: str) -> int:
    """Wait for the end of the processes; show finished steps as the first one tells them."""
    status, state = None, Progress()
    while status is None and state.total is None:
        status, state = _poll(child), read_progress(folder)
    with progress(description, state.total, state.all_work, unit="steps") as advance:
        shown = Progress()
        while True:
            if state.found_work > shown.found_work:
                advance.found(state.found - shown.found, state.found_work - shown.found_work)
            if state.work > shown.work:
                advance(state.done - shown.done, tokens=state.tokens - shown.tokens, work=state.work - shown.work)
            shown = state
            if status is not None:
                return status
            status = _poll(child)
            state = read_progress(folder)


def _poll(child: subprocess.Popen[bytes]) -> int | None:
    try:
        return child.wait(POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def _failure(folder: Path, status: int) -> errors.ItertlError:
    if (folder / ERROR).is_file():
        said = json.loads((folder / ERROR).read_text(encoding="utf-8"))
        kind = getattr(errors, said["type"], TrainingError)
        return kind(said["message"]) if issubclass(kind, errors.ItertlError) else TrainingError(said["message"])
    log = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
    rank = EXIT.search(log[log.rfind("Root Cause") :])
    how = f"exit status {status}"
    if rank:
        code = int(rank[2])
        how = f"rank {rank[1]} " + (f"killed by signal {-code}" if code < 0 else f"exit status {code}")
    return TrainingError(
        f"a training process ended early ({how}); its output is in {folder / OUTPUT}. Nothing up to the last "
        "checkpoint is lost: run the same command again to continue from there"
    )
