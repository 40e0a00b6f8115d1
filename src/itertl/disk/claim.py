"""An output file with what it is made from: written by one process at a time, continued with the same inputs only.

    with claim(Path("verdicts.jsonl"), {"tasks": "156 rows, sha256 ..."}): ...

OUT.job, which stays beside OUT and OUT.partial, holds the inputs as JSON; it is also the lock.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from itertl.disk.artefacts import PARTIAL, disk_faults
from itertl.errors import RunDirectoryError, UsageError

JOB = ".job"
_NOBODYS = "{out} exists, but no {job} says what from; choose another --out"


@contextmanager
def claim(out: Path, inputs: Mapping[str, Any]) -> Iterator[None]:
    """Hold `out` for what `inputs` identifies while the block runs.

    Raise UsageError where `out` exists and belongs to other inputs, or to nobody known; RunDirectoryError where
    another process writes it or the disk is full.
    """
    place = out.with_name(out.name + JOB)
    if out.exists() and not place.exists():
        raise UsageError(_NOBODYS.format(out=out, job=place.name))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        job = place.open("a+", encoding="utf-8")
    except OSError as error:
        raise RunDirectoryError(
            f"{out} cannot be written: {error.strerror}; give another --out, or access to it"
        ) from error
    with job:
        try:
            fcntl.flock(job.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunDirectoryError(
                f"another process is writing {out}; wait for it, or choose another --out"
            ) from error
        _keep_inputs(job, out, inputs)
        yield


def _keep_inputs(job: IO[str], out: Path, inputs: Mapping[str, Any]) -> None:
    """Write down the inputs of a new job, or compare them with those that `out` was begun with."""
    job.seek(0)
    text = job.read()
    if not out.exists() and not out.with_name(out.name + PARTIAL).exists():
        with disk_faults(Path(job.name)):
            job.truncate(0)
            job.write(json.dumps(inputs, indent=1) + "\n")
            job.flush()
        return
    if not text.endswith("}\n"):
        raise UsageError(_NOBODYS.format(out=out, job=Path(job.name).name))
    before = json.loads(text)
    if changed := [name for name in inputs if before.get(name) != inputs[name]]:
        lines = "".join(f"\n  {name}: {before.get(name)} -> {inputs[name]}" for name in changed)
        raise UsageError(
            f"{out} was begun with other inputs; give those again, or choose another --out. Changed:{lines}"
        )
