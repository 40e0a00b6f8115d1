"""A training stage as a value, and as a folder that several processes can read.

JOB/job.json          what is trained, how, and where the result goes
JOB/groups_N.jsonl    the groups of this iteration (0) and of earlier ones
JOB/progress.json     finished steps and their number, written by the first process
JOB/error.json        what a process had to say before it gave up
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from itertl.config import PolicyConfig, TrainingConfig
from itertl.disk.rows import read_rows, write_rows
from itertl.machine.device import give_back_memory
from itertl.pace import Pace
from itertl.progress import Advance
from itertl.records import Group
from itertl.training.distributed import ALONE, World
from itertl.training.saved import check_saved
from itertl.training.trainee import load_trainee, save_trainee
from itertl.training.trainer import Replayed, Track, fit

DESCRIPTION = "job.json"
PROGRESS = "progress.json"
ERROR = "error.json"


@dataclass(frozen=True)
class Job:
    """Train `policy` on `groups`, and on those that earlier iterations left, and write the result to `out`."""

    policy: str
    groups: Sequence[Group]
    settings: TrainingConfig
    model: PolicyConfig
    seed: int
    out: Path
    replayed: Sequence[Replayed] = ()


@dataclass(frozen=True)
class Progress:
    """How far the processes of a job are, in steps, work and tokens; `total` is None before they have begun."""

    total: int | None = None
    all_work: float = 0.0
    found: int = 0
    found_work: float = 0.0
    done: int = 0
    work: float = 0.0
    tokens: int = 0


def perform(job: Job, track: Track, world: World = ALONE) -> None:
    """Do the job as the only process, or as one of `world`, which all have to take part.

    Raise TrainingError where the saved policy is not the one that was trained.
    """
    give_back_memory()  # what the stage before has let go
    trainee = load_trainee(job.policy, job.model, job.seed, world)
    seen = fit(
        trainee.scorer,
        trainee.tokenizer,
        job.groups,
        job.settings,
        job.seed,
        job.out,
        replayed=job.replayed,
        world=world,
        track=track,
    )
    save_trainee(trainee, job.out, world)
    del trainee  # the policy that is loaded anew takes its place
    give_back_memory()
    check_saved(job.out, seen, job.model, world)


def write_job(job: Job, folder: Path) -> None:
    """Write the job for processes that are yet to be started."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "groups_0.jsonl", job.groups)
    for number, (_, groups) in enumerate(job.replayed, 1):
        write_rows(folder / f"groups_{number}.jsonl", groups)
    values = {
        "policy": job.policy,
        "settings": job.settings.model_dump(mode="json"),
        "model": job.model.model_dump(mode="json"),
        "seed": job.seed,
        "out": str(job.out),
        "replayed": [str(path) for path, _ in job.replayed],
    }
    (folder / DESCRIPTION).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def read_job(folder: Path) -> Job:
    """Return the job that `write_job` has written."""
    values = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))

    def groups(number: int) -> list[Group]:
        return [Group.from_dict(row) for row in read_rows(folder / f"groups_{number}.jsonl")]

    return Job(
        values["policy"],
        groups(0),
        TrainingConfig.model_validate(values["settings"]),
        PolicyConfig.model_validate(values["model"]),
        values["seed"],
        Path(values["out"]),
        [(Path(path), groups(number)) for number, path in enumerate(values["replayed"], 1)],
    )


@contextmanager
def progress_file(folder: Path, total: int, work: float) -> Iterator[Advance]:
    """Keep in the job's folder what is done, for the process that waits."""

    def write(pace: Pace) -> None:
        last = pace.marks[-1]
        state = Progress(total, work, pace.found_units, pace.found_work, last.units, last.work, last.tokens)
        partial = folder / (PROGRESS + ".partial")
        partial.write_text(json.dumps(asdict(state)), encoding="utf-8")
        partial.replace(folder / PROGRESS)

    pace = Pace(total, work)
    write(pace)
    yield Advance(pace, write)


def read_progress(folder: Path) -> Progress:
    """Return what `progress_file` has written last; nothing is done where it has not begun."""
    path = folder / PROGRESS
    return Progress(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else Progress()
