"""Records: content hashes, JSON that survives every text, and errors that name what is wrong."""

import dataclasses
import json
from pathlib import Path

import pytest

from itertl.disk.rows import read_rows, write_rows
from itertl.errors import DataError
from itertl.identity import digest
from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Group, Mismatch, Synthesis, SynthesisStatus, Task, Verdict, Wave, WaveRow

TASK = Task("t", "instruction", "module m;\n", "module m;\nendmodule\n", "m", tags=("a", "b"))


def test_digest_is_stable_and_tells_parts_apart() -> None:
    assert digest("ab", "c") == "601d5476e2ccfe2c"
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", "")}) == 4


@pytest.mark.parametrize("text", ["plain", "\u2028 two\nlines", "\ud800 lone surrogate", "größe\x00\x1b[0m", '"\\'])
def test_records_survive_their_file_whatever_the_text(tmp_path: Path, text: str) -> None:
    records = [
        Task(text, text, text, text, "m", tags=(text,)),
        Candidate(text, 1, 2, 3, text, text, text, "id"),
        Group(text, text, text, (text,), (0.5,), (False,), (2,)),
    ]
    for record in records:
        write_rows(tmp_path / "rows.jsonl", [record, record])
        assert [type(record).from_dict(row) for row in read_rows(tmp_path / "rows.jsonl")] == [record, record]


def test_a_verdict_keeps_its_outcome_and_refuses_others() -> None:
    verdict = Verdict("t", "c", Outcome.PASSED, 1.0)
    assert Verdict.from_dict(verdict.to_dict()) == verdict
    assert Verdict.from_dict(verdict.to_dict()).passed
    with pytest.raises(DataError, match=r"outcome is expected to be .*'passed'.*found 'fine'"):
        Verdict.from_dict(verdict.to_dict() | {"outcome": "fine"})


def test_missing_and_unknown_fields_are_named() -> None:
    with pytest.raises(DataError, match="a task cannot be read from its row: the field 'top' is missing"):
        Task.from_dict({key: value for key, value in TASK.to_dict().items() if key != "top"})
    with pytest.raises(DataError, match=r"no field 'colour'; known are \['bench', 'files', .*'top'\]; correct the row"):
        Task.from_dict(TASK.to_dict() | {"colour": "red"})


def test_the_body_is_what_follows_the_header() -> None:
    assert TASK.body == "endmodule\n"
    assert Task("t", "", "module other;", TASK.reference, "m").body == TASK.reference


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", r"rows\.jsonl:1: not valid JSON"), ("\n[1]", r"rows\.jsonl:2: expected a JSON object, found list")],
)
def test_unreadable_rows_are_named_by_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "rows.jsonl").write_text(text)
    with pytest.raises(DataError, match=message):
        list(read_rows(tmp_path / "rows.jsonl"))
    with pytest.raises(DataError, match="does not exist"):
        list(read_rows(tmp_path / "none.jsonl"))


def test_a_synthesis_has_a_status_of_the_closed_set() -> None:
    row = Synthesis("t", "c", SynthesisStatus.SYNTHESIZABLE, 3, 40, 2, 0)
    assert Synthesis.from_dict(row.to_dict()) == row
    with pytest.raises(DataError, match="synthesizable"):
        Synthesis.from_dict(row.to_dict() | {"status": "no"})


def test_records_hold_records_to_any_depth() -> None:
    first = Mismatch(3, 1, "cycle 1", "q", "01", "0x")
    verdict = Verdict("t", "c", Outcome.MISMATCH, outputs={"q": 0.5}, mismatch=first, reason=Reason.POWER_UP)
    again = Verdict.from_dict(json.loads(verdict.to_json()))
    assert again == verdict
    assert isinstance(again.mismatch, Mismatch)
    assert again.reason is Reason.POWER_UP
    task = dataclasses.replace(TASK, files=(("a.hex", "00"),))
    assert Task.from_dict(json.loads(task.to_json())) == task
    with pytest.raises(DataError, match=r"mismatch.sample is expected to be a valid integer.*found 'three'"):
        Verdict.from_dict(verdict.to_dict() | {"mismatch": first.to_dict() | {"sample": "three"}})
    with pytest.raises(DataError, match=r"no field 'mismatch.colour'"):
        Verdict.from_dict(verdict.to_dict() | {"mismatch": first.to_dict() | {"colour": "red"}})


def test_a_waveform_is_a_picture_of_a_mismatch_and_no_part_of_what_it_says() -> None:
    wave = Wave((3, 4), 1, (WaveRow("q", "got", "0 x", ((1, 0, 1),)),), 2)
    seen = Mismatch(3, 1, "cycle 1", "q", "1", "x", wave)
    verdict = Verdict("t", "c", Outcome.MISMATCH, mismatch=seen)
    again = Verdict.from_dict(json.loads(verdict.to_json()))
    assert again.mismatch is not None
    assert again.mismatch.wave == wave
    assert wave.rows[0].cells == ["0", "x"]
    assert seen == Mismatch(3, 1, "cycle 1", "q", "1", "x")
    row = verdict.to_dict()
    del row["mismatch"]["wave"]  # as earlier versions wrote it
    assert Verdict.from_dict(row) == verdict


def test_a_row_names_no_rule() -> None:
    ruled = dataclasses.replace(TASK, rule="package.module:RULE")
    assert "rule" not in ruled.to_dict()
    with pytest.raises(DataError, match="a task's row names no rule, which comes from a command line or a config"):
        Task.from_dict(TASK.to_dict() | {"rule": "package.module:RULE"})
