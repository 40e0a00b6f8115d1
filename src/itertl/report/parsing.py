"""What single files say, read as far as they can be: rows, objects, configs, and the figures in them.

Contract: nothing here fails on what a file holds. What is missing is empty or None, what is damaged is skipped and
named in `notices`; rows are read one at a time, so that a file may be larger than memory.

    python -c "from itertl.report.parsing import *; print(evaluation_of({'pass_at': {'1': {'value': 0.5}}}))"
"""

import dataclasses
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from itertl.disk.artefacts import PARTIAL
from itertl.report.markup import visible

Row = dict[str, Any]

_MANY = 1_000_000_000  # samples that no problem has
_COLUMNS, _LINES = 64, 256  # of a waveform at most
_BITS = 1000  # of an integer: a float holds no more than 1024


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A share with the ends of its 95 % interval, None where unknown.

    `sampling` is the half-width that comes from the finite number of samples alone, None where it is not known.
    """

    value: float
    low: float | None = None
    high: float | None = None
    sampling: float | None = None

    def __str__(self) -> str:
        return self.rounded(2)

    def rounded(self, places: int) -> str:
        """Return value and interval with so many decimal places."""
        if self.low is None or self.high is None:
            return f"{self.value:.{places}f}"
        return f"{self.value:.{places}f} [{self.low:.{places}f}, {self.high:.{places}f}]"

    def signed(self) -> str:
        """Return a difference with its sign, and the signs of the ends."""
        if self.low is None or self.high is None:
            return f"{self.value:+.2f}"
        return f"{self.value:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Pass@k on a suite, the share of each outcome among its samples, and (samples, right ones) of each problem."""

    suite: str
    samples: int
    problems: int
    pass_at: Mapping[int, Estimate]
    outcomes: Mapping[str, float]
    missing: int = 0
    unsupported: int = 0
    policy: str = ""  # digest of its weights
    per_problem: Mapping[str, tuple[int, int]] = dataclasses.field(default_factory=dict)


def rows(path: Path, notices: list[str]) -> Iterator[Row]:
    """Yield the objects of a JSONL file, or of what a stage has written of it so far, nothing where neither is there.

    The number of unreadable lines goes into `notices`; a last line that is still being written is passed over.
    """
    source = path if path.is_file() else path.with_name(path.name + PARTIAL)
    if not source.is_file():
        return
    damaged = 0
    with source.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for line in file:
            if source is not path and not line.endswith("\n"):
                break
            row = decoded(line) if line.strip() else {}
            if isinstance(row, dict):
                if row:
                    yield row
            else:
                damaged += 1
    if damaged:
        notices.append(f"{path.parent.name}/{path.name}: {damaged} unreadable line{'s' if damaged > 1 else ''} skipped")


def number(value: object) -> float | None:
    """Return `value` as a finite float, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int) and value.bit_length() > _BITS:
        return None
    return float(value) if math.isfinite(value) else None


def whole(value: object) -> int:
    """Return `value` as an integer, 0 where it is no number."""
    return int(number(value) or 0)


def evaluation_of(row: object) -> Evaluation | None:
    """Return the evaluation that a JSON value holds, None where it holds nothing of one."""
    row = mapping(row)
    pass_at = {}
    for k, found in mapping(row.get("pass_at")).items():
        if re.fullmatch(r"[0-9]{1,6}", k) and (estimate := _share_of(found)):
            pass_at[int(k)] = estimate
    if not pass_at and not row.get("outcomes"):
        return None
    outcomes = {k: share for k, v in mapping(row.get("outcomes")).items() if (share := _within(number(v))) is not None}
    counts = [whole(row.get(key)) for key in ("samples", "problems", "missing", "unsupported")]
    suite, policy = (str(row.get(key, "")) for key in ("suite", "policy"))
    problems = {
        name: (whole(pair[0]), whole(pair[1]))
        for name, pair in mapping(row.get("per_problem")).items()
        if isinstance(pair, list) and len(pair) == 2 and _MANY > whole(pair[0]) >= whole(pair[1]) >= 0
    }
    return Evaluation(suite, counts[0], counts[1], pass_at, outcomes, counts[2], counts[3], policy, problems)


def estimate_of(row: object) -> Estimate | None:
    """Return the estimate that a JSON value holds, None where it holds none."""
    row = mapping(row)
    value = number(row.get("value"))
    if value is None:
        return None
    return Estimate(value, *(number(row.get(key)) for key in ("low", "high", "sampling")))


def config_of(text: str, notices: list[str]) -> Row:
    """Return the mapping that a YAML text holds, an empty one where it holds none."""
    try:
        return mapping(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError, RecursionError):
        notices.append("config.yaml is not valid YAML and is shown as it is")
        return {}


def object_of(path: Path, notices: list[str]) -> Row:
    """Return the object of a JSON file, an empty one where there is none."""
    text = text_of(path, notices)
    if text is None:
        return {}
    found = decoded(text)
    if not isinstance(found, dict):
        notices.append(f"{path.parent.name}/{path.name} is not a JSON object and was skipped")
    return mapping(found)


def text_of(path: Path, notices: list[str]) -> str | None:
    """Return the text of a file, None where there is none or it cannot be read."""
    if not path.is_file():
        return None
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        notices.append(f"{path.name} cannot be read: {error.strerror}")
        return None


def decoded(text: str) -> object:
    """Return the JSON value of `text`, None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def mapping(value: object) -> Row:
    """Return `value` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def wave_of(verdict: Mapping[str, Any]) -> Row | None:
    """Return the waveform of a verdict's mismatch, None where it has none that can be drawn."""
    wave = mapping(mapping(verdict.get("mismatch")).get("wave"))
    cycles, lines = wave.get("cycles"), wave.get("rows")
    if not isinstance(cycles, list) or not isinstance(lines, list) or not 0 < len(cycles) <= _COLUMNS:
        return None
    drawn = [found for line in lines[:_LINES] if (found := _line_of(mapping(line), len(cycles)))]
    at, hidden = whole(wave.get("at")), whole(wave.get("hidden"))
    return {"cycles": list(map(whole, cycles)), "at": at, "rows": drawn, "hidden": hidden} if drawn else None


def _line_of(line: Row, columns: int) -> Row | None:
    values = visible(str(line.get("values", ""))).split(" ")
    if len(values) != columns:
        return None
    marks = [list(map(whole, mark)) for mark in line.get("marks") or () if isinstance(mark, list) and len(mark) == 3]
    return {"name": visible(str(line.get("name"))), "kind": visible(str(line.get("kind"))), "values": values} | (
        {"marks": marks} if marks else {}
    )


def tagged(tags: object, name: str) -> str:
    """Return what a list of tags says of `name` ("family:counter" -> "counter"), "" where it says nothing."""
    found = [str(tag) for tag in tags] if isinstance(tags, list | tuple) else []
    return next((tag.partition(":")[2] for tag in found if tag.startswith(f"{name}:")), "")


def _share_of(row: object) -> Estimate | None:
    """Return an estimate of a share, None where its value is no share; ends that are none are unknown."""
    found = estimate_of(row)
    if found is None or _within(found.value) is None:
        return None
    return dataclasses.replace(
        found, low=_within(found.low), high=_within(found.high), sampling=_within(found.sampling)
    )


def _within(value: float | None) -> float | None:
    return value if value is not None and 0.0 <= value <= 1.0 else None
