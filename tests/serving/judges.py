"""A judge that runs in this process, on a real socket, and clients of it that may behave badly."""

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import uvicorn

from itertl.outcome import Outcome
from itertl.records import Verdict
from itertl.serving.app import Judge, Rules, build
from itertl.serving.server import configured, open_socket
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.service import Question, Service

SETTINGS = VerifySettings(workers=1, cache=False, cycles=60, vectors=80)

PATIENCE = 300.0  # seconds


class Held(Service):
    """A service that answers when the test lets it: `open` lets all through, now and from then on."""

    def __init__(self) -> None:
        super().__init__(SETTINGS)
        self.lock, self.asked, self.through = threading.Lock(), list[tuple[Question, Future[Verdict]]](), False

    def ask(self, questions: Any) -> list[Future[Verdict]]:
        """Keep the questions, or answer them."""
        with self.lock:
            new = [(question, Future[Verdict]()) for question in questions]
            self.asked += new
            if self.through:
                self._answer(new)
            return [future for _, future in new]

    def open(self) -> None:
        """Answer everything."""
        with self.lock:
            self.through = True
            self._answer(self.asked)

    def _answer(self, asked: list[tuple[Question, Future[Verdict]]]) -> None:
        for (task, design), future in asked:
            if not future.done():
                future.set_result(Verdict(task.id, design.code_id, Outcome.PASSED, 1.0))


@dataclass(frozen=True)
class Answer:
    """What a server says."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


@dataclass(frozen=True)
class Running:
    """A judge behind a port of this machine."""

    judge: Judge
    port: int

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request, the body as JSON unless it is bytes already, and return the answer."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        with contextlib.closing(connection):
            connection.request(method, path, data, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())

    def verify(self, body: Any, **headers: str) -> Answer:
        """POST /verify."""
        return self.call("POST", "/verify", body, **headers)

    def raw(self, text: bytes) -> socket.socket:
        """Open a connection and send some bytes."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=600)
        connection.sendall(text)
        return connection


@contextlib.contextmanager
def running(service: Service, rules: Rules = Rules()) -> Iterator[Running]:  # noqa: B008 - frozen
    """Run a judge inside the block."""
    judge = Judge(service, rules, {"tools": {}, "sandbox": "trial"})
    with open_socket("127.0.0.1", 0) as listening:
        server = uvicorn.Server(configured(build(judge)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until(lambda: server.started)
        try:
            yield Running(judge, listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def until(condition: Any) -> Any:
    """Wait for a condition; minutes without it are a failure, whatever else the machine does."""
    since = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() < since + PATIENCE, "the condition does not come true"
        time.sleep(0.01)
    return found
