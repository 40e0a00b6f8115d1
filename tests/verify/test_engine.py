"""`verify` end to end, with real tools and real worker processes."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from itertl.errors import DataError, MissingToolError, ToolError
from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Submission, Task, Verdict
from itertl.tools.shop import tool_versions
from itertl.verify import VerifySettings, check_reference, elaborates_alone, verify
from itertl.verilog.extract import why_empty

MakeCandidate = Callable[..., Candidate]
kept = pytest.mark.usefixtures("kept_workers")

RIGHT = "always @(posedge clk) begin if (rst) q <= 4'd0; else q <= d; end endmodule"
BODIES = {
    RIGHT: Outcome.PASSED,
    "always @(posedge clk) if (rst) q <= 0; else q <= d ^ 1; endmodule": Outcome.MISMATCH,
    "always @(negedge clk) if (rst) q <= 0; else q <= d; endmodule": Outcome.MISMATCH,
    "always @(posedge clk, posedge rst) if (rst) q <= 0; else q <= d; endmodule": Outcome.MISMATCH,
    "always @(*) if (clk) q = rst ? 0 : d; endmodule": Outcome.MISMATCH,
    "always @(*) q = 0; endmodule": Outcome.MISMATCH,
    "endmodule": Outcome.MISMATCH,
    "initial begin while (1) q = ~q; end endmodule": Outcome.TIMEOUT,
    "initial $finish; endmodule": Outcome.REJECTED,
    "always @(posedge clk) q <= missing; endmodule": Outcome.ELABORATION_ERROR,
    "always @(posedge clk) q <= ; endmodule": Outcome.SYNTAX_ERROR,
    "integer i; always @(posedge clk) for (i = 3; i < 4; i = i - 1) q <= d; endmodule": Outcome.TIMEOUT,
}


def plain(verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts without what differs between runs: their time."""
    return [dataclasses.replace(v, seconds=0.0) for v in verdicts]


def called(process: psutil.Process, name: str) -> bool:
    """True if the process still exists and has this name."""
    try:
        return bool(process.name() == name)
    except psutil.NoSuchProcess:
        return False


def test_each_outcome_and_batches_change_nothing(
    dff: Task, make: MakeCandidate, settings: VerifySettings, no_child_left: None
) -> None:
    candidates = [make(dff, body, i) for i, body in enumerate(BODIES)]
    batched = list(verify(candidates, [dff], settings))
    assert [v.outcome for v in batched] == list(BODIES.values())
    assert [v.code_id for v in batched] == [c.code_id for c in candidates]
    single = list(verify(candidates, [dff], dataclasses.replace(settings, batch=1, workers=1)))
    assert plain(single) == plain(batched)


@kept
def test_distinct_designs_once_in_order_and_done_ones_not_again(
    dff: Task, mux: Task, make: MakeCandidate, settings: VerifySettings
) -> None:
    candidates = [
        make(dff, RIGHT),
        make(mux, "assign y = a[s]; endmodule"),
        make(dff, RIGHT.replace(" ", "  ")),
        make(mux, "assign y = a >> s; endmodule"),
        make(mux, "assign y = a[3]; endmodule"),
    ]
    verdicts = list(verify(iter(candidates), {t.id: t for t in (dff, mux)}, settings))
    assert [v.code_id for v in verdicts] == [candidates[i].code_id for i in (0, 1, 3, 4)]
    assert [v.passed for v in verdicts] == [True, True, True, False]
    again = list(verify(candidates, [dff, mux], settings, done=verdicts[:2]))
    assert plain(again) == plain(verdicts[2:])


@kept
def test_candidates_are_pulled_only_as_verdicts_are_asked_for(
    mux: Task, make: MakeCandidate, settings: VerifySettings
) -> None:
    pulled = 0

    def source() -> Iterator[Candidate]:
        nonlocal pulled
        for index in range(200):
            pulled += 1
            yield make(mux, f"localparam N = {index}; assign y = a[s]; endmodule", index)

    stream = verify(source(), [mux], dataclasses.replace(settings, batch=4, in_flight=16))
    assert pulled == 0
    assert next(stream).passed
    assert 4 <= pulled <= 20
    assert sum(v.passed for v in stream) == 199


@kept
def test_sampling_overlaps_with_verification(mux: Task, make: MakeCandidate, settings: VerifySettings) -> None:
    arrived: list[int] = []
    pulled: list[int] = []

    def source() -> Iterator[Candidate]:
        for index in range(300):
            if arrived:
                return
            pulled.append(index)
            time.sleep(0.2)
            yield make(mux, f"localparam N = {index}; assign y = a[s]; endmodule", index)

    arrived.extend(1 for _ in verify(source(), [mux], dataclasses.replace(settings, batch=2)))
    assert 0 < len(pulled) < 300


@kept
def test_empty_and_unknown(dff: Task, make: MakeCandidate, settings: VerifySettings) -> None:
    empty = make(dff, "", whole=True)
    assert [v.outcome for v in verify([empty], [dff], settings)] == [Outcome.EMPTY]
    with pytest.raises(DataError, match="not among"):
        list(verify([make(dff, RIGHT)], [], settings))


@kept
def test_a_changed_interface_is_named(dff: Task, make: MakeCandidate, settings: VerifySettings) -> None:
    wide = dff.reference.replace("input [3:0] d", "input [4:0] d")
    verdict = next(verify([make(dff, wide, whole=True)], [dff], settings))
    assert verdict.outcome is Outcome.INTERFACE_MISMATCH
    assert "input d (4 bits)" in verdict.detail


@kept
def test_a_flood_of_generated_logic_is_bounded(dff: Task, make: MakeCandidate, settings: VerifySettings) -> None:
    bombs = [
        "reg [65535:0] m [0:1000000]; initial m[0] = 1; always @(posedge clk) q <= m[d]; endmodule",
        "genvar i; generate for (i = 0; i < 1000000; i = i + 1) begin : g wire w = d[0]; end endgenerate endmodule",
        "wire [16777215:0] w = {4194304{d}}; always @(posedge clk) q <= w[3:0]; endmodule",
        "function integer f(input integer n); while (1) f = n; endfunction localparam P = f(0); endmodule",
        "integer i; initial for (i = 0; i < 2000000000; i = i + 1) q = i; endmodule",
        "initial repeat (2000000000) q = ~q; endmodule",
        "always @(q) q = ~q; initial q = 0; endmodule",
    ]
    verdicts = list(verify([make(dff, b, i) for i, b in enumerate(bombs)], [dff], settings))
    assert len(verdicts) == len(bombs)
    assert not any(v.passed or v.outcome is Outcome.TOOL_ERROR for v in verdicts), verdicts
    assert next(verify([make(dff, RIGHT)], [dff], settings)).passed


def test_closing_the_stream_ends_all_processes(
    dff: Task, make: MakeCandidate, settings: VerifySettings, no_child_left: None
) -> None:
    slow = [make(dff, f"localparam N = {i}; initial while (1) q = ~q; endmodule", i) for i in range(8)]
    stream = verify(
        [make(dff, RIGHT), *slow], [dff], dataclasses.replace(settings, batch=1, cpu_floor=30.0, cpu_step=30.0)
    )
    assert next(stream).passed
    with contextlib.closing(stream):  # type: ignore[type-var]
        pass


def test_nothing_survives_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys\nfrom itertl.records import Candidate, Task\n"
        "from itertl.verify import VerifySettings, verify\n"
        "h = 'module top(input a, output reg y);'\n"
        "t = Task('t', '', h, h + ' always @(*) y = a; endmodule', 'top')\n"
        "loop = h + ' initial while (1) y = ~y; endmodule'\n"
        "good = Candidate('t', 0, 0, 0, '', '', t.reference, 'good')\n"
        "bad = Candidate('t', 0, 1, 0, '', '', loop, 'bad')\n"
        "for v in verify([good, bad], [t], VerifySettings(workers=1, batch=1, cpu_floor=60.0, cpu_step=60.0)):\n"
        "    print(v.outcome, flush=True)\n"
    )
    command, environment = [sys.executable, str(script)], {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == "passed"
        children: list[psutil.Process] = []
        simulators: list[psutil.Process] = []
        for _ in range(500):
            children = psutil.Process(parent.pid).children(recursive=True)
            if simulators := [c for c in children if called(c, "vvp")]:
                break
            time.sleep(0.01)
        assert simulators
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    assert not psutil.wait_procs(children, timeout=600)[1]
    assert not list(tmp_path.glob("itertl-*"))


def test_a_worker_that_dies_costs_no_verdict(
    dff: Task, mux: Task, make: MakeCandidate, settings: VerifySettings
) -> None:
    others = psutil.Process().children()
    candidates = [make(mux, f"localparam N = {i}; assign y = a[s]; endmodule", i) for i in range(60)]
    stream = verify(candidates, [mux], dataclasses.replace(settings, batch=4))
    verdicts = [next(stream)]
    alive = [c for c in psutil.Process().children() if c not in others and c.status() != psutil.STATUS_ZOMBIE]
    workers = [c for c in alive if "itertl.verify.workers.worker" in " ".join(c.cmdline())]
    assert workers
    workers[0].kill()
    verdicts += stream
    assert [v.outcome for v in verdicts] == [Outcome.PASSED] * 60


def test_code_that_ends_the_front_end_is_refused_and_harms_no_other(
    dff: Task, make: MakeCandidate, settings: VerifySettings
) -> None:
    bodies = [
        RIGHT,
        "".join(f"localparam [16383:0] P{i} = 16384'd3 ** {{8192{{1'b1}}}}; " for i in range(9)) + "endmodule",
        "wire w = " + "d ? 1 : " * 600 + "0; endmodule",
        "localparam N = 1; " + RIGHT,
    ]
    candidates = [make(dff, body, i) for i, body in enumerate(bodies)]
    verdicts = list(verify(candidates, [dff], dataclasses.replace(settings, workers=1, retries=1)))
    assert [v.passed for v in verdicts] == [True, False, False, True]
    assert all(v.outcome is Outcome.REJECTED and v.reason is Reason.FRONT_END for v in verdicts[1:3])


@kept
def test_a_broken_reference_is_ours(dff: Task, make: MakeCandidate, settings: VerifySettings) -> None:
    broken = dataclasses.replace(dff, reference=dff.reference.replace("q <= d", "q <= missing"))
    verdict = next(verify([make(dff, RIGHT)], [broken], settings))
    assert verdict.outcome is Outcome.TOOL_ERROR
    assert "missing" in verdict.detail


@kept
def test_without_a_reference_nothing_passes(dff: Task, make: MakeCandidate, settings: VerifySettings) -> None:
    bare = dataclasses.replace(dff, reference="")
    codes = [make(dff, RIGHT), make(dff, "always @(posedge clk) q <= missing; endmodule")]
    assert [v.outcome for v in verify(codes, [bare], settings)] == [Outcome.MISMATCH, Outcome.ELABORATION_ERROR]


@kept
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("q <= d", "q <= d"), None),
        (("q <= d", "q <= #1 d"), None),
        (("q <= d", "q <= w"), "does not elaborate"),
        (("input rst", "input real rst"), "unsupported interface"),
        (("input rst", "inout rst"), None),
        (("if (rst) q <= 0; else q <= d", "if (rst) q <= 4'bx; else q <= 4'bx"), "never drives"),
    ],
)
def test_references_are_checked(
    dff: Task, settings: VerifySettings, change: tuple[str, str], sentence: str | None
) -> None:
    answer = check_reference(dataclasses.replace(dff, reference=dff.reference.replace(*change)), settings)
    assert (answer is None) if sentence is None else (answer is not None and sentence in answer)


def test_workers_that_cannot_start_are_an_error_not_a_loop(
    dff: Task, make: MakeCandidate, settings: VerifySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    candidates = [make(dff, f"localparam N = {i}; {RIGHT}", i) for i in range(20)]
    with pytest.raises(ToolError, match="workers end with status 1"):
        list(verify(candidates, [dff], settings))


def test_missing_tools_are_named(dff: Task, make: MakeCandidate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingToolError, match="apt-get install iverilog"):
        verify([make(dff, RIGHT)], [dff])
    with pytest.raises(MissingToolError):
        tool_versions()


def test_self_contained_references_of_rtlcoder(data: Path) -> None:
    lines = (data / "rtlcoder" / "data_sample.json").read_text().splitlines()
    kept = [elaborates_alone(json.loads(line)["Response"][0])[0] for line in lines if line.strip()]
    assert (sum(kept), len(kept)) == (4, 10)


def test_what_a_killed_run_has_left_is_swept_by_the_next_one(
    dff: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / f"itertl-{gone.pid}-abc" / "runs").mkdir(parents=True)
    (tmp_path / f"itertl-{os.getppid()}-abc").mkdir()
    (tmp_path / "itertl-notes").mkdir()
    assert [v.passed for v in verify([Candidate.of(dff, dff.reference)], [dff], VerifySettings(workers=1))] == [True]
    assert {f.name for f in tmp_path.glob("itertl-*")} == {f"itertl-{os.getppid()}-abc", "itertl-notes"}


@kept
def test_a_completion_that_is_too_long_is_told_so(dff: Task) -> None:
    long = Candidate.of(dff, "// x\n" * 300_000 + dff.reference)
    (verdict,) = verify([long], [dff], VerifySettings(workers=1))
    assert verdict.outcome is Outcome.EMPTY
    assert "first 1,000,000 characters of 1,5" in verdict.detail


@kept
def test_each_empty_answer_is_told_its_own_reason(dff: Task, settings: VerifySettings) -> None:
    texts = ("I cannot.", "<think>module dff", f"```verilog\n{dff.header}assign q", "No.", '{"code": "module dff(input')
    designs = [Submission.of(dff, text) for text in texts]
    told = {v.code_id: v.detail for v in verify(designs, [dff], settings)}
    assert len(told) == len(texts) - 1
    assert [told[design.code_id] for design in designs] == [why_empty(text) for text in texts]
