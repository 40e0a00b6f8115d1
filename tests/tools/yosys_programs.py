"""The ways of running Yosys that this machine has, for the tests of what asks it."""

import importlib.util
import shutil
from collections.abc import Iterator

import pytest

from itertl.tools.yosys import Yosys, find_yosys

COUNTER = """module top(input clk, input rst, input [3:0] d, output reg [3:0] q);
  always @(posedge clk) if (rst) q <= 0; else q <= q + d;
endmodule
"""
INSTALLED = bool(importlib.util.find_spec("pyosys") or shutil.which("yosys"))
needs_yosys = pytest.mark.skipif(not INSTALLED, reason="Yosys is not installed")


def programs() -> Iterator[Yosys]:
    """Yield pyosys and the program, what there is of them."""
    if INSTALLED:
        yield find_yosys()
    if INSTALLED and find_yosys().slang and (program := shutil.which("yosys")) is not None:
        yield Yosys((program, "-s"), False, "yosys")
