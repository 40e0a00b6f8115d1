"""The stages of a run with the time that each will take, out of measured costs.

forecast(stages, costs, config)  ->  [Expected("iter_01/candidates.jsonl", 2500, "samples", ...), ...]
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence

from rich import box
from rich.table import Table

from itertl.check.measure import READ_AT_ONCE, Cost
from itertl.config import Config
from itertl.disk import names
from itertl.disk.outline import Stage
from itertl.tables import table as new_table

FOLDER = "iter_00/"


@dataclasses.dataclass(frozen=True)
class Expected:
    """A stage with how many of what it makes at most, and the seconds: the least, the expected, the most."""

    stage: str
    amount: int
    unit: str
    one: float
    seconds: tuple[float, float, float]


def forecast(stages: Sequence[Stage], costs: Mapping[str, Cost], config: Config) -> list[Expected]:
    """Return those stages whose cost is known and that make something, in their order."""
    found = []
    for stage in stages:
        kind, amount, unit = _kind(stage, config)
        if stage.done or not amount or kind not in costs:
            continue
        cost = costs[kind]
        found.append(Expected(stage.name, amount, unit, cost.one, cost.seconds(amount)))
    return found


def _kind(stage: Stage, config: Config) -> tuple[str, int, str]:
    if stage.name == FOLDER + names.BASE:
        return "base", math.ceil((config.policy.pretrain.tasks or 0) / READ_AT_ONCE), "steps"
    if stage.name == FOLDER + names.POLICY:
        return "warm start", stage.amount or 0, stage.unit
    if stage.unit == "steps":
        return "training", stage.amount or 0, stage.unit
    return stage.unit, stage.amount or 0, stage.unit


def total(expected: Sequence[Expected]) -> tuple[float, float, float]:
    """Return the seconds of all: at least those of verdicts that cost nothing beside the sampling they accompany."""
    low, middle, high = (sum(stage.seconds[i] for stage in expected) for i in range(3))
    beside = sum(stage.seconds[0] for stage in expected if stage.unit == "verdicts")
    return low - beside, middle, high


def render(expected: Sequence[Expected]) -> Table:
    """Return stage, amount, rate, expected time and its range, with the total as the last row."""
    headings = ("stage", "at most", "rate", "time", "range, h:mm:ss")
    table = new_table(
        *headings, hidden=["rate"], box=box.SIMPLE_HEAD, pad_edge=False, title="expected times", title_justify="left"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for stage in expected:
        name = stage.stage.removesuffix(".jsonl")
        table.add_row(name, f"{stage.amount:,} {stage.unit}", _rate(stage.one), *_times(stage.seconds))
    table.add_section()
    table.add_row("all", "", "", *_times(total(expected)))
    return table


def _rate(one: float) -> str:
    if one <= 0:
        return ""
    return f"{1 / one:,.1f}/s" if one < 1 else f"{one:,.1f} s"


def _times(seconds: tuple[float, float, float]) -> tuple[str, str]:
    low, middle, high = seconds
    return _clock(middle), f"{_clock(low)}-{_clock(high)}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"
