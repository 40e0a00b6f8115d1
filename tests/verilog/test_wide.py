"""Constants that decide what is built mean the same however many bits numbers have, or the design is refused."""

import pytest

from itertl.outcome import Outcome, Reason
from itertl.verilog.guard import Accepted, Refusal, inspect

HEADER = "module t(input clk, input d, output reg q);"
FORMS = {
    "if": "generate if (#) begin assign w = d; end else begin assign w = ~d; end endgenerate",
    "case": "generate case (#) 1: begin assign w = d; end default: begin assign w = ~d; end endcase endgenerate",
    "item": "generate case (1'b1) #: begin assign w = d; end default: begin assign w = ~d; end endcase endgenerate",
    "loop": "genvar i; generate for (i = 0; i < (#); i = i + 1) begin assign w = d; end endgenerate",
    "range": "reg [(#):0] s;",
    "net": "wire [(#) ? 3 : 1:0] s;",
    "words": "reg s [0:(#)];",
    "member": "struct packed {logic [(#):0] a;} s;",
    "type": "typedef logic [(#):0] s_t; s_t s;",
    "copies": "assign w = |{((#) + 1){d}};",
    "select": "wire [1:0] s; assign w = s[#];",
    "part": "wire [3:0] s; assign w = |s[(#) + 1:0];",
    "instances": "leaf u[(#):0] ();",
    "function": "function f(input z); f = (#); endfunction localparam K = f(0); assign w = K;",
    "child": "child u (); endmodule module child; reg [(#):0] s;",
}
TWO_WAYS = (
    "4294967296 == 0",
    "4294967296 > 0",
    "2147483648 < 0",
    "4294967297 == 1",
    "2147483647 + 1 < 0",
    "1 << 33 == 0",
    "0004294967296 == 0",
    "10000000000 / 10 == 141006540",
)


def read(form: str, constant: str) -> Accepted | Refusal:
    item = FORMS[form].replace("#", constant)
    text = f"{HEADER} wire w; always @(posedge clk) q <= d; {item} endmodule module leaf; endmodule"
    return inspect(text, "t", None)


@pytest.mark.parametrize("form", FORMS)
def test_what_hangs_on_the_bits_of_numbers_is_refused_wherever_it_decides(form: str) -> None:
    for constant in TWO_WAYS:
        found = read(form, constant)
        assert isinstance(found, Refusal), constant
        assert (found.outcome, found.reason) == (Outcome.REJECTED, Reason.TWO_READINGS)
        assert found.detail.startswith("reads in two ways: ")
    for constant in ("3 == 3", "65535 * 3 > 5", "1 << 3 == 8", "2147483647 > 0", "4294967295 != 0"):
        assert isinstance(read(form, constant), Accepted), constant


@pytest.mark.parametrize(
    "body",
    [
        "parameter MOST = 4294967295; reg [31:0] n; always @(posedge clk) begin n <= n == MOST ? 0 : n + 1; end",
        "localparam HZ = 50_000_000, BITS = $clog2(HZ * 2); reg [BITS-1:0] n; always @(posedge clk) n <= n + HZ;",
        "typedef enum logic [31:0] {A = 3000000000, B} e; e s; always @(posedge clk) s <= s == A ? B : A;",
        "parameter W = 8; localparam N = 1 << W; reg [W-1:0] m [0:N-1]; always @(posedge clk) m[d] <= {W{1'b0}} * 3;",
        "always @(posedge clk) q <= 3000000000 > d;",
        "parameter W = 32; localparam M = 2 ** W - 1; reg [W-1:0] n; always @(posedge clk) n <= n * M;",
        "localparam [63:0] P = 1099511628211; reg [63:0] n; always @(posedge clk) n <= n * P + 1442695040888963407;",
        "localparam [63:0] M = 4294967295, N = 1099511628211 + 1; reg [63:0] n; always @(posedge clk) n <= n ^ M + N;",
        "leaf #(1099511628211) u (); endmodule module leaf #(parameter [63:0] P = 6364136223846793005); ",
    ],
)
def test_large_numbers_that_decide_nothing_are_accepted(body: str) -> None:
    assert isinstance(inspect(f"{HEADER} {body} endmodule", "t", None), Accepted)


@pytest.mark.parametrize(
    "body",
    [
        "localparam CYCLES = 10_000_000_000 / 3; reg [63:0] n; always @(posedge clk) n <= n == CYCLES ? 0 : n + 1;",
        "leaf #(1099511628211) u (); endmodule module leaf #(parameter P = 0); reg [P >> 38:0] s;",
        f"localparam [63:0] P = {'9' * 1001};",
    ],
)
def test_what_is_computed_of_large_numbers_or_built_of_them_is_refused(body: str) -> None:
    found = inspect(f"{HEADER} {body} endmodule", "t", None)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.TWO_READINGS


def test_a_number_is_what_stands_there_for_all_tools() -> None:
    text = f"{HEADER} localparam [63:0] P = 1099511628211, Q = 7; leaf u (); endmodule module leaf; endmodule"
    found = inspect(text, "t", None)
    assert isinstance(found, Accepted)
    assert found.code == found.plain.text == text.replace("1099511628211", "(64'sd1099511628211)")
    assert "module x_leaf;" in found.renamed("x_")
    assert found.tree is not None
    assert set(found.tree.parameters["", "P"]) == {1099511628211}


@pytest.mark.parametrize(
    "value", ["{a, 3000000000}", "{2{4294967297}}", "{a, (8589934592), 1'b0}", "{{3000000000, a}}"]
)
def test_a_large_number_without_a_size_in_a_concatenation_is_an_error(value: str) -> None:
    code = f"module t(input [7:0] a, output [99:0] y);\n  assign y = {value};\nendmodule"
    found = inspect(code, "t", None)
    assert isinstance(found, Refusal)
    assert found.outcome is Outcome.ELABORATION_ERROR
    assert found.detail == "line 2: unsized integers of more than 32 bits are not allowed in concatenations"


@pytest.mark.parametrize("value", ["{a, 64'd3000000000}", "{a, 3}", "{a, 3000000000 + a}", "a + 3000000000"])
def test_other_numbers_in_concatenations_are_accepted(value: str) -> None:
    code = f"module t(input [7:0] a, output [99:0] y);\n  assign y = {value};\nendmodule"
    assert isinstance(inspect(code, "t", None), Accepted)
