"""Evaluation by a suite's own testbench: both verdicts for each row, defects left out, nothing missing is wrong."""

import dataclasses
import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.config import VerifyConfig, parse_config
from itertl.disk.rows import write_rows
from itertl.disk.run_dir import open_run
from itertl.errors import ToolError
from itertl.evaluation import benched, result
from itertl.evaluation.benched import answers, by_testbench, row_verdicts, strict_verdicts
from itertl.evaluation.result import Sources, summarise
from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Task, TestbenchVerdict
from itertl.suites.load import load_suite
from itertl.verify.official.verdicts import completion_id

HEADER = "module top_module (\n  input a,\n  output y\n);\n"
TASK = Task("not", "Invert.", HEADER, HEADER + "  assign y = ~a;\nendmodule\n", "top_module", suite="rtllm-v2")


def judged(candidate: Candidate, official: Outcome, strict: Outcome, reference_passes: bool = True) -> TestbenchVerdict:
    """Return a verdict on a candidate."""
    name = completion_id(candidate.task_id, candidate.completion)
    reason = None if reference_passes else Reason.UNFIT_REFERENCE
    return TestbenchVerdict(candidate.task_id, name, candidate.code_id, official, strict, reason=reason)


def test_the_header_goes_in_front_where_the_prompt_ended_with_it_and_the_harness_does_not_paste_it() -> None:
    body = "  assign y = ~a;\nendmodule\n"
    continued = dataclasses.replace(Candidate.of(TASK, body, 0), prompt=f"Invert.\n\n{HEADER}")
    free = dataclasses.replace(Candidate.of(TASK, TASK.reference, 1), prompt="Invert.")
    assert [c.completion for c in answers([continued, free], [TASK])] == [HEADER + body, TASK.reference]
    pasted = dataclasses.replace(TASK, rule="itertl.suites.verilog_eval_v1:RULE")
    assert next(answers([continued], [pasted])).completion == body


def test_a_header_that_a_prompt_spells_otherwise_goes_in_front_as_it_is() -> None:
    header = HEADER.replace("input a,", "input a, // </s>")
    task = dataclasses.replace(TASK, header=header)
    continued = dataclasses.replace(Candidate.of(task, "x"), prompt=f"Invert.\n\n{header.replace('</s>', '< /s>')}")
    assert [c.completion for c in answers([continued], [task])] == [header + "x"]


def test_rows_keep_their_order_and_a_result_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    other = dataclasses.replace(TASK, id="broken")
    drawn = [Candidate.of(TASK, TASK.reference, 0), Candidate.of(TASK, "nothing", 1), Candidate.of(TASK, "nothing", 2)]
    drawn.append(Candidate.of(other, TASK.reference, 0))
    verdicts = [
        judged(drawn[0], Outcome.ELABORATION_ERROR, Outcome.PASSED),
        judged(drawn[1], Outcome.SYNTAX_ERROR, Outcome.EMPTY),
        judged(drawn[3], Outcome.PASSED, Outcome.TOOL_ERROR, reference_passes=False),
    ]
    rows = list(row_verdicts(drawn, [TASK, other], verdicts))
    assert [(r.index, r.official, r.strict) for r in rows[:3]] == [
        (0, "elaboration_error", "passed"),
        (1, "syntax_error", "empty"),
        (2, "syntax_error", "empty"),
    ]
    assert list(row_verdicts(drawn, [TASK, other], verdicts, done=rows[:3])) == rows[3:]
    assert len(list(strict_verdicts(verdicts))) == 3
    monkeypatch.setattr(result, "unfair_problems", lambda suite, tools: frozenset({"broken"}))
    found = summarise(Sources("rtllm-v2", {"candidates": "rows"}, {}), [TASK, other], drawn, verdicts)
    assert found.complete
    assert found.short == 0
    assert found.no_strict == ("broken",)
    assert found.strict.per_problem == {"not": [3, 1]}
    assert found.strict.missing == 0
    assert found.official is not None
    assert found.official.per_problem == {"not": [3, 0], "broken": [1, 1]}
    assert found.without_defects is not None
    assert found.without_defects.left_out == ("broken",)
    assert found.without_defects.strict.problems == 1
    assert found.syntax == pytest.approx(1 / 3)
    assert found.elaboration == pytest.approx(1 / 3)
    lost = summarise(Sources("rtllm-v2", {}, {}, wanted=4), [TASK, other], drawn, verdicts)
    assert (lost.complete, lost.short, lost.strict.missing, lost.official and lost.official.missing) == (
        False,
        1,
        1,
        4,
    )


def test_failing_tools_stop_the_evaluation_and_a_reference_that_fails_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [Candidate.of(TASK, f"answer {i}", i) for i in range(6)]
    fit = True

    def verdicts(*_: object, **__: object) -> list[TestbenchVerdict]:
        return [judged(c, Outcome.PASSED, Outcome.TOOL_ERROR, fit) for c in drawn]

    monkeypatch.setattr(benched, "verify_testbench", verdicts)
    with pytest.raises(ToolError, match="6 of 6 verdicts are tool errors"):
        list(by_testbench(drawn, [TASK], VerifyConfig()))
    fit = False
    assert len(list(by_testbench(drawn, [TASK], VerifyConfig()))) == 6


def test_eval_of_recorded_completions_writes_a_line_a_row_and_a_result(data: Path, tmp_path: Path) -> None:
    with gzip.open(data / "rtlfixer" / "gpt35_machine.jsonl.gz", "rt", encoding="utf-8") as file:
        recorded = [row for row in map(json.loads, file) if row["task_id"] in ("vector3", "always_if2", "kmap3")][::6]
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({k: r[k] for k in ("task_id", "completion")}) + "\n" for r in recorded))
    command = ["eval", "verilogeval-v1-machine", "--candidates", str(rows), "--data", str(data), "--out"]
    ran = CliRunner().invoke(app, [*command, str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    lines = [json.loads(line) for line in (tmp_path / "out" / "rows.jsonl").read_text().splitlines()]
    assert [line["task_id"] for line in lines] == [r["task_id"] for r in recorded]
    assert [line["official"] == "passed" for line in lines] == [r["passed"] for r in recorded]
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["rows"] == len(recorded)
    assert not result["complete"]
    assert result["official"]["problems"] == 143
    assert "iverilog" in result["tools"]


def test_a_published_suite_needs_its_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ITERTL_DATA", raising=False)
    (tmp_path / "rows.jsonl").write_text("")
    command = ["eval", "rtllm-v2", "--candidates", str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / "out")]
    ran = CliRunner().invoke(app, command)
    assert "ITERTL_DATA" in f"{ran.output} {ran.exception}"
    ran = CliRunner().invoke(app, [*command, "--data", str(tmp_path)])
    assert "does not exist" in f"{ran.output} {ran.exception}"


def test_a_run_measures_a_published_suite_by_its_testbench(data: Path, tmp_path: Path) -> None:
    from itertl.evaluation.judging import CANDIDATES
    from itertl.loop import evaluate

    config = parse_config({"evaluation": {"suites": ["rtllm-v2"], "data": str(data)}})
    tasks = [t for t in load_suite("rtllm-v2", config) if t.id in ("adder_8bit", "edge_detect", "ring_counter")]
    drawn = [dataclasses.replace(Candidate.of(t, t.reference, 0), policy="p") for t in tasks]
    with open_run(config, tmp_path) as store:
        path = tmp_path / CANDIDATES.at("iter_01/rtllm-v2").name
        path.parent.mkdir(parents=True)
        write_rows(path, drawn)
        result = evaluate("rtllm-v2", tasks, tmp_path / "policy", 1, config, store)
    assert result.per_problem == {"adder_8bit": [1, 1], "edge_detect": [1, 1], "ring_counter": [0, 0]}
    assert result.missing == 1
