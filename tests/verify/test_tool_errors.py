"""Tools that crash, hang, lie or vanish: never the candidate's fault, tried again, counted, and the end of a run."""

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from itertl.config import VerifyConfig
from itertl.errors import ToolError
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict
from itertl.tools import process
from itertl.tools.shop import Shop, find_tools
from itertl.verify import VerifySettings, verify
from itertl.verify.judge import judge, prepare
from itertl.verify.judged import Reference
from itertl.verify.stage import fault, verify_stage
from itertl.verify.tool_errors import STREAK, bounded

MakeCandidate = Callable[..., Candidate]

RIGHT = "always @(posedge clk) if (rst) q <= 0; else q <= d; endmodule"
BROKEN = {
    "crashes": "kill -SEGV $$",
    "is killed": "kill -KILL $$",
    "gives up": "echo 'internal error' >&2; exit 3",
    "hangs": "sleep 600",
    "prints rubbish": "echo rubbish",
    "prints nothing": "exit 0",
    "prints too much": 'TOOL "$@"; echo one more line',
    "stops early": 'TOOL "$@" | head -n 7',
}


def script(place: Path, body: str, tool: str) -> Path:
    """Write a shell script in which TOOL is the real one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("#!/bin/sh\n" + body.replace("TOOL", tool) + "\n")
    place.chmod(0o755)
    return place


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What sleeps is noticed soon."""
    monkeypatch.setattr(process, "STALL", 0.4)


@pytest.fixture
def fake_simulator(shop: Shop, tmp_path: Path) -> Callable[[str], Shop]:
    """Build a shop whose vvp is a script."""

    def build(body: str) -> Shop:
        vvp = script(tmp_path / "fake" / "vvp", body, shop.tools.vvp)
        return dataclasses.replace(shop, tools=dataclasses.replace(shop.tools, vvp=str(vvp)))

    return build


@pytest.fixture
def fake_compiler(shop: Shop, tmp_path: Path) -> Callable[[str], Shop]:
    """Build a shop whose ivl is a script; skips where only the driver can be used."""

    def build(body: str) -> Shop:
        base = shop.tools.base
        if base is None:
            pytest.skip("no ivl beside iverilog")
        folder = tmp_path / "fake"
        script(folder / "ivl", body, str(base / "ivl"))
        for name in ("vvp.conf", "vvp.tgt", "system.vpi", "v2005_math.vpi", "v2009.vpi"):
            if (base / name).exists():
                (folder / name).symlink_to(base / name)
        return dataclasses.replace(shop, tools=dataclasses.replace(shop.tools, base=folder))

    return build


def outcomes(task: Task, codes: list[str], reference: Reference, settings: VerifySettings, shop: Shop) -> list[Verdict]:
    return [j.verdict for j in judge(task, reference, [(str(i), c) for i, c in enumerate(codes)], settings, shop)]


def prepared(task: Task, settings: VerifySettings, shop: Shop) -> Reference:
    reference = prepare(task, settings, shop)
    assert isinstance(reference, Reference)
    return reference


@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_simulator_is_no_verdict(
    dff: Task, settings: VerifySettings, shop: Shop, fake_simulator: Callable[[str], Shop], way: str
) -> None:
    reference, broken = prepared(dff, settings, shop), fake_simulator(BROKEN[way])
    codes = [dff.reference, dff.reference.replace("q <= d", "q <= d + 1")]
    found = outcomes(dff, codes, reference, dataclasses.replace(settings, retries=1), broken)
    assert [v.outcome for v in found] == [Outcome.TOOL_ERROR] * 2
    assert "vvp failed each time it was run" in found[0].detail
    with pytest.raises(ToolError, match="the reference does not simulate"):
        prepare(dff, settings, broken)


@pytest.mark.parametrize("way", ["crashes", "is killed", "gives up", "hangs", "prints rubbish", "prints nothing"])
def test_a_broken_compiler_is_no_verdict(
    dff: Task, settings: VerifySettings, shop: Shop, fake_compiler: Callable[[str], Shop], way: str
) -> None:
    reference, broken = prepared(dff, settings, shop), fake_compiler(BROKEN[way])
    found = outcomes(dff, [dff.reference], reference, dataclasses.replace(settings, retries=1), broken)
    assert [v.outcome for v in found] == [Outcome.TOOL_ERROR]
    assert "the compiler failed each time it was run" in found[0].detail


def test_what_fails_now_and_then_is_tried_again(
    dff: Task, settings: VerifySettings, shop: Shop, fake_simulator: Callable[[str], Shop], tmp_path: Path
) -> None:
    reference = prepared(dff, settings, shop)
    count = tmp_path / "count"
    flaky = fake_simulator(f'echo >>{count}; [ $(wc -l <{count}) -gt 3 ] || kill -SEGV $$; exec TOOL "$@"')
    codes = [dff.reference, dff.reference.replace("q <= d", "q <= d + 1")]
    found = outcomes(dff, codes, reference, dataclasses.replace(settings, retries=3), flaky)
    assert [v.outcome for v in found] == [Outcome.PASSED, Outcome.MISMATCH]


def test_limits_are_the_candidates_own_fault(dff: Task, settings: VerifySettings, shop: Shop) -> None:
    reference = prepared(dff, settings, shop)
    codes = [dff.header + "initial while (1) q = ~q; endmodule", dff.header + "assign q = missing_wire[2]; endmodule"]
    assert Outcome.TOOL_ERROR not in {v.outcome for v in outcomes(dff, codes, reference, settings, shop)}


def on_path(folder: Path, body: str) -> str:
    """Return a PATH on which vvp is a script that behaves while the sandbox is tried out."""
    tools = find_tools()
    folder.mkdir()
    (folder / "iverilog").symlink_to(tools.iverilog)
    trial = 'grep -q \'"trial"\' design.vvp 2>/dev/null && exec TOOL "$@"\n[ "$1" = -V ] && exec TOOL "$@"\n'
    script(folder / "vvp", trial + body, tools.vvp)
    return f"{folder}:{os.environ['PATH']}"


def test_a_run_with_broken_tools_fails_and_goes_on_when_they_are_mended(
    dff: Task, make: MakeCandidate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_child_left: None
) -> None:
    whole = os.environ["PATH"]
    monkeypatch.setenv("PATH", on_path(tmp_path / "bin", "kill -SEGV $$"))
    config = VerifyConfig(workers=2, steps=60)
    candidates = [make(dff, f"localparam N = {i}; {RIGHT}", i) for i in range(4)]
    rows: list[Verdict] = []
    with pytest.raises(ToolError, match="4 of 4 verdicts are tool errors"):
        rows.extend(verify_stage(candidates, [dff], config))
    assert [v.outcome for v in rows] == [Outcome.TOOL_ERROR] * 4
    monkeypatch.setenv("PATH", whole)
    again = list(verify_stage(candidates, [dff], config, done=rows))
    assert [v.passed for v in again] == [True] * 4


def test_a_run_does_not_go_on_for_ever_without_tools(
    mux: Task, make: MakeCandidate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", on_path(tmp_path / "bin", "exit 9"))
    tasks = [dataclasses.replace(mux, id=f"mux {n}") for n in range(400)]
    rows: list[Verdict] = []
    with pytest.raises(ToolError, match="tool errors"):
        rows.extend(
            verify_stage((make(t, "assign y = a[s]; endmodule") for t in tasks), tasks, VerifyConfig(workers=2))
        )
    assert len(rows) <= STREAK + 1


def test_a_tool_that_vanishes_is_no_verdict_and_names_itself(
    mux: Task, make: MakeCandidate, settings: VerifySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", on_path(tmp_path / "bin", 'exec TOOL "$@"'))

    def source() -> Iterator[Candidate]:
        for i in range(6):
            yield make(mux, f"localparam N = {i}; assign y = a[s]; endmodule", i)

    stream = verify(source(), [mux], dataclasses.replace(settings, workers=1, batch=1, in_flight=1))
    assert next(stream).passed
    shutil.rmtree(tmp_path / "bin")
    rest = list(stream)
    assert rest[-1].outcome is Outcome.TOOL_ERROR
    assert "vvp is not installed" in rest[-1].detail
    assert {v.outcome for v in rest} <= {Outcome.TOOL_ERROR, Outcome.PASSED}


def test_a_bound_holds_at_the_end_and_where_nothing_else_comes_any_more() -> None:
    good, bad = Verdict("a", "c", Outcome.PASSED), Verdict("b", "c", Outcome.TOOL_ERROR, detail="vvp is gone")
    assert list(bounded([bad, bad, good], 0.0, fault)) == [bad, bad, good]  # two may always be
    with pytest.raises(ToolError, match=r"3 of 4 verdicts are tool errors, .* share of 0.5 .*: vvp is gone; run"):
        list(bounded([bad, good, bad, bad], 0.5, fault))
    assert len(list(bounded([good, bad, bad, bad], 0.75, fault))) == 4
    assert len(list(bounded([bad] * 3, 0.05, fault, sound=97))) == 3
    seen: list[Verdict] = []
    with pytest.raises(ToolError, match=f"{STREAK} of {STREAK + 1} verdicts"):
        seen.extend(bounded((dataclasses.replace(bad, task_id=str(n)) for n in range(99)), 0.5, fault, sound=1))
