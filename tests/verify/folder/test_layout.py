"""The moves of a batch in a shared folder: one taker, nothing lost with the dead, and what is damaged is named."""

import dataclasses
import time
from pathlib import Path

import pytest

from itertl.errors import DataError
from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.verify.folder.batch import awaited, batch_text, questions, read_batch, read_verdicts, verdicts_text
from itertl.verify.folder.layout import DEATHS, Place, Watch, deaths, number_of
from itertl.verify.judged import Judged, Known
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.worker import Job


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with the workers a and b and three batches."""
    made = Place(tmp_path / "folder")
    made.make()
    for worker in "ab":
        made.held(worker).mkdir()
    for number in range(3):
        made.offer(number, f"batch {number}\n")
    return made


def test_each_batch_is_taken_once(place: Place) -> None:
    taken = [place.take(worker) for worker in "abab"]
    assert sorted(number_of(path.name) for path in taken if path) == [0, 1, 2]
    assert taken[3] is None
    assert {path.parent.name for path in taken[::2] if path} == {"a"}
    assert list(place.holders()) == ["a", "b"]


def test_what_is_delivered_is_done_and_no_longer_held(place: Place) -> None:
    path = place.take("a")
    assert path is not None
    assert not place.delivered(path)
    place.deliver(path, "verdicts\n")
    assert place.delivered(path)
    assert [done.read_text() for done in place.verdicts()] == ["verdicts\n"]
    assert not list(place.held("a").iterdir())


def test_a_batch_that_is_given_back_counts_the_deaths_and_is_given_up_after_some(place: Place) -> None:
    for number in (1, 2):
        (place.todo / f"{number:013d}-0.jsonl").unlink()
    for died in range(DEATHS):
        path = place.take("a")
        assert path is not None
        assert (number_of(path.name), deaths(path.name)) == (0, died)
        assert place.give_back("a") == 1, "a worker that leaves in order does not count"
        assert place.take("a") is not None
        assert place.give_back("a", died=True) == 1
    assert place.take("a") is None
    assert [deaths(path.name) for path in place.given_up()] == [DEATHS]


def test_silence_is_death_and_a_beat_is_life(place: Place) -> None:
    assert place.take("a")
    assert place.take("b")
    watch, count = Watch(place, stale=0.3), 0
    found: dict[str, int] = {}
    end = time.monotonic() + 600
    while not found and time.monotonic() < end:
        count += 1
        place.beat("b", count)
        found = watch.give_back()
        time.sleep(0.02)
    assert found == {"a": 1}
    assert list(place.holders()) == ["b"]


def test_a_worker_that_is_back_from_the_dead_does_no_harm(place: Place) -> None:
    path = place.take("a")
    assert path is not None
    place.give_back("a", died=True)
    place.deliver(path, "late\n")
    again = next(path for path in (place.take("b") for _ in range(3)) if path and place.delivered(path))
    place.deliver(again, "again\n")
    assert [done.read_text() for done in place.verdicts()] == ["again\n"]


def test_jobs_and_answers_come_back_as_they_were(dff: Task, mux: Task, tmp_path: Path) -> None:
    known = Known("01xz\n", 0.1, 0.2, unexercised=("q[3] never moved",))
    settings = VerifySettings(cycles=60, workers=7, cache=tmp_path)
    jobs = [
        Job(dff, (("c1", "module top; endmodule\n"), ("c2", "ä\u2028")), settings),
        Job(mux, (("c3", ""),), settings, known=known),
    ]
    (tmp_path / "batch.jsonl").write_text(batch_text("terms", jobs), encoding="utf-8")
    terms, found = read_batch(tmp_path / "batch.jsonl")
    assert terms == "terms"
    assert [(job.task, job.designs, job.known) for job in found] == [(j.task, j.designs, j.known) for j in jobs]
    assert {job.settings.cycles for job in found} == {60}
    assert [questions(job) for job in found] == [questions(job) for job in jobs]
    answers = [(q, Judged(Verdict(*key, Outcome.PASSED, 1.0), learnt=known)) for q, key in awaited(jobs)]
    (tmp_path / "verdicts.jsonl").write_text(verdicts_text("a", answers), encoding="utf-8")
    assert read_verdicts(tmp_path / "verdicts.jsonl") == ("a", dict(answers))


def test_a_question_is_its_task_its_settings_and_its_design(dff: Task) -> None:
    job = Job(dff, (("c", "code"),), VerifySettings())
    others = [
        dataclasses.replace(job, task=dataclasses.replace(dff, reference="other")),
        dataclasses.replace(job, settings=VerifySettings(formal=True)),
        dataclasses.replace(job, designs=(("c", "coda"),)),
    ]
    assert len({questions(each)[0] for each in [job, *others]}) == 4
    alike = dataclasses.replace(job, settings=VerifySettings(workers=9, in_flight=7))
    assert questions(job) == questions(alike)


@pytest.mark.parametrize("text", ["", "{}\n", '{"terms": "t"}\n{"task": {}}\n', '{"terms": "t"}\n[]\n', "no json\n"])
def test_a_damaged_batch_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "batch.jsonl").write_text(text)
    with pytest.raises(DataError, match=r"batch\.jsonl"):
        read_batch(tmp_path / "batch.jsonl")
