"""Memory and disk that a run takes, beside what this machine has."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from itertl.check.finding import Finding, Status
from itertl.check.tasks import TASKS_READ
from itertl.config import Config
from itertl.machine.device import Device
from itertl.policy.memory import (
    GIB,
    Load,
    Memory,
    Shape,
    policy_bytes,
    sampling_memory,
    serving_memory,
    training_memory,
)

ROW_BYTES = 6000  # of a candidate and its verdict on disk
SPARE_DISK = 2 * GIB
PROMPT_TOKENS = 512  # that a prompt is reckoned with
SERVED_AT_ONCE = 16  # samples that a server should at least hold in memory
FOR_A_GPU = 300_000_000  # parameters above which nobody means to train on a processor


def load_of(shape: Shape, config: Config, device: Device) -> Load:
    """Return how the config trains a model of `shape`, on a GPU where there is one or the model is meant for one."""
    from itertl.policy.arithmetic import uses_bfloat16

    policy, training = config.policy, config.training
    nodes = 1 if training.nodes.replicate else training.nodes.count
    longest = min(shape.context, PROMPT_TOKENS + config.sampling.max_new_tokens)
    gpu = device.gpu or shape.parameters > FOR_A_GPU
    return Load(
        rank=policy.lora.rank,
        tokens=max(training.micro_batch, longest),
        processes=training.processes * nodes,
        checkpointing=policy.gradient_checkpointing,
        bfloat16=policy.dtype != "float32" if gpu else uses_bfloat16(policy.dtype),
        four_bit=policy.lora.quantize,
        gpu=gpu,
    )


def memory(shape: Shape, config: Config, device: Device) -> Iterator[Finding]:
    """Yield what training and sampling need on each device, beside what it has."""
    from itertl.sampling.precision import decodes_in_bfloat16

    load = load_of(shape, config, device)
    yield _fits("memory of training", training_memory(shape, load), shape, device, config.training.processes)
    sampling, server = config.sampling, config.server
    length = min(shape.context, PROMPT_TOKENS + sampling.max_new_tokens)
    if server.vllm_python or server.command:
        needed = serving_memory(shape, min(server.concurrency, SERVED_AT_ONCE), length)
        yield _fits("memory of serving", needed, shape, device)
    elif not server.urls:
        half = load.bfloat16 if load.gpu else decodes_in_bfloat16(shape.width, config.policy.dtype)
        new = min(length, sampling.max_new_tokens)
        needed = sampling_memory(
            shape,
            sampling.batch_size,
            length - new,
            new,
            samples=sampling.candidates,
            bfloat16=half,
            gpu=load.gpu,
        )
        yield _fits("memory of sampling", needed, shape, device)


def _fits(name: str, needed: Memory, shape: Shape, device: Device, processes: int = 1) -> Finding:
    each = f"{needed} on each of {processes} devices" if processes > 1 else str(needed)
    if device.holds(needed.total, processes):
        return Finding(name, Status.OK, f"about {each}")
    wanted = f"{processes} GPUs" if processes > 1 else "a GPU"
    if not device.gpu and shape.parameters > FOR_A_GPU:
        return Finding(
            name, Status.WARN, f"about {each}", f"run it on {wanted} of {needed.total / GIB:.0f} GiB or more"
        )
    fix = "lower training.micro_batch, switch policy.gradient_checkpointing on, set policy.lora.rank, or shard more"
    if name != "memory of training":
        fix = "lower sampling.batch_size or sampling.max_new_tokens, or use a smaller model"
    return Finding(name, Status.FAIL, f"about {each}; here: {device}", fix)


def disk(shape: Shape, config: Config, device: Device, runs: Path) -> Finding:
    """Return what a run leaves on disk, beside what is free there."""
    rank, keep = config.policy.lora.rank, config.policy.keep
    made = config.iterations + (config.warm_start.passes > 0 or config.policy.path is None)
    kept = made if keep is None else min(made, keep + 2)
    trained = policy_bytes(shape, rank)
    served = config.server.command or (config.server.vllm_python and not rank)
    merged = 2 * 2 * shape.parameters if served else 0  # what servers load, of two policies, in bfloat16
    tasks = config.tasks.gym.train if config.tasks.file is None else TASKS_READ
    rows = ROW_BYTES * config.iterations * config.sampling.candidates * tasks
    needed = kept * trained + 3 * trained + merged + rows + SPARE_DISK  # weights and optimiser of the checkpoint
    place = next(folder for folder in (runs.absolute(), *runs.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    found = f"about {needed / GIB:.1f} GiB for {kept} policies, a checkpoint and rows; {free / GIB:.0f} GiB free"
    if free >= needed:
        return Finding("disk", Status.OK, found)
    elsewhere = not device.gpu and shape.parameters > FOR_A_GPU
    return Finding("disk", Status.WARN if elsewhere else Status.FAIL, found, "make room, or set policy.keep")
