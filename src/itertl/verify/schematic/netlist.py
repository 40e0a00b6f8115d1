"""The netlist that is drawn: what Yosys makes of a design, and as much of it as netlistsvg is given. Nothing runs here.

    script(tool, top)       ->  commands that read design.sv and write netlist.json
    readable(text)          ->  netlist for netlistsvg; raises ToolError where there is nothing that a page could show

Operators and registers stay as they are written, instances are boxes: a netlist of gates says less than the code.
What a design has named reaches netlistsvg only as names of ports and modules, cut and in letters that mean nothing to
it; everything else is numbered, and no attribute is passed on.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from itertl.errors import ToolError
from itertl.tools.yosys import Yosys, reading

NETLIST = "netlist.json"
MOST_CELLS, MOST_PORTS, MOST_BITS = 200, 100, 4096  # of a drawing
_WIDEST = 512  # bits of one port
_LONGEST = 32  # characters of a name
_FOREIGN = re.compile(r"[^A-Za-z0-9_$\[\]]")
_STORAGE, _POLARITY = re.compile(r"\$\w*(dff|latch|sr)\w*"), "_POLARITY"
_UNSEEN = frozenset({"$scopeinfo", "$print", "$check", "$assert", "$assume", "$cover", "$live", "$fair", "$initstate"})

Row = dict[str, Any]


def script(tool: Yosys, top: str) -> str:
    """Return what Yosys does with design.sv in the current folder."""
    return "\n".join([*reading(tool, "design.sv", top), f"prep -top {top}", f"write_json {NETLIST}"]) + "\n"


def readable(text: str) -> Row:
    """Return the netlist of the top module as netlistsvg is given it.

    Raise ToolError where it holds nothing to draw, or more than a page could show.
    """
    try:
        modules = json.loads(text)["modules"]
        tops = [m for m in modules.values() if int(str(m["attributes"].get("top", "0")), 2)]
        module = (tops or list(modules.values()))[0]
        cells = [cell for cell in module["cells"].values() if cell["type"] not in _UNSEEN]
        ports = module["ports"]
        bits = sum(len(p["bits"]) for p in ports.values())
        bits += sum(len(each) for cell in cells for each in cell["connections"].values())
        if not ports or len(cells) > MOST_CELLS or len(ports) > MOST_PORTS or bits > MOST_BITS:
            raise ToolError(f"{len(cells)} cells, {len(ports)} ports and {bits} bits are not drawn")
        drawn = {"attributes": {"top": 1}, "ports": dict(_ports(ports)), "cells": dict(_cells(cells))}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ToolError(f"expected a netlist of `write_json`, found {text[:40]!r} ({error})") from error
    return {"modules": {"top": drawn}}


def _ports(ports: Mapping[str, Row]) -> Iterator[tuple[str, Row]]:
    taken: set[str] = set()
    for name, port in ports.items():
        direction = "input" if port["direction"] == "input" else "output"
        yield _name(name, taken), {"direction": direction, "bits": _bits(port["bits"])}


def _cells(cells: list[Row]) -> Iterator[tuple[str, Row]]:
    for number, cell in enumerate(cells):
        kind, falling = str(cell["type"]), _falling(cell)
        if kind == "$dff" and falling:
            kind, falling = "$_DFF_N_", set()  # which netlistsvg draws with a bubble at the clock
        taken: set[str] = set()
        names = {pin: _name(pin, taken) for pin, bits in cell["connections"].items() if _used(kind, bits)}
        names |= {pin: f"!{names[pin]}" for pin in falling & set(names)}
        drawn = {
            "type": _kind(kind),
            "port_directions": {names[pin]: _direction(cell, pin) for pin in names},
            "connections": {names[pin]: _bits(cell["connections"][pin]) for pin in names},
        }
        yield f"${number}", drawn


def _used(kind: str, bits: list[object]) -> bool:
    """Return False for pins without bits, and for those of a memory that are tied: it has one for all that could be."""
    return bool(bits) and not (kind.startswith("$mem") and all(isinstance(bit, str) for bit in bits))


def _falling(cell: Row) -> set[str]:
    """Return the pins of a register or latch that act when they are low."""
    if not _STORAGE.fullmatch(str(cell["type"])):
        return set()
    low = (name for name, value in cell["parameters"].items() if re.fullmatch(r"0+", str(value)))
    return {name.removesuffix(_POLARITY) for name in low if name.endswith(_POLARITY)}


def _direction(cell: Row, pin: str) -> str:
    return "input" if cell["port_directions"][pin] == "input" else "output"


def _kind(kind: str) -> str:
    """Return the type of a cell: Yosys' own, or the name of the instance's module without its parameters."""
    if kind.startswith("$paramod"):
        kind = next((part for part in kind.split("\\")[1:] if part), kind)
    elif re.fullmatch(r"\$\w+", kind):
        return kind
    return _name(kind, set())


def _name(name: str, taken: set[str]) -> str:
    """Return what is drawn of a name: no dot, by which netlistsvg splits, no digit first, which constants have."""
    found = _FOREIGN.sub("_", name)
    found = found if re.match(r"[A-Za-z]", found) else f"n{found}" if found[:1].isdigit() else f"_{found.lstrip('_')}"
    short = found if len(found) <= _LONGEST else f"{found[: _LONGEST - 2]}__"
    unique, number = short, 1
    while unique in taken:
        number += 1
        unique = f"{short[: _LONGEST - 4]}_{number}"
    taken.add(unique)
    return unique


def _bits(bits: object) -> list[int | str]:
    """Return the bits of a port: numbers of nets, or constants, among which netlistsvg knows no z."""
    if not isinstance(bits, list) or len(bits) > _WIDEST:
        raise ToolError(f"a port of more than {_WIDEST} bits is not drawn")
    return [bit if isinstance(bit, int) else bit if bit in ("0", "1") else "x" for bit in bits]
