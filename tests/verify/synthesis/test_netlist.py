"""What is read of Yosys' files, and which of its errors say that a design cannot be hardware."""

import json

import pytest

from itertl.errors import ToolError
from itertl.records import SynthesisStatus
from itertl.tools.yosys import Yosys
from itertl.verify.synthesis.netlist import (
    Netlist,
    has_loop,
    is_final,
    read_depth,
    read_netlist,
    script,
    several_drivers,
    status_of,
    version,
)

OWN, SLANG = Yosys(("yosys",), False, "yosys"), Yosys(("python",), True, "pyosys")


def stat(kinds: dict[str, int], estimated: object) -> str:
    design = {"num_cells": sum(kinds.values()), "num_cells_by_type": kinds, "estimated_num_transistors": estimated}
    return "\n8. Printing statistics.\n" + json.dumps({"creator": "Yosys", "design": design})


def test_the_script_reads_with_the_tools_own_reader_and_writes_each_figure_to_a_file() -> None:
    own, slang = script(OWN, "top"), script(SLANG, "top")
    assert own.startswith("read_verilog -sv design.sv\n")
    assert slang.startswith("read_slang ")
    assert own.split("\n", 1)[1] == slang.split("\n", 1)[1]
    assert [line.split()[2] for line in own.splitlines() if line.startswith("tee")] == [
        "check.txt",
        "netlist.json",
        "depth.txt",
    ]


def test_storage_that_yosys_does_not_price_is_priced() -> None:
    assert read_netlist(stat({"$_NAND_": 2, "$_DFF_P_": 1}, "24")) == Netlist(3, 24, 0)
    assert read_netlist(stat({"$_NAND_": 2, "$_DFF_P_": 1}, 24)) == Netlist(3, 24, 0)
    mixed = {"$_XOR_": 1, "$_DFF_PN0_": 2, "$_DFFSR_PPP_": 1, "$_DLATCH_N_": 3, "$_DLATCHSR_PPP_": 1}
    assert read_netlist(stat(mixed, "12+")) == Netlist(8, 12 + 40 + 24 + 24 + 12, 4)
    assert read_netlist(stat({}, "0")) == Netlist(0, 0, 0)


def test_what_only_tells_where_instances_were_is_no_cell() -> None:
    assert read_netlist(stat({"$_AND_": 4, "$_OR_": 1, "$scopeinfo": 3}, "30+")) == Netlist(5, 30, 0)
    assert "delete t:$scopeinfo\n" in script(OWN, "top")


def test_the_version_is_read() -> None:
    assert version('{\n   "creator": "Yosys 0.23 (git sha1 7ce5011c24b)",') == "Yosys 0.23"
    assert version("") == version('{"creator": "someone else"}') == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "no figures",
        '{"design": []}',
        '{"design": {}}',
        stat({"$_AND_": 1}, "many"),
        stat({"$mem_v2": 1}, "0+"),
    ],
)
def test_figures_that_are_none_are_an_error_never_a_zero(text: str) -> None:
    with pytest.raises(ToolError, match="expected"):
        read_netlist(text)


def test_depth() -> None:
    assert read_depth("\nLongest topological path in t$1 (length=12):\n    0: \\d\n") == 12
    assert read_depth("Longest topological path in t (length=0)\n") == 0
    with pytest.raises(ToolError, match="longest path"):
        read_depth("Warning: nothing\n")


def test_what_check_finds() -> None:
    said = "Warning: multiple conflicting drivers for top.\\q [2]:\n    port Q[0] of cell $procdff$3 ($dff)\n"
    assert several_drivers(said) == "q [2]"
    assert several_drivers("Warning: Wire top.\\r is used but has no driver.\n") == ""
    assert has_loop("Warning: found logic loop in module top:\n")
    assert not has_loop("Found and reported 0 problems.\n")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("d.sv:1: ERROR: unsynthesizable timing control (ignore with '--ignore-timing')", "refused"),
        ("ERROR: Multiple edge sensitive events found for this signal!", "refused"),
        ("d.sv:1: ERROR:2nd expression of procedural for-loop is not constant!", "refused"),
        ("d.sv:3: ERROR: syntax error, unexpected TOK_ID", "unknown"),
        ("d.sv:3: ERROR: unroll limit of 4000 exhausted [--unroll-limit=]", "unknown"),
        ("ERROR: Feature unimplemented at slang_frontend.cc:814", "unknown"),
        ("  q <= 1; // ERROR: unsynthesizable", "unknown"),
        ("", "unknown"),
    ],
)
def test_only_words_that_say_so_refuse(error: str, status: str) -> None:
    assert status_of(f"1. Executing.\n{error}\n") is SynthesisStatus(status)
    assert is_final(error) is error.startswith("d.sv:1: ERROR: unsynthesizable")
