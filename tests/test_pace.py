"""The time left, by a simulated clock: within a factor of 1.5 of the truth from the first minute on."""

import random
from collections.abc import Iterable

import pytest

from itertl.pace import Pace

FACTOR = 1.5
SHORT = 15.0  # seconds; what is left less than that may be told wrong


class Clock:
    """A clock that jobs move on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def wrong_factors(pace: Pace, clock: Clock, units: Iterable[tuple[float, int, int, float | None]]) -> list[float]:
    """Do the units (seconds, number, tokens, work); return how wrong the time left was, from the first minute on."""
    told: list[tuple[float, float | None]] = []
    for seconds, number, tokens, work in units:
        clock.now += seconds
        pace.note(number, tokens, work)
        if pace.elapsed >= 60:
            told.append((clock.now, pace.left()))
    assert pace.left() == 0.0
    found = []
    for at, left in told:
        if (true := clock.now - at) > SHORT:
            assert left is not None
            found.append(max(left / true, true / left) if left else float("inf"))
    assert found
    return found


@pytest.mark.parametrize("seconds", [0.1, 3.0, 25.0, 70.0])
def test_a_steady_job(seconds: float) -> None:
    clock = Clock()
    jitter = random.Random(1)
    steps = [(seconds * jitter.uniform(0.7, 1.3), 1, 900, None) for _ in range(round(900 / seconds))]
    pace = Pace(len(steps), clock=clock)
    assert max(wrong_factors(pace, clock, steps)) < FACTOR
    assert pace.speed() == pytest.approx(900 / seconds, rel=0.2)


def batches(count: int) -> list[tuple[float, int, int, float]]:
    """Batches of samples in the order of their prompts' lengths: the last ones take four times as long."""
    found = []
    for i in range(count):
        length = 60 + 180 * i / (count - 1)  # of a prompt, tokens
        found.append((20 * length / 60, 60, round(60 * length / 1.5), length * 3.5))
    return found


@pytest.mark.parametrize("count", [8, 40])
def test_batches_that_grow_with_their_prompts(count: int) -> None:
    clock = Clock()
    work = sum(batch[3] for batch in batches(count))
    weighed = wrong_factors(Pace(60 * count, work, clock=clock), clock, batches(count))
    assert max(weighed) < FACTOR
    clock = Clock()
    counted = [(seconds, units, tokens, None) for seconds, units, tokens, _ in batches(count)]
    assert max(wrong_factors(Pace(60 * count, clock=clock), clock, counted)) > FACTOR, "units alone do not do"


def test_what_an_earlier_call_has_done_took_no_time() -> None:
    clock = Clock()
    pace = Pace(300, clock=clock)
    pace.found(200)
    assert pace.left() is None
    assert max(wrong_factors(pace, clock, [(5.0, 1, 0, None)] * 100)) < 1.01
    assert pace.done == 300


def test_scoring_before_the_first_step_is_part_of_the_job() -> None:
    clock = Clock()
    pace = Pace(40, 4000 * 1.0 + 40 * 400, clock=clock)
    scoring = [(4.0, 0, 100, 100.0)] * 40
    training = [(16.0, 1, 100, 400.0)] * 40
    assert max(wrong_factors(pace, clock, scoring + training)) < FACTOR


def test_a_job_that_comes_in_bursts_and_learns_its_total_late() -> None:
    clock = Clock()
    pace = Pace(None, clock=clock)
    for _ in range(10):  # designs come as they are drawn: a batch a minute, each verified in ten seconds
        clock.now += 50
        for _ in range(100):
            clock.now += 0.1
            pace.note(1)
    assert pace.left() is None
    pace.total = 1100
    left = pace.left()
    assert left is not None
    assert 10 <= left <= 70, "as they came, at the slowest"


def test_a_machine_that_slows_down_shows() -> None:
    clock = Clock()
    pace = Pace(1000, clock=clock)
    for seconds in [1.0] * 300 + [3.0] * 300:
        clock.now += seconds
        pace.note(1)
    left = pace.left()
    assert left is not None
    assert left == pytest.approx(400 * 3.0, rel=0.3)


def test_between_two_units_the_time_left_counts_down_to_nothing() -> None:
    clock = Clock()
    pace = Pace(3, clock=clock)
    clock.now += 30
    pace.note(1)
    assert pace.left() == 60
    clock.now += 20
    assert pace.left() == 40
    clock.now += 100
    assert pace.left() == 0


def test_a_million_units_leave_few_marks() -> None:
    clock = Clock()
    pace = Pace(10**6, clock=clock)
    for _ in range(100_000):
        clock.now += 0.03
        pace.note(1, tokens=7)
    assert len(pace.marks) < 2500
    assert pace.speed() == pytest.approx(7 / 0.03, rel=0.02)
    assert pace.left() == pytest.approx(0.03 * 900_000, rel=0.02)
