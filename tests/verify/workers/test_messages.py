"""Messages between pool and worker: records come through, anything that acts does not."""

import contextlib
import os
import pickle
import select
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from itertl.errors import ToolError
from itertl.outcome import Outcome
from itertl.records import Candidate, Mismatch, Task, Verdict
from itertl.verify import VerifySettings, verify
from itertl.verify.judged import Judged
from itertl.verify.workers.messages import Channel, receive, send
from itertl.verify.workers.worker import Answer
from itertl.verilog.tokens import code_id


def test_messages_are_read_one_at_a_time() -> None:
    reader, writer = os.pipe()
    for message in ("first", "second"):
        send(writer, message)
    assert receive(reader) == "first"
    assert select.select([reader], [], [], 0)[0] == [reader]
    assert receive(reader) == "second"
    os.close(writer)
    assert receive(reader) is None
    os.close(reader)


class Acts:
    """Pickled, it calls a function when it is read."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call


def passed_on(message: object) -> object:
    """Send a message and receive it."""
    reader, writer = os.pipe()
    try:
        send(writer, message)
        return receive(reader)
    finally:
        os.close(reader)
        os.close(writer)


def test_records_come_through(tmp_path: Path) -> None:
    mismatch = Mismatch(3, 1, "cycle 1", "q", "01", "0x")
    verdict = Verdict("t", "c", Outcome.MISMATCH, 0.5, outputs={"q": 0.5}, mismatch=mismatch)
    answer = Answer((Judged(verdict),))
    assert passed_on(answer) == answer
    settings = VerifySettings(cache=tmp_path, workers=3).of_a_worker
    assert passed_on(settings) == settings == VerifySettings(cache=False, workers=3)


def test_a_path_is_none_whatever_its_module_is_called(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no record"):
        passed_on(VerifySettings(cache=tmp_path))


@pytest.mark.parametrize("function", [os.system, subprocess.Popen, eval, Path.write_text, pickle.loads])
def test_a_message_that_acts_is_refused(function: object, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no record"):
        passed_on(Acts(function, f"touch {tmp_path}/written"))
    assert not list(tmp_path.iterdir())


def test_a_name_behind_a_module_of_ours_is_refused() -> None:
    reader, writer = os.pipe()
    text = b"itertl.tools.process", b"subprocess.Popen"
    body = b"\x80\x04" + b"".join(b"\x8c" + bytes([len(t)]) + t for t in text) + b"\x93."
    os.write(writer, len(body).to_bytes(8, "big") + body)
    with pytest.raises(ToolError, match="no record"):
        receive(reader)
    os.close(reader)
    os.close(writer)


@pytest.fixture
def both() -> Iterator[tuple[Channel, int, int]]:
    """Two pipes: the pool's channel, and the worker's descriptors to read and to write."""
    (jobs, outgoing), (incoming, answers) = os.pipe(), os.pipe()
    yield Channel(outgoing, incoming), jobs, answers
    for descriptor in (jobs, outgoing, incoming, answers):
        with contextlib.suppress(OSError):
            os.close(descriptor)


def test_two_sides_that_write_megabytes_at_once_do_not_wait_for_each_other(both: tuple[Channel, int, int]) -> None:
    channel, jobs, answers = both
    large = "x" * 3_000_000
    heard: list[object] = []

    def work() -> None:
        for _ in range(3):
            send(answers, large)  # before it reads: the pool must not be waiting in a write
            heard.append(receive(jobs))

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    told: list[object] = []
    for number in range(3):
        channel.send(f"{number}{large}")
    while len(told) < 3 or channel.full:
        select.select([channel.incoming], [channel.outgoing] if channel.full else [], [])
        channel.flush()
        told += channel.receive()[0]
    worker.join()
    assert told == [large] * 3
    assert heard == [f"{number}{large}" for number in range(3)]


def test_a_side_that_never_reads_holds_nobody_up(both: tuple[Channel, int, int]) -> None:
    channel, jobs, answers = both
    for _ in range(100):
        channel.send("x" * 100_000)
    assert channel.full
    assert channel.receive() == ([], False)
    os.close(jobs)
    channel.flush()
    assert not channel.full
    os.close(answers)
    assert channel.receive() == ([], True)


def test_an_announced_answer_of_any_size_is_not_waited_for(both: tuple[Channel, int, int]) -> None:
    channel, _, answers = both
    os.write(answers, (1 << 40).to_bytes(8, "big"))
    with pytest.raises(ToolError, match="do not trust it"):
        channel.receive()


@pytest.mark.parametrize("workers", [1, 3])
def test_candidates_of_any_length_are_judged(dff: Task, workers: int) -> None:
    comment = ("// " + "x" * 2_000 + "\n") * 44
    codes = [f"{dff.reference.replace('q <= 0', f'q <= {n} - {n}')}{comment}" for n in range(60)]
    candidates = [Candidate("dff", 0, n, 0, "", c, c, code_id("dff", c)) for n, c in enumerate(codes)]
    settings = VerifySettings(workers=workers, cycles=20)
    assert [v.outcome for v in verify(candidates, [dff], settings)] == [Outcome.PASSED] * 60
