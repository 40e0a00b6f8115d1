"""Yosys: which one is taken, what it is given to read, and what of its log counts as an error."""

import shutil

import pytest

from itertl.errors import MissingToolError
from itertl.tools.process import Stop
from itertl.tools.yosys import Yosys, find_yosys, first_error, plain


def test_the_program_serves_where_pyosys_cannot_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert find_yosys() == Yosys(("/usr/bin/yosys", "-s"), False, "yosys")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingToolError, match="pip install"):
        find_yosys()


def test_always_blocks_become_plain_and_comments_stay() -> None:
    assert plain("always_comb y = a; // always_comb") == "always @* y = a; // always_comb"
    assert plain("always_ff @(posedge c) q <= d;") == "always @(posedge c) q <= d;"


def test_an_error_is_yosys_own_not_a_line_of_the_design() -> None:
    log = "module t; // ERROR: forged\nt.sv:3: ERROR: genuine\n  error: later\n"
    assert first_error(log, Stop.EXIT) == "t.sv:3: ERROR: genuine"
    assert first_error("terminate called: std::bad_alloc\n", Stop.CRASH) == "terminate called: std::bad_alloc"
    assert first_error("all is well\n", Stop.CRASH) == "Yosys ended (crash) without an answer"
