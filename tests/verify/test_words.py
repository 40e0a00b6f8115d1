"""Every short word of narrow inputs is driven into references with state: detectors begin anew or overlap."""

import itertools

import pytest

from itertl.records import Submission, Task
from itertl.verify import VerifySettings, verify
from itertl.verify.words import de_bruijn, stretch, words
from itertl.verilog.interface import read_interface

pytestmark = pytest.mark.usefixtures("kept_workers")

GATED = (
    "module top(input clk, input en, input d, output reg [3:0] q); reg held; always @* if (!clk) held = en;"
    " wire gated = clk & held; always @(posedge gated) q <= {q[2:0], d}; endmodule"
)
GLITCHING = (
    "module top(input clk, input en, input d, output reg [3:0] q); wire gated = clk & en;"
    " always @(posedge gated) q <= {q[2:0], d}; endmodule"
)


def detector(pattern: str, *, overlap: bool, enable: bool = False) -> str:
    """Return a detector of `pattern` as a state machine whose output is registered."""
    length = len(pattern)

    def after(state: int, bit: str) -> int:
        text = pattern[:state] + bit
        if text == pattern and not overlap:
            return 0
        return max(k for k in range(length) if text.endswith(pattern[:k]))

    last = "x" if pattern[-1] == "1" else "!x"
    rows = "".join(f" {n}: s <= x ? {after(n, '1')} : {after(n, '0')};" for n in range(length))
    return (
        f"module top(input clk, input rst, {'input en, ' * enable}input x, output reg z); reg [3:0] s;"
        f" always @(posedge clk) if (rst) begin s <= 0; z <= 0; end else {'if (en) ' * enable}begin"
        f" z <= s == {length - 1} && {last};"
        f" case (s){rows} default: s <= 0; endcase end endmodule"
    )


def outcomes(*pairs: tuple[str, str]) -> list[str]:
    """Return the outcome of each design (reference, code), judged all together."""
    tasks = [Task(str(n), "", "", reference, "top") for n, (reference, _) in enumerate(pairs)]
    designs = [Submission.of(task, code) for task, (_, code) in zip(tasks, pairs, strict=True)]
    found = {v.task_id: v.outcome.value for v in verify(designs, tasks, VerifySettings(workers=1))}
    return [found[task.id] for task in tasks]


@pytest.mark.parametrize(("symbols", "length"), [(2, 1), (2, 8), (4, 4), (8, 3), (16, 2)])
def test_a_cycle_holds_each_word_once(symbols: int, length: int) -> None:
    cycle = de_bruijn(symbols, length)
    seen = {tuple((cycle * 2)[at : at + length]) for at in range(len(cycle))}
    assert seen == set(itertools.product(range(symbols), repeat=length))
    assert len(cycle) == len(seen)


def test_a_detector_that_begins_anew_is_none_that_overlaps() -> None:
    pairs, expected = [], []
    for pattern, enable in itertools.product(("101", "1101", "0100", "11011"), (False, True)):
        right, wrong = (detector(pattern, overlap=overlap, enable=enable) for overlap in (True, False))
        pairs += [(right, wrong), (wrong, right), (right, right)]
        expected += ["mismatch", "mismatch", "passed"]
    assert outcomes(*pairs) == expected


def test_a_gated_clock_without_a_latch_shows_its_extra_edges() -> None:
    assert outcomes((GATED, GLITCHING), (GATED, GATED)) == ["mismatch", "passed"]


def test_single_inputs_have_words_and_runs_while_the_others_are_held() -> None:
    interface = read_interface(detector("101", overlap=True, enable=True), "top")
    found = {(kind, number) for kind, number, _ in words(interface)}
    alone = {(f"alone {level}", number) for level in (0, 1) for number in (0, 1)}
    assert found == {("phases", 0), ("words", 0), ("runs", 0), ("runs", 1)} | alone
    for kind, number, cycles in words(interface):
        driven = list(stretch(interface, kind, number, cycles, lambda port: 0))
        assert len(driven) == 2 * cycles
        if kind.startswith("alone"):
            one, other = ("en", "x")[number], ("x", "en")[number]
            bits = [step[one] for step in driven[::2]]
            assert {tuple(bits[at : at + 8]) for at in range(256)} == set(itertools.product((0, 1), repeat=8))
            assert {step[other] for step in driven} == {int(kind[-1])}


def test_what_counts_equal_bits_counts_again_behind_one_other() -> None:
    """The first one behind a stuffed zero, or behind a flag, counts: framing as in HDLC."""
    head = "module top(input clk, input rst, input x, output reg d, f); reg [2:0] n; reg late; always @(posedge clk)"
    text = (
        " if (rst) begin n <= 0; {d, f, late} <= 0; end else begin d <= n == 5 && !x; f <= n == 6 && !x;"
        " late <= n == ONES && !x; n <= !x ? 0 : SKIP ? 0 : n == 7 ? 7 : n + 1; end endmodule"
    )
    pairs = []
    for ones in ("5", "6"):
        right, wrong = (head + text.replace("ONES", ones).replace("SKIP", skip) for skip in ("1'b0", "late"))
        pairs += [(right, wrong), (wrong, right)]
    assert outcomes(*pairs) == ["mismatch"] * 4


def test_wide_inputs_and_designs_without_state_have_no_words() -> None:
    wide = "module top(input clk, input [7:0] d, output reg [7:0] q); always @(posedge clk) q <= d; endmodule"
    one = "module top(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule"
    plain = "module top(input a, output y); assign y = !a; endmodule"
    kinds = [[kind for kind, _, _ in words(read_interface(code, "top"))] for code in (wide, one, plain)]
    assert kinds == [["phases"], ["phases"], []]
