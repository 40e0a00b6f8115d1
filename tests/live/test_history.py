"""What events tell of a run: attempts, finished stages with what their jobs did, and what is under way."""

from tests.live.living import NOW, attempt, end, job, start

from itertl.live.history import Done, Finished, History


def test_a_finished_stage_has_the_job_that_ended_in_it() -> None:
    history = History.of(
        [
            attempt(NOW),
            start(NOW, "iter_01/verdicts.jsonl", done=0),
            start(NOW, "iter_01/candidates.jsonl", done=0),
            job(NOW + 9, "samples", 40, 9.0, 900),
            end(NOW + 9, "iter_01/candidates.jsonl", 8.0),
            job(NOW + 12, "verdicts", 30, 12.0),
            end(NOW + 12, "iter_01/verdicts.jsonl", 3.0),
            start(NOW + 12, "iter_01/groups.jsonl"),
            end(NOW + 13, "iter_01/groups.jsonl", 1.0),
        ]
    )
    assert history.finished == [
        Finished("iter_01/candidates.jsonl", 8.0, Done("samples", 40, 900, 9.0), whole=True),
        Finished("iter_01/verdicts.jsonl", 3.0, Done("verdicts", 30, 0, 12.0), whole=True),
        Finished("iter_01/groups.jsonl", 1.0, None, whole=True),
    ]
    assert history.running == {}
    assert (history.started, history.last) == (NOW, NOW + 13)


def test_what_a_killed_attempt_has_begun_is_not_whole_when_it_ends() -> None:
    events = [attempt(NOW), start(NOW, "iter_01/policy"), attempt(NOW + 50)]
    assert History.of(events).running == {}
    history = History.of([*events, start(NOW + 51, "iter_01/policy"), end(NOW + 60, "iter_01/policy", 9.0)])
    assert [(f.stage, f.whole) for f in history.finished] == [("iter_01/policy", False)]
    assert history.started == NOW + 50


def test_rows_that_an_earlier_call_has_left_are_not_whole_either() -> None:
    history = History.of([start(NOW, "a.jsonl", done=5), end(NOW + 2, "a.jsonl", 2.0)])
    assert not history.finished[0].whole


def test_the_end_of_an_attempt_is_told_until_the_next_one_begins() -> None:
    history = History.of([attempt(NOW), start(NOW, "b"), {"event": "run_end", "how": "failed", "message": "no tool"}])
    assert (history.end, history.message, history.running) == ("failed", "no tool", {})
    history.hear(attempt(NOW + 9))
    assert (history.end, history.message) == ("", "")


def test_odd_events_do_no_harm() -> None:
    history = History.of([{}, {"event": "stage_end"}, {"event": "job_end", "units": "x"}, {"time": "noon"}])
    assert history.finished == []
    assert history.last is None


def test_stages_beside_one_another_have_their_own_jobs() -> None:
    aside = {"beside": True}
    history = History.of(
        [
            attempt(NOW),
            start(NOW, "iter_00/dev/candidates.jsonl", done=0) | aside,
            start(NOW, "iter_01/candidates.jsonl", done=0),
            job(NOW + 9, "samples", 40, 9.0, 900) | aside,
            job(NOW + 9, "samples", 400, 9.0, 9000),
            end(NOW + 9, "iter_00/dev/candidates.jsonl", 8.0) | aside,
            end(NOW + 9, "iter_01/candidates.jsonl", 8.0),
        ]
    )
    assert [(f.stage, f.done and f.done.units) for f in history.finished] == [
        ("iter_00/dev/candidates.jsonl", 40),
        ("iter_01/candidates.jsonl", 400),
    ]
