"""What is drawn: nothing that can be typed is cut at any width, and the time before "left" is what is left."""

import dataclasses
import io
from pathlib import Path

import pytest
from rich.console import Console
from tests.live.living import NOW, write_living

from itertl.live.forecast import Left
from itertl.live.picture import KILLED, Look, Picture
from itertl.live.screen import headline, line, plain, render


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    return Look(write_living(tmp_path / "run"), lambda: NOW + 83)()


def drawn(picture: Picture, width: int = 80) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(render(picture))
    return file.getvalue()


def test_the_picture_of_a_run_under_way(picture: Picture) -> None:
    text = drawn(picture)
    assert text.splitlines()[0] == "small: running for 1 min 23 s, 4 of 9 stages, at least 3 min 50 s left"
    assert "sampling, iteration 1" in text
    assert "100/400 samples, 2.0 samples/s, 180 tokens/s, about 2 min 30 s left" in " ".join(text.split())
    assert "pass@1 on dev  0: 0.250" in text
    assert "last 4 verdicts of iter_01  passed 75%, mismatch 25%" in text


@pytest.mark.parametrize("width", [40, 60, 80])
def test_nothing_is_cut_at_any_width(picture: Picture, width: int) -> None:
    text = drawn(picture, width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    assert "2 min 30 s left" in " ".join(text.split())


def test_scores_have_their_changes(picture: Picture) -> None:
    text = drawn(dataclasses.replace(picture, scores={0: 0.25, 1: 0.4, 2: 0.375}))
    assert "pass@1 on dev  0: 0.250  1: 0.400 (+0.150)  2: 0.375 (-0.025)" in text


def test_lines_of_finished_stages(picture: Picture) -> None:
    lines = [" ".join(line(picture, finished).plain.split()) for finished in picture.finished]
    assert lines == [
        "tasks 2 s",
        "iter_00/dev/candidates 40 samples in 20 s, 400 tokens/s",
        "iter_00/dev/verdicts 32 verdicts in 30 s, 1.1 verdicts/s",
        "iter_00/dev/evaluation pass@1 on dev 0.250",
    ]


def test_plain_lines_tell_the_same(picture: Picture) -> None:
    assert plain(picture) == [
        "sampling, iteration 1: 100/400, 2.0 samples/s, 180 tokens/s, 50 s so far, about 2 min 30 s left",
        "small: running for 1 min 23 s, 4 of 9 stages, at least 3 min 50 s left",
    ]


def test_ends_say_what_to_do(picture: Picture) -> None:
    def said(**more: object) -> str:
        return headline(dataclasses.replace(picture, **more)).plain  # type: ignore[arg-type]

    assert said(state="ended", complete=True) == "small: complete"
    assert said(state="failed").endswith("the same command continues it")
    assert "was killed" in said(state=KILLED)
    assert "no process works there" in said(state="unknown")
    assert said(left=Left(7300, True)).endswith("about 2 h 01 min left")
    assert "left" not in said(left=None)
