import json
import re
import shutil
from pathlib import Path

import pytest
from tests.report.pages import HOSTILE, sample_data
from tests.report.synthetic_evaluation import BENCHED, PLAIN, change_result, write_evaluation

from itertl.evaluation.benched import RowVerdict
from itertl.outcome import Outcome
from itertl.records import Candidate, TestbenchVerdict
from itertl.report import write_report
from itertl.report.evaluation.page import sentence, warnings
from itertl.report.evaluation.reading import is_evaluation, read_evaluation


@pytest.fixture
def folder(evaluation: Path, tmp_path: Path) -> Path:
    return shutil.copytree(evaluation, tmp_path / "results")


def visible_part(page: str) -> str:
    return page.partition("<script")[0]


def test_a_complete_evaluation_shows_every_chart(evaluation: Path, tmp_path: Path) -> None:
    out = write_report(evaluation, tmp_path / "page.html")
    page = out.read_text()
    assert set(re.findall(r'<svg id="([\w-]+)"', page)) == {"passat", "mix", "problems-picture"}
    assert "Appears " not in page
    assert "Synthesis quality" not in page
    assert 'role="note"' not in page
    assert out.stat().st_size < 4_000_000
    identities = re.findall(r' id="([^"]+)"', visible_part(page))
    assert len(set(identities)) == len(identities)
    for anchor in re.findall(r'<a href="#([\w-]+)">', page):
        assert anchor in identities


def test_the_same_evaluation_gives_the_same_bytes(evaluation: Path, tmp_path: Path) -> None:
    first, second = (write_report(evaluation, tmp_path / name).read_bytes() for name in "ab")
    assert first == second


def test_nothing_outside_the_file_is_referred_to(evaluation: Path, tmp_path: Path) -> None:
    page = write_report(evaluation, tmp_path / "page.html").read_text()
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", page)
    assert "url(http" not in page
    assert set(re.findall(r'href="([^"#]+)', page)) == set()
    assert "default-src 'none'" in page


def test_the_sentence_says_what_the_result_says(evaluation: Path) -> None:
    result = json.loads((evaluation / "result.json").read_text())
    strict, official = (result[rule]["pass_at"]["1"] for rule in ("strict", "official"))
    assert strict["value"] != official["value"]
    interval = "{value:.3f} [{low:.3f}, {high:.3f}]"
    assert sentence(read_evaluation(evaluation), 0) == (
        f"runs/quickstart reaches pass@1 {interval.format(**strict)} on 18 problems of {BENCHED} with 12 samples each, "
        f"judged strictly; {interval.format(**official)} by the suite's own rule."
    )


def test_missing_samples_are_in_the_sentence_and_above_the_figures(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results", missing=5)
    said = sentence(read_evaluation(folder), 0)
    assert "with up to 12 samples each" in said
    assert said.endswith("; incomplete: 5 samples are missing, 1 problem has too few verified samples.")
    page = write_report(folder).read_text()
    assert "<li>Incomplete: 5 samples are missing" in page
    assert "5 missing" in page
    gone = [s for s in sample_data(page)["samples"] if s["outcome"] == "missing"]
    assert [(s["drawn"], s["code"], s["completion"]) for s in gone] == [(5, "", "")]


def test_candidates_of_a_file_are_called_so(folder: Path) -> None:
    evaluated = read_evaluation(change_result(folder, settings={"candidates": "rows.jsonl"}))
    assert sentence(evaluated, 0).startswith("The candidates reach pass@1 ")
    page = write_report(folder).read_text()
    assert f"<h1>{BENCHED} · rows.jsonl</h1>" in page


def test_a_suite_without_testbenches_has_one_rule(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results", PLAIN)
    page = write_report(folder).read_text()
    assert "official" not in sentence(read_evaluation(folder), 0)
    assert 'name="official"' not in page
    assert "Strict and official" not in page
    assert "defective" not in visible_part(page)
    assert sample_data(page)["words"]["agree"] == "of the compared output bits agree"


def test_origin_tells_how_to_do_it_again(evaluation: Path, tmp_path: Path) -> None:
    page = write_report(evaluation, tmp_path / "page.html").read_text()
    result = json.loads((evaluation / "result.json").read_text())
    for text in (result["dataset"], result["candidates"], "iverilog 11.0", "temperature", "endmodule"):
        assert f">{text}</d" in page


def test_what_to_know_before_the_figures_are_believed(folder: Path) -> None:
    names = [f"p{n}" for n in range(14)]
    read = read_evaluation(change_result(folder, tools="iverilog 10.3", no_strict=names))
    old, unjudged = warnings(read)
    assert old.startswith("Icarus Verilog 10 is older")
    assert unjudged.endswith("p10, p11 and 2 more.")
    assert warnings(read_evaluation(change_result(folder, tools="iverilog 11.0", no_strict=[]))) == []
    (whole,) = warnings(read_evaluation(change_result(folder, own_module=0.25)))
    assert whole.startswith("25.0% of the answers begin a module of their own")


def test_synthesis_quality_is_shown_whatever_its_keys(folder: Path) -> None:
    ratio = {"value": 1.08, "low": 1.02, "high": 1.17, "problems": 80}
    nested = {"latches": {"designs": 3, "names": ["a", HOSTILE]}, "depth": {"deeper": {"value": 0.25}}}
    values = {"synthesizable": {"value": 0.97, "low": 0.95, "high": 0.99}, "ratios": {"cells": ratio}, "floor": 20}
    page = write_report(change_result(folder, quality={**values, **nested, HOSTILE: HOSTILE, "none": None})).read_text()
    assert '<svg id="ratios"' in page
    assert "<td>cells</td><td>1.080 [1.020, 1.170]</td><td>80</td>" in page
    for name, value in (
        ("synthesizable", "0.970 [0.950, 0.990]"),
        ("floor", "20"),
        ("latches: designs", "3"),
        ("depth: deeper", "0.250"),
        ("none", "-"),
    ):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page
    assert "<img" not in page


@pytest.mark.parametrize("quality", [None, {}, [], "x", {"ratios": 3}, {"ratios": {"cells": {"value": 1e308}}}])
def test_quality_that_is_none_or_odd_fails_nothing(folder: Path, quality: object) -> None:
    page = write_report(change_result(folder, quality=quality)).read_text()
    assert ('id="quality"' in page) == (isinstance(quality, dict) and quality != {})


def test_a_directory_with_nothing_but_candidates_says_so(folder: Path) -> None:
    for name in ("result.json", "rows.jsonl", "config.yaml", "env.json", "events.jsonl"):
        (folder / name).unlink()
    for name in ("testbench.jsonl", "verdicts.jsonl"):
        (folder / BENCHED / name).unlink()
    (folder / BENCHED / "candidates.jsonl").rename(folder / BENCHED / "candidates.jsonl.partial")
    page = write_report(folder).read_text()
    assert "There is no result yet: 216 samples are drawn, 0 have a verdict." in page
    for words in ("Appears with the result.", "Appears with the first verdicts.", "config.yaml is not there yet."):
        assert words in page
    assert "<svg" not in page
    assert {s["outcome"] for s in sample_data(page)["samples"]} == {"unverified"}


@pytest.mark.parametrize("suite", [BENCHED, PLAIN])
def test_verdicts_under_way_are_counted(tmp_path: Path, suite: str) -> None:
    folder = write_evaluation(tmp_path / "results", suite)
    name = "testbench.jsonl" if suite == BENCHED else "verdicts.jsonl"
    for gone in (folder / "result.json", folder / "rows.jsonl", *(folder / suite).glob("[tv]*.jsonl")):
        if gone.name != name or gone.parent == folder:
            gone.unlink()
    lines = (folder / suite / name).read_text().splitlines(keepends=True)
    (folder / suite / name).unlink()
    (folder / suite / f"{name}.partial").write_text("".join(lines[:20]) + lines[20][:30])
    read = read_evaluation(folder)
    unverified = sum(count for (strict, _), count in read.pairs.items() if strict == "unverified")
    assert 0 < unverified < 216 == sum(read.pairs.values())
    assert f"216 samples are drawn, {216 - unverified} have a verdict" in sentence(read, 216)
    page = write_report(folder).read_text()
    assert re.findall(r'<svg id="([\w-]+)"', page) == ["mix"]
    assert "unreadable" not in page
    assert read.benched == (suite == BENCHED)


@pytest.mark.parametrize(
    "name",
    ["result.json", "config.yaml", "env.json", "events.jsonl", "rows.jsonl", BENCHED, f"{BENCHED}/candidates.jsonl",
     f"{BENCHED}/testbench.jsonl", f"{BENCHED}/verdicts.jsonl"],
)  # fmt: skip
def test_any_file_may_be_missing_or_damaged(folder: Path, name: str) -> None:
    path = folder / name
    if path.is_dir():
        shutil.rmtree(path)
        path.write_bytes(b"a file instead of a folder")
    else:
        path.write_bytes(b'\xff\x00{"torn": [1, 2\n[]\n{"task_id": 3, "index": "x", "strict": []}\n: : {')
    assert is_evaluation(folder)
    assert "</html>" in write_report(folder).read_text()
    path.unlink()
    assert is_evaluation(folder)
    assert "</html>" in write_report(folder).read_text()


def test_a_damaged_line_is_skipped_and_named(folder: Path) -> None:
    for name in ("rows.jsonl", f"{BENCHED}/candidates.jsonl", f"{BENCHED}/testbench.jsonl"):
        with (folder / name).open("a") as file:
            file.write("not json\n")
    page = write_report(folder).read_text()
    for name in ("results/rows", f"{BENCHED}/candidates", f"{BENCHED}/testbench"):
        assert page.count(f"{name}.jsonl: 1 unreadable line skipped") == 1


ODD: tuple[object, ...] = (
    None,
    3,
    "x",
    [],
    {},
    True,
    1e308,
    float("nan"),
    [[]],
    {"a": None},
    {"strict": {}, "left_out": 3},
)


@pytest.mark.parametrize("value", ODD)
def test_no_value_of_a_field_fails_the_page(folder: Path, value: object) -> None:
    result = json.loads((folder / "result.json").read_text())
    for key in result:
        change_result(folder, **{**result, key: value})
        assert "</html>" in write_report(folder).read_text()
    for rule in ("strict", "official"):
        for key in result[rule]:
            change_result(folder, **{**result, rule: {**result[rule], key: value}})
            charts = re.findall(r"<svg.*?</svg>", write_report(folder).read_text(), re.DOTALL)
            assert not re.search(r"\b(?:nan|inf)\b", "".join(charts), re.IGNORECASE)


@pytest.mark.parametrize("suite", ["../../errata/x", "/etc/passwd", "a" * 5000, "x\x00y", "..", "\ud800"])
def test_the_name_of_a_suite_opens_no_file(folder: Path, suite: str) -> None:
    read = read_evaluation(change_result(folder, suite=suite))
    assert read.folder == folder / BENCHED
    assert not read.defects
    assert "</html>" in write_report(folder).read_text()


def write_hostile(folder: Path) -> Path:
    """Write an evaluation in which every text is `HOSTILE`."""
    (folder / "suite").mkdir(parents=True)
    side = {
        "suite": HOSTILE,
        "policy": HOSTILE,
        "samples": 2,
        "problems": 1,
        "pass_at": {"1": {"value": 0.5, "low": 0.1, "high": 0.9}, HOSTILE: {"value": 1}},
        "outcomes": {HOSTILE: 0.5, "passed": 0.5},
        "per_problem": {HOSTILE: [2, 1]},
        "missing": 0,
    }
    result = {
        "suite": HOSTILE,
        "dataset": HOSTILE,
        "candidates": HOSTILE,
        "rows": 2,
        "complete": True,
        "short": 0,
        "strict": side,
        "official": {**side, "per_problem": {HOSTILE: [2, 2]}},
        "without_defects": {"left_out": [HOSTILE], "strict": side},
        "quality": {HOSTILE: {HOSTILE: HOSTILE}},
        "no_strict": (HOSTILE,),
        "settings": {"model": HOSTILE, HOSTILE: [HOSTILE]},
        "tools": HOSTILE,
        "sandbox": HOSTILE,
        "environment": {HOSTILE: HOSTILE},
        "syntax": 0.0,
        "elaboration": 0.0,
        "config": {},
    }
    candidate = Candidate(HOSTILE, 0, 0, 0, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    verdict = TestbenchVerdict(HOSTILE, "x", HOSTILE, Outcome.MISMATCH, Outcome.PASSED, 4, 1, HOSTILE)
    row = RowVerdict(HOSTILE, 0, "mismatch", "passed")
    (folder / "result.json").write_text(json.dumps(result))
    for name, record in (("suite/candidates", candidate), ("suite/testbench", verdict), ("verdicts", row)):
        (folder / f"{name}.jsonl").write_text(json.dumps(record.to_dict()) + "\n")
    (folder / "config.yaml").write_text(json.dumps({"name": HOSTILE, HOSTILE: HOSTILE}))
    return folder


def test_hostile_text_is_shown_and_never_interpreted(tmp_path: Path) -> None:
    page = write_report(write_hostile(tmp_path / "results")).read_text(encoding="utf-8")
    assert len(re.findall(r"<script", page)) == 4  # the page's, and the data's head, index and only block
    assert "<img" not in page
    for hidden in "\x00\x1b\u202e":
        assert hidden not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<title>&lt;/script&gt;" in page
    (sample,) = sample_data(page)["samples"]
    assert sample["code"].startswith("</script><script>")
    assert sample["completion"] == 0  # the code is all of it
    assert "⟨U+0000⟩" in sample["detail"]
    assert (sample["outcome"], sample["official"], sample["agreement"]) == ("passed", "mismatch", 0.75)
