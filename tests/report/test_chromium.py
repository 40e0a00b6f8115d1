"""The page in a real browser: it renders, filters, records no error and asks for nothing from outside."""

import html
import re
from pathlib import Path

import pytest
from tests.report.chromium import CHROMIUM, counted, dump
from tests.report.test_page import write_hostile

from itertl.report import write_report

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH"),
    pytest.mark.slow,
]


@pytest.fixture(scope="session")
def page(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(run, tmp_path_factory.mktemp("page") / "report.html")


def test_the_script_renders_the_browser_without_error(page: Path, tmp_path: Path) -> None:
    document = dump(page, tmp_path)
    assert 'data-ready="true"' in document
    assert "data-errors" not in document
    assert counted(document) == "400 of 400"
    assert document.count('role="option"') == 400
    assert '<div class="sides">' in document
    assert "of the compared output bits agree" in document
    assert "data-tip=" in document
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", document)


def test_the_fragment_sets_the_filter(page: Path, tmp_path: Path) -> None:
    document = dump(page, tmp_path, "#outcome=mismatch&iteration=2&text=COUNTER")
    shown, _, total = counted(document).partition(" of ")
    assert 0 < int(shown) < int(total)
    items = re.findall(r'<li class="o-(\w+)" id="sample-\d+".*?class="name">([^<]*)<.*?class="meta">([^<]*)<', document)
    assert len(items) == int(shown)
    assert {outcome for outcome, _, _ in items} == {"mismatch"}
    assert all("iteration 2" in meta for _, _, meta in items)
    assert '<div class="line changed">' in document
    assert "cycle 17: count is 8'h11, expected 8'h00" in document
    assert "data-errors" not in document


def test_a_filter_that_nothing_fits(page: Path, tmp_path: Path) -> None:
    document = dump(page, tmp_path, "#text=no+such+text&outcome=nonsense")
    assert counted(document) == "0 of 400"
    assert "No sample fits the filter." in document
    assert "data-errors" not in document


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    document = dump(write_report(write_hostile(tmp_path / "run")), tmp_path / "profile")
    assert 'data-ready="true"' in document
    assert "pwned'</script>" not in document.partition("<body")[0]
    assert not re.search(r"<html[^>]*data-errors", document)
    assert "<img" not in document
    assert "</script><script>document" in html.unescape(document)


def test_an_empty_run_renders(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    document = dump(write_report(tmp_path / "run"), tmp_path / "profile")
    assert 'data-ready="true"' in document
    assert "data-errors" not in document
