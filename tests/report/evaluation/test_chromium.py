"""The page of an evaluation in a real browser: it renders, filters by both outcomes and by problem, without error."""

import html
import re
from collections import Counter
from pathlib import Path

import pytest
from tests.report.chromium import CHROMIUM, counted, dump
from tests.report.evaluation.test_page import write_hostile
from tests.report.synthetic_evaluation import PLAIN, write_evaluation

from itertl.report import write_report
from itertl.report.evaluation.reading import read_evaluation
from itertl.report.evaluation.samples import choose_samples

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH"),
    pytest.mark.slow,
]


@pytest.fixture(scope="session")
def page(evaluation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(evaluation, tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="session")
def samples(evaluation: Path) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for sample in choose_samples(read_evaluation(evaluation))["samples"]:
        found[sample["task"], sample["outcome"], sample["official"]] += sample["drawn"]
    return found


def test_the_script_renders_the_browser_without_error(
    page: Path, samples: Counter[tuple[str, str, str]], tmp_path: Path
) -> None:
    document = dump(page, tmp_path)
    assert 'data-ready="true"' in document
    assert "data-errors" not in document
    assert counted(document) == f"{samples.total()} of {samples.total()}"
    assert document.count('role="option"') > 10
    assert len(re.findall(r'<option value="vector\d+">', document)) == 15
    assert "of the samples that the bench compared agree" in document
    assert "<h4>Completion<small>" in document
    assert "data-tip=" in document
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", document)


def test_the_fragment_filters_by_both_outcomes(
    page: Path, samples: Counter[tuple[str, str, str]], tmp_path: Path
) -> None:
    document = dump(page, tmp_path, "#outcome=passed&official=syntax_error")
    expected = sum(n for (_, *pair), n in samples.items() if pair == ["passed", "syntax_error"])
    assert expected > 0
    assert counted(document) == f"{expected} of {samples.total()}"
    assert document.count("official: syntax error") > 1  # in the list, and of the one that is shown
    assert "data-errors" not in document


def test_the_fragment_filters_by_problem(page: Path, samples: Counter[tuple[str, str, str]], tmp_path: Path) -> None:
    document = dump(page, tmp_path, "#task=vector3")
    expected = sum(n for (task, *_), n in samples.items() if task == "vector3")
    assert 0 < expected < samples.total()
    assert counted(document) == f"{expected} of {samples.total()}"
    assert set(re.findall(r'<span class="name">([^<]*)</span>', document)) == {"vector3"}


def test_a_suite_without_testbenches_renders(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results", PLAIN, problems=4, samples=3)
    document = dump(write_report(folder), tmp_path / "profile", "#outcome=mismatch")
    assert 'data-ready="true"' in document
    assert "data-errors" not in document
    assert "official" not in document.partition("<script")[0].partition("<body")[2]
    assert "of the compared output bits agree" in document


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    document = dump(write_report(write_hostile(tmp_path / "results")), tmp_path / "profile")
    assert 'data-ready="true"' in document
    assert "pwned'</script>" not in document.partition("<body")[0]
    assert not re.search(r"<html[^>]*data-errors", document)
    assert "<img" not in document
    assert "</script><script>document" in html.unescape(document)
    assert counted(document) == "1 of 1"


def test_a_link_to_a_problem_of_any_name_finds_its_samples(tmp_path: Path) -> None:
    report = write_report(write_hostile(tmp_path / "results"))
    (link,) = set(re.findall(r'href="(#task=[^"]*)"', report.read_text()))
    document = dump(report, tmp_path / "profile", html.unescape(link))
    assert counted(document) == "1 of 1"
    assert re.search(r'<option value="[^"]{40,}">', document)
    assert not re.search(r"<html[^>]*data-errors", document)


def test_an_evaluation_of_which_nothing_is_there_renders(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "result.json").write_text("{}")
    document = dump(write_report(tmp_path / "results"), tmp_path / "profile")
    assert 'data-ready="true"' in document
    assert "data-errors" not in document
