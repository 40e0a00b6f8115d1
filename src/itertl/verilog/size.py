"""How large a design becomes, found out scope by scope before the front-end is asked to elaborate all of it.

    excess(top)  ->  "" or a sentence: more instances, generated blocks or bits of storage than a design of a task has

The front-end elaborates a scope when it is first looked into. So a walk that stops at a budget costs milliseconds,
where a design of twenty levels that doubles at each would cost all memory. Each level's own limits (steps of one
generate loop, elements of one array of instances) stand in frontend.py.
"""

from typing import Any

from pyslang.ast import SymbolKind

MAX_INSTANCES = 8192  # instances, generated blocks and their arrays
MAX_BITS = 1 << 22  # of all variables and nets together
_BLOCKS = (SymbolKind.GenerateBlock, SymbolKind.GenerateBlockArray, SymbolKind.InstanceArray)
_STORAGE = (SymbolKind.Variable, SymbolKind.Net)


def excess(top: Any) -> str:
    """Return "" or what `top`, an instance that has not been elaborated any further, has too much of."""
    scopes, instances, bits = [top.body], 0, 0
    while scopes:
        for member in scopes.pop():
            kind = member.kind
            if kind in _STORAGE:
                bits += member.type.bitstreamWidth
            elif kind == SymbolKind.Instance:
                scopes.append(member.body)
                instances += 1
            elif kind in _BLOCKS:
                scopes.append(member)
                instances += 1
        if instances > MAX_INSTANCES:
            return f"more than {MAX_INSTANCES} instances and generated blocks"
        if bits > MAX_BITS:
            return f"more than {MAX_BITS} bits of storage"
    return ""
