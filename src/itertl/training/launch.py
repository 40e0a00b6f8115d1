"""Where a training job runs: in this process, or in several that torchrun starts for it, on one machine or many.

The processes run in a session of their own and are killed when this one ends, however it ends. What they print goes
to `ranks.log` in the job's folder, on nodes but the first to `node_N.log` in the run directory. A process that dies
takes the others along; the stage then ends with an error, and the same command continues from the last checkpoint.
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
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from itertl import errors
from itertl.config import TrainingConfig
from itertl.errors import ConfigError, TrainingError
from itertl.policy.kept import note_kept
from itertl.progress import progress
from itertl.training.job import ERROR, Job, Progress, perform, read_progress, write_job
from itertl.training.nodes import Call, Place, attend, call_others, find_place, world_size
from itertl.words import counted

FOLDER = "job"
OUTPUT = "ranks.log"
POLL_SECONDS = 0.2
EXIT = re.compile(r"rank\s*:\s*(\d+).*?exitcode\s*:\s*(-?\d+)", re.DOTALL)


def run_job(job: Job, description: str) -> None:
    """Do the job with as many processes as its settings name, show its progress, and note what bfloat16 keeps of it."""
    shutil.rmtree(job.out / FOLDER, ignore_errors=True)  # of an interrupted call, which may have had more processes
    if world_size(job.settings) == 1:
        perform(job, functools.partial(progress, description, unit="steps"))
    else:
        _perform_apart(job, description)
    if job.model.dtype != "float32":
        note_kept(job.policy, job.out)


def help_train(root: Path, settings: TrainingConfig, place: Place, tell: Callable[[str], None] = print) -> None:
    """Be a node that is not the first: take part in each training of the run in `root`, and leave at its end.

    Raise TrainingError where the run fails, or no process runs it.
    """
    _refuse_devices(settings)

    def answer(call: Call) -> None:
        tell(f"training, {call.job.parent.parent.name}")
        log = root / f"node_{place.index}.log"
        with _ranks(call.job, log, settings, place, call.name) as child:
            status = child.wait()
        if status:
            tell(f"the training processes of this node have ended with status {status}; their output is in {log}")

    attend(root, answer)


def _perform_apart(job: Job, description: str) -> None:
    _refuse_devices(job.settings)
    place = find_place(job.settings.nodes.count)
    folder = job.out / FOLDER
    write_job(job, folder)
    name = call_others(folder).name if place.count > 1 else ""
    with _ranks(folder, folder / OUTPUT, job.settings, place, name) as child:
        status = _wait(child, folder, description)
    if status:
        raise _failure(folder, status)
    shutil.rmtree(folder)


def _refuse_devices(settings: TrainingConfig) -> None:
    devices, processes = torch.cuda.device_count(), settings.processes
    if devices and processes > devices:
        raise ConfigError(
            f"training.processes is {processes}, but this machine has {counted(devices, 'GPUs')}; one each is needed"
        )


@contextlib.contextmanager
def _ranks(
    folder: Path, log: Path, settings: TrainingConfig, place: Place, name: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run this node's processes of a job inside the block: torchrun, at the rendezvous `name` where there are nodes."""
    threads = max(1, len(os.sched_getaffinity(0)) // settings.processes)
    environment = {"OMP_NUM_THREADS": str(threads)} | os.environ
    argv = [sys.executable, "-m", "itertl.training.rank", "torchrun", str(folder), str(settings.processes)]
    if place.count > 1:
        argv += [str(place.index), str(place.count), f"{place.host}:{place.port}", name]
    with log.open("ab") as output:
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    try:
        yield child
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
