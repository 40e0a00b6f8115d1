"""Places that a user names for what is written: one that takes no file is refused before work starts."""

import os
from pathlib import Path

import pytest

from itertl.commands.outputs import check_folder, check_output
from itertl.errors import UsageError


def test_a_file_that_can_be_written_is_taken_and_left_as_it_is(tmp_path: Path) -> None:
    held = tmp_path / "held.v"
    held.write_text("before")
    for path in (None, held, tmp_path / "new.v"):
        check_output(path)
    assert held.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["held.v"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/proc/x.v", "/proc/x.v cannot be written: /proc takes no file"),
        ("absent/x.v", "absent/x.v cannot be written: expected a file in a folder that exists"),
        (".", "it is a directory; expected a file"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused(
    path: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=message):
        check_output(Path(path))


def test_a_pipe_is_taken_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        check_output(path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (None, tmp_path, tmp_path / "a" / "b"):
        check_folder(path)
    for wrong, said in (("/proc/a/b", "/proc is no folder that can be written to"), (str(tmp_path / "file"), "a file")):
        with pytest.raises(UsageError, match=said):
            check_folder(Path(wrong))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
