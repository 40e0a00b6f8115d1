"""The pump: what is asked once, what travels together, in which order answers come, how far it pulls ahead."""

from collections.abc import Iterator
from typing import Self

import pytest

from itertl.disk.index import Index
from itertl.errors import DataError
from itertl.outcome import Outcome
from itertl.records import Candidate, Submission, Task, Verdict
from itertl.verify.judged import Judged
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.stream import Desk, Key, answered, name_of, submissions, task_of
from itertl.verify.workers.worker import Job

TASKS = {name: Task(name, "", "", "", "top") for name in "ab"}


class Echo:
    """A pool that answers its last job first, and only when somebody waits."""

    def __init__(self, room: int = 0) -> None:
        self.room = room
        self.jobs: list[Job] = []
        self.left: list[Job] = []

    def submit(self, job: Job) -> None:
        """Keep a job."""
        self.jobs.append(job)
        self.left.append(job)

    def collect(self, wait: float | None) -> list[Judged[Verdict]]:
        """Answer the newest job that is left."""
        if wait is not None or not self.left:
            return []
        job = self.left.pop()
        return [Judged(Verdict(job.task.id, name, Outcome.PASSED, detail=text)) for name, text in job.designs]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        """End nothing."""


def desk_of(pool: Echo, size: int = 2, settings: VerifySettings = VerifySettings()) -> Desk[Verdict]:  # noqa: B008
    """Build a desk without a cache."""
    return Desk(pool, settings, size)


def test_questions_of_one_task_travel_together_and_equal_ones_once() -> None:
    pool = Echo()
    desk = desk_of(pool)
    for task, name in (("a", "1"), ("a", "2"), ("a", "1"), ("a", "3"), ("b", "1")):
        assert desk.ask(TASKS[task], name, f"code {name}") == (task, name)
    assert [(job.task.id, [name for name, _ in job.designs]) for job in pool.jobs] == [("a", ["1", "2"]), ("a", ["3"])]
    desk.flush()
    desk.flush()
    assert len(pool.jobs) == 3
    while len(desk.answers) < 4:
        desk.collect(None)
    desk.ask(TASKS["b"], "1", "code 1")
    desk.flush()
    assert len(pool.jobs) == 3
    assert desk.answers["b", "1"].verdict.detail == "code 1"


@pytest.mark.parametrize(("room", "in_flight"), [(0, 4), (4, 2), (3, 4)])
def test_answers_come_in_the_order_of_the_questions_and_no_more_are_pulled_than_asked(
    room: int, in_flight: int
) -> None:
    pool = Echo(room)
    desk = desk_of(pool, settings=VerifySettings(in_flight=in_flight))
    pulled: list[str] = []

    def source() -> Iterator[str]:
        for name in "abcdefgh":
            pulled.append(name)
            yield name

    def ask(name: str) -> tuple[Key, ...]:
        if name == "c":
            return (desk.settle(Verdict("a", name, Outcome.EMPTY)),)
        return (desk.ask(TASKS["a"], name, name),)

    stream = answered(source(), desk, ask, lambda name: desk.answers.pop(("a", name)).verdict)
    assert not pulled
    assert next(stream).code_id == "a"
    assert pulled == list("abcd")
    assert [v.code_id for v in stream] == list("bcdefgh")
    assert not desk.answers


def test_candidates_hand_in_their_designs_each_key_once() -> None:
    design = Submission("a", "1", "module m; endmodule", "text")
    candidate = Candidate("a", 1, 0, 0, "", "text", design.code, "1")
    assert candidate.submission == design
    other = Submission("a", "2", "", "")
    assert list(
        submissions([design, candidate, other], Index.of([name_of(("a", "2"))]), lambda d: (d.task_id, d.code_id))
    ) == [design]
    assert task_of(design, TASKS).id == "a"
    with pytest.raises(DataError, match="a design of task 'c', which is not among the 2 tasks given"):
        task_of(Submission("c", "1", "", ""), TASKS)
