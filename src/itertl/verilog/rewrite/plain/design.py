"""A whole design in plain Verilog: one module for each set of parameters with which a module is instantiated.

in_plain_verilog(top)  ->  Plain(text, names)
"""

import dataclasses
from typing import Any

from pyslang.ast import SymbolKind

from itertl.verilog.rewrite.plain.module import written
from itertl.verilog.rewrite.plain.primitives import primitive
from itertl.verilog.rewrite.plain.scope import spelled

_MARK = "\x01"  # around names of modules while the text is put together


@dataclasses.dataclass(frozen=True, slots=True)
class Plain:
    """A text, and (offset, length, module) wherever one of its modules is named.

    `resolved`: its constants and its hierarchy are no longer told but written out, so that nobody can read them
    otherwise. `unsaid` names what kept it from being so. `origins` holds for each line where in the design it is from.
    """

    text: str
    names: tuple[tuple[int, int, str], ...]
    resolved: bool = False
    unsaid: str = ""
    origins: tuple[int, ...] = ()


def in_plain_verilog(top: Any) -> Plain:
    """Write an elaborated instance and all below it; raise UnsupportedError where something in it cannot be said."""
    modules: dict[tuple[str, ...], str] = {}
    waiting: list[tuple[Any, str]] = []

    def module(instance: Any) -> str:
        table = instance.primitiveType if instance.kind == SymbolKind.PrimitiveInstance else None
        key = _signature(instance) if table is None else ("primitive", table.name)
        if key not in modules:
            base = (instance.definition if table is None else table).name
            taken = set(modules.values())
            names = (base if n == 0 else f"{base}_{n}" for n in range(len(taken) + 1))
            modules[key] = next(n for n in names if n not in taken)
            waiting.append((instance.body if table is None else table, modules[key]))
        return f"{_MARK}{modules[key]}{_MARK}"

    module(top)
    parts: list[tuple[int, str]] = []
    while waiting:
        body, name = waiting.pop(0)
        marked = f"{_MARK}{name}{_MARK}"
        if body.kind == SymbolKind.Primitive:
            parts += [(int(body.location.offset), line) for line in primitive(body, marked).splitlines()]
        else:
            parts += written(body, marked, module)
    origins = tuple(at for at, part in parts for _ in part.split("\n"))
    return _named("".join(f"{part}\n" for _, part in parts), origins)


def _signature(instance: Any) -> tuple[str, ...]:
    """Return what makes two instances the same module: definition, parameters, types."""
    found = [str(instance.definition.name)]
    for member in instance.body:
        if member.kind == SymbolKind.Parameter:
            found.append(f"{member.name} {member.type} {member.value}")
        elif member.kind == SymbolKind.TypeParameter:
            found.append(f"{member.name} {member.targetType.type}")
    return tuple(found)


def _named(text: str, origins: tuple[int, ...]) -> Plain:
    """Take the marks out of a text, and say where the modules are named."""
    parts, names, at = [], [], 0
    for number, part in enumerate(text.split(_MARK)):
        written_name = spelled(part) if number % 2 else part
        if number % 2:
            names.append((at, len(written_name), part))
        parts.append(written_name)
        at += len(written_name)
    return Plain("".join(parts), tuple(names), resolved=True, origins=origins)
