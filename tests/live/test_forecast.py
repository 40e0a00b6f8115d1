"""The time that is left: what finished stages took, for what is foreseen of those to come."""

import dataclasses

import pytest
from tests.live.living import NOW, attempt, end, start

from itertl.disk.pulse import Told
from itertl.live.forecast import Foreseen, Left, time_left
from itertl.live.history import History

STAGES = [
    Foreseen("iter_00/dev/candidates.jsonl", 40, "samples"),
    Foreseen("iter_01/candidates.jsonl", 400, "samples"),
    Foreseen("iter_01/policy", 10, "steps"),
    Foreseen("iter_02/candidates.jsonl", 400, "samples"),
]
FIRST = [attempt(NOW), start(NOW, STAGES[0].stage), end(NOW + 20, STAGES[0].stage, 20.0)]


def told(unit: str, rate: float, left: float | None, done: int = 3) -> Told:
    return Told(unit, unit, done, None, rate, None, 1.0, left)


def test_stages_take_what_those_of_their_kind_took_for_what_they_were_foreseen_to_make() -> None:
    assert time_left(STAGES, History.of(FIRST), (), NOW + 20) == Left(400.0, whole=False), "steps are not known yet"
    trained = [*FIRST, start(NOW + 20, "iter_01/policy"), end(NOW + 50, "iter_01/policy", 30.0)]
    assert time_left(STAGES, History.of(trained), (), NOW + 50) == Left(400.0, whole=True)


def test_a_stage_under_way_has_what_its_job_tells_else_what_is_left_of_its_time() -> None:
    history = History.of([*FIRST, start(NOW + 20, "iter_01/candidates.jsonl")])
    assert time_left(STAGES, history, [told("samples", 2.0, 90.0)], NOW + 60) == Left(290.0, whole=False)
    assert time_left(STAGES, history, (), NOW + 60) == Left(160.0 + 200.0, whole=False)
    assert time_left(STAGES, history, (), NOW + 999) == Left(200.0, whole=False)
    first = told("samples", 0.1, 3990.0, done=1)  # with the time that its workers took to start
    assert time_left(STAGES, history, [first], NOW + 30) == Left(190.0 + 200.0, whole=False)


def test_before_any_stage_of_a_kind_has_ended_its_job_tells_or_runs_beside_this_one() -> None:
    begun = History.of([attempt(NOW), start(NOW, STAGES[0].stage)])
    assert time_left(STAGES, begun, (), NOW) is None
    found = time_left(STAGES, begun, [told("samples", 4.0, 5.0)], NOW)
    assert found == Left(5.0 + 100.0 + 100.0, whole=False)
    foretold = [Foreseen("iter_01/policy", 10, "steps", 70.0)]
    assert time_left(foretold, begun, (), NOW) == Left(70.0, whole=True)


def test_what_an_interrupted_attempt_did_is_no_measure() -> None:
    broken = [attempt(NOW), start(NOW, STAGES[0].stage, done=39), end(NOW + 1, STAGES[0].stage, 1.0)]
    assert time_left(STAGES, History.of(broken), (), NOW) is None


def test_rows_of_foreseen_stages_are_read_as_far_as_they_can_be() -> None:
    assert Foreseen.of({"stage": "a/b.jsonl", "amount": 3, "unit": "samples", "seconds": None}).kind == "b"
    assert Foreseen.of({"amount": "many", "seconds": "x"}) == Foreseen("")
    assert time_left([], History(), (), 0.0) is None


@pytest.mark.parametrize("amount", [0, None])
def test_a_stage_that_makes_nothing_counts_by_the_mean_of_its_kind(amount: int | None) -> None:
    stages = [Foreseen("iter_00/groups.jsonl", amount), Foreseen("iter_01/groups.jsonl", None)]
    history = History.of([start(NOW, stages[0].stage), end(NOW, stages[0].stage, 3.0)])
    assert time_left(stages, history, (), NOW) == Left(3.0, whole=True)


def test_of_two_sides_at_once_the_longer_one_counts_and_each_has_its_own_job() -> None:
    dev = Foreseen("iter_01/dev/candidates.jsonl", 40, "samples", beside=1)
    drawn = Foreseen("iter_02/candidates.jsonl", 400, "samples", beside=-1)
    begun = History.of([attempt(NOW), start(NOW, dev.stage), start(NOW, drawn.stage)])
    jobs = [told("samples", 1.0, 100.0), dataclasses.replace(told("samples", 1.0, 7.0), aside=True)]
    assert time_left([dev, drawn], begun, jobs, NOW) == Left(100.0, whole=True)
    assert time_left([dev], begun, jobs, NOW) == Left(7.0, whole=True)
    row = {"stage": "b.jsonl", "beside": -1}
    assert Foreseen.of(row).beside == -1
