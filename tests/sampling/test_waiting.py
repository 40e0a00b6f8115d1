"""Servers that still load their model are waited for, and told of; those that never come up are not."""

import threading
import time
from collections.abc import Iterator

import pytest
from tests.sampling.fake_server import FakeServer

from itertl import progress
from itertl.errors import ServerError
from itertl.progress import Job
from itertl.sampling import waiting
from itertl.sampling.client import Client
from itertl.sampling.waiting import await_servers


class Heard:
    """What is told of waits."""

    def __init__(self) -> None:
        self.waits: list[str] = []

    def began(self, job: Job) -> None:
        self.waits.append(job.description)

    def told(self, job: Job) -> None:
        pass

    ended = told


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    monkeypatch.setattr(waiting, "PAUSE", 0.02)
    with progress.listening(listener := Heard()):
        yield listener


def wait_for(*urls: str, seconds: float = 20.0) -> list[str]:
    """Return the servers that are left when the wait is over."""
    with Client(urls, concurrency=1, deadline=5.0) as client:
        await_servers(client, seconds)
        return client.urls


def test_each_kind_of_loading_is_waited_for_and_told(heard: Heard) -> None:
    faults = ("503", "503", "502", "empty", "empty", "")
    with FakeServer(len, listing=lambda number: faults[min(number, 5)]) as server:
        assert wait_for(server.url) == [server.url]
        assert server.looks == len(faults)
    said = [wait.removeprefix(f"waiting for {server.url}: ") for wait in heard.waits]
    assert [reason.partition(": ")[0] for reason in said] == ["HTTP 503", "HTTP 502", waiting.NO_MODEL]


def test_a_server_that_comes_up_later_is_found(heard: Heard) -> None:
    with FakeServer(len) as before:
        port = before.http.server_address[1]
    found: list[list[str]] = []
    waits = threading.Thread(target=lambda: found.append(wait_for(before.url)))
    waits.start()
    while not heard.waits:
        time.sleep(0.01)
    with FakeServer(len, port=port):
        waits.join()
    assert heard.waits == [f"waiting for {before.url}: connection refused"]
    assert found == [[before.url]]


def test_the_wait_ends_with_what_was_found_last(heard: Heard) -> None:
    with (
        FakeServer(len, listing=lambda number: "503") as server,
        pytest.raises(ServerError, match=rf"waited 0\.1 s for {server.url}: HTTP 503: .*Loading model.*; start the"),
    ):
        wait_for(server.url, seconds=0.1)


def test_what_cannot_come_up_is_refused_at_once(heard: Heard) -> None:
    with pytest.raises(ServerError, match=r"no-such-host\.invalid.*start the server, or correct its address"):
        wait_for("http://no-such-host.invalid:8000")
    with FakeServer(len, listing=lambda number: "404") as server:
        assert wait_for(server.url) == [server.url]  # there, whatever it answers
    assert heard.waits == []


def test_none_is_waited_for_beside_one_that_answers(heard: Heard) -> None:
    with FakeServer(len) as away:
        pass
    with FakeServer(len) as server:
        assert wait_for(away.url, server.url) == [server.url]
    assert heard.waits == []


def test_an_interrupt_ends_the_wait(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("itertl.sampling.waiting.time.sleep", interrupt)
    with FakeServer(len, listing=lambda number: "503") as server, pytest.raises(KeyboardInterrupt):
        wait_for(server.url)
