"""A testbench in Python on the command line: what it says, and what is refused before anything runs."""

import json
from pathlib import Path

import pytest
from tests.cocotb_here import needs_cocotb
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.commands.benches import task_of_bench
from itertl.errors import ItertlError, UsageError
from itertl.tools import cocotb as tool
from itertl.tools.sandbox.keeper import offered

INVERTER = "module inv(input a, output y);\n  assign y = ~a;\nendmodule\n"
TB = """import cocotb
from cocotb.triggers import Timer
from model import wanted


@cocotb.test()
async def inverts(dut):
    for a in (0, 1, 0):
        dut.a.value = a
        await Timer(1, unit="ns")
        assert dut.y.value == wanted(a)
"""

pytestmark = needs_cocotb


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A right design, a wrong one, and a bench with a file beside it."""
    texts = {"inv.v": INVERTER, "wire.v": INVERTER.replace("~", ""), "test_inv.py": TB}
    for name, text in {**texts, "model.py": "def wanted(a):\n    return 1 - a\n", "unused.py": "1 +\n"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def called(*arguments: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, list(map(str, arguments)))
    refused = isinstance(found.exception, ItertlError)
    return found.exit_code, str(found.exception) if refused else found.output


def test_a_wrong_design_is_told_with_the_benchs_line(files: Path) -> None:
    status, said = called("verify", files / "wire.v", "--testbench", files / "test_inv.py", "--json")
    row = json.loads(said)
    assert (status, row["strict"], row["official"], row["samples"], row["mismatches"]) == (1, *["mismatch"] * 2, 1, 1)
    assert row["sandbox"] == offered().level
    assert row["strict_detail"].startswith("1 of 1 test fails: inverts, line 11: AssertionError: ")


def test_a_task_holds_the_bench_and_what_it_imports(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posed = task_of_bench(files / "test_inv.py", INVERTER)
    assert (posed.top, posed.bench, [name for name, _ in posed.files]) == ("inv", "cocotb", ["model.py"])
    assert posed.header == "module inv(input a, output y);\n"
    (files / "lib").mkdir()
    (files / "model.py").rename(files / "lib" / "model.py")
    assert task_of_bench(files / "test_inv.py", INVERTER).files == ()
    monkeypatch.setenv("PYTHONPATH", f"{files / 'none'}:{files / 'lib'}")
    assert task_of_bench(files / "test_inv.py", INVERTER).files == posed.files
    (files / "model").mkdir()
    (files / "model" / "__init__.py").write_text("from unused import x\n")
    with pytest.raises(UsageError, match=r"unused.py: line 1: SyntaxError"):
        task_of_bench(files / "test_inv.py", INVERTER)
    with pytest.raises(UsageError, match="give its header with --header"):
        task_of_bench(files / "lib" / "model.py", "")
    with pytest.raises(UsageError, match="several top modules, inv, buf1: choose one with --top"):
        task_of_bench(files / "lib" / "model.py", INVERTER + INVERTER.replace("inv", "buf1"))
    with pytest.raises(UsageError, match="holds no module other"):
        task_of_bench(files / "lib" / "model.py", INVERTER, "other")
    (files / "testbench.py").write_text("")
    (files / "test_two.py").write_text("import testbench\n")
    with pytest.raises(UsageError, match="rename it"):
        task_of_bench(files / "test_two.py", INVERTER)


def test_what_cannot_be_judged_is_refused_before_anything_runs(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for more in ((), ("--reference", files / "inv.v")):
        broken = called("verify", files / "inv.v", "--testbench", files / "unused.py", *more)
        assert "unused.py: line 1: SyntaxError: invalid syntax" in broken[1], broken
        for option in (("--rule", "rtllm-v2"), ("--whole",)):
            ruled = called("verify", files / "inv.v", "--testbench", files / "test_inv.py", *option, *more)
            assert ruled[1].startswith(option[0]), ruled
            assert ruled[1].endswith("prints no verdict: leave it out")
    monkeypatch.setattr(tool, "cocotb_version", lambda: "")
    tool.find_cocotb.cache_clear()
    status, said = called("verify", files / "inv.v", "--testbench", files / "test_inv.py")
    tool.find_cocotb.cache_clear()
    assert status != 0
    assert said == "a testbench in Python needs cocotb 2, which is not installed: pip install 'itertl[cocotb]'"
