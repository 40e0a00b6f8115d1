"""An output file belongs to one process at a time and to the inputs that it was begun with."""

import json
from pathlib import Path

import pytest

from itertl.disk.claim import claim
from itertl.errors import RunDirectoryError, UsageError


def test_the_same_inputs_continue_and_others_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "new" / "rows.jsonl"
    with claim(out, {"rows": 3}):
        out.with_name("rows.jsonl.partial").write_text("")
    assert json.loads(out.with_name("rows.jsonl.job").read_text()) == {"rows": 3}
    with claim(out, {"rows": 3}):
        pass
    with pytest.raises(UsageError, match="rows: 3 -> 4"), claim(out, {"rows": 4}):
        pytest.fail("claimed for other inputs")
    out.with_name("rows.jsonl.partial").unlink()
    with claim(out, {"rows": 4}):
        pass


def test_a_file_of_unknown_origin_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    out.write_text("mine\n")
    with pytest.raises(UsageError, match="says what from"), claim(out, {"rows": 3}):
        pytest.fail("claimed")
    assert out.read_text() == "mine\n"


def test_two_at_a_time_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    with claim(out, {}), pytest.raises(RunDirectoryError, match="another process is writing"), claim(out, {}):
        pytest.fail("claimed twice")
