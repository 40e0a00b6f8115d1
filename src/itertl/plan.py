"""What a run will do, and what stands against it, before anything is computed or written.

    refuse(config, root, until)            raises what can be known beforehand
    plan(config, root)  ->  [Stage, ...]   in the order of the loop         itertl run CONFIG --dry-run

The stages are those that `itertl.loop.run` asks an outline for, so that there is no second list of them. Times are
foreseen from the events of runs beside this one, with the same model, on this machine.
"""

import difflib
import json
import math
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from itertl.config import Config
from itertl.disk import names
from itertl.disk.artefacts import read_records, write_text
from itertl.disk.outline import Outline, PlannedRows, Stage
from itertl.disk.rows import read_rows
from itertl.disk.run_dir import names_of, read_config
from itertl.errors import ConfigError, DataError, ItertlError, UsageError
from itertl.loop import TASKS, folder, run
from itertl.policy.cached import absent, is_offline
from itertl.policy.folder import NAMES, is_place, no_model
from itertl.records import Task
from itertl.score import resolve
from itertl.suites.find import FILE, find_suite, missing_data
from itertl.suites.load import load_suite
from itertl.tasks.files import read_tasks
from itertl.tasks.load import foreseen_tasks, repeats
from itertl.tracking import find_tracker

ENOUGH = 10  # samples, verdicts or steps of a stage from which a rate is taken
Rates = dict[str, float]  # seconds for one sample, verdict or step


def refuse(config: Config, root: Path, until: str | None = None) -> None:
    """Raise the error of the first thing that would stop a run later: nothing is computed or written."""
    _refuse_folder(root)
    if config.training.nodes.count > 1:
        from itertl.training.nodes import find_place

        find_place(config.training.nodes.count)
    resolve(config.score)
    for name in config.evaluation.suites:
        if missing := missing_data(find_suite(name), config.evaluation.data):
            raise UsageError(missing)
        if name.startswith(FILE):  # of one's own, and soon read: its benches may need what is not installed
            load_suite(name, config)
    for name in config.tracking:
        find_tracker(name)
    _refuse_policy(config)
    if is_offline() and (sentence := download(config, root)):
        raise ConfigError(f"{sentence}, which HF_HUB_OFFLINE forbids: download it before, or unset the variable")
    from itertl.training.objective import find_objective  # it imports torch, which takes longer than all the rest

    find_objective(config.training.objective, config.training.parameters)
    if until is not None:
        _refuse_stage(plan(config, root), until)


def plan(config: Config, root: Path) -> list[Stage]:
    """Return the stages of a run in `root`, in their order; an early end of its iterations is not foreseen."""
    made = root / names.TASKS
    tasks = list(read_records(made, Task)) if made.exists() else foreseen_tasks(config.tasks, config.seed)
    outline = Outline(root, {TASKS.name: tasks}, lambda function, args: _amount(function, args, config))
    run(config, outline)
    return outline.stages


def download(config: Config, root: Path) -> str:
    """Return a sentence if the run has to download its model from the hub first, "" where it is here."""
    path, revision = config.policy.path, config.policy.revision
    if path is None or (root / folder(0) / names.POLICY).exists() or not (missing := absent(path, revision)):
        return ""
    return f"policy.path: {path} is not in this machine's cache ({missing} missing): a run downloads it from the hub"


def keep_foreseen(config: Config, root: Path) -> None:
    """Write down what is foreseen of the run in `root`, for those who watch it: a stage a line."""
    known = rates(root, config)
    lines = []
    for stage in plan(config, root):
        expected = None if stage.done else seconds(stage, known)
        row = {"stage": stage.name, "amount": stage.amount, "unit": stage.unit, "seconds": expected}
        row |= {"beside": stage.beside} if stage.beside else {}
        lines.append(json.dumps(row) + "\n")
    write_text(root / names.FORESEEN, "".join(lines))


def remarks(config: Config, root: Path) -> list[str]:
    """Return what a run in `root` does before its first stage, or leaves out: a sentence each."""
    found = [sentence] if (sentence := download(config, root)) else []
    if config.tasks.file is None or (root / names.TASKS).exists():
        return found
    rows = read_tasks(config.tasks.file)[: config.tasks.limit]
    if repeated := len(repeats(rows)):
        found.append(f"{config.tasks.file}: {repeated} of {len(rows)} rows dropped, as repetitions to the letter")
    return found


def rates(root: Path, config: Config) -> Rates:
    """Return the seconds that a sample, a verdict and a step have taken in runs beside `root` of the same model.

    Stages of fewer than `ENOUGH` count only where there are no others: they tell of the time to start. A step counts
    by its groups.
    """
    measured = defaultdict[str, list[tuple[int, float, float]]](list)  # count, the same in units of `config`, seconds
    for events in sorted(root.parent.glob(f"*/{names.EVENTS}")):
        other = _of_same_model(events.parent, config)
        if other is None:
            continue
        groups = other.training.groups_per_step / config.training.groups_per_step
        for name, seconds in _finished(events):
            unit, count = _made(events.parent / name)
            if count:
                measured[unit].append((count, count * (groups if unit == "steps" else 1), seconds))
    known = {}
    for unit, found in measured.items():
        used = [row for row in found if row[0] >= ENOUGH] or found
        known[unit] = sum(seconds for _, _, seconds in used) / sum(made for _, made, _ in used)
    return known


def seconds(stage: Stage, known: Rates) -> float | None:
    """Return how long a stage will take, 0 where it is done, None where nothing is known of it."""
    if stage.done:
        return 0.0
    rate = known.get(stage.unit)
    return None if rate is None or stage.amount is None else rate * stage.amount


def _refuse_folder(root: Path) -> None:
    """Raise UsageError where `root` cannot be made, or not be written."""
    place = next(folder for folder in (root.absolute(), *root.absolute().parents) if folder.exists())
    if not place.is_dir():
        raise UsageError(f"{root} cannot be made: {place} is a file; give another directory with --out")
    virtual = place.stat().st_dev in {Path(p).stat().st_dev for p in ("/proc", "/sys") if Path(p).is_dir()}
    if virtual or not os.access(place, os.W_OK | os.X_OK):
        raise UsageError(
            f"{root} cannot be made or written below {place}; give another directory with --out, or access to it"
        )


def _refuse_policy(config: Config) -> None:
    policy, python = config.policy, config.server.vllm_python
    if python is not None and shutil.which(python) is None:
        raise ConfigError(f"server.vllm_python: there is no program {python}; expected a python that has vllm")
    if policy.lora.quantize or config.training.processes > 1:
        from itertl.machine.device import find_device

        device = find_device()
        if policy.lora.quantize and not device.gpu:
            raise ConfigError("policy.lora.quantize needs a CUDA device, and this machine has none: set it to false")
        if device.gpu and device.count < config.training.processes:
            raise ConfigError(
                f"training.processes={config.training.processes} needs as many GPUs, and this machine has "
                f"{device.count}: lower it"
            )
    if config.server.chat:
        raise ConfigError(
            "server.chat is for `itertl eval` and `itertl generate`, and a run samples the policy that it trains: "
            "leave it out, or judge the model that the server has by `itertl eval SUITE --config FILE`"
        )
    path = policy.path
    if path is not None and is_place(path) and not Path(path).exists():
        raise ConfigError(
            f"there is no model {path!r} (policy.path): expected a directory, a GGUF file, or a model's name"
        )
    if path is not None and path not in NAMES and Path(path).is_dir() and (fault := no_model(path)):
        raise ConfigError(f"policy.path: {fault}")
    if config.tasks.file is not None and not config.tasks.file.is_file():
        raise DataError(
            f"tasks.file: {config.tasks.file} does not exist; expected a JSONL file of training tasks"
            " (rows of your own, or those of `itertl gym export`)"
        )


def _refuse_stage(stages: Sequence[Stage], until: str) -> None:
    called = [names_of(stage.name) for stage in stages]
    if any(until in each for each in called):
        return
    known = list(dict.fromkeys(name for each in called for name in each))
    near = difflib.get_close_matches(until, known, n=1)
    hint = f"did you mean {near[0]!r}? This" if near else "this"
    listed = ", ".join(dict.fromkeys(whole for whole, _ in called))
    raise UsageError(f"--until {until}: there is no such stage; {hint} run has {listed}")


def _amount(function: str, args: Sequence[Any], config: Config) -> tuple[int | None, str]:
    """Return how many of what a stage makes at most."""
    match function:
        case "sample":
            _, tasks, draw = args
            return len(tasks) * draw.samples, "samples"
        case "verify_stage" | "by_testbench" | "strict_verdicts":
            return args[0].amount if isinstance(args[0], PlannedRows) else None, "verdicts"
        case "build_groups":
            return len(args[0]), "groups"
        case "warm_start":
            return _steps(len(args[2]), config.warm_start.passes, config), "steps"
        case "train":
            steps = config.training.steps
            groups = sum(g.amount or 0 for g in (args[1], *(past for _, past in args[4])))
            return (steps if steps is not None else _steps(groups, config.training.passes, config)), "steps"
        case _:
            return None, ""


def _steps(groups: int, passes: float, config: Config) -> int:
    return math.ceil(passes * math.ceil(groups / config.training.groups_per_step))


def _of_same_model(root: Path, config: Config) -> Config | None:
    """Return the config of the run in `root` if it was of the policy that `config` names."""
    try:
        other = read_config(root)
    except ItertlError:
        return None
    return other if (other.policy.path, other.policy.tiny) == (config.policy.path, config.policy.tiny) else None


def _finished(events: Path) -> Iterator[tuple[str, float]]:
    """Yield the stages that a run has computed in one go, with their seconds, as far as its events can be read."""
    whole: set[str] = set()
    with suppress(DataError):  # a run that was killed may have left half a line, at its end
        for event in read_rows(events):
            match event.get("event"):
                case "stage_start" if not event.get("done"):
                    whole.add(event["stage"])
                case "stage_start":
                    whole.discard(event["stage"])
                case "stage_end" if event["stage"] in whole:
                    yield event["stage"], float(event["seconds"])


def _made(artefact: Path) -> tuple[str, int]:
    """Return what a stage has made, and how many of it."""
    units = {names.CANDIDATES: "samples", names.VERDICTS: "verdicts", names.POLICY: "steps"}
    unit = units.get(artefact.name, "")
    rows = artefact / names.TRAINING if unit == "steps" else artefact
    if not unit or not rows.is_file():
        return unit, 0
    with rows.open("rb") as file:
        return unit, sum(1 for _ in file)
