"""Numbers as the commands' tables show them."""

from itertl.evaluation.pass_at_k import Estimate
from itertl.evaluation.quality import Ratio


def interval(found: Estimate | Ratio) -> str:
    """Return an estimate with its 95 % interval."""
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
