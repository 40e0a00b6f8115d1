"""The picture kept up to date: lines that stay, a live part in a terminal, and following until the end."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console
from tests.live.living import NOW, end, start, write_events, write_living

from itertl.live import show
from itertl.live.picture import Look
from itertl.live.show import Show, follow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_living(tmp_path / "run")


def console(terminal: bool = False) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=100, force_terminal=terminal), file


def finish_sampling(root: Path) -> None:
    write_events(root, end(NOW + 99, "iter_01/candidates.jsonl", 60.0), start(NOW + 99, "iter_01/groups.jsonl"))


def test_lines_of_what_is_finished_from_now_on(root: Path) -> None:
    screen, file = console()
    with Show(Look(root), screen) as shown:
        shown.update()
        assert file.getvalue() == "", "what was finished before is no news"
        finish_sampling(root)
    assert file.getvalue().split() == ["iter_01/candidates", "1", "min", "00", "s"]


def test_lines_on_jobs_where_there_is_no_terminal(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "LINE_SECONDS", 0.0)
    screen, file = console()
    Show(Look(root), screen, jobs=False).update()
    assert file.getvalue() == ""
    Show(Look(root), screen).update()
    assert file.getvalue().startswith("sampling, iteration 1: 100/400, 2.0 samples/s")


def test_a_terminal_has_a_live_part_that_is_gone_at_the_end(root: Path) -> None:
    screen, file = console(terminal=True)
    with Show(Look(root), screen) as shown:
        shown.update()
        assert "100/400 samples" in file.getvalue()
        finish_sampling(root)
    text = file.getvalue()
    assert text.count("iter_01/candidates") == 1
    assert "\x1b[2K" in text[text.rfind("100/400") :], "the live part is erased"


def test_what_wraps_is_not_cut_while_a_line_is_printed_above_it(root: Path) -> None:
    rows = [{"outcome": outcome} for outcome in ("mismatch", "elaboration_error", "syntax_error", "passed")]
    (root / "iter_01" / "verdicts.jsonl.partial").write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_events(root, start(NOW + 20, "iter_01/verdicts.jsonl"))
    file = io.StringIO()
    screen = Console(file=file, width=60, force_terminal=True)
    with Show(Look(root), screen) as shown:
        shown.update()
        finish_sampling(root)
        shown.update()
    frames = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", file.getvalue()).split("last 4 verdicts")[1:]
    assert len(frames) >= 3
    assert all("elaboration_error 25%" in " ".join(frame.split()) for frame in frames), frames


@pytest.mark.parametrize("terminal", [True, False])
def test_following_ends_with_the_run(root: Path, terminal: bool) -> None:
    screen, file = console(terminal)
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            finish_sampling(root)
            write_events(root, {"time": NOW + 100, "event": "run_end", "how": "interrupted"})
            (root / "pulse.json").unlink()

    picture = follow(Look(root), screen, pause=nap)
    assert (len(naps), picture.state) == (3, "interrupted")
    text = file.getvalue()
    assert "iter_00/dev/candidates" in text, "from the beginning"
    assert "interrupted; the same command continues it" in text


def test_once_is_once(root: Path) -> None:
    screen, file = console()

    def nap(seconds: float) -> None:
        raise AssertionError("it was to look once")

    follow(Look(root), screen, once=True, pause=nap)
    assert "running for" in file.getvalue()


def test_piped_the_present_is_told_at_once(root: Path) -> None:
    screen, file = console(terminal=False)

    def stop(seconds: float) -> None:
        (job,) = (line for line in file.getvalue().splitlines() if line.startswith("sampling"))
        assert "samples" in job
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow(Look(root), screen, pause=stop)


def test_an_interrupt_leaves_the_last_picture(root: Path) -> None:
    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    screen = Console(file=io.StringIO(), width=80, force_terminal=True)
    with pytest.raises(KeyboardInterrupt):
        follow(Look(root), screen, pause=stop)
    assert isinstance(screen.file, io.StringIO)
    last = screen.file.getvalue().splitlines()
    assert last[-1] == "the run goes on"
    assert any("running for" in line for line in last[-8:-1])
