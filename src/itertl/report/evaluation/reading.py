"""What the directory of an evaluation holds, read as far as it is there.

Contract: `read_evaluation` never fails on a directory that exists. What is missing is None or empty, what is damaged
is skipped and named in `Evaluated.notices`. Where result.json is not there yet, the verdicts are counted.

    python -c "from itertl.report.evaluation.reading import *; print(read_evaluation(Path('results')).strict)"
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from itertl.disk import names
from itertl.disk.artefacts import PARTIAL
from itertl.evaluation.benched import JUDGED, ROWS
from itertl.evaluation.result import RESULT
from itertl.report.evaluation.verdicts import Pair, begun, candidate_rows, finder, row_outcomes
from itertl.report.parsing import (
    Evaluation,
    Row,
    config_of,
    evaluation_of,
    mapping,
    number,
    object_of,
    rows,
    text_of,
)
from itertl.suites.known_defects import Defect, known_defects

RULES = ("strict", "official")

_PLAIN = re.compile(r"[\w-][\w.-]{0,99}")  # what the name of a suite with known defects looks like


@dataclasses.dataclass(frozen=True)
class Evaluated:
    """All that the page is drawn from, except the samples.

    `sides` holds the evaluations by rule; `fair` the same without the problems `left_out`. `pairs` counts the samples
    by both outcomes. `result` is result.json as it is, empty where it is not there.
    """

    path: Path
    suite: str
    folder: Path | None  # of the suite: candidates and verdicts
    result: Row
    sides: Mapping[str, Evaluation]
    fair: Mapping[str, Evaluation]
    left_out: tuple[str, ...]
    pairs: Mapping[Pair, int]
    defects: Mapping[str, tuple[Defect, ...]]  # problem of this evaluation -> what is known of it
    settings: Row
    config: Row
    config_text: str
    environment: Row
    events: tuple[Row, ...]
    notices: list[str]

    @property
    def strict(self) -> Evaluation | None:
        """The evaluation by the strict rule."""
        return self.sides.get("strict")

    @property
    def source(self) -> str:
        """The model that drew the candidates, or the file that they come from; "" where neither is known."""
        named = self.settings.get("model") or self.settings.get("candidates")
        return str(named) if isinstance(named, str) else ""

    @property
    def outcomes(self) -> dict[str, dict[str, float]]:
        """The number of verified samples on each outcome by rule; from the rows where there is no result yet."""
        if self.sides:
            return {
                rule: {name: round(share * verified(side)) for name, share in side.outcomes.items()}
                for rule, side in self.sides.items()
            }
        counted: dict[str, Counter[str]] = {}
        for pair, count in self.pairs.items():
            for rule, outcome in zip(RULES, pair, strict=True):
                if outcome:
                    counted.setdefault(rule, Counter())[outcome] += count
        return {rule: dict(counts) for rule, counts in counted.items()}

    @property
    def benched(self) -> bool:
        """True if the suite's own testbenches judge, so that there is an official outcome."""
        by_bench = self.folder is not None and begun(self.folder / JUDGED.name)
        return by_bench or "official" in self.sides or any(official for _, official in self.pairs)

    def rate(self, name: str) -> float | None:
        """Return the share `name` of the result: syntax or elaboration."""
        return number(self.result.get(name))


def is_evaluation(path: Path) -> bool:
    """Return True if `path` is the directory of an evaluation: finished, or begun and no run."""
    if not path.is_dir() or any(path.glob("iter_*")) or begun(path / names.TASKS):
        return False
    return begun(path / RESULT.name) or begun(path / ROWS.name) or bool(_suite_folders(path))


def measured(path: Path) -> bool:
    """Return True if anything was judged in the directory of an evaluation."""
    folders = _suite_folders(path)
    files = [path / RESULT.name, path / ROWS.name, *(f / n for f in folders for n in (names.VERDICTS, names.TESTBENCH))]
    both = (found for file in files for found in (file, file.with_name(file.name + PARTIAL)))
    return any(file.is_file() and file.stat().st_size > 0 for file in both)


def read_evaluation(path: Path) -> Evaluated:
    """Return what the directory `path` of an evaluation holds at this moment."""
    notices: list[str] = []
    result = object_of(path / RESULT.name, notices)
    folders = _suite_folders(path)
    suite = str(result.get("suite") or (folders[0].name if folders else path.resolve().name))
    config_text = text_of(path / names.CONFIG, notices) or ""
    folder = next((folder for folder in folders if folder.name == suite), folders[0] if folders else None)
    pairs = Counter(row_outcomes(path, notices).values())
    if not pairs:
        pairs = Counter(map(finder(path, folder), candidate_rows(folder, [])))
    fair = mapping(result.get("without_defects"))
    left_out = fair.get("left_out")
    sides = _sides(result)
    problems = {name for side in sides.values() for name in side.per_problem}
    defects: dict[str, tuple[Defect, ...]] = {}
    for defect in known_defects(suite) if _PLAIN.fullmatch(suite) else ():
        if defect.id in problems and defect.holds(str(result.get("tools") or "")):
            defects[defect.id] = (*defects.get(defect.id, ()), defect)
    return Evaluated(
        path=path,
        suite=suite,
        folder=folder,
        result=result,
        sides=sides,
        fair=_sides(fair),
        left_out=tuple(str(name) for name in left_out) if isinstance(left_out, list) else (),
        pairs=pairs,
        defects=defects,
        settings=mapping(result.get("settings")),
        config=config_of(config_text, notices) or mapping(result.get("config")),
        config_text=config_text,
        environment=mapping(result.get("environment")) or object_of(path / names.ENVIRONMENT, notices),
        events=tuple(rows(path / names.EVENTS, notices)),
        notices=notices,
    )


def verified(evaluation: Evaluation) -> int:
    """Return the number of samples that were verified."""
    return sum(n for n, _ in evaluation.per_problem.values())


def natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts prob2 before prob10."""
    return [(int(part[:18]), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", name)]


def _sides(row: Row) -> dict[str, Evaluation]:
    return {rule: side for rule in RULES if (side := evaluation_of(row.get(rule)))}


def _suite_folders(path: Path) -> list[Path]:
    return sorted(inner for inner in path.iterdir() if inner.is_dir() and begun(inner / names.CANDIDATES))
