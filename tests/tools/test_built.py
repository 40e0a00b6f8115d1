"""What Icarus Verilog has built: which inputs of a root module something in it drives."""

import subprocess
from pathlib import Path

import pytest

from itertl.tools.built import driven_inputs

PORTS = "input a, input [3:0] b, output y"
DESIGNS = {
    "clean": (PORTS, "assign y = a & b[0];", ""),
    "unused": (PORTS, "", ""),
    "passed on": (PORTS, "sub s(a, b[1:0], y);", ""),
    "array, real, escaped": (
        "input [3:0] a [0:1], input real \\b.c , output y",
        "assign y = a[0][0] & (\\b.c > 1);",
        "",
    ),
    "assigned": (PORTS, "assign a = 0; assign b[0] = 1; assign y = a;", "a b"),
    "gates": (PORTS, "buf g(a, 1'b0); pulldown p(b[1]); assign y = a;", "a b"),
    "an instance's output": (PORTS, "sub s(b[0], b[2:1], a); assign y = a;", "a"),
    "both ways": (PORTS, "both s(b[2]); assign y = a;", "b"),
    "a switch": (PORTS, "wire q = 0; tran (a, q); assign y = a;", "a"),
    "a net's own strength": ("input supply0 a, input [3:0] b, output y", "assign y = a;", "a"),
}
REST = """
module sub(input c, input [1:0] d, output e); assign e = c & d[0]; endmodule
module both(inout z); assign z = 0; endmodule
"""


@pytest.mark.parametrize("name", DESIGNS)
def test_inputs_that_something_drives_are_found(name: str, tmp_path: Path) -> None:
    ports, body, driven = DESIGNS[name]
    (tmp_path / "t.v").write_text(f"module t({ports}); {body} endmodule\n{REST}")
    subprocess.run(["iverilog", "-g2012", "-s", "t", "-o", "t.vvp", "t.v"], cwd=tmp_path, check=True)
    found = driven_inputs((tmp_path / "t.vvp").read_text(), "t")
    assert " ".join(found) == driven
    assert driven_inputs((tmp_path / "t.vvp").read_text(), "other") == ()
