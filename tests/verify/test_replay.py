"""The waves of a verdict: what was driven, expected and found."""

import dataclasses

import pytest

from itertl.errors import MissingToolError
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.verify.moments import MOST_DIGITS, MOST_LOOKED_AT, Ports, Sample, wave
from itertl.verify.replay import replay
from itertl.verify.settings import VerifySettings
from itertl.verilog.interface import Port

WRONG = "always @(posedge clk) if (rst) q <= 0; else q <= d ^ 2; endmodule"


def test_waves_show_the_mismatch_where_the_verdict_says(dff: Task, settings: VerifySettings) -> None:
    result = replay(dff, dff.header + WRONG, settings)
    verdict = result.verdict
    assert verdict.outcome is Outcome.MISMATCH
    assert verdict.mismatch is not None
    assert (result.clock, [p.name for p in result.inputs], [p.name for p in result.outputs]) == (
        "clk",
        ["rst", "d"],
        ["q"],
    )
    different = [i for i, s in enumerate(result.samples) if s.expected != s.got and "x" not in s.expected[0]]
    assert different[0] == verdict.mismatch.sample
    sample = result.samples[different[0]]
    assert (sample.moment, sample.cycle) == (verdict.mismatch.moment, verdict.mismatch.cycle)
    assert (sample.expected, sample.got) == ((verdict.mismatch.expected,), (verdict.mismatch.got,))
    assert {len(s.inputs[0]) for s in result.samples} == {1}
    assert {len(s.inputs[1]) for s in result.samples} == {4}


def test_a_verdict_keeps_the_moments_around_its_first_mismatch(dff: Task, settings: VerifySettings) -> None:
    result = replay(dff, dff.header + WRONG, settings)
    first = result.verdict.mismatch
    assert first is not None
    assert first.wave is not None
    rows = {(row.name, row.kind): row for row in first.wave.rows}
    assert list(rows) == [("clk", "clock"), ("rst", "input"), ("d", "input"), ("q", "expected"), ("q", "got")]
    at = first.wave.at
    sample = result.samples[first.sample]
    assert first.wave.cycles[at] == first.cycle
    assert rows["clk", "clock"].cells[at] == sample.clock
    assert rows["rst", "input"].cells[at] == sample.inputs[0]
    assert rows["d", "input"].cells[at] == f"{int(sample.inputs[1], 2):x}"
    assert rows["q", "expected"].cells[at] == f"{int(first.expected, 2):x}"
    assert rows["q", "got"].cells[at] == f"{int(first.got, 2):x}"
    assert min(column for column, *_ in rows["q", "got"].marks) == at
    assert {len(row.cells) for row in rows.values()} == {len(first.wave.cycles)}
    ports = Ports(result.clock, result.inputs, result.outputs)
    assert wave(len(result.samples), first.sample, result.samples.__getitem__, ports) == first.wave


@pytest.mark.parametrize(
    ("want", "got", "digits", "mark"),
    [
        ("x0x1", "x1x1", ("X", "X"), (0, 0, 1)),
        ("x0x1_0000_0000", "x1x1_0000_0000", ("X00", "X00"), (0, 0, 1)),
        ("0000_xxxx_10x0", "0000_0000_11x0", ("0xX", "00X"), (0, 2, 1)),
        ("0_1111", "1_1110", ("0f", "1e"), (0, 0, 2)),
    ],
)
def test_bits_that_differ_within_one_digit_are_marked(
    want: str, got: str, digits: tuple[str, str], mark: tuple[int, int, int]
) -> None:
    want, got = want.replace("_", ""), got.replace("_", "")
    sample = Sample("", 0, "", (), (want,), (got,))
    found = wave(1, 0, lambda _: sample, Ports("", (), (Port("q", "output", len(want)),)))
    assert [row.cells for row in found.rows] == [[digits[0]], [digits[1]]]
    assert found.rows[1].marks == (mark,)


@pytest.mark.parametrize("bit", [0, 41, 150, 299])
def test_of_wide_values_the_digits_around_the_difference_are_shown_and_marked(bit: int) -> None:
    want = "01" * 150
    got = list(want)
    got[~bit] = "10"[int(got[~bit])]
    sample = Sample("", 0, "", (), (want,), ("".join(got),))
    found = wave(1, 0, lambda _: sample, Ports("", (), (Port("q", "output", len(want)),)))
    (expected,), (shown,) = (row.cells for row in found.rows)
    ((column, first, length),) = found.rows[1].marks
    assert (column, length) == (0, 1)
    assert len(expected) == len(shown) <= MOST_DIGITS
    assert [n for n, pair in enumerate(zip(expected, shown, strict=True)) if len(set(pair)) > 1] == [first]
    whole = f"{int(''.join(got), 2):075x}"
    assert shown[first] == whole[~(bit // 4)]
    assert (shown.startswith(".."), shown.endswith("..")) == (bit < 240, bit > 40)


def test_a_search_for_columns_is_bounded() -> None:
    asked = []

    def sample(number: int) -> Sample:
        asked.append(number)
        return Sample("", number, "", ("1",), ("1",), ("0" if number == 50_000 else "1",))

    found = wave(100_000, 50_000, sample, Ports("", (Port("en", "input", 1),), (Port("q", "output", 1),)))
    assert (len(found.cycles), found.at) == (3, 1)  # all else is equal
    assert len(asked) < 2 * MOST_LOOKED_AT + 2


def test_the_reference_obeys_its_own_waves(dff: Task, settings: VerifySettings) -> None:
    result = replay(dff, dff.reference, settings)
    assert result.verdict.passed
    state = "xxxx"
    for before, after in zip(result.samples, result.samples[1:], strict=False):
        if (before.clock, after.clock) == ("0", "1"):
            state = "0000" if after.inputs[0] == "1" else after.inputs[1]
        assert after.got == after.expected == (state,)


def test_a_combinational_design_has_one_sample_for_each_vector(mux: Task, settings: VerifySettings) -> None:
    result = replay(mux, mux.header + "assign y = a[0]; endmodule", settings)
    assert (result.clock, result.samples[3].clock, result.samples[3].cycle) == ("", "", 3)
    for sample in result.samples:
        select, data = sample.inputs
        assert sample.expected == (data[3 - int(select, 2)],)
        assert sample.got == (data[3],)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("initial while (1) q = ~q; endmodule", Outcome.TIMEOUT),
        ("initial $finish; endmodule", Outcome.REJECTED),
        ("always @(posedge clk) q <= ; endmodule", Outcome.SYNTAX_ERROR),
    ],
)
def test_without_a_trace_there_are_no_waves(
    dff: Task, settings: VerifySettings, body: str, outcome: Outcome, no_child_left: None
) -> None:
    result = replay(dff, dff.header + body, settings)
    assert (result.verdict.outcome, result.samples) == (outcome, ())
    assert replay(dff, "", settings).verdict.outcome is Outcome.EMPTY


def test_unusable_references_and_missing_tools(
    dff: Task, settings: VerifySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = dataclasses.replace(dff, reference=dff.reference.replace("q <= d", "q <= missing"))
    assert replay(broken, dff.reference, settings).verdict.outcome is Outcome.TOOL_ERROR
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingToolError):
        replay(dff, dff.reference, settings)
