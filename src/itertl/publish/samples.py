"""Judged samples of a run as Parquet: a row for each candidate, with its task, its verdict and its score.

    counted = write_samples(Path("runs/quickstart"), Path("out"))
    python -c "import datasets; print(datasets.load_dataset('out'))"

`train` holds what was drawn for training, `validation` what was drawn on dev. Rows go to disk in batches: a run may be
larger than memory, of which the verdicts of one iteration and the tasks are held.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from itertl.disk import names
from itertl.disk.artefacts import read_records
from itertl.disk.run_dir import read_config
from itertl.errors import MissingToolError, UsageError
from itertl.records import Candidate, Task, Verdict
from itertl.score import score as score_of

BATCH = 2000  # rows that are held in memory
FOLDERS = {"train": "", "validation": "dev"}  # of an iteration, in which the split's candidates lie


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the data set: `type` is Arrow's, `meaning` for people."""

    name: str
    type: str
    meaning: str


COLUMNS = (
    Column("task_id", "string", "the task"),
    Column("suite", "string", "where the task comes from"),
    Column("tags", "list<string>", "of the task: family, form, level"),
    Column("instruction", "string", "what was asked"),
    Column("header", "string", "the module's header, which the prompt holds"),
    Column("reference", "string", "the design that is taken to be right, whole"),
    Column("iteration", "int32", "of the run, in which it was drawn"),
    Column("index", "int32", "of the sample among those of its task and iteration"),
    Column("seed", "int64", "from which it was drawn"),
    Column("policy", "string", "digest of the weights that drew it"),
    Column("prompt", "string", "the text that the policy saw"),
    Column("completion", "string", "what it wrote"),
    Column("finish_reason", "string", "`stop`: it ended by itself; `length`: it was cut off; `missing`: no answer"),
    Column("code", "string", "the design in the completion, empty where there is none"),
    Column("code_id", "string", "equal for designs of a task that differ in layout only"),
    Column("outcome", "string", "of the verdict: `passed`, `mismatch`, `syntax_error`, ...; null without one"),
    Column("reason", "string", "why, where the outcome does not say it all; null elsewhere"),
    Column("agreement", "double", "share of the compared output bits that equal the reference's; null without verdict"),
    Column("detail", "string", "the verdict in a sentence, such as where it first differs"),
    Column("score", "double", "in [0, 1]; null where nothing was judged: tool errors, designs beyond the simulator"),
    Column("unexercised", "list<string>", "what `passed` does not speak of, in short facts"),
    Column("stimuli", "string", "what drove the design"),
    Column("tools", "string", "simulator and version"),
)


@dataclass
class Counted:
    """What was written: rows by split and by outcome."""

    splits: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """All rows."""
        return self.splits.total()


def require_parquet() -> None:
    """Raise MissingToolError where pyarrow is not installed."""
    if find_spec("pyarrow") is None:
        raise MissingToolError("writing Parquet needs pyarrow: pip install 'itertl[publish]'")


def write_samples(root: Path, out: Path, iteration: str | None = None) -> Counted:
    """Write data/SPLIT-00000-of-00001.parquet below `out`, of all iterations or of one.

    Raise UsageError where the run has no judged samples there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(column.name, _type_of(pa, column.type)) for column in COLUMNS])
    tasks = {task.id: task for task in read_records(root / names.TASKS, Task)}
    score, counted = read_config(root).score, Counted()
    folders = _iterations(root, iteration)
    for split, below in FOLDERS.items():
        drawn = [folder / below for folder in folders if _is_judged(folder / below)]
        if not drawn:
            continue
        file = out / "data" / f"{split}-00000-of-00001.parquet"
        file.parent.mkdir(exist_ok=True)
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in _batches(row for folder in drawn for row in _rows(folder, tasks, score)):
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
                counted.splits[split] += len(batch)
                counted.outcomes.update(row["outcome"] or "no verdict" for row in batch)
    if not counted.rows:
        raise UsageError(
            f"{root} has no judged samples{f' in iteration {iteration}' if iteration else ''} yet: expected "
            f"iter_01/{names.CANDIDATES} and {names.VERDICTS}, continue the run"
        )
    return counted


def _rows(folder: Path, tasks: Mapping[str, Task], score: str) -> Iterator[dict[str, Any]]:
    verdicts = {(v.task_id, v.code_id): v for v in read_records(folder / names.VERDICTS, Verdict)}
    for candidate in read_records(folder / names.CANDIDATES, Candidate):
        task = tasks.get(candidate.task_id)
        if task is None:
            raise UsageError(f"{folder}: the task {candidate.task_id} is not in {names.TASKS}; is the run whole?")
        yield _row(candidate, task, verdicts.get((candidate.task_id, candidate.code_id)), score)


def _row(candidate: Candidate, task: Task, verdict: Verdict | None, score: str) -> dict[str, Any]:
    found = None if candidate.missing else verdict
    drawn = {name: getattr(candidate, name) for name in ("task_id", "iteration", "index", "seed", "policy", "prompt")}
    drawn |= {name: getattr(candidate, name) for name in ("completion", "finish_reason", "code", "code_id")}
    asked = {name: getattr(task, name) for name in ("suite", "instruction", "header", "reference")}
    said: dict[str, Any] = dict.fromkeys(("outcome", "reason", "agreement", "detail", "score", "stimuli", "tools"))
    if found is not None:
        said |= {name: getattr(found, name) for name in ("agreement", "detail", "stimuli", "tools")}
        said |= {"outcome": found.outcome.value, "reason": found.reason.value if found.reason else None}
        said["score"] = score_of(score, task, candidate.code, found) if found.outcome.judged else None
    return {**asked, "tags": list(task.tags), **drawn, **said, "unexercised": list(found.unexercised if found else ())}


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _iterations(root: Path, iteration: str | None) -> list[Path]:
    found = {
        int(m[1]): path
        for path in root.glob("iter_*")
        if path.is_dir() and (m := re.fullmatch(r"iter_(\d+)", path.name))
    }
    if iteration is None:
        return [path for _, path in sorted(found.items())]
    if not iteration.isdecimal() or int(iteration) not in found:
        listed = ", ".join(map(str, sorted(found)))
        raise UsageError(f"--iteration {iteration}: {root} has the iterations {listed or 'none'}; give one of them")
    return [found[int(iteration)]]


def _is_judged(folder: Path) -> bool:
    return (folder / names.CANDIDATES).is_file() and (folder / names.VERDICTS).is_file()


def _type_of(pa: Any, name: str) -> Any:
    types = {"string": pa.string(), "int32": pa.int32(), "int64": pa.int64(), "double": pa.float64()}
    return {**types, "list<string>": pa.list_(pa.string())}[name]
