"""The public surface, pinned, and the version, which pyproject.toml alone states."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import itertl

ROOT = Path(__file__).parents[1]


def test_public_names() -> None:
    assert itertl.__all__ == [
        "Candidate",
        "Config",
        "Group",
        "ItertlError",
        "Outcome",
        "Store",
        "Submission",
        "Task",
        "Verdict",
        "VerifySettings",
        "load_config",
        "open_run",
        "pass_at_k",
        "run",
        "verify",
    ]
    assert all(hasattr(itertl, name) for name in itertl.__all__)


def test_the_version_is_what_was_installed() -> None:
    assert itertl.__version__ == version("itertl")


def test_the_changelog_has_a_section_of_this_version_below_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert headings[:2] == ["Unreleased", project["version"]]


def test_the_linter_before_a_commit_is_that_of_the_tests() -> None:
    (pinned,) = re.findall(r"^ruff==(.+)$", (ROOT / "constraints.txt").read_text(), flags=re.MULTILINE)
    assert f"rev: v{pinned}\n" in (ROOT / ".pre-commit-config.yaml").read_text()
