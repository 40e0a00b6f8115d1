"""Facts about a bench in Python, none of which runs it."""

from itertl.verify.cocotb.text import is_below, named_in, syntax_fault


def test_a_fault_names_its_line() -> None:
    assert syntax_fault("import cocotb\ndef f(:\n") == "line 2: SyntaxError: invalid syntax"
    assert syntax_fault("x = '\\d'\nraise SystemExit\n") == ""
    assert syntax_fault("x = 1\0") != ""


def test_names_that_may_lead_into_the_design() -> None:
    assert {"fifo", "WIDTH", "inner"} <= named_in("dut.fifo.value\nint(dut.WIDTH.value)\ngetattr(dut, 'inner')")


def test_files_stay_below_the_run() -> None:
    assert is_below("model/cpu.py")
    assert not is_below("../x.py")
    assert not is_below("/etc/x.py")
