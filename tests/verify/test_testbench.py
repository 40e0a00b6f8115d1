"""Stimuli and comparison: deterministic, exhaustive where small, and blind where the reference is undefined."""

import itertools
import re

import pytest

from itertl.records import Candidate, Task
from itertl.verify import VerifySettings, testbench, verify
from itertl.verify.plan import Plan
from itertl.verify.stimuli import cycles_for, make_plan
from itertl.verify.testbench import Names, bench
from itertl.verilog.interface import read_interface

pytestmark = pytest.mark.usefixtures("kept_workers")

COUNTER = (
    "module top(input clk, input rst_n, input en, output reg [5:0] q);"
    "always @(posedge clk or negedge rst_n) if (!rst_n) q <= 0; else if (en) q <= q + 1; endmodule"
)


def test_the_bench_that_the_module_shows_is_one() -> None:
    interface = read_interface("module top(input clk, input [1:0] d, output [1:0] x); endmodule", "top")
    made = bench(interface, Plan("clk", 2, (1, 1, 2, 3)), ["top"], Names("BENCH", "NONCE", ""))
    told = testbench.__doc__ or ""
    (shown,) = re.findall(r"`timescale.*endmodule", told, re.DOTALL)
    assert "".join(re.sub("//.*", "", shown).split()) == "".join(made.split())


def test_small_inputs_are_exhausted_in_random_order() -> None:
    interface = read_interface("module t(input [3:0] a, input [3:0] b, output y); assign y = a < b; endmodule", "t")
    plan = make_plan(interface, "seed", 100, 100)
    assert set(plan.vectors) == set(range(256))
    assert list(plan.vectors) != sorted(plan.vectors)
    assert plan.samples == len(plan.vectors)


def test_wide_inputs_get_corners_and_walking_bits() -> None:
    interface = read_interface("module t(input [31:0] a, output y); assign y = ^a; endmodule", "t")
    vectors = set(make_plan(interface, "seed", 100, 100).vectors)
    assert {0, 2**32 - 1, *(1 << i for i in range(32))} <= vectors


def test_numbers_in_the_code_are_tried() -> None:
    body = "always @(*) case (a) 16'he06b: y = 1; 16'h1234: y = c == 7777; default: y = 0; endcase"
    interface = read_interface(f"module t(input [15:0] a, input [15:0] c, output reg y); {body} endmodule", "t")
    vectors = make_plan(interface, "seed", 100, 100).vectors
    assert {0xE06B, 0x1234} <= {v >> 16 for v in vectors}
    assert 7777 in {v & 0xFFFF for v in vectors}


def test_equal_seeds_give_equal_plans() -> None:
    interface = read_interface(COUNTER, "top")
    assert make_plan(interface, "a", 100, 1) == make_plan(interface, "a", 100, 1) != make_plan(interface, "b", 100, 1)


def test_very_wide_outputs_are_shown_for_fewer_cycles() -> None:
    widths = {16: 300, 160: 300, 256: 187, 512: 100, 4096: 100}
    for width, cycles in widths.items():
        code = f"module t(input clk, input d, output reg [{width - 1}:0] q); always @(posedge clk) q <= d; endmodule"
        assert cycles_for(read_interface(code, "t"), 300) == cycles
    assert cycles_for(read_interface(code, "t"), 40) == 40


def test_reset_is_active_first_and_comes_again() -> None:
    interface = read_interface(COUNTER, "top")
    plan = make_plan(interface, "seed", 300, 1)
    resets = [1 - (v >> 1) for v in plan.vectors]
    assert plan.clock == "clk"
    assert plan.samples == 2 * len(plan.vectors)
    assert all(resets[:6])
    assert any(resets[20:])
    assert resets.count(0) > len(resets) / 2


def test_long_counters_get_a_long_run_with_held_inputs() -> None:
    vectors = make_plan(read_interface(COUNTER, "top"), "seed", 20, 1).vectors
    longest = run = 0
    for vector in vectors:
        run = run + 1 if vector == 3 else 0
        longest = max(longest, run)
    assert longest >= 2 * 64


def test_the_bench_holds_no_expected_value_and_no_plusarg() -> None:
    interface = read_interface(COUNTER, "top")
    text = bench(interface, make_plan(interface, "s", 10, 1), ["m1_top", "m2_top"], Names("b1", "cafe", "k1_"))
    assert text.count('$display("cafe %b %b", k1_h[0], k1_h[1])') == 1
    assert "plusargs" not in text


def test_each_sample_knows_its_vector_cycle_and_clock() -> None:
    clocked = Plan("clk", 1, (0, 0, 1, 1))
    assert [clocked.step(s) for s in range(8)] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [clocked.cycle(s) for s in range(8)] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert "".join(clocked.level(s) for s in range(8)) == "01100110"
    free = Plan("", 1, (0, 1))
    assert [(free.step(s), free.cycle(s), free.level(s)) for s in range(2)] == [(0, 0, ""), (1, 1, "")]


NEGEDGE = "module top(input clk, input [3:0] d, output reg [3:0] q); always @(negedge clk) q <= d; endmodule"
DOUBLE = (
    "module top(input clk, input [3:0] d, output [3:0] q); reg [3:0] a, b; always @(posedge clk) a <= d;"
    " always @(negedge clk) b <= d; assign q = clk ? a : b; endmodule"
)
GATED = (
    "module top(input clk, input en, input d, output reg q); reg l; always @(*) if (!clk) l = en;"
    " wire g = clk & l; always @(posedge g) q <= d; endmodule"
)
MEALY = "module top(input clk, input d, output y); reg q; always @(posedge clk) q <= d; assign y = q ^ d; endmodule"
SET = (
    "module top(input clk, input set, input rst, input d, output reg q);"
    " always @(posedge clk, posedge set, posedge rst) if (rst) q <= 0; else if (set) q <= 1; else q <= d; endmodule"
)


WRONG = {
    NEGEDGE: [NEGEDGE.replace("negedge", "posedge"), NEGEDGE.replace("negedge clk", "clk")],
    DOUBLE: [DOUBLE.replace("clk ? a : b", "a"), DOUBLE.replace("negedge", "posedge")],
    GATED: [GATED.replace("clk & l", "clk"), GATED.replace("clk & l", "clk & en")],
    MEALY: [MEALY.replace("assign y = q ^ d", "reg y; always @(posedge clk) y <= q ^ d")],
    SET: [SET.replace(", posedge set", ""), SET.replace(", posedge rst", ""), SET.replace("if (rst) q <= 0; else", "")],
}


def test_wrong_edges_gates_and_resets_are_found() -> None:
    tasks = [Task(f"t{i}", "", "", reference, "top") for i, reference in enumerate(WRONG)]
    candidates = [
        Candidate(task.id, 0, i, 0, "", "", code, f"{task.id}-{i}")
        for task in tasks
        for i, code in enumerate([task.reference, *WRONG[task.reference]])
    ]
    verdicts = verify(candidates, tasks, VerifySettings(workers=1))
    assert {v.code_id for v in verdicts if v.passed} == {f"{task.id}-0" for task in tasks}


def test_an_undefined_bit_is_wrong_only_where_the_reference_is_defined(settings: VerifySettings) -> None:
    header = "module top(input [1:0] a, output reg y); always @(*) case (a) "
    reference = header + "0: y = 0; 1: y = 1; default: y = 1'bx; endcase endmodule"
    designs = {
        "any value for a don't-care": (
            header + "0: y = 0; 1: y = 1; 2: y = 1; default: y = 0; endcase endmodule",
            True,
        ),
        "undefined where it matters": (header + "0: y = 0; default: y = 1'bx; endcase endmodule", False),
        "floating where it matters": (header + "0: y = 0; default: y = 1'bz; endcase endmodule", False),
    }
    candidates = [Candidate("t", 0, i, 0, "", "", code, name) for i, (name, (code, _)) in enumerate(designs.items())]
    verdicts = verify(candidates, [Task("t", "", "", reference, "top")], settings)
    assert {v.code_id: v.passed for v in verdicts} == {name: right for name, (_, right) in designs.items()}


SEQUENCES = {
    "six ones in a row": (
        "input clk, input rst, input in, output y",
        "reg [2:0] n; always @(posedge clk) if (rst | !in) n <= 0; else if (n < 7) n <= n + 1; assign y = n == 6;",
        ("n == 6", "n == 7"),
    ),
    "a frame of ten bits": (
        "input clk, input rst, input in, output y",
        "reg [3:0] s; always @(posedge clk) if (rst) s <= 0; else case (s) 0: s <= !in; 9: s <= in ? 10 : 11;"
        " 10: s <= !in; 11: s <= in ? 0 : 11; default: s <= s + 1; endcase assign y = s == 10;",
        ("11: s <= in ? 0 : 11", "11: s <= 0"),
    ),
    "a memory that is read where it was written": (
        "input clk, input we, input [5:0] wa, input [7:0] wd, input [5:0] ra, output reg [7:0] q",
        "reg [7:0] m [0:63]; always @(posedge clk) begin if (we) m[wa] <= wd; q <= m[ra]; end",
        ("m[wa] <= wd", "m[wa] <= wd & 8'h7f"),
    ),
    "more than twenty cycles without ground": (
        "input clk, input rst, input ground, output y",
        "reg [4:0] n; always @(posedge clk) if (rst | ground) n <= 0; else if (n < 31) n <= n + 1; assign y = n > 20;",
        ("n > 20", "n > 21"),
    ),
    "equal operands": (
        "input [15:0] a, input [15:0] b, output y",
        "assign y = a < b;",
        ("a < b", "a <= b"),
    ),
}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rare_situations_come_up(seed: int) -> None:
    tasks, wrong = [], []
    for name, (ports, body, (old, new)) in SEQUENCES.items():
        reference = f"module top({ports}); {body} endmodule"
        assert old in reference
        tasks.append(Task(name, "", "", reference, "top"))
        wrong.append(Candidate(name, 0, 0, 0, "", "", reference.replace(old, new), "wrong"))
    verdicts = verify(wrong, tasks, VerifySettings(workers=1, seed=seed))
    assert [v.task_id for v in verdicts if v.passed] == []


def test_ports_may_have_the_names_of_keywords() -> None:
    code = "module top(input \\bit , input \\reg , output \\end ); assign \\end = \\bit & ~ \\reg ; endmodule"
    task = Task.of(code, id="keywords")
    (verdict,) = verify([Candidate.of(task, code)], [task], VerifySettings(workers=1))
    assert verdict.passed, verdict.detail
    wrong = Candidate.of(task, code.replace("&", "|"))
    assert [v.outcome.value for v in verify([wrong], [task], VerifySettings(workers=1))] == ["mismatch"]


def test_a_stretch_without_new_inputs_is_shown_once_and_told_at_every_sample() -> None:
    plan = Plan("clk", 2, (3, 3, 3, 0))
    assert plan.stretches == ((3, 2), (0, 0))
    assert plan.lines == ((4, 16, 6),)
    junk = "?" * 10  # of a line that is not full the last samples count
    assert plan.trace(f"{junk}abcdef", 1) == "abbccdef"  # before an edge is what was behind the one before
    assert plan.trace(f"{junk}{junk}AaBbCcDdEeFf", 2) == "AaBbBbCcCcDdEeFf"


def test_a_line_ends_before_eight_steps_are_over() -> None:
    plan = Plan("clk", 2, (3,) * 19 + (0, 1, 1) + (2,) * 6)
    assert plan.lines == ((3, 16, 4), (8, 8, 8), (8, 8, 8), (3, 16, 5), (6, 16, 7))
    assert sum(steps for steps, *_ in plan.lines) == len(plan.vectors)
    shown = f"{'?' * 12}abcd{'efghijkl'}{'mnopqrst'}{'?' * 11}uvwxy{'?' * 9}zABCDEF"
    told = plan.trace(shown, 1)
    assert told == f"abbccd{''.join(a + b for a, b in itertools.pairwise('defghijklmnopqrst'))}uvwxxyzAABBCCDDEEF"
    assert len(told) == plan.samples
    assert [int(line, 16) >> 3 & 1 for line in plan.memory.split()] == [1, 0, 1, 1]


def test_vectors_without_a_clock_share_lines() -> None:
    plan = Plan("", 4, (*range(16), 5))
    assert plan.lines == ((8, 8, 8), (8, 8, 8), (1, 8, 1))
    assert plan.trace("01" * 16 + "??" * 7 + "10", 2) == "01" * 16 + "10"
