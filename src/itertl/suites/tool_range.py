"""Versions of Icarus Verilog that move a suite's figures: those tested, and what is known about the others."""

import re

TESTED = (11, 12)  # 11 by the tests of this package, 12 by the publishers of VerilogEval v2


def major_version(tools: str) -> int | None:
    """Return the major version of Icarus Verilog in a line such as "iverilog 12.0", None where it cannot be told."""
    found = re.search(r"iverilog (\d+)", tools)
    return int(found[1]) if found else None


def version_warning(tools: str) -> str:
    """Return what is known of a version outside the tested range, from a line such as "iverilog 13.0", else ""."""
    major = major_version(tools)
    if major is None:
        return "" if not tools else f"the simulator's version cannot be told from {tools!r}"
    if major < TESTED[0]:
        return (
            f"Icarus Verilog {major} is older than the versions tested ({TESTED[0]}); it rejects more and scores lower"
        )
    if major > TESTED[1]:
        return (
            f"Icarus Verilog {major} is newer than the versions tested ({TESTED[1]}); it refuses benches of VerilogEval"
        )
    return ""
