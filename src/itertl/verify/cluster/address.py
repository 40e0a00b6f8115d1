"""Which cluster: how `verify.cluster`, `--cluster` and `Reward(cluster=...)` are read.

auto                       the cluster of RAY_ADDRESS, or one that runs on this machine
10.0.0.1:6379              the one with this head; a node of it has to run on this machine
local                      one that is started here, and ends with the process that asked
auto?iverilog=12.0         nodes may have this version of a tool, too, whatever version is here
"""

import dataclasses
import re

from itertl.errors import ConfigError

AUTO, LOCAL = "auto", "local"
TOOLS = ("iverilog", "yosys")  # whose versions may be allowed to differ
_PLACE = re.compile(r"(auto|local|[A-Za-z0-9._-]+:\d{1,5}|\[[0-9A-Fa-f:.]+\]:\d{1,5})")


@dataclasses.dataclass(frozen=True, slots=True)
class Address:
    """Where a cluster is, and the (tool, version) pairs that its nodes may have besides those of this machine."""

    place: str
    allowed: frozenset[tuple[str, str]] = frozenset()


def read_address(text: str) -> Address:
    """Read an address; raise ConfigError for what is none."""
    place, _, query = text.partition("?")
    if place.startswith("ray://"):
        raise ConfigError(
            f"the cluster {text!r} is an address of Ray Client, which is not used here: run this on a node of the "
            "cluster (`ray start --address=HEAD:6379` makes this machine one), with the address auto"
        )
    if not _PLACE.fullmatch(place):
        raise ConfigError(f"expected a cluster such as auto, HOST:6379 or local, found {text!r}")
    allowed = set()
    for part in filter(None, query.split("&")):
        tool, _, version = part.partition("=")
        if tool not in TOOLS or not version:
            raise ConfigError(f"the cluster {text!r}: expected ?iverilog=VERSION or ?yosys=VERSION, found {part!r}")
        allowed.add((tool, version))
    return Address(place, frozenset(allowed))
