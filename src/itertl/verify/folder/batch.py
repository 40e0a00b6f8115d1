"""What stands in the files of a shared folder: batches of jobs, and the verdicts on them.

    todo/NUMBER-0.jsonl   {"terms": ID}                                          done/NUMBER.jsonl   {"worker": NAME}
                          {"task", "settings", "known", "designs"} ...           {"question", "verdict", "learnt"} ...

A question is a digest of a task, the settings and a design: whoever asks it again finds its answer.
"""

import dataclasses
import functools
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from itertl.disk.rows import read_rows
from itertl.errors import DataError
from itertl.identity import digest
from itertl.records import Task, Verdict
from itertl.verify.cache import packed, unpacked
from itertl.verify.judged import Judged, Known
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.worker import Job

_OF_A_MACHINE: Mapping[str, Any] = {"workers": 0, "batch": 0, "in_flight": 0, "cache": False, "cache_mb": 0}


def common(settings: VerifySettings) -> VerifySettings:
    """Return the settings without what each machine decides for itself."""
    return dataclasses.replace(settings, **_OF_A_MACHINE)


def questions(job: Job) -> list[str]:
    """Return the question of each design of a job."""
    basis = _basis(job.task, common(job.settings))
    return [digest(basis, name, code) for name, code in job.designs]


@functools.lru_cache(maxsize=4096)
def _basis(task: Task, settings: VerifySettings) -> str:
    return digest(task.to_json(), json.dumps(dataclasses.asdict(settings), sort_keys=True))


def batch_text(terms: str, jobs: Iterable[Job]) -> str:
    """Return a batch as its file holds it; `terms` is the identity of those under which it is to be judged."""
    rows: list[dict[str, Any]] = [{"terms": terms}]
    for job in jobs:
        known = packed(job.known) if job.known is not None else None
        settings = dataclasses.asdict(common(job.settings))
        rows.append({"task": job.task.to_dict(), "settings": settings, "known": known, "designs": job.designs})
    return "".join(json.dumps(row) + "\n" for row in rows)


def read_batch(path: Path) -> tuple[str, list[Job]]:
    """Return the terms and the jobs of a batch; raise DataError where the file holds something else."""
    head, *rows = list(read_rows(path)) or [{}]
    with _rows_of(path):
        return str(head["terms"]), [_job(row) for row in rows]


def _job(row: Mapping[str, Any]) -> Job:
    designs = tuple((str(name), str(code)) for name, code in row["designs"])
    return Job(Task.from_dict(row["task"]), designs, VerifySettings(**row["settings"]), known=_known(row["known"]))


def _known(row: Mapping[str, Any] | None) -> Known | None:
    return None if row is None else unpacked(row)


def verdicts_text(worker: str, answers: Iterable[tuple[str, Judged[Verdict]]]) -> str:
    """Return the answers to questions as a file holds them; `worker` is who gives them."""
    rows: list[dict[str, Any]] = [{"worker": worker}]
    for question, judged in answers:
        learnt = packed(judged.learnt) if judged.learnt is not None else None
        rows.append({"question": question, "verdict": judged.verdict.to_dict(), "learnt": learnt})
    return "".join(json.dumps(row) + "\n" for row in rows)


def read_verdicts(path: Path) -> tuple[str, dict[str, Judged[Verdict]]]:
    """Return who judged a batch, and the answer to each question; raise DataError for any other file."""
    head, *rows = list(read_rows(path)) or [{}]
    with _rows_of(path):
        found = {str(row["question"]): _judged(row) for row in rows}
        return str(head["worker"]), found


def _judged(row: Mapping[str, Any]) -> Judged[Verdict]:
    return Judged(Verdict.from_dict(row["verdict"]), learnt=_known(row["learnt"]))


@contextmanager
def _rows_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, DataError, zlib.error) as error:
        raise DataError(
            f"{path} is not what itertl writes there ({error}); remove it, and run the same command again"
        ) from error


def awaited(jobs: Iterable[Job]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the question and the key of each design of `jobs`."""
    for job in jobs:
        for question, (name, _) in zip(questions(job), job.designs, strict=True):
            yield question, (job.task.id, name)
