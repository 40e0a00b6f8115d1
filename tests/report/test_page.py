import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.report.pages import HOSTILE, sample_data
from tests.report.synthetic_run import evaluation, write_run

from itertl.disk.rows import read_rows, write_rows
from itertl.errors import RunDirectoryError
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict
from itertl.report import write_report
from itertl.report.curves import mismatches
from itertl.report.families import mixes
from itertl.report.figures import arm_names
from itertl.report.reading import TEXT_LIMIT, is_active, read_run
from itertl.report.samples import choose_samples, count_outcomes, spread
from itertl.report.sections import result_sentence


def test_a_complete_run_shows_every_chart(run: Path, tmp_path: Path) -> None:
    out = write_report(run, tmp_path / "deep" / "page.html")
    page = out.read_text()
    charts = set(re.findall(r'<svg id="([\w-]+)"', page))
    assert charts == {
        "dev", "final", "drawn", "devmix", "active", "mismatch", "loss-mle", "loss-rank", "loss-grad_norm", "loss-lr",
        "explored-designs", "explored-right", "explored-tasks", "time",
    }  # fmt: skip
    assert "This run is not complete" not in page
    assert "Appears " not in page
    assert out.stat().st_size < 4_000_000
    assert not list(out.parent.glob("*.partial*"))


def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    assert write_report(run, tmp_path / "a").read_bytes() == write_report(run, tmp_path / "b").read_bytes()


def test_nothing_outside_the_file_is_referred_to(run: Path, tmp_path: Path) -> None:
    page = write_report(run, tmp_path / "page.html").read_text()
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", page)
    assert "url(http" not in page
    assert "@import" not in page
    assert set(re.findall(r'href="([^"#]+)', page)) == set()


def test_the_sentence_says_what_the_numbers_say(run: Path) -> None:
    sentence = result_sentence(read_run(run))
    assert sentence.startswith("Pass@1 on dev rose from 0.50 to 0.63 in 4 iterations; on test, iteration 4")
    assert "reaches 0.63 [" in sentence
    assert "the paired difference is +0.13 [+0.09, +0.17]" in sentence


@pytest.mark.parametrize(
    ("before", "after", "word"), [(0.5, 0.5, "stayed at 0.50"), (0.5, 0.4, "fell from 0.50 to 0.40")]
)
def test_the_sentence_does_not_flatter(tmp_path: Path, before: float, after: float, word: str) -> None:
    for index, quality in enumerate((before, after)):
        folder = tmp_path / f"iter_{index:02d}"
        folder.mkdir()
        (folder / "evaluation.json").write_text(json.dumps(evaluation("gym-dev", quality)))
    assert word in result_sentence(read_run(tmp_path))


def test_a_warm_start_that_stays_the_best_is_named_so(run: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    final = json.loads((folder / "final.json").read_text())
    final["best_iteration"] = 0
    for arms in final["evaluations"].values():
        arms["best"] = arms["warm_start"]
    (folder / "final.json").write_text(json.dumps(final))
    read = read_run(folder)
    assert "the warm start (the best on dev) reaches 0.50" in result_sentence(read)
    assert arm_names(read) == {"warm_start": "warm start = best", "last": "last"}


def test_an_empty_directory_says_what_is_not_there_yet(tmp_path: Path) -> None:
    page = write_report(tmp_path).read_text()
    assert "Nothing has been evaluated yet." in page
    for words in ("first evaluation on dev", "first candidates", "No stage has ended", "config.yaml is not there yet"):
        assert words in page
    assert "<svg" not in page
    assert "This run is not complete. Next: policy of the warm start." in page


def test_no_directory_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunDirectoryError, match="is not a run directory"):
        write_report(tmp_path / "absent")


@pytest.mark.parametrize(
    "name",
    ["config.yaml", "env.json", "events.jsonl", "tasks.jsonl", "final.json", "iter_02", "iter_00", "iter_02/dev",
     "iter_02/candidates.jsonl", "iter_02/verdicts.jsonl", "iter_02/groups.jsonl", "iter_02/policy"],
)  # fmt: skip
def test_any_artefact_may_be_missing_or_damaged(run: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    path = folder / name
    if path.is_dir():
        shutil.rmtree(path)
        path.write_bytes(b"a file instead of a folder")
    else:
        path.write_bytes(b'\xff\x00{"torn": [1, 2\n[]\n{"time": "x", "id": null}\n: : {')
    assert "</html>" in write_report(folder).read_text()
    path.unlink()
    assert "</html>" in write_report(folder).read_text()


def test_a_stage_under_way_is_shown_as_far_as_it_is(run: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    for late in ("iter_03", "iter_04"):
        shutil.rmtree(folder / late)
    (folder / "final.json").unlink()
    shutil.rmtree(folder / "iter_02" / "policy")
    shutil.rmtree(folder / "iter_02" / "dev")
    (folder / "iter_02" / "groups.jsonl").unlink()
    lines = (folder / "iter_02" / "verdicts.jsonl").read_text().splitlines(keepends=True)
    (folder / "iter_02" / "verdicts.jsonl.partial").write_text("".join(lines[:20]) + lines[20][:30])
    (folder / "iter_02" / "verdicts.jsonl").unlink()
    page = write_report(folder).read_text()
    assert "Next: verdicts of iteration 2." in page
    assert '<span class="state begun">begun</span>' in page
    assert "o-unverified" in page
    assert "unreadable" not in page
    assert "3 of 4 iterations are still to come" in page


def test_an_unreadable_line_is_skipped_and_named(run: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    with (folder / "iter_01" / "verdicts.jsonl").open("a") as file:
        file.write("not json\n")
    assert "iter_01/verdicts.jsonl: 1 unreadable line skipped" in write_report(folder).read_text()


def test_numbers_that_are_none_are_left_out(run: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    (folder / "iter_01" / "policy" / "training.jsonl").write_text(
        '{"step": 0, "mle": NaN, "rank": Infinity}\n{"step": 1, "mle": null}\n{"step": 2, "mle": "x", "extra": 1}\n{}\n'
    )
    (folder / "iter_01" / "dev" / "evaluation.json").write_text('{"pass_at": {"1": {"value": NaN}, "k": 3}}')
    page = write_report(folder).read_text()
    assert not re.search(r"\b(?:nan|inf)\b", page.partition("<script")[0], re.IGNORECASE)


def write_hostile(folder: Path) -> Path:
    """Write a run in which every text is `HOSTILE`."""
    (folder / "iter_01").mkdir(parents=True)
    task = Task(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, tags=(HOSTILE,))
    candidate = Candidate(HOSTILE, 1, 0, 0, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    verdict = Verdict(HOSTILE, HOSTILE, Outcome.MISMATCH, 0.5, HOSTILE)
    for name, record in (("tasks", task), ("iter_01/candidates", candidate), ("iter_01/verdicts", verdict)):
        (folder / f"{name}.jsonl").write_text(json.dumps(record.to_dict()) + "\n")
    (folder / "config.yaml").write_text(json.dumps({"name": HOSTILE, HOSTILE: HOSTILE}))
    (folder / "env.json").write_text(json.dumps({HOSTILE: [HOSTILE]}))
    event = {"time": 1.0, "event": "stage_end", "stage": HOSTILE, "seconds": 3.0}
    (folder / "events.jsonl").write_text(json.dumps(event) + "\n")
    row = {**evaluation(HOSTILE, 0.5), "outcomes": {HOSTILE: 0.5, "passed": 0.5}}
    final = {"best_iteration": 1, "evaluations": {HOSTILE: {HOSTILE: row}}}
    (folder / "final.json").write_text(json.dumps(final))
    return folder


def test_hostile_text_is_shown_and_never_interpreted(tmp_path: Path) -> None:
    page = write_report(write_hostile(tmp_path)).read_text(encoding="utf-8")
    assert len(re.findall(r"<script", page)) == 4  # the page's, and the data's head, index and only block
    assert "<img" not in page
    assert "\x00" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "⟨U+202E⟩" in page
    assert "<title>&lt;/script&gt;" in page
    (sample,) = sample_data(page)["samples"]
    assert sample["code"].startswith("</script><script>")
    assert "⟨U+0000⟩" in sample["code"]
    assert sample["completion"] == 0  # the code is all of it


def test_samples_are_bounded_spread_and_counted(run: Path) -> None:
    read = read_run(run)
    data = choose_samples(read, limit=60)
    assert data["drawn"] == 4 * 60 * 6
    assert len(data["samples"]) == 60 < data["distinct"]
    cells = Counter((s["iteration"], s["outcome"]) for s in data["samples"])
    assert {iteration for iteration, _ in cells} == {1, 2, 3, 4}
    assert {outcome for _, outcome in cells} >= {"empty", "syntax_error", "mismatch", "passed"}
    assert max(cells.values()) <= 4
    assert {s["task"] for s in data["samples"]} == data["tasks"].keys()


def test_long_texts_are_cut_and_the_budget_holds(tmp_path: Path) -> None:
    (tmp_path / "iter_01").mkdir()
    long = "assign y = a; // ⟨é⟩\n" * 2_000
    candidates = [Candidate("t", 1, n, 0, "", long, long + str(n), str(n)) for n in range(400)]
    write_rows(tmp_path / "iter_01" / "candidates.jsonl", candidates)
    page = write_report(tmp_path)
    assert page.stat().st_size < 1_000_000
    data = sample_data(page.read_text())
    assert len(data["samples"]) == 400
    assert "more characters are not shown" in data["samples"][0]["code"]
    few = choose_samples(read_run(tmp_path), budget=100 * 2 * TEXT_LIMIT)
    assert len(few["samples"]) == 100 < few["distinct"] == 400


def test_samples_on_equal_code_share_a_verdict_and_are_counted_each(tmp_path: Path) -> None:
    (tmp_path / "iter_01").mkdir()
    candidates = [Candidate("t", 1, n, n, "", "", "module m; endmodule", "same") for n in range(3)]
    write_rows(tmp_path / "iter_01" / "candidates.jsonl", candidates)
    write_rows(tmp_path / "iter_01" / "verdicts.jsonl", [Verdict("t", "same", Outcome.PASSED, 1.0)])
    read = read_run(tmp_path)
    assert count_outcomes(read.iterations[0]) == {"passed": 3}
    (sample,) = choose_samples(read)["samples"]
    assert (sample["drawn"], sample["outcome"], sample["index"]) == (3, "passed", 0)
    assert [index for index, *_ in sample["more"]] == [1, 2]


def test_every_sample_of_the_run_is_in_the_page(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", iterations=2, tasks=8, samples=4, dev_samples=3)
    data = sample_data(write_report(run).read_text())
    found = {}
    for sample in data["samples"]:
        first = [sample["index"], sample["finish"], sample["completion"]]
        for index, finish, completion in [first, *sample.get("more", [])]:
            text = sample["code"][completion:] if isinstance(completion, int) else completion
            found[sample["iteration"], sample["use"], sample["task"], index] = (sample.get("code", ""), text, finish)
    wanted = {}
    for path in run.rglob("candidates.jsonl"):
        use = "dev" if path.parent.name == "dev" else "training"
        for row in read_rows(path):
            wanted[row["iteration"], use, row["task_id"], row["index"]] = row
    assert found.keys() == wanted.keys()
    assert len(found) == 2 * 8 * 4 + 3 * 20 * 3
    for key, (code, text, finish) in found.items():
        assert text == wanted[key]["completion"]
        assert finish == wanted[key]["finish_reason"]
        assert code.split() == wanted[key]["code"].split()  # those of a design may differ in layout


def test_a_small_mismatch_has_its_digits(run: Path, tmp_path: Path) -> None:
    root = shutil.copytree(run, tmp_path / "run")
    for index, value in enumerate((6.2e-4, 2.8e-4), 1):
        (root / f"iter_0{index}/policy/mismatch.json").write_text(json.dumps({"kl": 0.0, "k3": value, "samples": 9.0}))
    chart = mismatches(read_run(root))
    assert chart is not None
    assert {">0.00062<", ">0.00028<"} <= set(re.findall(r">0\.\d+<", str(chart)))


def test_curves_are_there_where_the_objective_has_them(run: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    for path in folder.glob("iter_*/policy/training.jsonl"):
        rows = [{"step": n, "loss": 0.5 - 0.01 * n, "mle": 0.7, "lr": 1e-3, "skipped": 0.0} for n in range(5)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    page = write_report(folder).read_text()
    learning = set(re.findall(r'<svg id="(loss-\w+|active)"', page))
    assert learning == {"loss-loss", "loss-mle", "loss-lr"}  # neither pairs nor a ranking loss, and nothing skipped
    for path in folder.glob("iter_*/policy"):
        shutil.rmtree(path)
    assert "Appears with the first training." not in write_report(folder).read_text()  # groups tell of pairs already


def test_families_and_levels_stand_beside_iterations(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", iterations=2, tasks=8, samples=4, dev_samples=2)
    read = read_run(run)
    found = mixes(read, "dev")
    assert [place for place in found if place[0] == "1"] == [
        ("1", ""), ("1", "counter"), ("1", "edge_detector"), ("1", "shift_register"),
    ]  # fmt: skip
    assert {number for each in found.values() for number in each} == {0, 1, 2}
    rates: dict[str, list[bool]] = {}
    passed = {
        (r["task_id"], r["code_id"]) for r in read_rows(run / "iter_02/dev/verdicts.jsonl") if r["outcome"] == "passed"
    }
    for row in read_rows(run / "iter_02/dev/candidates.jsonl"):
        if "/counter/" in row["task_id"]:
            rates.setdefault(row["task_id"], []).append((row["task_id"], row["code_id"]) in passed)
    mean = sum(sum(each) / len(each) for each in rates.values()) / len(rates)
    assert found["1", "counter"][2].pass_at_1 == pytest.approx(mean)
    page = write_report(run).read_text()
    table = page[page.index('id="families"') : page.index('id="learning"')]
    assert "level 1" in table
    assert "edge detector" in table
    assert "#use=dev&amp;iteration=2&amp;level=1&amp;family=counter" in table
    assert "Drawn for training" in table


def test_tasks_without_families_have_no_such_section(tmp_path: Path) -> None:
    (tmp_path / "iter_01").mkdir()
    write_rows(tmp_path / "tasks.jsonl", [Task("t", "i", "", "", "m")])
    write_rows(tmp_path / "iter_01" / "candidates.jsonl", [Candidate("t", 1, 0, 0, "", "", "module m; endmodule", "x")])
    page = write_report(tmp_path).read_text()
    assert 'id="families"' not in page
    assert "#families" not in page
    assert 'id="exploration"' in page


def test_a_design_that_only_evaluations_saw_explores_nothing(run: Path) -> None:
    explored = [iteration.explored for iteration in read_run(run).iterations]
    assert explored[0] is None
    reached = [one.so_far.designs for one in explored if one]
    assert reached == sorted(reached)
    assert all(one.samples <= 360 and one.alone.right <= one.alone.designs for one in explored if one)


def test_spread_takes_from_the_cells_in_turn() -> None:
    assert spread({"a": [1, 2, 3], "b": [4], "c": [5, 6]}, 5) == [1, 4, 5, 2, 6]
    assert spread({}, 5) == []


@pytest.mark.parametrize(
    ("group", "active"),
    [
        ({"scores": [0.1, 0.3], "reference": ""}, False),
        ({"scores": [0.1, 0.5], "reference": ""}, True),
        ({"scores": [0.5, 0.5], "reference": "endmodule", "reference_score": 1.0}, True),
        ({"scores": [0.5], "reference": "", "reference_score": 1.0}, False),
        ({"scores": []}, False),
        ({}, False),
    ],
)
def test_active_pairs(group: dict[str, Any], active: bool) -> None:
    assert is_active(group) is active


def test_a_run_with_many_iterations_and_steps_stays_small(tmp_path: Path) -> None:
    run = write_run(tmp_path / "long", iterations=30, tasks=4, samples=2)
    assert write_report(run).stat().st_size < 1_500_000


def test_what_bfloat16_keeps_of_a_training_stands_beside_its_losses(run: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run, tmp_path / "run")
    assert "What bfloat16 keeps of the training" not in write_report(folder).read_text()
    (folder / "iter_01" / "policy" / "kept.json").write_text('{"sampled": 0.9993, "nearest": 0.0843, "moved": 0.088}')
    (folder / "iter_02" / "policy" / "kept.json").write_text('{"skipped": "the base is elsewhere"}')
    page = write_report(folder).read_text()
    learning = page[page.index('id="learning"') : page.index('id="time"')]
    assert "What bfloat16 keeps of the training" in learning
    assert all(share in learning for share in ("99.9%", "8.4%", "8.8%"))
