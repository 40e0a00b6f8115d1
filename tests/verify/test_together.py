"""Tasks whose simulations share a start of the tools: each learns and is judged as if there were no other one."""

import dataclasses
import os
from collections import OrderedDict
from collections.abc import Sequence

import pytest

from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.tasks.gym import generate
from itertl.tools import icarus
from itertl.tools.process import run as start
from itertl.tools.shop import Shop
from itertl.verify import VerifySettings, batch, judge, together
from itertl.verify.judge import judging, prepare, preparing
from itertl.verify.judged import Known, Reference, Unfit
from itertl.verify.together import answered_together
from itertl.verify.workers import worker
from itertl.verify.workers.messages import send
from itertl.verify.workers.worker import Answer, Job
from itertl.verilog.guard import Accepted
from itertl.verilog.mutants import mutants
from itertl.verilog.rewrite.rewritten import Plain

HEADER = "module top(input clk, input d, output reg q);\n"
DFF = Task("dff", "", HEADER, f"{HEADER}always @(posedge clk) q <= d; endmodule", "top")
DEEP = Task.of(
    "module top(input clk, rst, en, output reg q); reg [7:0] n; always @(posedge clk) begin q <= &n; "
    "if (rst) n <= 0; else if (en) n <= n + 1; end endmodule",
    top="top",
)
HANGING = Task.of("module top(input a, output y); wire n; assign n = a ? ~n : 1'b0; assign y = n; endmodule", top="top")
ILLEGAL = Task.of("module top(input a, output y); assign y = b; endmodule", top="top")


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that were started, as they come."""
    seen: list[str] = []

    def run(argv: Sequence[str], *arguments: object, **named: object) -> object:
        seen.append(argv[0])
        return start(argv, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(icarus, "run", run)
    return seen


def without_times(found: Reference | Unfit) -> Known | Unfit:
    return dataclasses.replace(found.known, compiling=0.0, running=0.0) if isinstance(found, Reference) else found


def told(answer: Answer) -> list[tuple[Verdict, Known | None]]:
    """Verdicts, and what was learnt with them, without times."""
    return [
        (
            dataclasses.replace(j.verdict, seconds=0.0),
            j.learnt and dataclasses.replace(j.learnt, compiling=0, running=0),
        )
        for j in answer.judged
        if isinstance(j.verdict, Verdict)
    ]


def jobs_of(tasks: Sequence[Task], settings: VerifySettings) -> list[Job]:
    """Each task with its reference, a design that does not compile, and mutants."""
    wrong = "module top(input a, output y); assign y = ; endmodule"
    jobs = []
    for task in tasks:
        more = [] if task is ILLEGAL else [m.code for m in mutants(task.reference, task.top, 3)]
        designs = enumerate([task.reference, wrong, *more])
        jobs.append(Job(task, tuple((str(n), code) for n, code in designs), settings))
    return jobs


def test_references_and_designs_of_several_tasks_are_judged_as_alone_with_few_starts(
    settings: VerifySettings, shop: Shop, starts: list[str]
) -> None:
    tasks = [DFF, DEEP, *generate("train", 3, 3), ILLEGAL]
    jobs = jobs_of(tasks, settings)
    alone = [next(worker.judged_together([job], OrderedDict(), shop)) for job in jobs]
    single, starts[:] = len(starts), []
    side_by_side = list(worker.judged_together(jobs, OrderedDict(), shop))
    assert len(starts) < single / 2
    for one, other in zip(alone, side_by_side, strict=True):
        assert told(one) == told(other)
    outcomes = {j.verdict.outcome for answer in side_by_side for j in answer.judged if isinstance(j.verdict, Verdict)}
    assert {Outcome.PASSED, Outcome.MISMATCH, Outcome.SYNTAX_ERROR, Outcome.TOOL_ERROR} <= outcomes


def test_a_reference_that_hangs_takes_no_other_one_with_it(
    settings: VerifySettings, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "_REFERENCE_STEP", 0.2)
    alone = [prepare(task, settings, shop) for task in (DFF, DEEP)]
    first, hung, last = answered_together([preparing(t, settings, shop) for t in (DFF, HANGING, DEEP)], shop)
    assert [without_times(found) for found in (first, last)] == [without_times(found) for found in alone]
    assert isinstance(hung, Unfit)
    assert "gets stuck" in hung.fault


def test_a_design_that_drives_an_input_harms_no_other_task(
    settings: VerifySettings, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = f"{HEADER}supply0 g; tran (d, g); always @(posedge clk) q <= 0; endmodule"
    references = [prepare(task, settings, shop) for task in (DFF, DEEP)]

    def unguarded(code: str, top: str, *others: object) -> Accepted:
        return Accepted(code, Plain(code, ((code.index(f"module {top}") + 7, len(top), top),)))

    monkeypatch.setattr(judge, "gated", unguarded)
    work = [
        judging(task, reference, designs, settings, shop)
        for task, reference, designs in zip(
            (DFF, DEEP), references, ([("h", hostile), ("r", DFF.reference)], [("r", DEEP.reference)]), strict=True
        )
    ]
    found = answered_together(work, shop)
    assert [[j.verdict.outcome for j in judged] for judged in found] == [
        [Outcome.REJECTED, Outcome.PASSED],
        [Outcome.PASSED],
    ]


def test_a_failure_of_the_tools_is_told_of_the_task_that_met_it_and_of_no_other(
    settings: VerifySettings, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "simulate_together", lambda *_: None)
    monkeypatch.setattr(judge, "works", lambda _: False)
    real = icarus.simulate

    def broken(piece: icarus.Piece, *others: object) -> object:
        run = real(piece, *others)  # type: ignore[arg-type]
        return dataclasses.replace(run, traces=(), message="gone") if "&n" in "".join(piece.parts) else run

    monkeypatch.setattr(batch, "simulate", broken)
    jobs = [Job(task, (("a", task.reference),), settings) for task in (DFF, DEEP)]
    first, failed = worker.judged_together(jobs, OrderedDict(), shop)
    assert (first.failed, failed.failed) == (False, True)
    assert (first.judged[0].verdict.task_id, "gone" in failed.judged[0].verdict.detail) == ("dff", True)


def test_a_worker_serves_what_is_there_and_may_be_served_together(settings: VerifySettings) -> None:
    light = [Job(dataclasses.replace(DFF, id=str(n)), (("a", DFF.reference),), settings) for n in range(12)]
    heavy = dataclasses.replace(light[0], bench="synthesis")
    apart = dataclasses.replace(light[9], apart=True)
    reader, writer = os.pipe()
    try:
        for job in (light[1], light[2], heavy, light[1], *light, apart):
            send(writer, job)
        assert worker._with_those_behind(light[0], reader) == (light[:3], heavy)
        assert worker._with_those_behind(heavy, reader) == ([heavy], None)
        assert worker._with_those_behind(light[1], reader) == ([light[1]], light[1])
        assert worker._with_those_behind(apart, reader) == ([apart], None)
        together = worker.MOST_TOGETHER
        assert worker._with_those_behind(light[11], reader) == ([light[11], *light[: together - 1]], None)
        assert worker._with_those_behind(light[together - 1], reader)[1] == light[together - 1]
    finally:
        os.close(reader)
        os.close(writer)
