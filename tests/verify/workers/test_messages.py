"""Messages between pool and worker: records come through, anything that acts does not."""

import os
import pickle
import select
import subprocess
from pathlib import Path

import pytest

from itertl.errors import ToolError
from itertl.outcome import Outcome
from itertl.records import Mismatch, Verdict
from itertl.verify import VerifySettings
from itertl.verify.workers.messages import receive, send
from itertl.verify.workers.worker import Answer


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
    answer = Answer((verdict,), learnt=None)
    assert passed_on(answer) == answer
    settings = VerifySettings(cache=tmp_path)
    assert passed_on(settings) == settings


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
