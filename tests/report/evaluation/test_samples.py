import json
from collections import Counter
from pathlib import Path

from tests.report.synthetic_evaluation import BENCHED, PLAIN, defective, write_evaluation
from tests.report.synthetic_run import DETAILS

from itertl.disk.artefacts import read_records
from itertl.evaluation.benched import ROWS, RowVerdict
from itertl.outcome import Outcome
from itertl.report.evaluation.reading import read_evaluation
from itertl.report.evaluation.samples import choose_samples


def test_every_sample_is_counted_under_both_its_outcomes(evaluation: Path) -> None:
    data = choose_samples(read_evaluation(evaluation))
    assert (data["drawn"], data["distinct"]) == (216, len(data["samples"]))
    counted: Counter[tuple[str, str, str]] = Counter()
    for sample in data["samples"]:
        counted[sample["task"], sample["outcome"], sample["official"]] += sample["drawn"]
    rows = read_records(evaluation / ROWS.name, RowVerdict)
    assert counted == Counter((row.task_id, row.strict, row.official) for row in rows)
    assert {s["task"] for s in data["samples"]} == data["tasks"].keys()


def test_a_sample_shows_what_was_drawn_and_what_was_said_of_it(evaluation: Path) -> None:
    samples = choose_samples(read_evaluation(evaluation))["samples"]
    wrong = next(s for s in samples if s["outcome"] == "mismatch")
    assert wrong["detail"] == f"strict: {DETAILS[Outcome.MISMATCH]}"
    assert wrong["agreement"] == 0.83
    assert wrong["completion"] == f"Here it is:\n{wrong['code']}"
    assert [s["task"] for s in samples[:1]] == defective(BENCHED)[:1]


def test_what_no_bench_compared_has_no_agreement(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results", problems=2, samples=2)
    path = folder / BENCHED / "testbench.jsonl"
    rows = [{**json.loads(line), "samples": 0, "mismatches": 0} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert {s["agreement"] for s in choose_samples(read_evaluation(folder))["samples"]} == {None}


def test_the_choice_is_bounded_and_reaches_every_pair_and_problem(evaluation: Path) -> None:
    read = read_evaluation(evaluation)
    everything = choose_samples(read)["samples"]
    data = choose_samples(read, limit=50)
    assert len(data["samples"]) == 50 < data["distinct"]
    pairs = {(s["outcome"], s["official"]) for s in everything}
    assert {(s["outcome"], s["official"]) for s in data["samples"]} == pairs
    assert {s["task"] for s in data["samples"]} == {s["task"] for s in everything}
    assert data == choose_samples(read, limit=50)


def test_the_budget_holds(evaluation: Path) -> None:
    data = choose_samples(read_evaluation(evaluation), budget=20_000)
    assert 0 < len(data["samples"]) < data["distinct"]
    assert len(json.dumps([data["samples"], list(data["tasks"].values())])) < 21_000


def test_completions_without_a_design_are_told_apart(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results", PLAIN, problems=1, samples=2)
    path = folder / PLAIN / "candidates.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    texts = ["I cannot.", "I will not."]
    blank = [{**row, "code": "", "code_id": "none", "completion": text} for row, text in zip(rows, texts, strict=True)]
    path.write_text("".join(json.dumps(row) + "\n" for row in blank))
    samples = choose_samples(read_evaluation(folder))["samples"]
    assert sorted(s["completion"] for s in samples) == texts


def test_where_the_benchs_verdicts_are_gone_the_strict_ones_tell_why(evaluation: Path, tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path / "results")
    (folder / BENCHED / "testbench.jsonl").unlink()
    samples = choose_samples(read_evaluation(folder))["samples"]
    assert {s["detail"] for s in samples if s["outcome"] == "mismatch"} == {DETAILS[Outcome.MISMATCH]}
