"""`itertl serve-verdicts` under load: real simulators, more requests than places, slow clients, killed workers.

    python -m benchmarks.judge_load --requests 1000

A judge is started with few places. `--clients` threads ask it about designs that all differ, one a request, and come
again where it answers 429, or with a tool error. Meanwhile clients begin a body and never end it, others leave before
the answer, and its workers are killed by kill -9. Every answer has to be the verdict that this machine gives
undisturbed, seconds aside.
"""

import argparse
import contextlib
import dataclasses
import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
from benchmarks.cluster_scaling import drawn
from rich.console import Console
from rich.table import Table

from itertl.records import Submission, Task, Verdict
from itertl.verify import VerifySettings, verify

HEAD = b"POST /verify HTTP/1.1\r\nHost: judge\r\nContent-Length: 1000\r\n\r\n{"
EACH = 25  # designs of a task
FIELDS = ("instruction", "header", "reference", "top")
SAME = ("outcome", "reason", "agreement", "detail")  # what the verdicts of here and there have to share


class Judge:
    """A judge in a process of its own."""

    def __init__(self, workers: int, places: int) -> None:
        """Start it, and wait until it listens."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "itertl", "serve-verdicts", "--port", str(self.port)]
        command += ["--workers", str(workers), "--places", str(places)]
        self.process = subprocess.Popen(command, env=os.environ | {"ITERTL_CACHE": "off"}, stdout=subprocess.DEVNULL)
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.call("GET", "/health")
                return
            time.sleep(0.1)
        raise SystemExit(f"the judge ended with status {self.process.returncode}")

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Send one request and return status and text of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body).encode())
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def begun(self, data: bytes) -> socket.socket:
        """Open a connection and send the beginning of a request."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=600)
        connection.sendall(data)
        return connection

    def metric(self, name: str) -> float:
        """Return a number of GET /metrics."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.call("GET", "/metrics")[1], re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    def workers(self) -> list[psutil.Process]:
        """Return the processes that judge."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                found += [process] if "workers.worker" in " ".join(process.cmdline()) else []
        return found

    def memory(self) -> float:
        """Return the MiB that the process itself holds."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / (1 << 20)

    def end(self) -> int:
        """Ask it to end; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()


def body_of(task: Task, design: Submission) -> dict[str, Any]:
    """Return a request about one design."""
    return {"task": {field: getattr(task, field) for field in FIELDS}, "code": design.code}


@dataclasses.dataclass(slots=True)
class Counts:
    """What has happened so far: answers, refusals of a full judge, and tool errors, after which a client asks again."""

    answered: int = 0
    refused: int = 0
    failed: int = 0
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)

    def note(self, field: str) -> None:
        """Count one more."""
        with self.lock:
            setattr(self, field, getattr(self, field) + 1)


def asked(judge: Judge, task: Task, design: Submission, counts: Counts) -> tuple[dict[str, Any], float]:
    """Ask until there is a verdict; return it and the seconds of the request that was answered."""
    while True:
        started = time.monotonic()
        status, text = judge.call("POST", "/verify", body_of(task, design))
        if status == 429:
            counts.note("refused")
            time.sleep(random.uniform(0.05, 0.3))
            continue
        if status != 200:
            raise SystemExit(f"HTTP {status}: {text}")
        (verdict,) = json.loads(text)["verdicts"]
        if verdict["outcome"] != "tool_error":
            counts.note("answered")
            return verdict, time.monotonic() - started
        counts.note("failed")


@contextlib.contextmanager
def spread(action: Callable[[], None], times: int, counts: Counts, requests: int) -> Iterator[Callable[[], int]]:
    """Do something beside the block, spread over its answers; yield what tells how often it was done."""
    over, done = threading.Event(), [0]

    def run() -> None:
        while done[0] < times and not over.wait(0.02):
            if counts.answered >= (done[0] + 0.5) * requests / (times + 1):
                action()
                done[0] += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield lambda: done[0]
    finally:
        over.set()
        thread.join()


def differs(found: dict[str, Any], right: Verdict) -> bool:
    """Return True where an answer is not the verdict of here."""
    return any(found[field] != right.to_dict()[field] for field in SAME)


def loaded(judge: Judge, tasks: list[Task], designs: list[Submission], options: argparse.Namespace) -> dict[str, Any]:
    """Put the load on a judge, and return what came out as rows of a table."""
    known, counts, slow = {task.id: task for task in tasks}, Counts(), list[socket.socket]()
    before = judge.memory()

    def kill() -> None:
        if found := judge.workers():
            with contextlib.suppress(psutil.NoSuchProcess):
                random.choice(found).kill()

    def leave() -> None:
        data = json.dumps(body_of(tasks[0], designs[0])).encode()
        head = f"POST /verify HTTP/1.1\r\nHost: judge\r\nContent-Length: {len(data)}\r\n\r\n".encode()
        with judge.begun(head + data):
            time.sleep(0.02)

    started = time.monotonic()
    with (
        spread(kill, options.kills, counts, len(designs)) as killed,
        spread(leave, options.gone, counts, len(designs)) as left,
        spread(lambda: slow.append(judge.begun(HEAD)), options.slow, counts, len(designs)) as begun,
        ThreadPoolExecutor(options.clients) as threads,
    ):
        answers = list(threads.map(lambda design: asked(judge, known[design.task_id], design, counts), designs))
    seconds = time.monotonic() - started
    cut = [connection.recv(1 << 12)[:12] for connection in slow]
    while judge.metric("itertl_designs_waiting") + judge.metric("itertl_designs_in_work"):
        time.sleep(0.1)
    here = verify(designs, tasks, VerifySettings(workers=options.workers, cache=False))
    right = {(verdict.task_id, verdict.code_id): verdict for verdict in here}
    pairs = [(found, right[one.task_id, one.code_id]) for (found, _), one in zip(answers, designs, strict=True)]
    took = sorted(took for _, took in answers)
    return {
        "requests answered": len(answers),
        "verdicts different": sum(differs(*pair) for pair in pairs),
        "outcomes": ", ".join(f"{name} {n}" for name, n in Counter(found["outcome"] for found, _ in answers).items()),
        "full, 429, asked again": counts.refused,
        "tool errors, asked again": counts.failed,
        "slow clients; of them cut off by 408": f"{begun()}; {sum(b'408' in said for said in cut)}",
        "clients that left before the answer": left(),
        "workers killed": killed(),
        "requests a second": f"{len(answers) / seconds:.1f}",
        "seconds of an answer, median": f"{statistics.median(took):.2f}",
        "99th percentile": f"{took[-len(took) // 100]:.2f}",
        "designs left in the queue": f"{judge.metric('itertl_designs_waiting'):.0f}",
        "memory before and after, MiB": f"{before:.0f}, {judge.memory():.0f}",
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=96, help="requests at once")
    parser.add_argument("--places", type=int, default=48, help="of the judge: fewer than clients, so that it fills up")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=10, help="of workers")
    parser.add_argument("--gone", type=int, default=20, help="clients that leave")
    parser.add_argument("--slow", type=int, default=50, help="clients that never end their request")
    options = parser.parse_args()
    tasks, designs = drawn(-(-options.requests // EACH), EACH)
    judge = Judge(options.workers, options.places)
    try:
        found = loaded(judge, tasks, designs[: options.requests], options)
    finally:
        judge.end()
    table = Table("", "")
    for name, value in found.items():
        table.add_row(name, str(value))
    Console(width=110).print(table)
    if found["verdicts different"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
