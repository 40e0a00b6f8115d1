"""One design drawn: by a netlistsvg that is a script of ours, by ones that fail, and by the real one where it is."""

import json
import shutil
from pathlib import Path

import pytest
from tests.tools.yosys_programs import COUNTER, needs_yosys

from itertl.errors import MissingToolError
from itertl.report.drawing import drawing_of_svg
from itertl.tools.process import Limits
from itertl.tools.shop import Shop
from itertl.tools.yosys import Yosys
from itertl.verify.schematic import design
from itertl.verify.schematic.design import LARGEST, schematic
from itertl.verify.schematic.drawn import Schematic

pytestmark = needs_yosys
SVG = '<svg width="9" height="9"></svg>'


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Put a shell script called netlistsvg on PATH, before any other."""
    program = folder / "bin" / "netlistsvg"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/local/bin:/usr/bin:/bin")


def made(code: str, shop: Shop) -> Schematic:
    return schematic("task", "id", code, "", shop)


def test_netlistsvg_gets_operators_and_registers(
    tool: Yosys, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path, monkeypatch, f'cp "$1" {tmp_path}/seen.json; [ "$2" = -o ] && printf \'{SVG}\' > "$3"')
    assert made(COUNTER, shop) == Schematic("task", "id", SVG)
    (top,) = json.loads((tmp_path / "seen.json").read_text())["modules"].values()
    assert list(top["ports"]) == ["clk", "rst", "d", "q"]
    assert sorted(cell["type"] for cell in top["cells"].values()) == ["$add", "$dff", "$mux"]
    assert not list(shop.folder.iterdir())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("exit 3", "status 3"),
        ("kill -9 $$", "crash"),
        ("true", "without a drawing"),
        ("while :; do :; done", "timeout"),
        (f"head -c {LARGEST + 1} /dev/zero > out.svg", "more than"),
        ("ln -s /etc/passwd out.svg", "without a drawing"),
    ],
)
def test_a_netlistsvg_that_fails_draws_nothing_and_says_why(
    body: str, said: str, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path, monkeypatch, body)
    monkeypatch.setattr(design, "_LIMITS", Limits(cpu=2.0, memory=3 << 30, processes=None))
    row = made("module top(input a, output y); assign y = a; endmodule", shop)
    assert row.svg == ""
    assert said in row.detail


@pytest.mark.parametrize(
    "code",
    ["", "module top(input a, output y); assign y = ; endmodule", 'module top; initial $system("id"); endmodule'],
)
def test_what_the_guard_refuses_reaches_no_tool(
    code: str, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path, monkeypatch, f"touch {tmp_path}/ran")
    assert made(code, shop).detail.startswith("not shown to Yosys: ")
    assert not (tmp_path / "ran").exists()


def test_without_netlistsvg_its_name_is_told(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match=r"npm install -g netlistsvg@"):
        made(COUNTER, shop)


@pytest.mark.skipif(shutil.which("netlistsvg") is None, reason="needs netlistsvg on PATH (npm install -g netlistsvg)")
def test_the_real_one_draws_a_counter(shop: Shop) -> None:
    row = made(COUNTER.replace("q <= 0", "q <= 4'b1010"), shop)
    drawing = drawing_of_svg(row.svg)
    assert drawing is not None, row.detail
    labels = [text for *_, text in drawing["labels"]]
    assert {"clk", "rst", "d", "q", "0xa"} <= set(labels)
    assert drawing["wires"]
    assert drawing["buses"]
    assert drawing["body"].count("A") >= 2  # the circle of the adder
