"""Words about numbers, for messages.

counted(1, "rows")                             "1 row"
counted(2345, "rows are", one="row is")        "2,345 rows are"
"""

ENDS = {"ies": "y", "sses": "ss", "ches": "ch", "s": ""}  # of a plural, and of its singular; the first that fits


def counted(count: int, many: str, one: str = "") -> str:
    """Return a number with what it counts: `many`, or for 1 `one`, by default the singular of `many`."""
    return f"{count:,} {(one or _singular(many)) if count == 1 else many}"


def _singular(plural: str) -> str:
    end = next((end for end in ENDS if plural.endswith(end)), "")
    return plural.removesuffix(end) + ENDS.get(end, "")
