"""The judge over HTTP: verdicts and scores, full queues, clients that are slow, rude or gone, and workers that die."""

import contextlib
import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
from examples import remote_reward
from tests.serving.judges import SETTINGS, Held, Running, running, until

from itertl.errors import MissingToolError, UsageError
from itertl.serving.app import Rules
from itertl.serving.server import open_socket, require
from itertl.verify.workers.service import Service

INV = "module inv(input a, output y);\n  assign y = ~a;\nendmodule\n"
HEAD = "POST /verify HTTP/1.1\r\nHost: judge\r\nContent-Length: {length}\r\n\r\n"


def one(code: str = INV) -> dict[str, Any]:
    """A request about one design."""
    return {"task": {"reference": INV}, "code": code}


def many(count: int) -> dict[str, Any]:
    """A request about `count` designs that all differ."""
    designs = [{"task": 0, "code": INV.replace("~a", f"~a ^ {i % 2}") + f"// {i}\n" + extra(i)} for i in range(count)]
    return {"tasks": [{"reference": INV}], "designs": designs}


def extra(number: int) -> str:
    """A module that makes a design differ from all others."""
    return f"module extra{number}; endmodule\n"


@pytest.fixture(scope="module")
def real() -> Iterator[Running]:
    """A judge with a worker of its own."""
    with running(Service(SETTINGS)) as judge:
        yield judge


@pytest.fixture
def held() -> Held:
    """Workers that answer when the test says so."""
    return Held()


def test_verdicts_and_scores_come_in_order(real: Running) -> None:
    answer = real.verify(many(6) | {"designs": [*many(5)["designs"], {"task": 0, "completion": "no idea"}]})
    assert answer.status == 200, answer.text
    found = answer.json["verdicts"]
    outcomes = ["passed", "mismatch", "passed", "mismatch", "passed", "empty"]
    assert [verdict["outcome"] for verdict in found] == outcomes
    assert [verdict["passed"] for verdict in found] == [outcome == "passed" for outcome in outcomes]
    assert [verdict["score"] for verdict in found][:1] == [1.0]
    assert found[1]["score"] == 0.5
    assert found[5]["score"] == 0.0


def test_a_reference_that_cannot_serve_has_no_score(real: Running) -> None:
    broken = INV.replace("~a", "b")
    (verdict,) = real.verify({"task": {"reference": broken}, "code": broken}).json["verdicts"]
    assert (verdict["score"], verdict["passed"]) == (None, False)
    assert verdict["detail"]


def test_a_worker_that_is_killed_in_mid_job_costs_nobody_a_verdict(real: Running) -> None:
    assert real.verify(one()).status == 200
    workers = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # another test's, ended and not yet taken leave of
            workers += [process] if "workers.worker" in " ".join(process.cmdline()) else []
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(real.verify, many(200))
        until(lambda: real.judge.queue.working)
        for process in workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        found = answer.result().json["verdicts"]
    assert workers
    assert Counter(verdict["outcome"] for verdict in found) == {"passed": 100, "mismatch": 100}


def test_health_and_metrics_tell_what_happens(held: Held) -> None:
    held.open()
    with running(held, Rules(places=40)) as judge:
        assert judge.verify(one()).status == 200
        assert judge.verify(b"{").status == 400
        health = judge.call("GET", "/health").json
        assert (health["status"], health["sandbox"], health["score"]) == ("ok", "trial", "functional")
        metrics = judge.call("GET", "/metrics")
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = metrics.text.splitlines()
        assert 'itertl_requests_total{status="400"} 1' in lines
        assert 'itertl_verdicts_total{outcome="passed"} 1' in lines
        assert "itertl_places 40" in lines
        assert all(line.startswith("# TYPE ") or float(line.rpartition(" ")[2]) >= 0 for line in lines)
        answer = judge.call("GET", "/verdicts")
        assert (answer.status, "POST /verify" in answer.text) == (404, True)
        assert judge.call("GET", "/verify").status == 405


def test_a_token_is_asked_for(held: Held) -> None:
    held.open()
    with running(held, Rules(token="s3cret")) as judge:
        assert judge.verify(one()).status == 401
        assert judge.verify(one(), Authorization="Bearer wrong").status == 401
        assert judge.verify(one(), Authorization="Bearer s3cret").status == 200
        assert judge.call("GET", "/metrics").status == 401
        assert judge.call("GET", "/health").status == 200


def test_workers_that_cannot_be_had_are_said_to_all_who_wait(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(questions: Any) -> Any:
        raise MissingToolError("no iverilog today")

    with running(held, Rules(slots=1)) as judge, ThreadPoolExecutor(3) as threads:
        calls = [threads.submit(judge.verify, one(INV + extra(i))) for i in range(3)]
        until(lambda: judge.judge.queue.waiting == 2)
        ask = held.ask
        monkeypatch.setattr(held, "ask", broken)
        held.open()
        answers = [call.result() for call in calls]
        assert sorted(answer.status for answer in answers) == [200, 503, 503]
        assert {answer.json["detail"] for answer in answers if answer.status == 503} == {"no iverilog today"}
        monkeypatch.setattr(held, "ask", ask)
        assert judge.verify(one()).status == 200


def test_a_full_queue_says_when_to_come_back_and_a_gone_client_frees_its_places(held: Held) -> None:
    with running(held, Rules(places=8, slots=1)) as judge:
        data = json.dumps(many(2)).encode()
        clients = [judge.raw(HEAD.format(length=len(data)).encode() + data)]
        until(lambda: (judge.judge.queue.waiting, judge.judge.queue.working) == (1, 1))  # the first one is in work
        clients += [judge.raw(HEAD.format(length=len(data)).encode() + data) for _ in range(3)]
        until(lambda: judge.judge.queue.waiting + judge.judge.queue.working == 8)
        answer = judge.verify(one())
        assert (answer.status, int(answer.headers["retry-after"]) >= 1) == (429, True)
        clients[1].close()
        until(lambda: judge.judge.queue.waiting + judge.judge.queue.working == 6)
        clients[0].close()
        until(lambda: judge.judge.queue.waiting + judge.judge.queue.working == 5)  # one of its two is in work
        assert judge.verify(many(3)).status == 413, "more than a quarter of the places"
        held.open()
        assert judge.verify(one()).status == 200
        until(lambda: judge.judge.queue.waiting + judge.judge.queue.working == 0)
        assert judge.judge.metrics.gone == 2
        for client in clients[2:]:
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 200")
            client.close()


def test_large_bodies_are_refused_before_they_are_read(held: Held) -> None:
    with running(held, Rules(body_bytes=1000)) as judge:
        with judge.raw(HEAD.format(length=10**12).encode()) as client:
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 413")
        chunked = b"POST /verify HTTP/1.1\r\nHost: judge\r\nTransfer-Encoding: chunked\r\n\r\n"
        with judge.raw(chunked + b"400\r\n" + b"x" * 1024 + b"\r\n") as client:
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 413")
        until(lambda: judge.judge._bytes == 0)


def test_slow_clients_hold_no_places_and_are_cut_off(held: Held) -> None:
    held.open()
    with running(held, Rules(body_seconds=0.5)) as judge:
        slow = [judge.raw(HEAD.format(length=100).encode() + b"{") for _ in range(20)]
        answer = judge.verify(one())
        assert answer.status == 200
        assert judge.judge.queue.waiting == 0
        for client in slow:
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 408")
            client.close()
        until(lambda: judge.judge._bytes == 0)


def test_a_client_that_leaves_in_mid_body_is_forgotten(held: Held) -> None:
    with running(held) as judge:
        judge.raw(HEAD.format(length=100).encode() + b"{").close()
        until(lambda: judge.judge.metrics.gone == 1)
        assert judge.judge._bytes == 0


def test_a_thousand_requests_on_few_places_all_get_their_own_answer(held: Held) -> None:
    refused, lock = [0], threading.Lock()

    def ask(number: int) -> str:
        while True:
            answer = judge.verify(one(INV + extra(number)))
            if answer.status == 200:
                (verdict,) = answer.json["verdicts"]
                return str(verdict["code_id"])
            assert (answer.status, "retry-after" in answer.headers) == (429, True)
            with lock:
                refused[0] += 1
            if refused[0] == 100:
                held.open()
            time.sleep(random.uniform(0, 0.02))

    with running(held, Rules(places=12, slots=4)) as judge, ThreadPoolExecutor(16) as threads:
        found = list(threads.map(ask, range(1000)))
        assert len(set(found)) == 1000
        assert refused[0] >= 100
        assert judge.judge.metrics.requests == {200: 1000, 429: refused[0]}
        assert judge.judge.queue.waiting + judge.judge.queue.working == 0


def test_a_judge_that_is_asked_to_end_answers_what_is_under_way(held: Held) -> None:
    with ThreadPoolExecutor(1) as thread:
        with running(held) as judge:
            answer = thread.submit(judge.verify, one())
            until(lambda: held.asked)
            held.open()
        assert answer.result().status == 200


def test_the_client_of_the_examples_waits_where_the_judge_is_busy(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(held, Rules(places=4, slots=1, token="t")) as judge, ThreadPoolExecutor(8) as threads:
        monkeypatch.setenv(remote_reward.JUDGE, f"http://127.0.0.1:{judge.port}/")
        monkeypatch.setenv(remote_reward.TOKEN, "t")
        scores = threads.map(lambda i: remote_reward.compute_score("rtl", INV + extra(i), INV), range(8))
        until(lambda: judge.judge.metrics.requests[429])
        held.open()
        assert list(scores) == [{"score": 1.0, "acc": 1.0, "outcome": "passed"}] * 8
        with pytest.raises(ValueError, match=r"HTTP 422.*no module"):
            remote_reward.compute_score("rtl", INV, "no design")
    with pytest.raises(TimeoutError, match=r"gave no verdicts within 0\.1 s"):
        remote_reward.verdicts([{"reference": INV}], [{"task": 0, "code": INV}], patience=0.1)


def test_the_example_tells_right_from_wrong(real: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(remote_reward.JUDGE, f"http://127.0.0.1:{real.port}")
    found = subprocess.run(
        [sys.executable, "examples/remote_reward.py"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert ["'acc': 1.0" in line for line in found] == [True, False]


def test_addresses_and_packages_that_are_not_there_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UsageError, match=r"cannot listen on 127\.0\.0\.1"),
    ):
        open_socket("127.0.0.1", taken.getsockname()[1])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match=r"pip install 'itertl\[serve\]'"):
        require()
