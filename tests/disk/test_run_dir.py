"""The run directory: lock, config, environment, stages and `until`."""

import contextlib
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.disk.test_artefacts import Row

from itertl.config import Config, parse_config
from itertl.disk.artefacts import Folder, Rows, Value
from itertl.disk.run_dir import StageReached, open_run, read_config
from itertl.errors import ConfigError, RunDirectoryError

ROWS, VALUE, FOLDER = Rows("rows.jsonl", Row), Value("sum.json", Row), Folder("policy")


def numbers(limit: int, *, done: list[Row]) -> Iterator[Row]:
    yield from (Row(n) for n in range(len(done), limit))


def total(rows: list[Row]) -> Row:
    return Row(sum(row.number for row in rows))


def fill(*, out: Path) -> None:
    (out / "weights").write_text("w", encoding="utf-8")


def events(root: Path) -> list[tuple[str, str]]:
    lines = (root / "events.jsonl").read_text().splitlines()
    return [(row["event"], row.get("stage", "")) for row in map(json.loads, lines)]


def test_stages_are_computed_once_and_found_again(tmp_path: Path) -> None:
    for _ in range(2):
        with open_run(Config(), tmp_path) as store:
            rows = store.stage(ROWS.at("iter_01"), numbers, 4)
            assert store.stage(VALUE, total, rows).number == 6
            assert (store.stage(FOLDER, fill) / "weights").read_text() == "w"
    assert [stage for event, stage in events(tmp_path) if event == "stage_start"] == [
        "sum.json",
        "iter_01/rows.jsonl",
        "policy",
    ]
    assert [stage for event, stage in events(tmp_path) if event == "stage_end"] == [
        "iter_01/rows.jsonl",
        "sum.json",
        "policy",
    ]
    assert json.loads((tmp_path / "env.json").read_text())["packages"]["pyslang"]


def test_what_failed_before_anything_came_out_binds_nobody(tmp_path: Path) -> None:
    def fail(*, done: list[Row]) -> Iterator[Row]:
        raise RunDirectoryError("no such model")

    wrong = parse_config({"policy": {"path": "mistyped"}})
    with pytest.raises(RunDirectoryError, match="no such model"), open_run(wrong, tmp_path) as store:
        store.stage(ROWS, fail).drain()
    assert (tmp_path / "rows.jsonl.partial").exists()
    with open_run(Config(), tmp_path) as store:
        assert len(list(store.stage(ROWS, numbers, 2))) == 2
    assert read_config(tmp_path) == Config()
    with pytest.raises(ConfigError, match="another config"), open_run(wrong, tmp_path):
        pass


def test_a_changed_config_is_refused_with_its_differences(tmp_path: Path) -> None:
    with open_run(Config(), tmp_path) as store:
        store.stage(ROWS, numbers, 1).drain()
    before = (tmp_path / "config.yaml").read_text()
    with (
        pytest.raises(ConfigError, match=r"sampling\.candidates: 6 -> 3"),
        open_run(parse_config({"sampling": {"candidates": 3}}), tmp_path),
    ):
        pass
    assert (tmp_path / "config.yaml").read_text() == before


def test_where_and_how_fast_work_is_done_may_change(tmp_path: Path) -> None:
    served = {"server": {"urls": ["http://a"], "model": "m"}}
    moved = {"server": {"urls": ["http://b"], "model": "m"}, "verify": {"workers": 7}}
    moved["training"] = {"processes": 8, "nodes": {"count": 2, "replicate": False}}
    with open_run(parse_config(served), tmp_path) as store:
        store.stage(ROWS, numbers, 1).drain()
    with open_run(parse_config(moved), tmp_path):
        pass
    assert "verify.workers: 0 -> 7" in (tmp_path / "log.txt").read_text()
    assert parse_config(moved) == read_config(tmp_path)
    with pytest.raises(ConfigError, match=r"server\.urls"), open_run(Config(), tmp_path):
        pass


def test_two_runs_cannot_share_a_directory(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from itertl import Config, open_run\n"
        "from itertl.errors import RunDirectoryError\n"
        f"try:\n    open_run(Config(), Path({str(tmp_path)!r})).__enter__()\n"
        "except RunDirectoryError as error:\n    print(error)"
    )
    with open_run(Config(), tmp_path):
        found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "another process is working in" in found.stdout


def test_a_changed_environment_is_recorded_not_hidden(tmp_path: Path) -> None:
    with open_run(Config(), tmp_path):
        pass
    environment = json.loads((tmp_path / "env.json").read_text())
    (tmp_path / "env.json").write_text(json.dumps(environment | {"python": "2.7"}))
    with open_run(Config(), tmp_path):
        pass
    assert "environment_changed" in [event for event, _ in events(tmp_path)]
    assert "environment differs" in (tmp_path / "log.txt").read_text()


@pytest.mark.parametrize("until", ["iter_01/rows", "rows"])
def test_until_stops_after_the_stage_is_complete(tmp_path: Path, until: str) -> None:
    with open_run(Config(), tmp_path, until) as store, pytest.raises(StageReached, match="iter_01/rows"):
        store.stage(ROWS.at("iter_01"), numbers, 4)
    assert (tmp_path / "iter_01" / "rows.jsonl").exists()


def test_time_spent_in_a_consumed_stage_is_not_counted_twice(tmp_path: Path) -> None:
    import time

    def slow(*, done: list[Row]) -> Iterator[Row]:
        time.sleep(0.2)
        yield Row(1)

    def consume(rows: list[Row], *, done: list[Row]) -> Iterator[Row]:
        yield from rows

    with open_run(Config(), tmp_path) as store:
        store.stage(Rows("b.jsonl", Row), consume, store.stage(Rows("a.jsonl", Row), slow)).drain()
    ended = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    seconds = {row["stage"]: row["seconds"] for row in ended if row["event"] == "stage_end"}
    assert seconds["a.jsonl"] >= 0.2
    assert seconds["b.jsonl"] < seconds["a.jsonl"]


def test_a_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises((RunDirectoryError, NotADirectoryError)), open_run(Config(), tmp_path / "file" / "run"):
        pass


def test_warnings_are_kept_among_the_events_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_run(Config(), tmp_path):
        logging.getLogger("itertl").warning("half of %s is lost", "[it]")
        logging.getLogger("itertl").info("nothing of note")
    rows = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [row["message"] for row in rows if row["event"] == "warning"] == ["half of [it] is lost"]
    assert "warning: half of [it] is lost" in capsys.readouterr().err
    assert "half of [it] is lost" in (tmp_path / "log.txt").read_text()
    logging.getLogger("itertl").warning("after the run")
    assert "after the run" not in (tmp_path / "events.jsonl").read_text()


def test_events_tell_how_an_attempt_ended(tmp_path: Path) -> None:
    def attempt(error: BaseException | None) -> dict[str, str]:
        with contextlib.suppress(BaseException), open_run(Config(), tmp_path):
            assert (tmp_path / "pulse.json").exists()
            if error is not None:
                raise error
        assert not (tmp_path / "pulse.json").exists()
        row: dict[str, str] = json.loads((tmp_path / "events.jsonl").read_text().splitlines()[-1])
        assert row["event"] == "run_end"
        return row

    assert attempt(None)["how"] == "ended"
    assert attempt(KeyboardInterrupt())["how"] == "interrupted"
    assert attempt(StageReached("iter_01/rows.jsonl"))["how"] == "stopped"
    assert (attempt(ConfigError("no"))["how"], attempt(ConfigError("no"))["message"]) == ("failed", "no")


def test_a_line_that_a_killed_process_has_torn_damages_no_other(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"event": "stage_st')
    with open_run(Config(), tmp_path):
        pass
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines[1:]] == ["run_start", "run_end"]


def test_an_artefact_is_there_when_its_end_is_told(tmp_path: Path) -> None:
    def there(stage: str) -> bool:
        return (tmp_path / stage).exists()

    with open_run(Config(), tmp_path) as store:
        seen: list[bool] = []
        store.listeners.append(lambda event: seen.append(event["event"] != "stage_end" or there(event["stage"])))
        store.stage(VALUE, total, store.stage(ROWS, numbers, 2))
        store.stage(FOLDER, fill)
    assert all(seen)
    assert len(seen) == 7, "three begins, three ends, and that of the run"


def test_listeners_hear_of_events(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    with open_run(Config(), tmp_path) as store:
        store.listeners.append(heard.append)
        store.event("odd", number=3)
    assert [(row["event"], row.get("number")) for row in heard] == [("odd", 3), ("run_end", None)]
