"""`itertl init`: configs that can be used as they are written."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.commands.init import STARTS
from itertl.config import load_config
from itertl.errors import UsageError


@pytest.mark.parametrize("kind", STARTS)
def test_a_start_is_a_config_of_its_name(tmp_path: Path, kind: str) -> None:
    found = CliRunner().invoke(app, ["init", str(tmp_path / "new"), "--for", kind])
    assert found.exit_code == 0, found.output
    assert STARTS[kind] in found.output
    assert load_config(tmp_path / "new" / "itertl.yaml").name == kind


def test_the_quick_start_is_that_of_the_repository() -> None:
    ours = load_config(Path("configs/quickstart.yaml"))
    assert load_config(Path("src/itertl/starts/quickstart.yaml")) == ours


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "itertl.yaml").write_text("name: mine")
    found = CliRunner().invoke(app, ["init", str(tmp_path)])
    assert isinstance(found.exception, UsageError)
    assert (tmp_path / "itertl.yaml").read_text() == "name: mine"
    assert isinstance(CliRunner().invoke(app, ["init", str(tmp_path / "x"), "--for", "gpu"]).exception, UsageError)
    assert not (tmp_path / "x").exists()
    found = CliRunner().invoke(app, ["init", str(tmp_path / "itertl.yaml")])
    assert "itertl.yaml is a file; expected a directory" in str(found.exception)
