"""What verification can find out about a design, and why, as closed sets.

Outcome.PASSED.value == "passed"        Reason.POWER_UP.value == "power_up"
"""

from enum import StrEnum


class Outcome(StrEnum):
    """What verification found out about a candidate: from nothing usable to right, then what says nothing about it."""

    EMPTY = "empty"  # no module in the text
    REJECTED = "rejected"  # holds what a design has no business doing
    SYNTAX_ERROR = "syntax_error"
    ELABORATION_ERROR = "elaboration_error"
    INTERFACE_MISMATCH = "interface_mismatch"  # name, direction or width of a port differs from the reference
    TIMEOUT = "timeout"
    OUTPUT_LIMIT = "output_limit"
    MISMATCH = "mismatch"  # simulates, but some output bit differs from the reference
    PASSED = "passed"
    UNSUPPORTED = "unsupported"  # legal, but beyond the simulator: excluded and counted, never a score
    TOOL_ERROR = "tool_error"  # ours, never the candidate's: tried again, then excluded and counted, never a score

    @property
    def judged(self) -> bool:
        """True if the outcome says something about the candidate, and not about the tools alone."""
        return self not in (Outcome.UNSUPPORTED, Outcome.TOOL_ERROR)


class Reason(StrEnum):
    """Why a verdict has its outcome, where that alone does not say it: a closed set, for programs to decide by."""

    CONSTRUCT = "construct"  # rejected: the design holds what no design needs; the detail begins with its kind
    SIZE = "size"  # rejected: too long, too deep or too wide for the tools
    FRONT_END = "front_end"  # rejected: the front-end ran out of resources on it
    MEMORY = "memory"  # rejected: a tool reached the limit on memory
    DRIVES_INPUT = "drives_input"  # rejected: it fights the bench for one of its own inputs
    TWO_READINGS = "two_readings"  # rejected: front-end and simulator elaborate it differently
    FORGED = "forged"  # rejected: the output is not what the bench prints
    REDECLARED = "redeclared"  # elaboration_error: a port is declared again; Icarus Verilog 12 refuses it, 11 does not
    POWER_UP = "power_up"  # mismatch: right only as long as registers begin with x
    REFUTED = "refuted"  # mismatch: passed the bench; Yosys, and then a simulation, found a difference
    CONTRADICTION = "contradiction"  # mismatch: seen in simulation, yet Yosys calls it equivalent
    NO_REFERENCE = "no_reference"  # mismatch: it elaborates, and there is nothing to compare it with
    CONFLICT = "conflict"  # unsupported: simulator and Yosys read the design, or the task's reference, otherwise
    UNFIT_REFERENCE = "unfit_reference"  # tool_error, unsupported: the task's reference cannot serve as one
    UNDRIVEN = "undriven"  # tool_error: no output bit of the task's reference ever is 0 or 1
    STUCK_REFERENCE = "stuck_reference"  # tool_error: simulating the task's reference comes to no end

    @property
    def of_the_moment(self) -> bool:
        """True if another machine, or this one later, might decide otherwise."""
        return self in (Reason.FRONT_END, Reason.MEMORY)
