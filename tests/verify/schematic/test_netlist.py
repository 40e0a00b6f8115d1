"""What netlistsvg is given of a netlist: names in letters that mean nothing to it, and no more than a page can show."""

import json
from typing import Any

import pytest

from itertl.errors import ToolError
from itertl.verify.schematic.design import root_of
from itertl.verify.schematic.netlist import MOST_CELLS, readable

PINS = {"A": "input", "B": "input", "Y": "output"}


def netlist(cells: dict[str, Any], ports: dict[str, Any] | None = None) -> str:
    made = {"a": {"direction": "input", "bits": [2]}, "y": {"direction": "output", "bits": [3]}}
    top = {"attributes": {"top": "0" * 31 + "1"}, "ports": ports or made, "cells": cells}
    return json.dumps({"modules": {"other": {**top, "attributes": {}, "cells": {}}, "chosen": top}})


def cell(kind: str, pins: dict[str, list[int | str]], **parameters: str) -> dict[str, Any]:
    directions = {pin: PINS.get(pin, "input") for pin in pins}
    return {"type": kind, "parameters": parameters, "port_directions": directions, "connections": pins}


def drawn(text: str) -> dict[str, Any]:
    (module,) = readable(text)["modules"].values()
    return dict(module)


def test_cells_are_numbered_and_nothing_but_their_pins_is_passed_on() -> None:
    made = drawn(
        netlist({"$and$evil.name": {**cell("$and", {"A": [2], "B": ["1"], "Y": [3]}), "attributes": {"x": 1}}})
    )
    pins = {"A": [2], "B": ["1"], "Y": [3]}
    assert made["cells"] == {"$0": {"type": "$and", "port_directions": PINS, "connections": pins}}
    assert list(made["ports"]) == ["a", "y"]


def test_names_are_cut_and_harmless_and_stay_apart() -> None:
    names = ["a.b", "a<b", "0", "__proto__", "x" * 90, "x" * 91, "\u202e"]
    ports = {name: {"direction": "input", "bits": [n + 2]} for n, name in enumerate(names)}
    found = list(drawn(netlist({}, ports))["ports"])
    assert found[:4] == ["a_b", "a_b_2", "n0", "_proto__"]
    assert len(set(found)) == len(names)
    assert all(len(name) <= 32 and name.isascii() for name in found)


def test_instances_have_the_name_of_their_module() -> None:
    kinds = {"sub": "sub", "$paramod\\fifo\\W=s32'1": "fifo", "$paramod$0a1b\\fifo": "fifo", "\\m<i>": "_m_i_"}
    cells = {str(n): cell(kind, {"A": [2], "Y": [3]}) for n, kind in enumerate(kinds)}
    assert [each["type"] for each in drawn(netlist(cells))["cells"].values()] == list(kinds.values())


def test_what_acts_when_it_is_low_is_marked() -> None:
    low, high = "0", "1"
    falling = cell("$dff", {"CLK": [2], "D": [2], "Q": [3]}, CLK_POLARITY=low)
    reset = cell("$adff", {"CLK": [2], "ARST": [2], "Q": [3]}, CLK_POLARITY=high, ARST_POLARITY=low)
    first, second = drawn(netlist({"a": falling, "b": reset}))["cells"].values()
    assert first["type"] == "$_DFF_N_"
    assert list(first["connections"]) == ["CLK", "D", "Q"]
    assert list(second["connections"]) == ["CLK", "!ARST", "Q"]


def test_bits_are_those_that_netlistsvg_knows() -> None:
    made = drawn(netlist({"a": cell("$and", {"A": [2, "z"], "B": ["x", "0"], "C": [], "Y": [3, 4]})}))
    assert made["cells"]["$0"]["connections"] == {"A": [2, "x"], "B": ["x", "0"], "Y": [3, 4]}


def test_pins_of_a_memory_that_are_tied_are_left_out() -> None:
    made = drawn(netlist({"a": cell("$mem_v2", {"RD_ADDR": [2, "0"], "RD_SRST": ["x"], "RD_EN": ["1"], "Y": [3]})}))
    assert list(made["cells"]["$0"]["connections"]) == ["RD_ADDR", "Y"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"modules": {}}',
        '{"modules": {"top": {}}}',
        "[" * 100_000,
        netlist({str(n): cell("$not", {"A": [2], "Y": [3]}) for n in range(MOST_CELLS + 1)}),
        netlist({}, {"a": {"direction": "input", "bits": list(range(1000))}}),
        netlist({}, {"a": {"direction": "input", "bits": 7}}),
    ],
)
def test_what_is_none_or_too_much_is_not_drawn(text: str) -> None:
    with pytest.raises(ToolError):
        readable(text)


@pytest.mark.parametrize(
    ("code", "root"),
    [
        ("module a; endmodule", "a"),
        ("module a; b u(); endmodule module b; endmodule", "a"),
        ("module b; endmodule module a; b u(); endmodule // module c", "a"),
        ("module a; endmodule module b; endmodule", "b"),
        ("nothing", ""),
    ],
)
def test_the_root_is_the_module_that_no_other_names(code: str, root: str) -> None:
    assert root_of(code) == root
