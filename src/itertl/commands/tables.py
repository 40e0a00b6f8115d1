"""Numbers as the commands' tables show them."""

from collections.abc import Mapping


def interval(values: Mapping[str, float]) -> str:
    """Return an estimate with its 95 % interval."""
    return f"{values['value']:.3f} [{values['low']:.3f}, {values['high']:.3f}]"
