"""What verification can find out about a design, as a closed set.

Outcome.PASSED.value == "passed"
"""

from enum import StrEnum


class Outcome(StrEnum):
    """What verification found out about a candidate: a closed set, ordered from nothing usable to right."""

    EMPTY = "empty"  # no module in the text
    REJECTED = "rejected"  # holds what a design has no business doing
    SYNTAX_ERROR = "syntax_error"
    ELABORATION_ERROR = "elaboration_error"
    INTERFACE_MISMATCH = "interface_mismatch"  # name, direction or width of a port differs from the reference
    TIMEOUT = "timeout"
    OUTPUT_LIMIT = "output_limit"
    MISMATCH = "mismatch"  # simulates, but some output bit differs from the reference
    PASSED = "passed"
    TOOL_ERROR = "tool_error"  # ours, never the candidate's: excluded and counted, never a score
