"""Progress as it is shown: lines now and then without a terminal, one display for nested jobs in one."""

import contextlib
import io

import pytest
from rich.console import Console

from itertl import progress


class Clock:
    """A clock that tests move on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(progress, "clock", found)
    return found


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    file = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=file, width=100))
    return file


def test_lines_tell_count_speed_elapsed_time_and_time_left(clock: Clock, written: io.StringIO) -> None:
    with progress.progress("sampling", 400) as advance:
        advance.found(80)
        for _ in range(4):
            clock.now += 15
            advance(20, tokens=3000)
    lines = written.getvalue().splitlines()
    assert lines[0] == "sampling: 100/400, 200 tokens/s, 15 s so far, about 3 min 45 s left"
    assert lines[-1] == "sampling: 160/400, 200 tokens/s, 1 min 00 s so far, about 3 min 00 s left"
    assert len(lines) == 4


def test_units_with_a_name_have_a_rate(clock: Clock, written: io.StringIO) -> None:
    with progress.progress("verifying", 40, unit="verdicts") as advance:
        clock.now += 10
        advance(20)
    assert written.getvalue() == "verifying: 20/40, 2.0 verdicts/s, 10 s so far, about 10 s left\n"


def test_a_wait_is_told_at_once_and_in_seconds(clock: Clock, written: io.StringIO) -> None:
    with progress.progress("waiting for http://a: connection refused", 300, unit=progress.SECONDS) as advance:
        for passed in (0, 5, 7):
            clock.now += passed
            advance(passed)
    told = [f"waiting for http://a: connection refused, {seconds} s of 300" for seconds in (0, 12)]
    assert written.getvalue().splitlines() == told


def test_slow_units_have_their_seconds(clock: Clock, written: io.StringIO) -> None:
    assert progress.rates(0.25, "steps", None) == ["4.0 s/step"]
    assert progress.rates(1234.5, "verdicts", 20000.0) == ["1,234 verdicts/s", "20,000 tokens/s"]
    assert progress.rates(None, "steps", 3.0) == ["3 tokens/s"]
    assert progress.rates(2.0, "", None) == []


def test_who_listens_hears_of_jobs_in_place_of_lines(clock: Clock, written: io.StringIO) -> None:
    class Ear:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def began(self, job: progress.Job) -> None:
            self.heard.append(f"began {job.description}")

        def told(self, job: progress.Job) -> None:
            self.heard.append(f"{job.pace.done} of {job.pace.total}")

        def ended(self, job: progress.Job) -> None:
            self.heard.append("ended")

    ear = Ear()
    with contextlib.suppress(KeyError), progress.listening(ear), progress.progress("sampling", 4) as advance:
        clock.now += 20
        advance(2)
        raise KeyError
    assert ear.heard == ["began sampling", "2 of 4", "ended"]
    with progress.listening(), progress.progress("sampling", 4) as advance:
        clock.now += 20
        advance(2)
    assert not written.getvalue()
    with progress.progress("sampling", 4) as advance:
        clock.now += 20
        advance(2)
    assert "2/4" in written.getvalue()


def test_lines_are_ten_seconds_apart_and_a_total_may_come_later(clock: Clock, written: io.StringIO) -> None:
    with progress.progress("verifying", None) as advance:
        for _ in range(30):
            clock.now += 1
            advance(1)
        advance.expect(40)
        clock.now += 1
        advance(1)
        clock.now += 9
        advance(9)
    assert written.getvalue().splitlines() == [
        "verifying: 10, 10 s so far",
        "verifying: 20, 20 s so far",
        "verifying: 30, 30 s so far",
    ], "and none behind the last unit"


def test_a_job_without_a_display_can_be_told_of() -> None:
    with progress.silent(3, 5.0) as advance:
        advance.found(1)
        advance(2, tokens=5, work=4.0)
        assert advance.pace.done == 3


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.6, "5 s"), (59.7, "1 min 00 s"), (250, "4 min 10 s"), (7500, "2 h 05 min")]
)
def test_times_read_as_people_say_them(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


def test_a_terminal_gets_one_display_for_nested_jobs(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=written, width=120, force_terminal=True))
    with progress.progress("sampling", 3) as outer, progress.progress("verifying", None) as inner:
        clock.now += 20
        outer(1, tokens=400)
        inner(1)
        display = progress._bars.display
        assert display is not None
        assert [task.description for task in display.tasks] == ["sampling", "verifying"]
        display.refresh()
        shown = written.getvalue()
        assert "1/3" in shown
        assert "20 tokens/s, 20 s so far, about 40 s left" in shown, "elapsed and left are told apart"
    assert progress._bars.display is None
