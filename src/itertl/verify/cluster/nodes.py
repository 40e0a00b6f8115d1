"""Whether the nodes of a cluster judge as this machine does: versions side by side, and refusals that name the node.

refuse_unlike(nodes, own, allowed)      raises ToolError that names each node which differs, and how
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata

from itertl.errors import ItertlError, ToolError
from itertl.tools.shop import tool_versions
from itertl.tools.yosys import yosys_version
from itertl.verify.cache import source_digest
from itertl.verify.cluster.wire import Node, Tools
from itertl.words import counted

_NAMES = {"itertl": "itertl", "source": "the source of itertl", "iverilog": "Icarus Verilog", "yosys": "Yosys"}
_NAMED = 4  # nodes that an error names


def own_tools(needed: Iterable[str]) -> Tools:
    """Return name and version of all on this machine that can move a verdict and is among `needed`."""
    found = {"itertl": metadata.version("itertl"), "source": source_digest(), **tool_versions()}
    if "yosys" in needed:
        try:
            found["yosys"] = yosys_version()
        except ItertlError:
            found["yosys"] = "none"
    return tuple((name, found[name]) for name in needed)


def needed_tools(yosys: bool) -> tuple[str, ...]:
    """Return the names of what has to be the same everywhere."""
    return ("itertl", "source", "iverilog", "pyslang", "bench", *(["yosys"] if yosys else []))


def unlike(tools: Tools, allowed: frozenset[tuple[str, str]]) -> list[str]:
    """Return a text for each tool whose version is not among `allowed` = (name, version)."""
    return [
        f"{_NAMES.get(name, name)} {version} (expected {' or '.join(sorted(v for n, v in allowed if n == name))})"
        for name, version in tools
        if (name, version) not in allowed
    ]


def refuse_unlike(nodes: Sequence[Node], own: Tools, allowed: frozenset[tuple[str, str]]) -> None:
    """Raise ToolError where a node that would be given work cannot judge as this machine does."""
    working = [node for node in nodes if node.cores >= 1]
    if not working:
        raise ToolError(
            f"the cluster offers no core: found {counted(len(nodes), 'nodes')}, none with a CPU that Ray gives out"
        )
    faults = [fault for node in working if (fault := _fault(node, own, allowed))]
    if faults:
        more = f"; and {len(faults) - _NAMED} more nodes" if len(faults) > _NAMED else ""
        raise ToolError(f"{'; '.join(faults[:_NAMED])}{more}")


def _fault(node: Node, own: Tools, allowed: frozenset[tuple[str, str]]) -> str:
    if node.fault:
        return f"the node {node.name} cannot verify: {node.fault}"
    different = unlike(node.tools, allowed | frozenset(own))
    if not different:
        return ""
    found: Mapping[str, str] = dict(node.tools)
    others = [t for t in ("iverilog", "yosys") if t in found and (t, found[t]) not in allowed | frozenset(own)]
    way = f", or allow it by name: auto?{others[0]}={found[others[0]]}" if len(different) == 1 == len(others) else ""
    return (
        f"the node {node.name} has {', '.join(different)}, so its verdicts could differ: install the same there, take "
        f"the node out of the cluster{way}"
    )
