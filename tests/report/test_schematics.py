"""Which designs of a page are drawn, what is kept, and that whatever fails leaves its drawing out."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.report.pages import sample_data
from tests.tools.yosys_programs import needs_yosys

from itertl.disk.rows import read_rows
from itertl.errors import ToolError
from itertl.report import schematics, write_report
from itertl.report.reading import TEXT_LIMIT
from itertl.report.schematics import add_schematics, choose, name
from itertl.verify.workers.pool import Pool

DRAWING = {"size": [9, 9], "wires": "M0 0L1 1", "buses": "", "body": "", "solid": "", "dots": [], "labels": []}
SVG = '<svg width="9" height="9"><line x1="0" y1="0" x2="1" y2="1" class="net_2"/></svg>'


def design(number: int) -> str:
    return f"module m{number}(input a, output y); assign y = a; endmodule"


def sample(task: str, code: str, outcome: str = "mismatch", **more: Any) -> dict[str, Any]:
    given = {"use": "dev", "iteration": 1, "family": "", "agreement": 0.5}
    return {"task": task, "code": code, "outcome": outcome, **given, **more}


def browser(*samples: dict[str, Any]) -> dict[str, Any]:
    tasks = {each["task"]: {"reference": f"module {each['task']}; endmodule"} for each in samples}
    return {"samples": list(samples), "tasks": tasks}


def kept(folder: Path, *codes: str) -> None:
    rows = [{"id": name(("", code)), "drawing": DRAWING} for code in codes]
    (folder / "schematics.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise AssertionError("a pool was opened")

    monkeypatch.setattr(Pool, "__enter__", fails)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A netlistsvg that draws one wire, first on PATH, and notes how often it has."""
    program = tmp_path / "bin" / "netlistsvg"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho >> {tmp_path}/calls\nprintf '{SVG}' > \"$3\"\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/local/bin:/usr/bin:/bin")
    return program


def test_the_best_design_of_the_last_iteration_is_drawn_beside_the_reference() -> None:
    found = choose(
        browser(
            sample("a", "passed", "passed"),
            sample("a", "near", iteration=2, agreement=0.9),
            sample("a", "far", iteration=2, agreement=0.1),
            sample("a", "broken", "syntax_error", iteration=3, agreement=None),
        )
    )
    assert found == [("a", "module a; endmodule"), ("a", "near")]


def test_dev_comes_first_and_families_take_turns() -> None:
    found = choose(
        browser(
            sample("t", "x", use="training", family="one"),
            sample("f", "x", use="gym-test", family="one"),
            *(sample(f"d{n}", f"x{n}", family="one" if n < 3 else "two") for n in range(5)),
        )
    )
    assert list(dict.fromkeys(task for task, _ in found)) == ["d0", "d3", "d1", "d4", "d2", "f", "t"]


def test_designs_are_bounded_in_number_and_size() -> None:
    many = browser(*(sample(f"t{n}", f"x{n}") for n in range(90)), sample("long", "x" * (TEXT_LIMIT + 1)))
    assert len(choose(many)) == schematics.MOST
    assert max(len(code) for _, code in choose(many, 1000)) <= TEXT_LIMIT
    assert choose(many, 7) == choose(many)[:7]


def test_what_was_drawn_before_is_shown_and_nothing_runs(tmp_path: Path, nothing_runs: None) -> None:
    content = browser(sample("a", "first"), sample("a", "first", iteration=2), sample("a", "second"))
    kept(tmp_path, "first", "module a; endmodule")
    add_schematics(content, tmp_path)
    assert [each.get("drawing") for each in content["samples"]] == [1, 1, None]
    assert [each["schematic"] for each in content["samples"]] == ["drawn", "drawn", ""]
    assert content["tasks"]["a"]["drawing"] == 0
    assert content["drawings"] == [DRAWING, DRAWING]


def test_a_file_that_holds_anything_else_draws_nothing(tmp_path: Path, nothing_runs: None) -> None:
    hostile = {"id": name(("", "first")), "drawing": DRAWING | {"body": "</script><script>"}}
    (tmp_path / "schematics.jsonl").write_text(f"[]\n{{\n{json.dumps(hostile)}\n")
    content = browser(sample("a", "first"))
    add_schematics(content, tmp_path)
    assert content == browser(sample("a", "first"))


@needs_yosys
def test_each_design_is_drawn_once_and_kept(fake: Path, tmp_path: Path) -> None:
    content = browser(sample("a", design(1)), sample("b", design(1)), sample("c", design(2)), sample("d", "no design"))
    add_schematics(content, tmp_path, draw=True, sandbox="off")
    once = (tmp_path / "calls").read_text()
    assert len(once.splitlines()) == 2  # the references have no ports
    assert [each.get("drawing") is not None for each in content["samples"]] == [True, True, True, False]
    assert all(drawing["wires"] == "M0 0L1 1" for drawing in content["drawings"])
    rows = list(read_rows(tmp_path / "schematics.jsonl"))
    assert [row["drawing"] for row in rows].count(None) == 5  # not tried again
    add_schematics(content, tmp_path, draw=True, sandbox="off")
    assert (tmp_path / "calls").read_text() == once


@needs_yosys
def test_a_netlistsvg_that_hangs_costs_so_much_time_and_no_page(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.write_text("#!/bin/sh\nsleep 600\n")
    monkeypatch.setattr(schematics, "SECONDS", 1.0)
    content = browser(sample("a", design(1)))
    add_schematics(content, tmp_path, draw=True, sandbox="off")
    assert "drawings" not in content


def test_workers_that_fail_cost_no_page(fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ToolError("verification workers end with status 1")

    monkeypatch.setattr(Pool, "collect", fails)
    content = browser(sample("a", design(1)))
    add_schematics(content, tmp_path, draw=True)
    assert content == browser(sample("a", design(1)))


def test_without_netlistsvg_the_page_is_the_same_to_the_byte(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = shutil.copytree(run, tmp_path / "run")
    page = write_report(folder, draw=True).read_bytes()
    assert page == write_report(folder).read_bytes()
    assert not (folder / "schematics.jsonl").exists()
    assert b" has a schematic" not in page
    assert b" have a schematic" not in page


def test_the_pages_say_how_many_designs_have_one(run: Path, evaluation: Path, tmp_path: Path) -> None:
    for source in (run, evaluation):
        folder = shutil.copytree(source, tmp_path / source.name)
        content = sample_data(write_report(folder).read_text())
        one = next(each["code"] for each in content["samples"] if (each["task"], each["code"]) in choose(content))
        kept(folder, one)
        page = write_report(folder).read_text()
        assert "1 design has a schematic." in page
        assert sample_data(page)["drawings"] == [DRAWING]
        assert 'name="schematic"' in page
