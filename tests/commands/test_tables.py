"""Tables at any width: nothing is cut that has to be typed, and no command makes a table that could."""

import ast
import functools
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from itertl.check.finding import Finding, Status, render
from itertl.commands.gym import show_families
from itertl.commands.suites import show_presets, show_suites
from itertl.commands.tables import print_code, table

COMMANDS = sorted((Path(__file__).parents[2] / "src/itertl/commands").glob("*.py"))
NAME = "mypackage.scores:a_score_with_quite_a_long_name_of_its_own"


def printed(what: object, width: int = 80) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(what)
    return file.getvalue()


@pytest.mark.parametrize("width", [40, 80])
def test_what_is_too_long_wraps(width: int) -> None:
    shown = table("name", "second", "third", title="names")
    shown.add_row(NAME, NAME, NAME)
    text = printed(shown, width)
    assert "…" not in text
    first = "".join(line.split("│")[1].strip() for line in text.splitlines() if line.startswith("│"))
    assert first == NAME


def test_findings_of_a_check_wrap() -> None:
    text = printed(render([Finding(NAME, Status.WARN, NAME, f"hf download {NAME}")]))
    assert "…" not in text


@pytest.mark.parametrize("show", [show_families, show_presets, functools.partial(show_suites, None)])
def test_lists_of_names_are_whole_at_80_columns(
    show: Callable[[Console], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ITERTL_DATA", raising=False)
    file = io.StringIO()
    show(Console(file=file, width=80))
    assert "…" not in file.getvalue()
    assert max(map(len, file.getvalue().splitlines())) <= 80


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_no_command_makes_a_table_whose_columns_cut(path: Path) -> None:
    """Columns come from `table`, or say themselves that they fold or never wrap."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "Table" and path.stem != "tables":
            assert not node.args, f"{path.name}:{node.lineno}: use commands.tables.table"
        if isinstance(node.func, ast.Attribute) and node.func.attr == "add_column":
            given = {keyword.arg for keyword in node.keywords}
            assert given & {"overflow", "no_wrap"}, f"{path.name}:{node.lineno}: a column that cuts"


def test_no_line_of_a_design_is_cut_or_filled_up() -> None:
    file = io.StringIO()
    code = f"module m(input {', '.join(f'a{i}' for i in range(40))}, output y);\n  assign y = 0;\nendmodule"
    print_code(code + "\n", Console(file=file, width=80))
    assert file.getvalue() == code + "\n"
