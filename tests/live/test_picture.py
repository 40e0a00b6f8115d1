"""A picture out of a run's files: while it runs, after its end, after kill -9, of an empty folder, of damaged files."""

import dataclasses
from collections import Counter
from pathlib import Path

import pytest
from tests.live.living import NOW, end, start, this_process, write_events, write_living, write_pulse, write_score
from tests.report.synthetic_run import write_run

from itertl.errors import UsageError
from itertl.live.picture import KILLED, RUNNING, UNKNOWN, Look


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_living(tmp_path / "run")


def test_a_run_under_way(root: Path) -> None:
    picture = Look(root, lambda: NOW + 83)()
    assert (picture.name, picture.state, picture.elapsed) == ("small", RUNNING, 83.0)
    assert picture.under_way == ("iter_01/verdicts.jsonl", "iter_01/candidates.jsonl")
    assert picture.stages == (4, 9)
    assert [job.description for job in picture.jobs] == ["sampling, iteration 1"]
    assert picture.scores == {0: 0.25}
    assert (picture.judged, picture.outcomes) == ("iter_01", Counter(passed=3, mismatch=1)), "half a line is no verdict"
    assert picture.left is not None
    assert picture.left.seconds == pytest.approx(150 + (100 - 50) + 20 + 10), "sampling, verdicts, and dev once more"
    assert not picture.left.whole, "no step has been taken yet"


def test_a_second_look_reads_what_is_new(root: Path) -> None:
    look = Look(root, lambda: NOW + 83)
    before = look()
    write_events(root, start(NOW + 90, "iter_01/dev/evaluation.json"), end(NOW + 91, "iter_01/dev/evaluation.json", 1))
    write_score(root, 1, 0.4)
    after = look()
    assert len(after.finished) == len(before.finished) + 1
    assert after.score_of("iter_01/dev/evaluation.json") == (0.4, 0.4 - 0.25)
    assert after.score_of("iter_00/dev/evaluation.json") == (0.25, None)
    assert after.score_of("iter_01/candidates.jsonl") is None


def test_a_killed_run_says_so(root: Path) -> None:
    write_pulse(root, dataclasses.replace(this_process(), created=1.0))
    picture = Look(root, lambda: NOW + 9999)()
    assert (picture.state, picture.left, picture.jobs) == (KILLED, None, ())
    assert picture.elapsed == 33.0, "until its last sign"
    (root / "pulse.json").unlink()
    assert Look(root)().state == KILLED


def test_a_run_elsewhere_lives_as_long_as_it_beats(root: Path) -> None:
    away = dataclasses.replace(this_process(), host="elsewhere", time=NOW)
    write_pulse(root, away)
    assert Look(root, lambda: NOW + 10)().state == RUNNING
    assert Look(root, lambda: NOW + 100)().state == KILLED


@pytest.mark.parametrize("how", ["ended", "stopped", "failed", "interrupted"])
def test_an_end_is_told_as_it_was(root: Path, how: str) -> None:
    (root / "pulse.json").unlink()
    write_events(root, {"time": NOW + 40, "event": "run_end", "how": how, "message": "why"})
    picture = Look(root)()
    assert (picture.state, picture.message, picture.elapsed) == (how, "why", 40.0)


def test_a_run_of_an_earlier_version_is_shown_as_far_as_it_tells(tmp_path: Path) -> None:
    picture = Look(write_run(tmp_path / "old"))()
    assert (picture.state, picture.complete, picture.stages) == (UNKNOWN, True, (0, 0))
    assert sorted(picture.scores) == [0, 1, 2, 3, 4]


def test_folders_without_a_run_are_refused_with_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no run yet: expected the directory of an `itertl run`"):
        Look(tmp_path)
    with pytest.raises(UsageError, match="there is no"):
        Look(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        Look(tmp_path / "file")
    write_living(tmp_path / "inner")
    with pytest.raises(UsageError, match=r"but .*inner does: watch one of these"):
        Look(tmp_path)


def test_damaged_files_do_no_harm(root: Path) -> None:
    for name in ("events.jsonl", "foreseen.jsonl", "iter_00/dev/evaluation.json"):
        path = root / name
        path.write_bytes(b"\xff{]\n" + path.read_bytes()[:-3])
    (root / "pulse.json").write_text('{"time": ')
    (root / "config.yaml").write_text("a: [")
    picture = Look(root)()
    assert picture.name == "run"
    assert picture.scores == {}
