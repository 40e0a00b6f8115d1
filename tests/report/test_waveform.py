"""Waveforms in the terminal and VCD files."""

from pathlib import Path

import pytest

from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.report.waveform import MOST_NAME, shortened, waveform, write_vcd
from itertl.verify.differing import hexadecimal
from itertl.verify.moments import Sample, differing
from itertl.verify.replay import Replay, replay
from itertl.verify.settings import VerifySettings
from itertl.verilog.header import top_first
from itertl.verilog.interface import Port

VERDICT = Verdict("t", "c", Outcome.MISMATCH)
Q = (Port("q", "output", 4),)


def clocked(*values: tuple[str, str, str]) -> Replay:
    """Samples of a four-bit output from (clock, expected, got)."""
    samples = [
        Sample(f"moment {i}", i // 4, clock, ("1",), (want,), (got,)) for i, (clock, want, got) in enumerate(values)
    ]
    return Replay(VERDICT, "clk", (Port("en", "input", 1),), Q, tuple(samples))


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("1", "1"),
        ("x", "x"),
        ("1010", "a"),
        ("11010", "1a"),
        ("xxxx", "x"),
        ("zzzz", "z"),
        ("1x10", "X"),
        ("1z10", "Z"),
        ("xzzz", "X"),
        ("xx", "x"),
        ("00001111", "0f"),
        ("", ""),
    ],
)
def test_values_are_printed_like_verilog_does(bits: str, text: str) -> None:
    assert hexadecimal(bits) == text


def test_what_the_reference_leaves_open_does_not_differ() -> None:
    assert differing(Sample("", 0, "", (), ("1x", "z"), ("10", "1"))) == []
    assert differing(Sample("", 0, "", (), ("1x", "0"), ("10", "x"))) == [1]


def test_equal_traces_have_no_waveform() -> None:
    assert waveform(clocked(("0", "0000", "0000"))).plain == ""
    assert waveform(Replay(VERDICT)).plain == ""


def test_the_mismatch_is_marked_and_equal_moments_are_merged() -> None:
    replayed = clocked(("0", "0000", "0000"), ("1", "0001", "0001"), ("1", "0001", "0001"), ("0", "0010", "0011"))
    lines = waveform(replayed, 80, unicode=False).plain.splitlines()
    assert lines == [
        "cycle       0",
        "clk         ___---___",
        "en          1  1  1",
        "q expected  0  1  2",
        "q got       0  1  3",
        "                  ^",
    ]
    assert "▔" in waveform(replayed, 80).plain


@pytest.mark.parametrize("width", [20, 33, 40, 80, 200])
def test_a_waveform_fits_and_always_holds_the_mismatch(width: int) -> None:
    values = [("01"[i % 2], f"{i % 16:04b}", f"{i % 16:04b}") for i in range(60)]
    values[41] = ("1", "1111", "0000")
    text = waveform(clocked(*values), width).plain
    assert max(map(len, text.splitlines())) <= max(width, 15)
    assert text.splitlines()[-1].strip() == "^"
    assert "10" in text.splitlines()[0]


def test_of_wide_values_the_digits_that_differ_are_shown() -> None:
    want = "0" * 512
    got = want[:300] + "1" + want[301:]
    sample = Sample("vector 0", 0, "", (), (want,), (got,))
    lines = waveform(Replay(VERDICT, "", (), (Port("q", "output", 512),), (sample,)), 60).plain.splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[2].index("8") == lines[3].index("^")


def test_long_names_and_many_inputs_are_cut() -> None:
    ports = tuple(Port("very_long_name_of_an_input_" + "a" * i, "input", 1) for i in range(40))
    sample = Sample("vector 0", 0, "", ("1",) * 40, ("1",), ("0",))
    text = waveform(Replay(VERDICT, "", ports, (Port("y", "output", 1),), (sample,)), 60).plain
    assert max(map(len, text.splitlines())) <= 60
    assert "(16 more inputs)" in text


def test_names_cannot_inject_markup() -> None:
    sample = Sample("vector 0", 0, "", (), ("1",), ("0",))
    text = waveform(Replay(VERDICT, "", (), (Port("[bold]a", "output", 1),), (sample,)), 60)
    assert "[bold]a expected" in text.plain


def read_vcd(path: Path) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Read back a VCD file: scoped names by code, and all values after each time."""
    names: dict[str, str] = {}
    values: dict[str, str] = {}
    scope, states = "", []
    for line in path.read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[0] == "$scope":
            scope = words[2]
        elif words[0] == "$var":
            assert words[3] not in names
            names[words[3]] = f"{scope}.{words[4]}"
        elif line[0] == "#":
            states.append(dict(values))
        elif line[0] == "b":
            values[names[words[1]]] = words[0][1:]
        elif line[0] in "01xz":
            values[names[line[1:]]] = line[0]
    return names, states[1:]


def test_a_vcd_file_holds_every_sample(dff: Task, settings: VerifySettings, tmp_path: Path) -> None:
    replayed = replay(dff, dff.header + "always @(posedge clk) if (rst) q <= 0; else q <= d ^ 2; endmodule", settings)
    write_vcd(replayed, tmp_path / "out.vcd")
    names, states = read_vcd(tmp_path / "out.vcd")
    assert set(names.values()) == {
        "stimuli.clk",
        "stimuli.rst",
        "stimuli.d",
        "reference.q",
        "candidate.q",
        "verdict.mismatch",
    }
    assert len(states) == len(replayed.samples)
    for state, sample in zip(states, replayed.samples, strict=True):
        assert state["stimuli.clk"] == sample.clock
        assert (state["stimuli.rst"], state["stimuli.d"]) == sample.inputs
        assert (state["reference.q"], state["candidate.q"]) == (*sample.expected, *sample.got)
        assert state["verdict.mismatch"] == ("1" if differing(sample) else "0")
    assert "1" in {state["verdict.mismatch"] for state in states}


def test_codes_of_many_ports_are_distinct(settings: VerifySettings, tmp_path: Path) -> None:
    inputs = ", ".join(f"input i{n}" for n in range(300))
    code, header, top = top_first(f"module wide({inputs}, output y); assign y = i0 & i299; endmodule")
    replayed = replay(Task("wide", "", header, code, top), code.replace("&", "|"), settings)
    write_vcd(replayed, tmp_path / "out.vcd")
    assert len(read_vcd(tmp_path / "out.vcd")[0]) == 303


def test_names_that_are_shortened_stay_different() -> None:
    names = ["short", "a_very_long_output_port_name_first", "a_very_long_output_port_name_second", f"a{'b' * 40}c"]
    alike = [f"the_same_beginning_{middle}_and_the_same_end" for middle in ("one", "two")]
    found = shortened([*names, *alike])
    assert len(set(found.values())) == len(found)
    assert found["short"] == "short"
    assert all(len(found[name]) <= MOST_NAME for name in names)
    assert [found[name] for name in alike] == alike
