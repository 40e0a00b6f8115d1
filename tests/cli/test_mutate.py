"""`itertl mutate`: what it prints, writes, and ends with."""

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.errors import UsageError

REFERENCE = """module count (input clk, input rst, output reg [2:0] q, output last);
  always @(posedge clk) if (rst) q <= 3'd0; else q <= q + 3'd1;
  assign last = q == 3'd6;
endmodule
"""
WEAK = """`timescale 1ns/1ns
module tb;
  reg clk = 0, rst = 1; wire [2:0] q; wire last; integer i, bad = 0;
  count dut(.clk(clk), .rst(rst), .q(q), .last(last));
  always #5 clk = ~clk;
  initial begin
    @(negedge clk) rst = 0;
    for (i = 1; i < 5; i = i + 1) begin @(negedge clk); if (q !== i) bad = bad + 1; end
    if (bad == 0) $display("PASS"); else $display("FAIL");
    $finish;
  end
endmodule
"""


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A counter in a file."""
    path = tmp_path / "count.v"
    path.write_text(REFERENCE)
    return path


def test_mutants_are_judged_listed_and_written(reference: Path, tmp_path: Path) -> None:
    out = tmp_path / "mutants"
    arguments = ["mutate", str(reference), "--count", "12", "--seed", "3", "--json", "--out", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert len(said["mutants"]) == 12
    assert {row["testbench"] for row in said["mutants"]} == {None}
    assert said["strength"]["ours"][0] >= 9
    rows = [json.loads(line) for line in (out / "mutants.jsonl").read_text().splitlines()]
    assert [row["change"] for row in rows] == [row["change"] for row in said["mutants"]]
    assert all((out / row["file"]).read_text().count("module count") == 1 for row in rows)


def test_a_weak_testbench_is_shown_to_be_one(reference: Path, tmp_path: Path) -> None:
    bench = tmp_path / "tb.v"
    bench.write_text(WEAK)
    result = CliRunner().invoke(app, ["mutate", str(reference), "--count", "14", "--testbench", str(bench)])
    assert result.exit_code == 1, result.output
    assert "passes the testbench" in result.output
    assert "+  assign last" in result.output
    assert re.search(r"killed: ours \d+ of \d+ .*; of 14 mutants \d+ undecided, \d+ equivalent", result.output)
    assert ", the testbench " in result.output


@pytest.mark.skipif(not (importlib.util.find_spec("pyosys") or shutil.which("yosys")), reason="Yosys is not installed")
def test_equivalent_mutants_are_told_by_proof(reference: Path) -> None:
    result = CliRunner().invoke(app, ["mutate", str(reference), "--count", "0", "--formal", "--json"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["strength"]["undecided"] == 0
    assert said["strength"]["equivalent"] >= 1
    assert said["strength"]["ours"][0] == said["strength"]["ours"][1] > 20


def test_files_and_benches_that_cannot_serve_are_usage_errors(reference: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.v"
    broken.write_text("module top(input a, output y); assign y = nowhere; endmodule\n")
    for arguments in (
        ["mutate", str(tmp_path / "missing.v")],
        ["mutate", str(broken)],
        ["mutate", str(reference), "--testbench", str(broken)],
        ["mutate", str(reference), "--testbench", str(broken), "--rule", "nonsense"],
    ):
        result = CliRunner().invoke(app, arguments)
        assert isinstance(result.exception, UsageError), arguments


def test_indices_are_shown_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "bits.v"
    path.write_text("""module bits (input [3:0] a, output reg [3:0] y);
  integer i;
  always @(*) for (i = 0; i < 4; i = i + 1) y[i] = a[3 - i]; // §
endmodule
""")
    result = CliRunner().invoke(app, ["mutate", str(path), "--count", "0", "--all"], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    assert "y[i] = a[3 - i]; -> ;" in result.output
