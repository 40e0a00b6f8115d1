import re
from collections import Counter
from pathlib import Path

from tests.report.synthetic_evaluation import PLAIN, change_result, defective, write_evaluation

from itertl.disk.artefacts import read_records
from itertl.evaluation.benched import ROWS, RowVerdict
from itertl.report.evaluation import figures, problems
from itertl.report.evaluation.reading import natural, read_evaluation
from itertl.suites.known_defects import known_defects


def cells(table: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", table)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)] for row in rows]


def test_pass_at_k_is_shown_by_both_rules_with_and_without_defects(evaluation: Path) -> None:
    read = read_evaluation(evaluation)
    ways = [name for _, name, _ in figures.measurements(read)]
    left = "without 2 defective problems"
    assert ways == ["strict", "official", f"strict, {left}", f"official, {left}"]
    chart, table = figures.pass_at(read), figures.pass_at_table(read)
    assert chart is not None
    assert table is not None
    assert chart.count('class="dot"') == 3 * 4
    assert chart.count('class="inner"') == 3 * 4
    head, *lines = cells(table)
    assert head == ["measure", "judged", "value [95 %]", "samples"]
    assert len(lines) == 12
    first = read.sides["strict"].pass_at[1]
    assert lines[0] == ["pass@1", "strict", first.rounded(3), f"± {first.sampling:.3f}"]


def test_an_effect_of_the_samples_that_is_not_known_is_not_drawn(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results", PLAIN, samples=1)
    read = read_evaluation(folder)
    assert read.sides["strict"].pass_at[1].sampling is None
    chart, table = figures.pass_at(read), figures.pass_at_table(read)
    assert chart is not None
    assert table is not None
    assert 'class="inner"' not in chart
    assert cells(table)[1][-1] == "-"


def test_the_bars_count_every_verified_sample(evaluation: Path) -> None:
    read = read_evaluation(evaluation)
    rows = list(read_records(evaluation / ROWS.name, RowVerdict))
    assert read.outcomes["strict"] == Counter(row.strict for row in rows)
    assert read.outcomes["official"] == Counter(str(row.official) for row in rows)
    found = figures.outcomes(read)
    assert found is not None
    assert 'href="#official=syntax_error"' in found[0]
    assert 'href="#outcome=passed"' in found[0]


def test_disagreements_are_counted_by_pair(evaluation: Path) -> None:
    rows = list(read_records(evaluation / ROWS.name, RowVerdict))
    differ = Counter((row.strict, row.official) for row in rows if row.strict != row.official)
    found = figures.disagreements(read_evaluation(evaluation))
    assert found is not None
    said, table = found
    assert said == f"The rules differ on {differ.total()} of 216 samples ({differ.total() / 216:.1%})."
    lines = [
        (strict.replace(" ", "_"), official.replace(" ", "_"), n) for strict, official, n, _ in cells(str(table))[1:]
    ]
    assert {(strict, official): int(n) for strict, official, n in lines} == differ
    assert [int(n) for *_, n in lines] == sorted(differ.values(), reverse=True)


def test_rules_that_agree_are_said_to(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results", problems=1, samples=2)
    path = folder / ROWS.name
    path.write_text('{"task_id": "a", "index": 0, "official": "passed", "strict": "passed"}\n' * 2)
    assert figures.disagreements(read_evaluation(folder)) == ("Both rules say the same of 1 sample.", None)
    assert figures.disagreements(read_evaluation(write_evaluation(tmp_path / "plain", PLAIN, 2, 2))) is None


def test_problems_are_sorted_by_the_share_right(evaluation: Path) -> None:
    read = read_evaluation(evaluation)
    found = problems.ranked(read)
    shares = [p.share or 0.0 for p in found]
    assert shares == sorted(shares, reverse=True)
    assert {p.name: p.strict for p in found} == dict(read.sides["strict"].per_problem)
    picture, table = problems.picture(found, {"vector3"}), problems.numbers(found, {"vector3"})
    assert picture is not None
    assert picture.count('class="ground"') == 18
    assert picture.count("<a ") == 1
    assert 'href="#task=vector3"' in picture
    for p in found:
        assert f"<title>{p.name}\nstrict {p.strict[1]} of {p.strict[0]}" in picture
    assert [line[0] for line in cells(str(table))[1:]] == [p.name for p in found]
    always, never = shares.count(1.0), shares.count(0.0)
    assert f"{always} {'is' if always == 1 else 'are'} right in every sample, {never} in none" in problems.describe(
        found
    )


def test_known_defects_are_marked_with_their_evidence(evaluation: Path) -> None:
    read = read_evaluation(evaluation)
    found = {p.name: p for p in problems.ranked(read)}
    defects = [d for d in known_defects(read.suite) if d.id in found]
    assert {name for name, p in found.items() if p.defects} == {d.id for d in defects} == set(defective(read.suite))
    assert {name for name, p in found.items() if p.unfair} == set(read.left_out) == set(defective(read.suite)[1:])
    picture = problems.picture(list(found.values()), set())
    assert str(picture).count('"flag unfair"') == 2
    assert str(picture).count('"flag weak"') == 1
    listed = cells(str(problems.defects(list(found.values()), read.left_out, set())))[1:]
    assert {(line[0], line[2]) for line in listed} == {(d.id, d.kind.value.replace("_", " ")) for d in defects}
    assert {line[0] for line in listed if line[4] == "left out"} == set(read.left_out)


def test_a_problem_without_a_verified_sample_comes_last(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results", samples=3, missing=3)
    found = problems.ranked(read_evaluation(folder))
    assert found[-1].share is None
    assert "1 has no verified sample" in problems.describe(found)
    assert '"mark column unknown"' in str(problems.picture(found, set()))


def test_no_problems_no_picture(evaluation: Path, tmp_path: Path) -> None:
    folder = change_result(write_evaluation(tmp_path / "results", PLAIN, 2, 2), strict={})
    assert problems.ranked(read_evaluation(folder)) == []
    assert problems.picture([], set()) is problems.numbers([], set()) is problems.defects([], (), set()) is None


def test_names_sort_as_people_count() -> None:
    assert sorted(["p10", "p2", "p", "10", "9"], key=natural) == ["9", "10", "p", "p2", "p10"]
