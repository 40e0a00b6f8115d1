"""Some cycles of right behaviour, as a family's oracle foretells them: what helps with code to repair or to complete.

right_values(COUNTER, combination, design.ports, names, rng)
-> "From reset on, right before each active clock edge:\\nen = 1; q = 0\\nen = 1; q = 1"

itertl gym --family counter --seed 3
"""

import random
import re
from collections.abc import Sequence

from itertl.tasks.gym.design import Combination, Family, Names

PORT = re.compile(r"(input|output)(?: reg)?(?: signed)? (?:\[(\d+):0\] )?«(\w+)»")
CLOCKED = (
    "From reset on, right before each active clock edge, these are the right values:",
    "A run of the right circuit after reset, line by line as it is just before each active edge:",
    "For comparison, the right values just before one active clock edge after another, beginning after reset:",
)
UNCLOCKED = (
    "Some right values:",
    "For comparison, inputs and the outputs that belong to them:",
    "A correct module gives, for example:",
)
JOINTS = ("; ", " -> ", " => ")


def right_values(
    family: Family, combination: Combination, ports: Sequence[str], names: Names, rng: random.Random
) -> str:
    """Return lines of inputs and outputs, or nothing for a design whose registers begin with unknown values."""
    style = combination.get("style")
    if style == "none":
        return ""
    found = [(m[1], int(m[2] or 0) + 1, m[3]) for port in ports if (m := PORT.fullmatch(port))]
    inputs = [(width, role) for kind, width, role in found if kind == "input" and role not in ("clk", "rst")]
    rows = [{role: _value(width, rng) for width, role in inputs} for _ in range(4 + int(rng.random() * 5))]
    known, joint, lines = vars(names), rng.choice(JOINTS), []
    for row, expected in zip(rows, family.oracle(iter(rows), **combination), strict=True):
        left = ", ".join(f"{known[role]} = {row[role]}" for _, role in inputs)
        right = ", ".join(
            f"{known[role]} = {value}" for role, value in expected.items() if value is not None and role in known
        )
        lines.append(f"{left}{joint}{right}" if left and right else left or right)
    return "\n".join([rng.choice(CLOCKED if style else UNCLOCKED), *lines])


def _value(width: int, rng: random.Random) -> int:
    return int(rng.random() < 0.6) if width == 1 else rng.getrandbits(width)
