"""Two readings of random designs agree: ours with Icarus Verilog, and that of slang with Yosys."""

from pathlib import Path

import pytest
from tests.tools.yosys_programs import needs_yosys
from tests.verify import readings

from itertl.tools.yosys import find_yosys
from itertl.verilog.guard import Accepted, inspect

DESIGNS = 2000


@needs_yosys
@pytest.mark.slow
def test_random_designs_are_read_alike(tmp_path: Path) -> None:
    if not find_yosys().slang:
        pytest.skip("Yosys' own reader does not know enough SystemVerilog: pip install pyosys")
    compared, odd = 0, list[readings.Difference]()
    for batch in readings.batches(1, DESIGNS):
        count, found = readings.differences(batch, tmp_path)
        compared, odd = compared + count, odd + found
    assert odd == []
    assert compared >= 0.98 * DESIGNS


def test_drawn_designs_are_legal_and_of_every_kind() -> None:
    designs = readings.drawn(3, 100)
    assert all(isinstance(inspect(code, name, None), Accepted) for name, code in designs.items())
    text = "\n".join(designs.values())
    kinds = (
        "signed'(",
        "struct packed",
        "enum",
        "function automatic",
        "function automatic void",
        "genvar",
        "w[a[0]]",
        "m[1]",
        "inside",
        "int n",
        ">>>",
    )
    assert [kind for kind in kinds if kind not in text] == []


@needs_yosys
def test_a_design_that_is_read_in_two_ways_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    designs = {
        "t0": "module t0(input signed [3:0] a, input [3:0] b, c, output [7:0] y); assign y = a >>> 1; endmodule",
        "t1": "module t1(input [3:0] a, b, c, output [7:0] y); assign y = a + b; endmodule",
    }
    forgetful = {
        "t0": "module t0(input [3:0] a, b, c, output [7:0] y); assign y = a >> 1; endmodule",
        "t1": "module t1(input [3:0] a, b, c, output [7:0] y); assign y = c === 4'bx ? 0 : a + b; endmodule",
    }
    assert readings.differences(designs, tmp_path) == (2, [])
    monkeypatch.setattr(readings, "_second", lambda *_: forgetful)
    count, (found,) = readings.differences(designs, tmp_path)
    assert (count, found.code) == (2, designs["t0"])
    assert found.shown.startswith("differs t0 a=")
