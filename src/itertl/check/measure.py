"""How long a run will take here: its own stages, carried out on a few of its tasks, and carried over to all of them.

    measure(config, Path(scratch))  ->  {"samples": Cost(...), "verdicts": ..., "warm start": ..., "training": ...}

    seconds of a stage = what it makes at most * seconds of one, measured + what it takes whatever it makes

A cost is a range. Samples end where the measured ones did, or where the references do; the verdict on a sample takes
what the measured ones took, or what one that passes takes; of steps the quickest and the slowest measured one count.
A policy that learns moves within these ranges, and a machine that others use may leave them.
"""

import dataclasses
import math
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from itertl.config import Config
from itertl.disk import names
from itertl.errors import UsageError
from itertl.progress import Job, listening
from itertl.records import Candidate, Task
from itertl.tasks.load import foreseen_tasks, of_split, with_reference

SAMPLES = 64  # that are drawn on a GPU or of a small model
FEW_SAMPLES = 16  # of a larger one on a processor
SMALL = 20_000_000  # parameters
STEPS = 4  # of training, the first of which is not counted
READ_AT_ONCE = 16  # tasks of a step in which a tiny model reads before the run


@dataclasses.dataclass(frozen=True)
class Cost:
    """Seconds for one of what a stage makes: the least, the expected and the most; `fixed` seconds come once."""

    low: float
    one: float
    high: float
    fixed: float = 0.0

    def seconds(self, amount: int) -> tuple[float, float, float]:
        """Return the least, the expected and the most seconds of a stage that makes `amount`."""
        return self.fixed + self.low * amount, self.fixed + self.one * amount, self.fixed + self.high * amount


@dataclasses.dataclass
class Clock:
    """Hears of jobs: when the last one of a unit began, and when how much of it was done."""

    unit: str
    began_at: float = 0.0
    marks: list[tuple[float, int]] = dataclasses.field(default_factory=list)

    def began(self, job: Job) -> None:
        """Note when the job begins."""
        if job.unit == self.unit:
            self.began_at, self.marks = time.monotonic(), []

    def told(self, job: Job) -> None:
        """Note what is done."""
        if job.unit == self.unit and job.pace.done > (self.marks[-1][1] if self.marks else 0):
            self.marks.append((time.monotonic(), job.pace.done))

    def ended(self, job: Job) -> None:
        """Note nothing more."""

    def each(self) -> list[float]:
        """Return the seconds for one, between one mark and the next."""
        before = [(self.began_at, 0), *self.marks]
        return [(at - a) / (done - d) for (a, d), (at, done) in zip(before, self.marks, strict=False)]


def measure(config: Config, scratch: Path) -> dict[str, Cost]:
    """Return what one sample, verdict and step cost here; `scratch` is an empty folder, which it fills.

    Raise UsageError where there are no tasks to measure with, and what the stages raise.
    """
    everything = foreseen_tasks(config.tasks, config.seed)
    tasks = of_split(everything, "train")
    if not tasks:
        raise UsageError("--measure needs training tasks, and the config has none")
    references = with_reference(tasks, config.tasks.references)
    folder = scratch / "iter_00"
    folder.mkdir()
    costs = {}
    if config.policy.path is None and config.policy.pretrain.tasks:
        costs["base"] = _reading(config, folder / names.BASE)
    else:
        _base(config, folder / names.BASE)
    some = _spread(tasks, STEPS * config.training.groups_per_step)
    if config.warm_start.passes:
        costs["warm start"] = _warm_start(config, some, frozenset(t.id for t in some if t.id in references), folder)
    else:
        from itertl.training import warm_start

        warm_start(folder / names.BASE, some, references, config, out=_new(folder / names.POLICY))
    policy = folder / names.POLICY
    drawn, costs["samples"] = _samples(config, policy, _spread(tasks, _wanted(config, policy)))
    known = {c.task_id for c in drawn}
    asked = [task for task in some if task.id in known] + [t for t in tasks if t.id in known and t not in some]
    costs["verdicts"], judged = _verdicts(config, asked, drawn)
    if config.iterations:
        costs["training"] = _training(config, policy, asked, references, drawn, judged, scratch)
    return costs


def _base(config: Config, out: Path) -> None:
    from itertl.training import obtain_base

    obtain_base(config.policy, config.seed, out=_new(out))


def _reading(config: Config, out: Path) -> Cost:
    """Return the cost of a step in which a tiny model reads generated tasks."""
    few = config.policy.pretrain.model_copy(update={"tasks": STEPS * READ_AT_ONCE})
    policy = config.policy.model_copy(update={"pretrain": few})
    with _timed("steps") as clock:
        _base(config.model_copy(update={"policy": policy}), out)
    return _of_steps(clock)


def _warm_start(config: Config, tasks: Sequence[Task], references: frozenset[str], folder: Path) -> Cost:
    from itertl.training import warm_start

    once = config.model_copy(update={"warm_start": config.warm_start.model_copy(update={"passes": 1.0})})
    with _timed("steps") as clock:
        warm_start(folder / names.BASE, tasks, references, once, out=_new(folder / names.POLICY))
    return _of_steps(clock)


def _wanted(config: Config, policy: Path) -> int:
    """Return with how many tasks sampling is measured: those of a batch, fewer of what is slow here."""
    from itertl.machine.device import find_device
    from itertl.policy.memory import shape_of
    from itertl.policy.weights import load_shape

    served = bool(config.server.urls or config.server.command or config.server.vllm_python)
    quick = served or find_device().gpu or shape_of(load_shape(policy)).parameters <= SMALL
    count = SAMPLES if quick else FEW_SAMPLES
    return max(1, math.ceil(count / config.sampling.candidates))


def _samples(config: Config, policy: Path, tasks: Sequence[Task]) -> tuple[list[Candidate], Cost]:
    """Return samples of the policy, and what one costs: as long as these are, or as long as the references."""
    from itertl.policy.prompt import encode_target, response
    from itertl.policy.weights import load_tokenizer
    from itertl.sampling import Draw, sample

    draw = Draw.for_training(config, 1)
    with _timed("samples") as clock:
        list(sample(policy, tasks[:1], dataclasses.replace(draw, samples=1, max_new_tokens=8)))  # the first is slow
    with _timed("samples") as clock:
        started = time.monotonic()
        drawn = list(sample(policy, tasks, draw))
        fixed = clock.began_at - started
    tokenizer = load_tokenizer(policy)
    mean = statistics.fmean(max(1, len(tokenizer.encode(c.completion))) for c in drawn)
    known = [task for task in tasks if task.reference]
    lengths = [len(encode_target(tokenizer, response(task, config.policy.prompt))) for task in known]
    ratio = statistics.fmean(lengths) / mean if lengths else 1.0
    one = (clock.marks[-1][0] - clock.began_at) / len(drawn)
    return drawn, Cost(one * min(1.0, ratio), one, one * max(1.0, ratio), fixed)


def _verdicts(config: Config, tasks: Sequence[Task], drawn: Sequence[Candidate]) -> tuple[Cost, list[Any]]:
    """Return what the verdict on a sample costs, and the verdicts; a cache would answer sooner."""
    from itertl.verify.stage import verify_stage

    settings = config.verify.model_copy(update={"cache": False})
    with _timed("verdicts") as clock:
        judged = list(verify_stage(drawn, tasks, settings))
    own, fixed = _steady(clock, len(drawn))
    right = [Candidate.of(task, task.reference) for task in tasks if task.reference]
    with _timed("verdicts") as clock:
        list(verify_stage(right, tasks, settings))
    passing = _steady(clock, len(right))[0] if right else own
    return Cost(min(own, passing), own, max(own, passing), fixed), judged


def _steady(clock: Clock, samples: int) -> tuple[float, float]:
    """Return the seconds of a verdict by sample, and those before the first, in which the judges start.

    Samples that repeat a design have no verdict of their own, so there are fewer of these.
    """
    if not clock.marks:
        return 0.0, 0.0
    (first, before), (last, done) = clock.marks[0], clock.marks[-1]
    if done == before:
        return (last - clock.began_at) / samples, 0.0
    return (last - first) / (done - before) * done / samples, first - clock.began_at


def _training(
    config: Config,
    policy: Path,
    tasks: Sequence[Task],
    references: frozenset[str],
    drawn: Sequence[Candidate],
    judged: Sequence[Any],
    scratch: Path,
) -> Cost:
    from itertl.training import build_groups, train

    groups = list(build_groups(tasks, references, drawn, judged, config))
    groups = groups * math.ceil(config.training.groups_per_step / len(groups))
    few = config.model_copy(update={"training": config.training.model_copy(update={"steps": STEPS})})
    (scratch / "iter_01").mkdir()
    with _timed("steps") as clock:
        train(policy, groups, few, 1, out=_new(scratch / "iter_01" / names.POLICY))
    return _of_steps(clock)


def _of_steps(clock: "_Timed") -> Cost:
    """Return the cost of a step, the first one left out; what is no step comes once."""
    each = clock.each()
    counted = sorted(each[1:] or each) or [0.0]
    middle = statistics.median(counted)
    return Cost(counted[0], middle, counted[-1], max(0.0, clock.seconds - middle * len(each)))


@dataclasses.dataclass
class _Timed(Clock):
    """A clock of one call, with the seconds that it took as a whole."""

    seconds: float = 0.0


@contextmanager
def _timed(unit: str) -> Iterator[_Timed]:
    clock, started = _Timed(unit), time.monotonic()
    with listening(clock):
        yield clock
    clock.seconds = time.monotonic() - started


def _spread(tasks: Sequence[Task], count: int) -> list[Task]:
    """Return `count` tasks, or all, spread evenly over them."""
    if count >= len(tasks):
        return list(tasks)
    return [tasks[i * len(tasks) // count] for i in range(count)]


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder
