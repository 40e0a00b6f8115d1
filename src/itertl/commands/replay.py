"""`itertl replay`: an evaluation done once more from what it has left, and compared number by number."""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from itertl.commands.evaluate import measure_candidates
from itertl.commands.policy import find_policy, require_training
from itertl.config import Config, parse_config
from itertl.disk.artefacts import read_records, read_value
from itertl.disk.run_dir import open_run
from itertl.errors import DataError, UsageError
from itertl.evaluation.benched import ROWS, RowVerdict
from itertl.evaluation.candidates import read_candidates
from itertl.evaluation.judging import CANDIDATES
from itertl.evaluation.replay import Replayed, compare_replay, environment_changes
from itertl.evaluation.result import RESULT, Result, Sources, candidates_digest, dataset_digest
from itertl.records import Candidate, Task
from itertl.sampling import Draw, sample
from itertl.suites.load import load_suite
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.tasks.files import DOTTED
from itertl.words import counted

MOST_ROWS = 20  # of those that differ


def replay_result(
    path: Path, candidates: Path | None, model: str | None, out: Path | None, data: Path | None, console: Console
) -> int:
    """Verify again, without any cache, and print what differs; return 0 where every number is the same, else 1.

    Raise UsageError where something is missing, DataError where suite or candidates are not those of the result.
    """
    file = path / RESULT.name if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"{file} does not exist; expected the --out of an `itertl eval`, or its {RESULT.name}")
    recorded = read_value(file, Result)
    config = _config(recorded, data, model)
    tasks = load_suite(_suite(config), config)
    if (found := dataset_digest(tasks)) != recorded.dataset:
        raise DataError(f"{recorded.suite} here has the digest {found}, the result was measured on {recorded.dataset}")
    rows = candidates or file.parent / CANDIDATES.at(recorded.suite).name
    if model is None and not rows.is_file():
        raise UsageError(f"{rows} does not exist: give the result's candidates with --candidates, or draw with --model")
    root = out or file.parent / "replay"
    if (root / RESULT.name).is_file():
        console.print(f"this replay was done before, in {root}; another --out does it anew", highlight=False)
    with open_run(config, root) as store:
        place = CANDIDATES.at(recorded.suite)
        drawn: Iterable[Candidate]
        if model is None:
            _check(recorded, rows, tasks)
            drawn = store.stage(place, read_candidates, rows, tasks)
        else:
            drawn = store.stage(
                place, sample, Path(config.policy.path or ""), tasks, Draw.for_evaluation(config, recorded.suite, 0)
            )
        wanted = config.evaluation.samples if recorded.settings.get("model") else None
        sources = Sources(recorded.suite, recorded.settings, recorded.config, wanted)
        again = measure_candidates(sources, tasks, drawn, config, store, quality=False)
        new = list(read_records(store.root / ROWS.name, RowVerdict))
    before = file.parent / ROWS.name
    old = list(read_records(before, RowVerdict)) if before.is_file() else None
    replayed = compare_replay(recorded, again, old, new)
    show(replayed, recorded, again, console)
    return 0 if replayed.same else 1


def _suite(config: Config) -> str:
    """Return the suite of a result's config; raise UsageError for one that would be imported, for a result is data."""
    name = config.evaluation.suites[0]
    if DOTTED.fullmatch(name):
        raise UsageError(
            f"the result was measured on {name}, and no result may choose what is imported; expected a suite's name. "
            f"Where you trust {name}, measure its candidates with `itertl eval {name}`"
        )
    return name


def _config(recorded: Result, data: Path | None, model: str | None) -> Config:
    """Return the config of the result, on this machine's data, and without a cache of verdicts."""
    values: dict[str, Any] = dict(recorded.config)
    if not values:
        raise UsageError("the result holds no config; it was written before results could be replayed")
    config = parse_config(values, "the result's config")
    suites, verify = config.evaluation, config.verify.model_copy(update={"cache": False})
    # a folder of the machine where it was measured is of no use elsewhere
    place = data or (suites.data if suites.data and suites.data.is_dir() else None)
    config = config.model_copy(
        update={"verify": verify, "evaluation": suites.model_copy(update={"data": place}), "name": "replay"}
    )
    if model is None:
        return config
    require_training()
    policy = config.policy.model_copy(update={"path": str(find_policy(model))})
    return config.model_copy(update={"policy": policy})


def _check(recorded: Result, rows: Path, tasks: Sequence[Task]) -> None:
    found = candidates_digest(read_candidates(rows, tasks))
    if found != recorded.candidates:
        raise DataError(f"{rows} has the digest {found}, the result was measured on {recorded.candidates}")


def _short(number: str) -> str:
    """Return a number with six digits at most, and any other text as it is; numbers that differ are told in full."""
    return f"{float(number):.6g}" if re.fullmatch(r"\d\.\d{7,}", number) else number


def show(replayed: Replayed, recorded: Result, again: Result, console: Console) -> None:
    """Print numbers side by side, rows that differ, and what is different about the machine."""
    table = new_table("measure", "recorded", "replayed", title=f"replay of {recorded.suite}", title_justify="left")
    for name, before, after in replayed.numbers:
        same = before == after
        table.add_row(name, *((_short(before),) * 2 if same else (before, after)), style="" if same else "yellow")
    print_table(table, console)
    if replayed.rows is None:
        console.print(f"rows could not be compared: there is no {ROWS.name} beside the result", highlight=False)
    elif replayed.rows:
        title = counted(len(replayed.rows), "rows differ", "row differs")
        rows = new_table("task", "index", "recorded", "replayed", title=title)
        for old, new in replayed.rows[:MOST_ROWS]:
            rows.add_row(old.task_id, str(old.index), _outcomes(old), _outcomes(new))
        print_table(rows, console)
    for line in environment_changes(recorded.environment, again.environment):
        console.print(f"different here: {line}", highlight=False, soft_wrap=True)
    console.print("every number is the same" if replayed.same else "the result does not replay", highlight=False)


def _outcomes(row: RowVerdict) -> str:
    values: Mapping[str, Any] = dataclasses.asdict(row)
    return ", ".join(f"{rule} {values[rule]}" for rule in ("official", "strict") if values[rule] is not None)
