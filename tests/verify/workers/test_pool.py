"""Worker processes from the outside: what they hear while they start."""

import signal
import time
from typing import ClassVar

import psutil
import pytest

from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.process import Fresh, Process
from itertl.verify.workers.worker import Job

HEADER = "module m(input a, output y);"
DESIGN = HEADER + " assign y = ~a; endmodule"


def test_a_worker_hears_no_interrupt_from_its_start_on(capfd: pytest.CaptureFixture[str]) -> None:
    settings = VerifySettings(workers=1)
    job = Job(Task("t", "", HEADER, DESIGN, "m"), (("one", DESIGN),), settings)
    others = set(psutil.Process().children())  # workers that earlier tests keep
    with Pool[Verdict](settings) as pool:
        pool.submit(job)
        (child,) = set(psutil.Process().children()) - others
        for _ in range(40):  # while it imports, and as it begins to work
            child.send_signal(signal.SIGINT)
            time.sleep(0.025)
        (judged,) = pool.collect(None)
        assert judged.verdict.outcome is Outcome.PASSED
        assert child.is_running()
    assert "Traceback" not in capfd.readouterr().err


def test_starting_a_worker_leaves_the_interrupts_of_its_parent() -> None:
    settings = VerifySettings(workers=1)
    with Pool[Verdict](settings) as pool:
        pool.submit(Job(Task("t", "", HEADER, DESIGN, "m"), (("one", DESIGN),), settings))
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
        assert pool.collect(None)


def test_a_process_with_nothing_to_do_goes_back_to_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    class Keeping(Fresh):
        left: ClassVar[list[Process]] = []

        def leave(self, process: Process) -> None:
            self.left.append(process)

    monkeypatch.setattr(Pool, "source", Keeping())
    settings = VerifySettings(workers=1)
    job = Job(Task("t", "", HEADER, DESIGN, "m"), (("one", DESIGN),), settings)
    with Pool[Verdict](settings) as pool:
        pool.submit(job)
        assert pool.collect(None)
    (process,) = Keeping.left
    assert process.alive
    process.end()
    assert (process.alive, process.folder.exists()) == (False, False)
    with Pool[Verdict](settings) as pool:
        pool.submit(job)
    assert Keeping.left == [process]  # one that is at work ends with its pool
