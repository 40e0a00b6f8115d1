"""The reference pages say what the code says, of every command, field and public name."""

from pathlib import Path

import pytest
import typer
from scripts.reference import PAGES, stale

import itertl
from itertl.cli.app import app
from itertl.config import Config


def test_an_older_page_and_a_missing_one_are_found(tmp_path: Path) -> None:
    for name, page in PAGES.items():
        (tmp_path / name).write_text(page())
    assert stale(tmp_path) == []
    (tmp_path / "cli.md").unlink()
    (tmp_path / "config.md").write_text("older")
    assert stale(tmp_path) == ["cli.md", "config.md"]


def test_every_command_has_a_section_and_every_option_a_row() -> None:
    page = PAGES["cli.md"]()
    root = typer.main.get_command(app)
    commands = getattr(root, "commands")  # noqa: B009 - typer does not type its own group
    assert {name for name in commands if f"\n## itertl {name}\n" not in page} == set()
    assert "| `--quality, --no-quality` | yes | synthesize" in page
    assert "| `-n N` | `8` | candidates to draw |" in page
    assert "itertl eval SUITE --out PATH [OPTIONS]" in page


def test_every_field_has_a_row_with_type_and_default() -> None:
    page = PAGES["config.md"]()
    assert "| `sampling.temperature` | number ≥ 0 | `0.8` | 0 is greedy |" in page
    assert "| `policy.dtype` | `auto`, `float32`, `bfloat16` |" in page
    for name in Config.model_fields:
        assert f"\n## {name}\n" in page or f"| `{name}` |" in page


@pytest.mark.parametrize("name", itertl.__all__)
def test_every_public_name_has_a_section(name: str) -> None:
    (section,) = [part for part in PAGES["python.md"]().split("\n## ") if part.startswith(f"{name}\n")]
    assert len(section.split()) > 10
