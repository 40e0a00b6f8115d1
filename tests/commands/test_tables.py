"""Tables at any width: nothing is cut that has to be typed, and no command makes a table that could."""

import ast
import functools
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from itertl.check.finding import Finding, Status, render
from itertl.commands.gym import show_families
from itertl.commands.suites import show_defects, show_presets, show_suites
from itertl.commands.tables import print_code
from itertl.suites.presets import PRESETS
from itertl.tables import print_table, table

COMMANDS = sorted((Path(__file__).parents[2] / "src/itertl/commands").glob("*.py"))
NAME = "mypackage.scores:a_score_with_quite_a_long_name_of_its_own"


def printed(what: Table, width: int = 80, terminal: bool = True) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, no_color=True, color_system=None)
    print_table(what, console)
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[\d;]*m", "", console.file.getvalue())


def shown(show: Callable[[Console], None], terminal: bool) -> str:
    console = Console(file=io.StringIO(), width=80, force_terminal=terminal, no_color=True, color_system=None)
    show(console)
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[\d;]*m", "", console.file.getvalue())


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("width", [40, 80])
def test_names_stay_whole(width: int, terminal: bool) -> None:
    names = table("name", "second", "third", title="names")
    names.add_row(NAME, f"2{NAME}", f"3{NAME}")
    words = printed(names, width, terminal).split()
    assert [word for word in words if NAME in word] == [NAME, f"2{NAME}", f"3{NAME}"]


def test_prose_wraps_between_words_on_a_terminal_alone() -> None:
    prose = table("name", "text")
    prose.add_row("short", "several words " * 12)
    assert max(map(len, printed(prose).splitlines())) <= 80
    assert printed(prose).split().count("several") == 12
    assert len(printed(prose, terminal=False).splitlines()) == 5


def test_columns_leave_the_table_in_the_order_that_it_says() -> None:
    wide = table("name", "first", "second", "third", below=["second"], hidden=["first"])
    for n in range(2):
        wide.add_row(f"row{n}", "f" * 30, f"{n}" * 40, "t" * 30)
    text = printed(wide)
    assert "fff" not in text
    assert text.index("t" * 30) < text.index("\nsecond\n  row0: 000")
    assert "row1: 111" in text
    assert "t" * 30 in printed(wide, 60)
    assert printed(wide, 30).count("t" * 30) == 1  # the same in all rows


def test_findings_of_a_check_stay_whole() -> None:
    text = printed(render([Finding(NAME, Status.WARN, NAME, f"hf download {NAME}")]))
    assert "…" not in text
    assert f"hf download {NAME}" in text


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("show", [show_families, show_presets, functools.partial(show_suites, None)])
def test_lists_of_names_are_whole_at_80_columns(
    show: Callable[[Console], None], terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ITERTL_DATA", raising=False)
    text = shown(show, terminal)
    assert "…" not in text
    if terminal:
        assert max(map(len, text.splitlines())) <= 80
    if show is show_presets:
        words = set(re.findall(r"[^\s│,:]+", text))
        assert {*PRESETS, "verilogeval-v2-code-complete", "verilogeval-v1-machine"} <= words


def test_a_suite_without_known_defects_says_so() -> None:
    assert shown(functools.partial(show_defects, "rtllm-v1.1"), True) == "rtllm-v1.1: no defects known\n"
    assert "JC_counter" in shown(functools.partial(show_defects, "rtllm-v2"), True)


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_no_command_makes_a_table_whose_columns_cut(path: Path) -> None:
    """Columns come from `table`, or say themselves that they fold or never wrap."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "Table":
            assert not node.args, f"{path.name}:{node.lineno}: use itertl.tables.table"
        if isinstance(node.func, ast.Attribute) and node.func.attr == "add_column":
            given = {keyword.arg for keyword in node.keywords}
            assert given & {"overflow", "no_wrap"}, f"{path.name}:{node.lineno}: a column that cuts"


def test_no_line_of_a_design_is_cut_or_filled_up() -> None:
    file = io.StringIO()
    code = f"module m(input {', '.join(f'a{i}' for i in range(40))}, output y);\n  assign y = 0;\nendmodule"
    print_code(code + "\n", Console(file=file, width=80))
    assert file.getvalue() == code + "\n"
