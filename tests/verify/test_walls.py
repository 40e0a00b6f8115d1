"""What stands behind the guard: nets of one's own, names nobody can know, one reading of constants, any company."""

import dataclasses
import random
from pathlib import Path

import pytest

from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Task, Verdict
from itertl.tools.shop import Shop
from itertl.verify import VerifySettings, judge, verify
from itertl.verify.judge import prepare
from itertl.verify.judged import Judged, Reference
from itertl.verify.testbench import Names
from itertl.verilog.guard import Accepted
from itertl.verilog.rewrite.rewritten import Plain
from itertl.verilog.tokens import code_id

pytestmark = pytest.mark.usefixtures("kept_workers")

CORPUS = Path(__file__).parents[1] / "attacks"
HEADER = "module top(input clk, input d, output reg q);\n"
TASK = Task("dff", "", HEADER, HEADER + "always @(posedge clk) q <= d; endmodule", "top")
CONSTANTS = (
    '"\\x61" == "a"',
    '"\\v" == "v"',
    "4294967296 == 0",
    "2147483647 + 1 < 0",
    "$bits(1.5) == 64",
    "$bits(4'd3 * 1.0) == 64",
    "$clog2(4294967297) == 33",
    "(1 << 33) == 0",
    "-1 > 0",
    "4'd15 + 4'd1 == 0",
    "3 == 3",
    "$clog2(9) == 4",
    '"a" == 8\'h61',
)


def judged(code: list[str], settings: VerifySettings, shop: Shop) -> list[Judged[Verdict]]:
    reference = prepare(TASK, settings, shop)
    assert isinstance(reference, Reference)
    return judge.judge(TASK, reference, [(str(i), c) for i, c in enumerate(code)], settings, shop)


def unguarded(code: str, top: str, ports: object, project: object = None) -> Accepted:
    """Let everything pass; the module is renamed without a look at its code."""
    return Accepted(code, Plain(code, ((code.index(f"module {top}") + 7, len(top), top),)))


@pytest.mark.parametrize(
    "item",
    [
        "supply0 g; tran (d, g); always @(posedge clk) q <= 0;",
        "supply1 g; tranif1 (clk, g, 1'b1); always @(posedge clk) q <= d;",
        "assign (supply0, supply1) d = 0; always @(posedge clk) q <= 0;",
        "reg [4:0] n = 0; always @(posedge clk) n <= n + 1; supply0 g; tranif1 (d, g, n == 17);"
        " always @(posedge clk) q <= d;",
    ],
)
def test_what_the_bench_drives_stays_driven_without_the_guard_too(
    item: str, settings: VerifySettings, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = f"{HEADER}{item} endmodule"
    reference = prepare(TASK, settings, shop)
    monkeypatch.setattr(judge, "gated", unguarded)
    assert isinstance(reference, Reference)
    codes = {"hostile": hostile, "right": TASK.reference, "wrong": f"{HEADER}always @(posedge clk) q <= 0; endmodule"}
    found = judge.judge(TASK, reference, list(codes.items()), settings, shop)
    assert [j.verdict.outcome for j in found] == [Outcome.REJECTED, Outcome.PASSED, Outcome.MISMATCH]
    assert found[0].verdict.detail.startswith("drives an input")


def test_a_sibling_cannot_be_reached_without_the_guard_either(
    settings: VerifySettings, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = prepare(TASK, settings, shop)
    monkeypatch.setattr(judge, "gated", unguarded)
    assert isinstance(reference, Reference)
    spies = [f"{HEADER}always @* q = {name}; endmodule" for name in ("u1.q", "top.u1.q", "o1", "v[0]", "b1", "p1")]
    found = judge.judge(TASK, reference, [(str(i), c) for i, c in enumerate([*spies, TASK.reference])], settings, shop)
    outcomes = [j.verdict.outcome for j in found]
    assert outcomes == [Outcome.ELABORATION_ERROR] * len(spies) + [Outcome.PASSED]


@pytest.mark.parametrize("form", ["branch", "parameter", "instance"])
def test_constants_that_two_readers_know_otherwise_end_in_a_refusal(
    form: str, settings: VerifySettings, shop: Shop
) -> None:
    forms = {
        "branch": "generate if ({}) begin leaf a(); end else begin leaf b(); end endgenerate endmodule\nmodule leaf;",
        "parameter": "localparam P = ({}) ? 1 : 0; endmodule\nmodule leaf;",
        "instance": "leaf #(.P(({}) ? 1 : 0)) a(); endmodule\nmodule leaf #(parameter P = 0)();",
    }
    body = "always @(posedge clk) q <= d; "
    code = [f"{HEADER}{body}{forms[form].format(constant)} endmodule" for constant in CONSTANTS]
    found = {c: j.verdict for c, j in zip(CONSTANTS, judged(code, settings, shop), strict=True)}
    assert {v.outcome for v in found.values()} == {Outcome.PASSED, Outcome.REJECTED}
    assert all(v.reason is Reason.TWO_READINGS for v in found.values() if not v.passed)
    differing = {constant for constant, verdict in found.items() if not verdict.passed}
    assert {"4294967296 == 0", "2147483647 + 1 < 0"} <= differing  # with Icarus Verilog 11 and 12
    assert not differing & {"3 == 3", "$clog2(9) == 4", "-1 > 0", "4'd15 + 4'd1 == 0"}
    assert "$bits(1.5) == 64" not in differing  # written out before it is simulated, so only one reader is left


def test_a_verdict_is_the_same_alone_and_in_any_company() -> None:
    hostile = [
        file.read_text("utf-8", "replace") for file in sorted(CORPUS.glob("*/*.v")) if "dff:" in file.read_text()
    ]
    right = [TASK.reference.replace("q <= d", f"q <= d | {i}'b0") for i in (1, 2, 3)]
    wrong = [TASK.reference.replace("q <= d", f"q <= {e}") for e in ("~d", "0", "q", "d & q")]
    company = random.Random(1).sample(hostile, 60)
    codes = list(dict.fromkeys([*right, *wrong, *company]))
    candidates = [Candidate("dff", 0, i, 0, "", c, c, code_id("dff", c)) for i, c in enumerate(codes)]
    alone = VerifySettings(workers=2, batch=1, cycles=40, cpu_floor=0.3, memory_mb=512)
    verdicts = {v.code_id: _said(v) for v in verify(candidates, [TASK], alone)}
    assert sum(outcome is Outcome.PASSED for outcome, *_ in verdicts.values()) == len(right)
    for seed in (1, 2):
        random.Random(seed).shuffle(candidates)
        together = dataclasses.replace(alone, batch=24)
        assert {v.code_id: _said(v) for v in verify(candidates, [TASK], together)} == verdicts


def _said(verdict: Verdict) -> tuple[object, ...]:
    return verdict.outcome, verdict.agreement, verdict.mismatch


def test_names_of_a_run_are_never_the_same() -> None:
    seen = [name for _ in range(20) for name in dataclasses.astuple(Names.draw())]
    assert len(set(seen)) == len(seen)
