"""The site of the documents: every text is a page, links lead to pages, and what leads nowhere is an error."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from scripts.site import write_pages

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `make docs` has it: the configuration, and the pages of this tree."""
    folder = tmp_path_factory.mktemp("site")
    write_pages(ROOT, folder / "build/pages")
    (folder / "zensical.toml").write_text((ROOT / "zensical.toml").read_text())
    return folder


def test_every_text_is_a_page(pages: Path) -> None:
    texts = {path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]}
    assert {path for path in texts if not (pages / "build/pages" / path).is_file()} == set()


def test_links_to_code_lead_to_pages_that_show_it(pages: Path) -> None:
    text = (pages / "build/pages/docs/architecture.md").read_text()
    assert "](../src/itertl/loop.py.md)" in text
    assert (ROOT / "src/itertl/loop.py").read_text() in (pages / "build/pages/src/itertl/loop.py.md").read_text()


def test_blocks_folders_and_notebooks(tmp_path: Path) -> None:
    cells = [{"cell_type": "markdown", "source": ["# Title"]}, {"cell_type": "code", "source": ["a = 1\n", "a"]}]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "code").mkdir()
    (tmp_path / "code/a.py").write_text("a = 1\n")
    text = "[n](n.ipynb) [c](code) [p](code/a.py#L1) `[q](code)`\n\n```text\n[r](code)\n```\n"
    (tmp_path / "README.md").write_text(text)
    write_pages(tmp_path, tmp_path / "out")
    expected = "[n](n.ipynb.md) [c](code/README.md) [p](code/a.py.md#L1) `[q](code)`\n\n```text\n[r](code)\n```\n"
    assert (tmp_path / "out/README.md").read_text() == expected
    assert (tmp_path / "out/n.ipynb.md").read_text() == "# Title\n\n```python\na = 1\na\n```\n"
    assert "- `a.py`\n" in (tmp_path / "out/code/README.md").read_text()


def test_a_link_that_leads_nowhere_ends_it(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("[gone](gone.md)\n")
    with pytest.raises(FileNotFoundError, match=r"README\.md: the link to gone\.md leads nowhere"):
        write_pages(tmp_path, tmp_path / "out")


@pytest.mark.slow
def test_the_site_is_built_and_a_heading_that_is_not_there_fails_it(pages: Path) -> None:
    pytest.importorskip("zensical", reason="the site needs zensical: pip install 'itertl[docs]'")
    build = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    whole = subprocess.run(build, cwd=pages, capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "Verdicts that no candidate can print" in (pages / "site/index.html").read_text()
    with (pages / "build/pages/README.md").open("a") as readme:
        readme.write("\n[gone](docs/method.md#no-such-heading)\n")
    broken = subprocess.run(build, cwd=pages, capture_output=True, text=True, check=False)
    assert broken.returncode != 0, broken.stdout + broken.stderr
