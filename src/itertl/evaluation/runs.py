"""Two whole runs side by side: dev by iteration, and every split on which both chose a policy, paired over tasks.

    found = compare_runs(read_side(Path("runs/a")), read_side(Path("runs/b")))

Only tasks that both runs measured count. On dev the iteration that dev chose stands for a run, so that both values are
a little too high; on the final splits nothing was chosen.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from itertl.disk import names
from itertl.disk.artefacts import read_value
from itertl.disk.rows import read_rows
from itertl.errors import UsageError
from itertl.evaluation.compare import Compared, compare
from itertl.evaluation.measure import Comparison, Evaluation, best_of
from itertl.identity import digest
from itertl.words import counted

DEV = "dev"


@dataclass(frozen=True)
class Side:
    """One run: its config as plain values, dev by iteration, what stands for it on each split, and where that lies.

    `tasks` maps a task's id to a digest of its texts.
    """

    root: Path
    name: str
    config: Mapping[str, object]
    dev: Mapping[int, Evaluation]
    best: int
    chosen: Mapping[str, Evaluation]
    tasks: Mapping[str, str]

    def folder(self, split: str) -> Path:
        """Return the folder of the candidates and verdicts behind the chosen policy's evaluation."""
        return self.root / f"iter_{self.best:02d}" / split


@dataclass(frozen=True)
class Split:
    """A split that both runs measured, and what the pairing over their common tasks says."""

    name: str
    before: Evaluation
    after: Evaluation
    compared: Compared


@dataclass(frozen=True)
class Runs:
    """Both runs, the splits that they share, and what has to be known before the figures are believed."""

    first: Side
    second: Side
    splits: tuple[Split, ...]
    notices: tuple[str, ...]


def is_run(path: Path) -> bool:
    """Return True if `path` is the directory of a run rather than of an evaluation."""
    return (path / names.CONFIG).is_file() and (path / names.TASKS).is_file() and not (path / names.RESULT).exists()


def read_side(root: Path) -> Side:
    """Return what the run in `root` has measured; raise UsageError where that is nothing yet."""
    folders = {int(m[1]): p for p in root.glob("iter_*") if (m := re.fullmatch(r"iter_(\d+)", p.name))}
    places = {t: path / DEV / names.EVALUATION for t, path in sorted(folders.items())}
    dev = {t: read_value(place, Evaluation) for t, place in places.items() if place.is_file()}
    if not dev:
        raise UsageError(
            f"{root} has not measured anything yet: expected iter_00/dev/{names.EVALUATION}; continue the run with "
            "`itertl run`, or compare others"
        )
    final = root / names.COMPARISON
    if final.is_file():
        comparison = read_value(final, Comparison)
        best = comparison.best_iteration
        chosen = {suite: arms["best"] for suite, arms in comparison.evaluations.items() if "best" in arms}
    else:
        best, chosen = list(dev)[best_of([found.value() for found in dev.values()])], {}
    if best in dev:
        chosen = {DEV: dev[best], **chosen}
    config = yaml.safe_load((root / names.CONFIG).read_text(encoding="utf-8")) or {}
    texts = ("instruction", "header", "reference", "testbench")
    tasks = {
        str(row["id"]): digest(*(str(row.get(name, "")) for name in texts)) for row in read_rows(root / names.TASKS)
    }
    return Side(root, str(config.get("name") or root.name), config, dev, best, chosen, tasks)


def compare_runs(first: Side, second: Side) -> Runs:
    """Pair two runs on every split; raise UsageError where they have no task in common.

    Runs of one name are called by their directories, or, where these are of one name, too, first and second.
    """
    if first.name == second.name:
        folders = (first.root.resolve().name, second.root.resolve().name)
        called = folders if folders[0] != folders[1] else ("first", "second")
        first, second = (replace(side, name=name) for side, name in zip((first, second), called, strict=True))
    changed = {task for task, text in first.tasks.items() if second.tasks.get(task, text) != text}
    splits, notices = [], []
    for name in dict.fromkeys([*first.chosen, *second.chosen]):
        if name not in first.chosen or name not in second.chosen:
            lacking = first if name not in first.chosen else second
            notices.append(f"{name} is left out: {lacking.root} has not measured it")
            continue
        a, b = first.chosen[name], second.chosen[name]
        before, after = ({k: v for k, v in each.per_problem.items() if k not in changed} for each in (a, b))
        shared = sum(1 for task in before if task in after and before[task][0] and after[task][0])
        if not shared:
            notices.append(f"{name} is left out: the runs share none of its tasks, {len(before)} and {len(after)}")
            continue
        if before.keys() != after.keys():
            notices.append(
                f"{name}: paired over the {counted(shared, 'tasks')} that both measured, "
                f"of {len(before)} and {len(after)}"
            )
        splits.append(Split(name, a, b, compare(before, after)))
    if changed:
        others = counted(len(changed), "tasks of one id have", "task of one id has")
        notices.append(f"{others} other texts in the two runs and no part in this")
    if not splits:
        raise UsageError(
            f"{first.root} and {second.root} cannot be compared: " + "; ".join(notices) + "; expected runs on the same "
            "tasks: the same seed, the same sizes in `tasks` and the same suites"
        )
    return Runs(first, second, tuple(splits), tuple(notices))


def settings_that_differ(first: Side, second: Side) -> list[tuple[str, str, str]]:
    """Return (key, value of the first, value of the second) of what the two configs have differently."""
    a, b = dict(_flat(first.config)), dict(_flat(second.config))
    keys = [key for key in dict.fromkeys([*a, *b]) if key != "name" and a.get(key) != b.get(key)]
    return [(key, a.get(key, "-"), b.get(key, "-")) for key in keys]


def _flat(value: object, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{name}.{key}" if name else str(key))]
    return [(name, "-" if value is None else str(value))]
