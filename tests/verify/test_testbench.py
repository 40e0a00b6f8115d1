"""Stimuli and comparison: deterministic, exhaustive where small, and blind where the reference is undefined."""

from itertl.verify.interface import read_interface
from itertl.verify.stimuli import make_plan
from itertl.verify.testbench import Names, Plan, bench

COUNTER = (
    "module top(input clk, input rst_n, input en, output reg [5:0] q);"
    "always @(posedge clk or negedge rst_n) if (!rst_n) q <= 0; else if (en) q <= q + 1; endmodule"
)


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
    text = bench(interface, make_plan(interface, "s", 10, 1), ["m1_top", "m2_top"], Names("b1", "cafe"))
    assert text.count('$display("cafe %b%b %b%b", p0, o0, p1, o1)') == 1
    assert "plusargs" not in text


def test_each_sample_knows_its_vector_cycle_and_clock() -> None:
    clocked = Plan("clk", 1, (0, 0, 1, 1))
    assert [clocked.step(s) for s in range(8)] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [clocked.cycle(s) for s in range(8)] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert "".join(clocked.level(s) for s in range(8)) == "01100110"
    free = Plan("", 1, (0, 1))
    assert [(free.step(s), free.cycle(s), free.level(s)) for s in range(2)] == [(0, 0, ""), (1, 1, "")]
