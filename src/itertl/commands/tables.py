"""Tables of the commands, and numbers as they show them."""

from typing import Any

from rich.table import Column, Table

from itertl.evaluation.pass_at_k import Estimate
from itertl.evaluation.quality import Ratio


def interval(found: Estimate | Ratio) -> str:
    """Return an estimate with its 95 % interval."""
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def table(*headings: str, **options: Any) -> Table:
    """Return an empty table as wide as the terminal at most: what is too long for its column wraps, nothing is cut.

    Names in it can be typed as they stand. `options` are those of a rich table.
    """
    return Table(*(Column(heading, overflow="fold") for heading in headings), **options)
