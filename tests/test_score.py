"""Scores: parity with the published figures, the ladder, and no reward for stubs or for failures of ours."""

import json
import re
from pathlib import Path

import pytest

from itertl.config import Config
from itertl.errors import ConfigError, ToolError
from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.score import SCORES, functional, is_stub, resolve, rtlcoder, score, syntax


def judged(outcome: Outcome, agreement: float = 0.0) -> Verdict:
    """Return a verdict with this outcome."""
    return Verdict("t", "c", outcome, agreement)


def constant(task: Task, code: str, verdict: Verdict) -> float:
    """A user's score that is out of range."""
    return 2.0


def test_each_score_is_in_the_table_of_the_method_and_named_where_a_config_names_one() -> None:
    section = Path("docs/method.md").read_text().partition("## Scores")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == set(SCORES)
    assert set(re.split(r"\W+", Config.model_fields["score"].description or "")) >= set(SCORES)


def test_rtlcoder_reproduces_the_published_scores(data: Path) -> None:
    lines = (data / "rtlcoder" / "scoring_data_sample.json").read_text().splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    pairs = [
        (rtlcoder(Task("t", "", row["Input"], row["Response"][-1], ""), code, judged(Outcome.MISMATCH)), published)
        for row in rows
        for code, published in zip(row["Response"], row["Score"], strict=True)
    ]
    assert len(pairs) == 40
    assert max(abs(ours - published) for ours, published in pairs) < 1e-9


def test_the_ladder_rises(dff: Task) -> None:
    ladder = [
        judged(Outcome.EMPTY),
        judged(Outcome.SYNTAX_ERROR),
        judged(Outcome.ELABORATION_ERROR),
        judged(Outcome.TIMEOUT),
        judged(Outcome.MISMATCH, 0.5),
        judged(Outcome.MISMATCH, 0.999),
        judged(Outcome.PASSED, 1.0),
    ]
    code = dff.header + "always @(posedge clk) q <= d | rst; endmodule"
    values = [functional(dff, code, v) for v in ladder]
    assert values == sorted(values)
    assert len(set(values)) == len(values)
    assert (values[0], values[-1]) == (0.0, 1.0)
    assert functional(dff, code, judged(Outcome.REJECTED)) == 0.0


@pytest.mark.parametrize("body", ["endmodule", "// to be done: q <= d\nendmodule", "assign q = 4'b0; endmodule"])
def test_a_stub_never_reaches_one(dff: Task, body: str) -> None:
    verdict = judged(Outcome.MISMATCH, 1.0)
    assert is_stub(dff, dff.header + body)
    assert syntax(dff, dff.header + body, verdict) < 1.0
    assert functional(dff, dff.header + body, verdict) < 1.0
    assert syntax(dff, dff.header + body, judged(Outcome.PASSED, 1.0)) == 1.0


@pytest.mark.parametrize("name", SCORES)
def test_a_tool_error_never_becomes_a_score(dff: Task, name: str) -> None:
    with pytest.raises(ToolError):
        SCORES[name](dff, dff.reference, judged(Outcome.TOOL_ERROR))
    with pytest.raises(ToolError, match="unsupported"):
        SCORES[name](dff, dff.reference, judged(Outcome.UNSUPPORTED))


def test_rtlcoder_neither_reads_files_nor_expands_macros(tmp_path: Path) -> None:
    included = tmp_path / "x.v"
    included.write_text("endmodule")
    task = Task("t", "", "", "module t; endmodule", "t")
    assert rtlcoder(task, f'module t;\n`include "{included}"\nendmodule', judged(Outcome.MISMATCH)) < 1.0


def test_a_user_score_is_found_and_checked(dff: Task) -> None:
    assert resolve("itertl.score:syntax") is not None
    for name in ("nothing", "no.such.module:f", "math:pi", "math:sqrt", ".x:f"):
        with pytest.raises(ConfigError):
            resolve(name)
    with pytest.raises(ConfigError, match="number from 0 to 1"):
        score("builtins:print", dff, "", judged(Outcome.PASSED))
