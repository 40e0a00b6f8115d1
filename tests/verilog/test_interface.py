"""Reading interfaces: ports, clocks and resets follow from use, names break ties."""

import pytest

from itertl.errors import DataError
from itertl.outcome import Outcome
from itertl.verify.stimuli import make_plan
from itertl.verilog.clocking import Reset
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.interface import Port, differences, read_interface

LOW, HIGH = Reset("rst", 0, True), Reset("rst", 1, True)


def clocking(
    body: str, ports: str = "input clk, input rst, input d, output reg q"
) -> tuple[tuple[str, ...], tuple[Reset, ...]]:
    """Return clocks and resets of a module."""
    found = read_interface(f"module top({ports});\n{body}\nendmodule", "top").clocking
    return found.clocks, found.resets


def test_ports_carry_direction_width_and_sign() -> None:
    code = "module top #(parameter W = 3)(a, y); input signed [W:0] a; output [2*W-1:0] y; assign y = a; endmodule"
    found = [(p.name, p.direction, p.width, p.signed) for p in read_interface(code, "top").ports]
    assert found == [("a", "input", 4, True), ("y", "output", 6, False)]


@pytest.mark.parametrize(
    ("body", "clocks", "resets"),
    [
        ("always @(posedge clk) q <= d;", ("clk",), (Reset("rst", 1, False),)),
        ("always @(posedge clk) if (rst) q <= 0; else q <= d;", ("clk",), (Reset("rst", 1, False),)),
        ("always @(posedge clk) if (!rst) q <= 0; else q <= d;", ("clk",), (Reset("rst", 0, False),)),
        ("always @(posedge clk) if (rst == 1'b0) q <= 0; else q <= d;", ("clk",), (Reset("rst", 0, False),)),
        ("always @(posedge clk, posedge rst) if (rst) q <= 0; else q <= d;", ("clk",), (Reset("rst", 1, True),)),
        ("always @(negedge rst or negedge clk) if (~rst) q <= 0; else q <= d;", ("clk",), (Reset("rst", 0, True),)),
        ("wire k = clk; always @(posedge k) q <= d ^ rst;", ("clk",), (Reset("rst", 1, False),)),
        ("always @(*) q = clk & d & rst;", (), ()),
        ("wire r = ~rst; always @(posedge clk or posedge r) if (r) q <= 0; else q <= d;", ("clk",), (LOW,)),
        (
            "reg r; always @(*) r = !rst; always @(negedge r, posedge clk) if (!r) q <= 0; else q <= d;",
            ("clk",),
            (HIGH,),
        ),
        (
            "wire r = rst == 1'b0; always @(posedge clk) if (r) q <= 0; else q <= d;",
            ("clk",),
            (Reset("rst", 0, False),),
        ),
        ("wire g = clk & d; always @(posedge g) q <= ~q;", ("clk",), (Reset("rst", 1, False),)),
        ("reg h; always @(posedge clk) h <= ~h; always @(posedge h) q <= d;", ("clk",), (Reset("rst", 1, False),)),
    ],
)
def test_clock_and_reset_follow_from_use(body: str, clocks: tuple[str, ...], resets: tuple[Reset, ...]) -> None:
    assert clocking(body) == (clocks, resets)


def test_asynchronous_set_and_reset_are_both_found() -> None:
    body = "always @(posedge clk, posedge set, negedge rst_n) if (!rst_n) q <= 0; else if (set) q <= 1; else q <= d;"
    found = clocking(body, "input clk, input set, input rst_n, input d, output reg q")
    assert found == (("clk",), (Reset("set", 1, True), Reset("rst_n", 0, True)))


def test_a_reset_made_of_two_inputs_makes_resets_of_both() -> None:
    body = "wire r = ~rst_n | clr; always @(posedge clk or posedge r) if (r) q <= 0; else q <= d;"
    found = clocking(body, "input clk, input clr, input rst_n, input d, output reg q")
    assert found == (("clk",), (Reset("clr", 1, True), Reset("rst_n", 0, True)))


@pytest.mark.parametrize(
    ("body", "rising", "falling"),
    [
        ("always @(posedge clk) q <= d;", True, False),
        ("always @(negedge clk) q <= d;", False, True),
        ("wire n = ~clk; always @(posedge n) q <= d;", False, True),
        ("always @(posedge clk or negedge clk) q <= d;", True, True),
        (
            "reg a, b; always @(posedge clk) a <= d; always @(negedge clk) b <= d; always @* q = clk ? a : b;",
            True,
            True,
        ),
    ],
)
def test_the_edges_of_the_clock_are_told_apart(body: str, rising: bool, falling: bool) -> None:
    found = read_interface(f"module top(input clk, input d, output reg q); {body} endmodule", "top").clocking
    assert (found.clocks, found.rising, found.falling) == (("clk",), rising, falling)


@pytest.mark.parametrize(
    ("ports", "inputs"),
    [
        ("input [3:0][1:0] a, output y", [("a", 8)]),
        ("input integer a, input byte b, output y", [("a", 32), ("b", 8)]),
        ("input struct packed {logic [3:0] h; logic l;} a, output y", [("a", 5)]),
        ("input enum logic [1:0] {A, B} a, output y", [("a", 2)]),
        ("input signed [0:6] a, output y", [("a", 7)]),
        ("input clk, input a, output y", [("clk", 1), ("a", 1)]),  # an unused clock is an input like others
    ],
)
def test_packed_ports_are_vectors(ports: str, inputs: list[tuple[str, int]]) -> None:
    found = read_interface(f"module top({ports}); assign y = ^a; endmodule", "top")
    assert found.unsupported == ""
    assert found.clocking.clocks == ()
    assert [(p.name, p.width) for p in found.inputs] == inputs


def test_headers_in_the_old_style() -> None:
    code = "module top(clk, .d(x), q); input clk; input [3:0] x; output [3:0] q; reg [3:0] q;"
    found = read_interface(f"{code} always @(posedge clk) q <= x; endmodule", "top")
    assert [(p.name, p.width) for p in found.ports] == [("clk", 1), ("d", 4), ("q", 4)]
    assert found.clocking.clocks == ("clk",)


def test_names_do_not_make_a_clock() -> None:
    ports = "input tick, input clk, output reg q"
    assert clocking("always @(posedge tick) q <= clk;", ports) == (("tick",), ())


def test_clocks_are_followed_into_instances() -> None:
    code = (
        "module top(input c, input r, input d, output q); ff f(.k(c), .n(r), .d(d), .q(q)); endmodule\n"
        "module ff(input k, n, d, output reg q); "
        "always @(posedge k or negedge n) if (!n) q <= 0; else q <= d; endmodule"
    )
    found = read_interface(code, "top").clocking
    assert (found.clocks, found.resets) == (("c",), (Reset("r", 0, True),))


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (
            "module top(input [1:0] clk, input d, output reg q); always @(posedge clk[1]) q <= d; endmodule",
            "a bit of the vector clk",
        ),
        ("module top(input real a, output y); assign y = a > 1.0; endmodule", "a is neither"),
        ("module top(input byte a [], output y); assign y = a[0][0]; endmodule", "a is neither"),
        ("module top(input a); endmodule", "no outputs"),
    ],
)
def test_what_cannot_be_driven_is_named(code: str, named: str) -> None:
    assert named in read_interface(code, "top").unsupported


@pytest.mark.parametrize(
    ("code", "clocks"),
    [
        (
            "module top(input a, b, output reg q, p);"
            " always @(posedge a) q <= b; always @(posedge b) p <= 0; endmodule",
            ("a", "b"),
        ),
        (
            "module top(input clk0, clk1, sel, d, output reg q);"
            " wire k = sel ? clk0 : clk1; always @(posedge k) q <= d; endmodule",
            ("clk0", "clk1"),
        ),
    ],
)
def test_several_clocks_are_told_apart(code: str, clocks: tuple[str, ...]) -> None:
    found = read_interface(code, "top")
    assert (found.clocking.clocks, found.unsupported) == (clocks, "")


def test_a_port_of_both_directions_is_driven_and_observed() -> None:
    found = read_interface("module top(inout [1:0] a, output y); assign y = a[0]; endmodule", "top")
    assert found.unsupported == ""
    assert found.inputs == found.inouts == (Port("a", "inout", 2),)
    assert [p.name for p in found.outputs] == ["a", "y"]


def test_a_counter_asks_for_as_many_cycles_as_it_counts() -> None:
    body = "always @(posedge clk) if (q == 999) q <= 0; else q <= q + 1;"
    code = f"module top(input clk, output reg [9:0] q); {body} endmodule"
    assert read_interface(code, "top").clocking.horizon == 1024


def test_broken_code_is_a_data_error() -> None:
    with pytest.raises(DataError, match="does not elaborate"):
        read_interface("module top(output y); missing m(y); endmodule", "top")


def test_differences_name_the_port() -> None:
    ports = read_interface("module t(input [1:0] a, output y); assign y = a[0]; endmodule", "t").ports
    assert differences(ports, ports[::-1]) == ""
    assert "expected port input a (2 bits), found none" in differences(ports, ports[1:])
    assert "is not part of the task" in differences(ports[1:], ports)


def test_arrays_are_told_from_vectors_of_as_many_bits() -> None:
    text = "module t(input [7:0] a RANGE, output y); assign y = 1; endmodule"
    ports, descending, vector = (
        read_interface(text.replace("RANGE", dimension), "t").ports for dimension in ("[3][0:1]", "[2:0][1:0]", "")
    )
    assert (ports[0].width, ports[0].shape, ports[0].element, vector[0].shape) == (48, (3, 2), 8, ())
    assert differences(ports, descending) == ""
    assert differences(ports, vector) == "expected input a (3 x 2 x 8 bits), found input a (8 bits)"


def test_arrays_as_ports_are_written_again_or_unsupported() -> None:
    text = "module t(input [3:0] a [2], output [3:0] y); wire w; REST assign y = a[0] & {4{w}}; endmodule"
    interface = read_interface(text.replace("REST", ""), "t")
    plain, beyond, wrong = (
        inspect(text.replace("REST", rest), "t", interface.ports)
        for rest in ("assign w = 1;", "assign (strong0, strong1) w = 1;", "logic w;")
    )
    assert isinstance(plain, Accepted)
    assert "[7:0] a" in plain.plain.text
    assert isinstance(beyond, Refusal)
    assert (beyond.outcome, beyond.found) == (Outcome.UNSUPPORTED, "interface")
    assert "arrays as ports: an assignment with a delay or a strength" in beyond.detail
    assert isinstance(wrong, Refusal)
    assert wrong.outcome is Outcome.ELABORATION_ERROR


def test_what_is_drawn_for_an_array_is_drawn_for_each_element() -> None:
    code = "module t(input [7:0] a [2], output y); assign y = a[0] == 8'd77; endmodule"
    vectors = make_plan(read_interface(code, "t"), "seed", 10, 400).vectors
    for shift in (0, 8):
        seen = [vector >> shift & 255 for vector in vectors]
        assert all(seen.count(value) > 3 for value in (0, 255, 77))
