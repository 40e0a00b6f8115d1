"""The store survives what disks, other processes and damage do to it, and stays within its bound."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from itertl.disk import store as store_module
from itertl.disk.store import Store

WRITER = """
import sys
from pathlib import Path
from itertl.disk.store import Store
store = Store(Path(sys.argv[1]), 64)
for number in range(int(sys.argv[3])):
    store.put({f"{sys.argv[2]} {number} {part}": sys.argv[2] * 200 for part in range(10)})
    print(number, flush=True)
store.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "verdicts.sqlite"


def writer(path: Path, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_texts_come_back_in_another_process(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(path, 1)
    store.put({"a": "one", "b": "two\nlines, and \u00e9"})
    store.put({"a": "another"})
    store.close()
    again = Store(path, 1)
    assert (again.get("a"), again.get("b"), again.get("c")) == ("another", "two\nlines, and \u00e9", None)
    assert not caplog.records


def test_parallel_writers_lose_nothing(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    writers = [writer(path, name, 20) for name in "wxyz"]
    assert [w.communicate()[1] or w.returncode for w in writers] == [0] * 4
    store = Store(path, 64)
    keys = [f"{name} {number} {part}" for name in "wxyz" for number in range(20) for part in range(10)]
    assert all(store.get(key) == key[0] * 200 for key in keys)
    assert not caplog.records


def test_a_killed_writer_leaves_whole_texts_and_no_lock(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in "abc":
        with writer(path, name, 100_000) as process:
            assert process.stdout is not None
            written = [int(process.stdout.readline()) for _ in range(5)]
            os.kill(process.pid, signal.SIGKILL)
            written += [int(line) for line in process.stdout if line.endswith("\n")]
        store = Store(path, 64)
        assert all(store.get(f"{name} {n} {part}") == name * 200 for n in written for part in range(10))
        store.put({"after": name})
        assert store.get("after") == name
        store.close()
    assert not caplog.records


def test_what_was_not_used_goes_first_and_the_file_stays_bounded(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    store = Store(path, 0.5)
    for number in range(3000):
        now += 10_000
        store.put({str(number): f"{number:01000d}"})
        assert store.get("0") is not None
    assert store.get("1") is None
    assert store.get("2999") is not None
    store.close()
    assert path.stat().st_size < 0.6 * (1 << 20)
    assert not caplog.records


@pytest.mark.parametrize("damage", ["no database", "zeros", "a torn page", "a changed text", "another schema"])
def test_a_damaged_file_is_set_aside(path: Path, caplog: pytest.LogCaptureFixture, damage: str) -> None:
    store = Store(path, 8)
    store.put({str(n): f"text {n} " * 50 for n in range(500)})
    store.close()
    data = path.read_bytes()
    if damage == "no database":
        path.write_bytes(b"what is this?" * 1000)
    elif damage == "zeros":
        path.write_bytes(bytes(len(data)))
    elif damage == "a torn page":
        path.write_bytes(data[:4096] + os.urandom(len(data) - 4096))
    elif damage == "a changed text":
        path.write_bytes(data.replace(b"text 77 text", b"text 78 text"))
    else:
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE texts (something INTEGER)")
        other.close()
    store = Store(path, 8)
    assert store.get("77") is None
    store.put({"77": "right"})
    assert store.get("77") == "right"
    assert len(caplog.records) == 1
    assert "set aside" in caplog.records[0].getMessage()
    assert len([p for p in path.parent.iterdir() if "damaged" in p.name and p.stat().st_size]) >= 1


def test_a_place_that_cannot_be_used_is_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "below", tmp_path):
        caplog.clear()
        store = Store(place, 8)
        for number in range(3):
            store.put({str(number): "text"})
            assert store.get(str(number)) is None
        store.close()
        assert len(caplog.records) == 1
        assert "going on without it" in caplog.records[0].getMessage()


def test_a_full_disk_leaves_what_is_there_readable(path: Path) -> None:
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom itertl.disk.store import Store\n"
        "store = Store(Path(sys.argv[1]), 64)\nstore.put({'first': 'text'})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 17, 1 << 17))\n"
        "for n in range(300): store.put({str(n): 'x' * 2000})\n"
        "print(store.get('first'), store.get('0') == 'x' * 2000, store.get('299'))\n"
    )
    run = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["text", "True", "None"]
    assert run.stderr.count("\n") == 1
    assert "only read from here on" in run.stderr


def test_another_process_that_holds_the_file_costs_patience_only(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store_module, "_WAIT", 0.1)
    store = Store(path, 8)
    store.put({"a": "one"})
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.put({"b": "two"})
    assert (store.get("a"), store.get("b")) == ("one", None)
    other.execute("COMMIT")
    other.close()
    store.put({"b": "two"})
    assert store.get("b") == "two"
    assert not caplog.records
