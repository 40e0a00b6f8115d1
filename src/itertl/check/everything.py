"""All that is looked at, in the order in which a run would meet it."""

import os
from collections.abc import Iterator
from pathlib import Path

from itertl.check.finding import Finding, Status
from itertl.check.model import architecture, load_model
from itertl.check.room import disk, memory
from itertl.check.service import service
from itertl.check.tasks import first_tasks, prompts, references
from itertl.config import Config
from itertl.errors import ItertlError
from itertl.machine import doctor
from itertl.machine.device import Device, find_device
from itertl.tracking import find_tracker

PACKAGES = ("torch", "transformers", "tokenizers")  # without which nothing more can be looked at


def examine(config: Config, runs: Path = Path()) -> Iterator[Finding]:
    """Yield the findings about a config, in the order in which a run would meet them; `runs` is on the run's disk."""
    tools = list(_tools(training=not config.server.chat))
    yield from tools
    if config.server.chat:
        yield from _in_turns(config)
        return
    if any(finding.name in PACKAGES for finding in tools):
        return
    device = find_device()
    yield Finding("device", Status.OK, str(device))
    yield from _devices(config, device)
    model = load_model(config)
    yield model.finding
    yield from architecture(config)
    try:
        tasks = first_tasks(config)
    except ItertlError as error:
        yield Finding("tasks", Status.FAIL, str(error), "correct tasks.file")
        tasks = []
    if tasks:
        yield references(tasks, config)
    if model.tokenizer is not None:
        yield from prompts(tasks, model, config)
    if model.shape is not None:
        yield from memory(model.shape, config, device)
        yield disk(model.shape, config, device, runs)
    yield from service(config)
    yield from _named(config)
    yield from _suites(config)


def _in_turns(config: Config) -> Iterator[Finding]:
    """Yield what matters of a config by which a chat API is asked: nothing is trained, and no weights are here."""
    use = "for `itertl eval` and `itertl generate`; `itertl run` needs a policy that is here, and no server.chat"
    yield Finding("use", Status.OK, use)
    if config.tasks.file is not None:
        yield _tasks(config)
    yield from service(config)


def _tasks(config: Config) -> Finding:
    try:
        return references(first_tasks(config), config)
    except ItertlError as error:
        return Finding("tasks", Status.FAIL, str(error), "correct tasks.file")


def _tools(training: bool) -> Iterator[Finding]:
    """Yield the tools that are missing, and in one finding those that are there; `training` asks for its packages."""
    fine = []
    for finding in doctor.examine():
        if finding.ok:
            fine.append(f"{finding.name} {finding.found}")
            continue
        if finding.name in PACKAGES and not training:
            continue
        needed = finding.required or finding.name in PACKAGES
        status = Status.FAIL if needed else Status.WARN
        yield Finding(finding.name, status, finding.found or "not found", finding.fix)
    yield Finding("tools", Status.OK, ", ".join(part for part in fine if not part.startswith(("free disk", "GPU"))))


def _multiplies_bfloat16() -> bool:
    from itertl.policy.arithmetic import multiplies_bfloat16

    return multiplies_bfloat16()


def _devices(config: Config, device: Device) -> Iterator[Finding]:
    """Yield what of the config asks for devices that are not here."""
    processes = config.training.processes
    if config.policy.dtype == "bfloat16" and not _multiplies_bfloat16():
        found = "policy.dtype is bfloat16, and this processor has no instructions for its products"
        fix = "set policy.dtype to auto: it takes some two hundred times as long as float32"
        yield Finding("arithmetic", Status.WARN, found, fix)
    if config.policy.lora.quantize and not device.gpu:
        found = "policy.lora.quantize needs a CUDA device, and this machine has none"
        yield Finding("quantize", Status.FAIL, found, "set policy.lora.quantize to false, or run it on a GPU")
    there = device.count if device.gpu else len(os.sched_getaffinity(0))
    if processes > there:
        found = f"training.processes is {processes}, and this machine has {there} {'GPUs' if device.gpu else 'cores'}"
        fix = "lower training.processes" + (": a run here is refused" if device.gpu else ", or run it elsewhere")
        yield Finding("processes", Status.WARN, found, fix)
    if config.training.nodes.count > 1:
        yield _nodes(config.training.nodes.count)


def _nodes(count: int) -> Finding:
    """Return which node of a training on several this is, as far as the environment tells."""
    from itertl.training.nodes import find_place

    try:
        place = find_place(count)
    except ItertlError as error:
        return Finding("nodes", Status.WARN, "what starts the nodes is not here", str(error))
    return Finding("nodes", Status.OK, f"node {place.index} of {count}; they meet at {place.host}:{place.port}")


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
    for name in config.tracking:
        try:
            find_tracker(name)
        except ItertlError as error:
            yield Finding("tracking", Status.FAIL, str(error), "install it, or leave it out of tracking")
        else:
            yield Finding("tracking", Status.OK, name)


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
