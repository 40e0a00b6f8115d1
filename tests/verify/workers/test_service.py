"""Verification that stays: calls from many threads, forked children, workers that are stuck or cannot start."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from itertl.errors import MissingToolError, ToolError
from itertl.outcome import Outcome
from itertl.records import Submission, Task
from itertl.verify.settings import VerifySettings
from itertl.verify.workers import service as module
from itertl.verify.workers.service import Service, service_of

WRONG = "always @(posedge clk) q <= d; endmodule"


@pytest.fixture
def service(settings: VerifySettings, no_child_left: None) -> Iterator[Service]:
    """A service that is closed behind the test."""
    made = Service(settings)
    yield made
    made.close()


def design(task: Task, code: str) -> tuple[Task, Submission]:
    """Build what a service is asked."""
    return task, Submission.whole(task.id, code)


def test_verdicts_come_in_order_and_equal_designs_share_one(service: Service, dff: Task, mux: Task) -> None:
    designs = [design(dff, dff.reference), design(mux, mux.reference), design(dff, dff.header + WRONG)]
    designs += [design(dff, ""), designs[0]]
    found = service.verdicts(designs)
    assert [v.outcome.value for v in found] == ["passed", "passed", "mismatch", "empty", "passed"]
    assert [(v.task_id, v.code_id) for v in found] == [(t.id, d.code_id) for t, d in designs]
    assert found[4] is found[0]
    assert service.verdicts(designs[:1])[0].passed


def test_threads_share_the_workers(service: Service, dff: Task, mux: Task) -> None:
    tasks = [dff, mux] * 12
    texts = [t.reference + f"\nmodule unused{i}; endmodule\n" for i, t in enumerate(tasks)]
    with ThreadPoolExecutor(12) as threads:
        found = list(threads.map(lambda pair: service.verdicts([design(*pair)])[0], zip(tasks, texts, strict=True)))
    assert {v.outcome for v in found} == {Outcome.PASSED}
    assert [v.task_id for v in found] == [t.id for t in tasks]
    assert len([t for t in threading.enumerate() if t.name == "itertl-verify"]) >= 1


def test_stuck_workers_are_replaced_and_nobody_waits_for_ever(service: Service, dff: Task, mux: Task) -> None:
    others = psutil.Process().children(recursive=True)  # of services that other tests have left
    assert service.verdicts([design(dff, dff.reference)])[0].passed
    stopped = [p for p in psutil.Process().children(recursive=True) if p not in others and p.is_running()]
    for process in stopped:
        process.suspend()
    service.patience = 0.5
    (verdict,) = service.verdicts([design(mux, mux.reference)])
    assert not psutil.wait_procs(stopped, timeout=600)[1]
    assert (verdict.outcome, "no worker answered" in verdict.detail) == (Outcome.TOOL_ERROR, True)
    service.patience = module.PATIENCE
    assert service.verdicts([design(mux, mux.reference)])[0].passed


def test_faults_reach_every_caller_and_the_service_goes_on(
    service: Service, dff: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(settings: VerifySettings) -> None:
        raise ToolError("no workers today")

    with monkeypatch.context() as patch:
        patch.setattr(module, "open_pool", broken)
        with ThreadPoolExecutor(2) as threads:
            calls = [threads.submit(service.verdicts, [design(dff, dff.reference)]) for _ in range(2)]
            for call in calls:
                with pytest.raises(ToolError, match="no workers today"):
                    call.result()
        patch.setenv("PATH", "")
        with pytest.raises(MissingToolError):
            service.verdicts([design(dff, dff.reference)])


def test_a_closed_service_says_so(settings: VerifySettings, dff: Task) -> None:
    service = Service(settings)
    service.close()
    with pytest.raises(ToolError, match="closed"):
        service.verdicts([design(dff, dff.reference)])


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_a_service_of_its_own(settings: VerifySettings, dff: Task) -> None:
    mine = service_of(settings)
    assert mine.verdicts([design(dff, dff.reference)])[0].passed
    child = os.fork()
    if child == 0:
        status = 1
        try:
            theirs = service_of(settings)
            status = 0 if theirs is not mine and theirs.verdicts([design(dff, dff.reference)])[0].passed else 2
            theirs.close()
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert mine.verdicts([design(dff, dff.header + WRONG)])[0].outcome is Outcome.MISMATCH
    mine.close()
    module._services.clear()
