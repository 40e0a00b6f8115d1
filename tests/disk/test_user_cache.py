"""The user's cache: where it lies, and folders in it that are made once, whole, whoever else wants them."""

import threading
import time
from pathlib import Path

import pytest

from itertl.disk.user_cache import cached_model, made_once, user_cache
from itertl.errors import ConfigError


@pytest.mark.parametrize(
    ("moved", "xdg", "expected"),
    [
        (None, "/xdg", "/xdg/itertl"),
        (None, None, "/home/me/.cache/itertl"),
        ("/elsewhere", "/xdg", "/elsewhere"),
        ("off", "/xdg", "/xdg/itertl"),  # which is said of verdicts
        ("", None, "/home/me/.cache/itertl"),
    ],
)
def test_place(moved: str | None, xdg: str | None, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in (("ITERTL_CACHE", moved), ("XDG_CACHE_HOME", xdg)):
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    assert user_cache() == Path(expected)
    assert cached_model("smollm2") == Path(expected) / "models" / "smollm2"


def test_without_a_home_models_have_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ITERTL_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    with pytest.raises(ConfigError, match="set ITERTL_CACHE to a folder"):
        cached_model("smollm2")


def test_a_folder_is_made_once_by_all_that_want_it(tmp_path: Path) -> None:
    calls = []

    def fill(partial: Path) -> None:
        calls.append(partial)
        (partial / "first").touch()
        time.sleep(0.2)
        (partial / "second").touch()

    found: list[list[str]] = []

    def want() -> None:
        folder = made_once(tmp_path / "models" / "one", fill)
        found.append(sorted(path.name for path in folder.iterdir()))

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["first", "second"]] * 4
    assert len(calls) == 1


def test_a_part_is_left_neither_by_a_failure_nor_by_a_killed_process(tmp_path: Path) -> None:
    folder, torn = tmp_path / "one", tmp_path / "one.partial"
    torn.mkdir()
    (torn / "half").touch()  # as a killed process leaves it

    def fail(partial: Path) -> None:
        (partial / "begun").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_once(folder, fail)
    assert not folder.exists()
    assert not torn.exists()
    torn.mkdir()
    (torn / "half").touch()
    made_once(folder, lambda partial: (partial / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]
