import pytest

from itertl.report.timing import Spent, duration, place, time_spent


def event(time: float, kind: str, stage: str = "", **more: float) -> dict[str, object]:
    return {"time": time, "event": kind, "stage": stage, **more}


def test_an_undisturbed_stage() -> None:
    events = [event(0, "stage_start", "iter_01/groups.jsonl"), event(9, "stage_end", "iter_01/groups.jsonl", seconds=5)]
    assert time_spent(events) == [Spent(1, "groups", 5)]


def test_an_attempt_that_was_cut_off_counts_up_to_the_last_event_before_the_restart() -> None:
    stage = "iter_01/policy"
    events = [
        event(0, "stage_start", stage),
        event(7, "progress"),
        event(1000, "stage_start", stage),
        event(1020, "stage_end", stage, seconds=20),
    ]
    assert time_spent(events) == [Spent(1, "policy", 27, cut_off=1)]


def test_stages_side_by_side_share_the_time_of_an_attempt_that_was_cut_off() -> None:
    events = [
        event(0, "stage_start", "iter_01/verdicts.jsonl"),
        event(0, "stage_start", "iter_01/candidates.jsonl"),
        event(10, "anything"),
    ]
    assert time_spent(events) == [Spent(1, "verdicts", 5, 1), Spent(1, "candidates", 5, 1)]


def test_parts_of_an_evaluation_are_summed() -> None:
    events = [
        event(2, "stage_end", "iter_02/dev/verdicts.jsonl", seconds=2),
        event(3, "stage_end", "iter_02/dev/evaluation.json", seconds=1),
        event(9, "stage_end", "iter_02/gym-test/candidates.jsonl", seconds=4),
    ]
    assert time_spent(events) == [Spent(2, "evaluation", 3), Spent(None, "final", 4)]


def test_odd_events_do_no_harm() -> None:
    events: list[dict[str, object]] = [
        {},
        {"event": "stage_end"},
        {"event": "stage_start", "stage": "x"},
        {"time": "now", "event": 3},
    ]
    assert [s.stage for s in time_spent(events)] == ["x"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tasks.jsonl", (None, "tasks")),
        ("iter_00/policy/", (0, "policy")),
        ("iter_12/evaluation.json", (12, "evaluation")),
        ("iter_12/dev/candidates.jsonl", (12, "evaluation")),
        ("iter_00/verilog-eval/evaluation.json", (None, "final")),
    ],
)
def test_place(path: str, expected: tuple[int | None, str]) -> None:
    assert place(path) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.04, "0 s"), (0.44, "0.4 s"), (9.97, "10 s"), (59.6, "1 min"), (200, "3 min 20 s"), (3900, "1 h 05 min")],
)
def test_duration(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected
