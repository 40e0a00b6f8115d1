"""Progress outside a terminal: a line now and then, with the time left where the total is known."""

import io

import pytest
from rich.console import Console

from itertl import progress


@pytest.mark.parametrize(("total", "expected"), [(4, "working: 2/4, about "), (None, "working: 2\n")])
def test_lines_tell_the_count_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, total: int | None, expected: str
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=written, width=100))
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    with progress.progress("working", total) as advance:
        advance(2)
    assert written.getvalue().startswith(expected)


def test_a_terminal_gets_one_display_for_nested_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=written, width=120, force_terminal=True))
    with progress.progress("sampling", 3) as outer, progress.progress("verifying", None) as inner:
        outer(1)
        inner(1)
        assert len(progress._display) == 1
        assert [task.description for task in progress._display[0].tasks] == ["sampling", "verifying"]
    assert progress._display == []
