"""The page in a real browser: it renders, filters, gives out its samples, and asks for nothing from outside."""

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.test_compare_runs import run_of
from tests.report.chromium import CHROMIUM, Browser, counted, dump
from tests.report.synthetic_run import write_run
from tests.report.test_page import write_hostile

from itertl.disk.rows import read_rows
from itertl.evaluation.runs import compare_runs, read_side
from itertl.report import write_report
from itertl.report.comparison.page import write_comparison
from itertl.report.reading import read_run
from itertl.report.samples import choose_samples
from itertl.report.schematics import choose, name

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH"),
    pytest.mark.slow,
]
ALL = 4 * 60 * 6 + 5 * 20 * 2  # samples for training, and on dev
SEEN = "[...document.querySelectorAll('#sample-list li[id]')].map(i => [i.className, i.innerText])"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run") / "quickstart", dev_samples=2)


@pytest.fixture(scope="module")
def page(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(run, tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


def test_the_script_renders_the_browser_without_error(browser: Browser, page: Path) -> None:
    browser.open(page)
    document = browser.value("document.documentElement.outerHTML")
    assert browser.errors is None
    assert counted(document) == f"{ALL:,} of {ALL:,}"
    assert 10 < document.count('role="option"') < 60  # those in sight
    assert '<div class="sides">' in document
    assert "data-tip=" in document
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", document)


def test_the_fragment_sets_the_filter(browser: Browser, page: Path) -> None:
    browser.open(page, "#outcome=mismatch&iteration=2&use=training&text=COUNTER")
    shown, _, total = counted(browser.value("document.documentElement.outerHTML")).partition(" of ")
    assert 0 < int(shown) < int(total.replace(",", ""))
    items = browser.value(SEEN)
    assert {style for style, _ in items} == {"o-mismatch"}
    assert all("iteration 2" in text and "counter" in text for _, text in items)
    sample = browser.value("document.getElementById('sample').innerText")
    assert "cycle 17: count is 8'h11, expected 8'h00" in sample
    assert "of the compared output bits agree" in sample
    assert browser.value("document.querySelectorAll('.line.changed').length") > 0
    assert browser.errors is None


def test_a_mismatch_is_drawn_with_its_inputs(browser: Browser, page: Path) -> None:
    browser.open(page, "#outcome=mismatch")
    label = browser.value("document.querySelector('svg.wave').getAttribute('aria-label')")
    assert label == "First mismatch. cycle 17: count expected 00, got 11; inputs reset 0, enable 1"
    rows = browser.value("[...document.querySelectorAll('svg.wave .label')].map(t => t.textContent)")
    assert rows == ["clk", "reset", "enable", "count expected", "count got"]
    assert browser.value("document.querySelectorAll('svg.wave .got .wrong').length") == 3
    digits = browser.value("[...document.querySelectorAll('svg.wave .got .digits')].map(t => t.textContent)")
    assert digits == ["10", "11", "12"]  # equal neighbours are one value
    browser.open(page, "#outcome=passed")
    assert browser.value("document.querySelector('svg.wave')") is None


def test_a_task_stands_side_by_side_through_the_iterations(browser: Browser, page: Path, run: Path) -> None:
    task = next(read_rows(run / "iter_00/dev/candidates.jsonl"))["task_id"]
    browser.open(page, f"#use=dev&through={task}")
    heads = browser.value("[...document.querySelectorAll('.round > h4')].map(h => h.firstChild.textContent)")
    assert heads == ["warm start", "iteration 1", "iteration 2", "iteration 3", "iteration 4", "reference"]
    passed = {
        (row["task_id"], row["code_id"])
        for row in read_rows(run / "iter_03/dev/verdicts.jsonl")
        if row["outcome"] == "passed"
    }
    drawn = [
        (r["task_id"], r["code_id"]) for r in read_rows(run / "iter_03/dev/candidates.jsonl") if r["task_id"] == task
    ]
    said = browser.value("document.querySelectorAll('.round > h4 small')[3].textContent")
    assert said == f"{sum(key in passed for key in drawn)} of 2 passed"
    browser.value("document.querySelector('.round button.plain').click()")
    browser.until("document.querySelector('#sample .sides') !== null")
    assert browser.errors is None


def test_a_cell_of_a_family_leads_to_its_samples(browser: Browser, page: Path) -> None:
    browser.open(page)
    number = browser.value(
        "(() => { const a = document.querySelector('table.families a[href*=\"family=counter\"]'); a.click();"
        " return a.title; })()"
    )
    total = sum(int(n) for n in re.findall(r"(\d+) \w", number))
    browser.until("document.getElementById('filter-count').textContent.startsWith(" + json.dumps(f"{total} of") + ")")
    assert browser.value("document.querySelector('[name=family]').value") == "counter"


def test_every_sample_comes_out_as_a_line(browser: Browser, page: Path, run: Path) -> None:
    browser.open(page)
    lines = browser.value("linesOf(found).then(parts => parts.join(''))").splitlines()
    found = {(r["iteration"], r["use"], r["task_id"], r["index"]): r for r in map(json.loads, lines)}
    assert len(lines) == len(found) == ALL
    for path in run.rglob("candidates.jsonl"):
        use = "dev" if path.parent.name == "dev" else "training"
        for row in read_rows(path):
            told = found[row["iteration"], use, row["task_id"], row["index"]]
            assert told["completion"] == row["completion"]
            assert told["finish_reason"] == row["finish_reason"]
    assert {"outcome", "score", "agreement", "detail", "code", "family", "level"} <= json.loads(lines[0]).keys()


def test_the_button_writes_a_file(browser: Browser, page: Path, tmp_path: Path) -> None:
    browser.open(page, "#outcome=passed&use=dev")
    browser.ask("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.value("download()")
    browser.until("true")
    expected = int(browser.value("document.getElementById('filter-count').textContent").partition(" ")[0])
    for _ in range(600):
        files = list(tmp_path.glob("samples-chosen.jsonl"))
        if files and files[0].stat().st_size:
            break
        browser.value("new Promise(done => setTimeout(done, 50))")
    rows = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert len(rows) == expected
    assert {row["outcome"] for row in rows} == {"passed"}
    assert browser.errors is None


def test_the_list_is_walked_through_by_keys(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.value("document.getElementById('sample-list').focus()")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        browser.press(key)
    active = "document.getElementById('sample-list').getAttribute('aria-activedescendant')"
    assert browser.value(active) == "sample-1"
    browser.press("End")
    last = browser.value("found.length - 1")
    assert browser.value(active) == f"sample-{last}"
    assert browser.value(f"document.getElementById('sample-{last}').getAttribute('aria-selected')") == "true"
    assert browser.value(f"document.getElementById('sample-{last}').getAttribute('aria-posinset')") == str(last + 1)


def test_a_chart_is_walked_through_by_keys(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.value("document.getElementById('explored-right').focus()")
    browser.press("ArrowRight")
    assert browser.value("document.getElementById('tip').textContent").startswith("iteration 1\n")
    browser.value("document.getElementById('drawn').focus()")
    browser.press("ArrowRight")
    browser.press("Enter")
    browser.until("location.hash.startsWith('#iteration=1&outcome=')")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 820, 1400])
def test_nothing_is_wider_than_the_page(browser: Browser, page: Path, width: int, dark: bool) -> None:
    browser.open(page, "#outcome=mismatch", width=width, dark=dark)
    assert browser.value(OVERFLOW) <= 0
    assert browser.value("matchMedia('(prefers-color-scheme: dark)').matches") is dark
    browser.value("document.querySelector('#sample button').click()")
    browser.until("document.querySelector('.rounds') !== null")
    assert browser.value(OVERFLOW) <= 0
    ratio = browser.value(CONTRAST)
    assert ratio >= 4.5, "text against the ground it stands on"


CONTRAST = """(() => {
  const light = (text) => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map((part) => Number(part) / 255);
    const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(document.querySelector(".card")).backgroundColor);
  const texts = [...document.querySelectorAll(".card p, .card td, .card th, .card h2, .card h4, .card button")];
  const ratios = texts.map((node) => light(getComputedStyle(node).color)).map((text) =>
    (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05));
  return Math.min(...ratios);
})()"""


def test_the_page_prints_without_its_browser_of_samples(browser: Browser, page: Path) -> None:
    browser.open(page, dark=True)
    assert browser.printed().startswith(b"%PDF")
    browser.ask("Emulation.setEmulatedMedia", media="print")
    assert browser.value("getComputedStyle(document.getElementById('samples')).display") == "none"
    assert browser.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert browser.value("getComputedStyle(document.getElementById('result')).display") == "block"
    browser.ask("Emulation.setEmulatedMedia", media="")


@pytest.mark.parametrize("width", [390, 820, 1400])
def test_the_page_of_two_runs_renders_at_any_width(browser: Browser, tmp_path: Path, width: int) -> None:
    a = run_of(tmp_path / "first", [{}, {"a": 4, "b": 1}], final="xyz")
    b = run_of(tmp_path / "second", [{}, {"a": 1}, {"b": 4, "c": 4}], final="xyz")
    compared = write_comparison(compare_runs(read_side(a), read_side(b)), {}, tmp_path / "page.html")
    browser.open(compared, width=width)
    assert browser.errors is None
    assert browser.value(OVERFLOW) <= 0
    assert browser.value("document.querySelectorAll('#dev .dot').length") == 5
    browser.value("document.getElementById('differences').focus()")
    browser.press("ArrowRight")
    assert browser.value("document.getElementById('tip').textContent").startswith("dev\n")


@pytest.mark.parametrize(("width", "dark"), [(390, False), (820, True), (1400, False)])
def test_schematics_are_drawn_at_any_width(browser: Browser, run: Path, tmp_path: Path, width: int, dark: bool) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    content = choose_samples(read_run(folder))
    label = "<img src=x onerror=alert(1)>"
    wide = {"size": [3000, 900], "wires": "M0 0L2999 0", "buses": "M0 9L9 9", "body": "M1 1L5 1L5 5Z", "solid": ""}
    drawing = wide | {"dots": [9, 9], "labels": [[5, 5, "m", label], [7, 7, "e", "CLK"]]}
    lines = (json.dumps({"id": name(key), "drawing": drawing}) for key in choose(content))
    (folder / "schematics.jsonl").write_text("\n".join(lines))
    browser.open(write_report(folder), "#schematic=drawn", width=width, dark=dark)
    assert 0 < browser.value("found.length") < browser.value("samples.length")
    assert browser.value("found.every(sample => sample.drawing !== null)")
    assert browser.value("document.querySelectorAll('#sample svg.schematic').length") == 2
    assert browser.value("document.querySelector('#sample details').open") is False
    assert browser.value("document.querySelector('svg.schematic').getAttribute('aria-label')") == f"Schematic: {label}"
    assert browser.value("[...document.querySelectorAll('svg.schematic text')][0].textContent") == label
    browser.value("document.querySelector('#sample details').open = true")
    assert browser.value(OVERFLOW) <= 0
    assert browser.value("document.querySelector('.drawing').clientHeight") <= 480
    stroke, ground = (
        browser.value(f"getComputedStyle(document.querySelector('{part}')).{field}")
        for part, field in ((".schematic .body", "stroke"), (".card", "backgroundColor"))
    )
    assert stroke != ground
    lines_of_jsonl = browser.value("linesOf(found).then(parts => parts.join(''))").splitlines()
    assert not {"drawing", "schematic"} & json.loads(lines_of_jsonl[0]).keys()
    assert browser.errors is None


def test_a_choice_of_one_is_no_choice(browser: Browser, tmp_path: Path) -> None:
    page = write_report(write_run(tmp_path / "run", iterations=1, tasks=8, samples=2))
    browser.open(page, width=390)
    shown = "[...document.querySelectorAll('#filters select')].filter(s => s.offsetParent).map(s => s.name)"
    assert browser.value(shown) == ["outcome", "family", "level"]  # one iteration, drawn for training alone


def test_a_filter_that_nothing_fits(browser: Browser, page: Path) -> None:
    browser.open(page, "#text=no+such+text&outcome=nonsense")
    document = browser.value("document.documentElement.outerHTML")
    assert counted(document) == f"0 of {ALL:,}"
    assert "No sample fits the filter." in document
    assert browser.errors is None


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
