"""What several hold at once is started by the first of them and stopped behind the last."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from itertl.sampling.shared import Shared


def test_one_start_and_one_end_for_all_who_hold_the_same_at_once() -> None:
    told, shared = list[str](), Shared[str]()

    @contextmanager
    def start(name: str) -> Iterator[str]:
        told.append(f"start {name}")
        yield name
        told.append(f"end {name}")

    with ExitStack() as first, ExitStack() as second:
        assert first.enter_context(shared.held(["a"], lambda: start("a"))) == "a"
        assert second.enter_context(shared.held(["a"], lambda: start("again"))) == "a"
        with shared.held(["b"], lambda: start("b")):
            assert told == ["start a", "start b"]
        first.close()
        assert told[2:] == ["end b"]
    assert told[3:] == ["end a"]
    with shared.held(["a"], lambda: start("a")):
        assert told[-1] == "start a"


def test_whoever_comes_while_another_one_starts_waits_and_starts_where_that_one_could_not() -> None:
    begun, fail, shared = threading.Event(), threading.Event(), Shared[int]()
    found = list[int]()

    @contextmanager
    def broken() -> Iterator[int]:
        begun.set()
        fail.wait(600)
        raise OSError("no memory")
        yield 1

    @contextmanager
    def sound() -> Iterator[int]:
        yield 2

    def second() -> None:
        with shared.held("key", sound) as value:
            found.append(value)

    def first() -> None:
        with pytest.raises(OSError, match="no memory"), shared.held("key", broken):
            pass

    threads = [threading.Thread(target=each) for each in (first, second)]
    threads[0].start()
    begun.wait(600)
    threads[1].start()
    fail.set()
    for thread in threads:
        thread.join()
    assert found == [2]
