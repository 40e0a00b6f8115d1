"""Right designs of many ordinary shapes pass: no wall stands in the way of what people write."""

import pytest

from itertl.records import Candidate, Task
from itertl.verify import VerifySettings, verify

pytestmark = pytest.mark.usefixtures("kept_workers")

PORTS = "input clk, input rst, input [3:0] d"
HEADER = f"module top({PORTS}, output reg [3:0] q);\n"
WIRED = f"module top({PORTS}, output [3:0] q);\n"
BODY = "always @(posedge clk) if (rst) q <= 0; else q <= d; "
END = "endmodule\n"
TASK = Task.of(HEADER + BODY + END, id="register")
FLOP = f"module ff(input clk, rst, d, output reg q); {BODY}{END}"
WIDE = f"module ff({PORTS}, output reg [3:0] q); {BODY}{END}"

DESIGNS = {
    "latch gated": (
        WIRED + "reg [3:0] r; always @(posedge clk) if (rst) r<=0; else r<=d; assign q=r; reg l; "
        "always @* if (clk) l = d[0]; " + END
    ),
    "tristate inside": (
        HEADER + "wire [3:0] b; assign b = rst ? 4'bz : d; assign b = rst ? 4'd0 : 4'bz; always "
        "@(posedge clk) q <= b; " + END
    ),
    "inout child right": (
        HEADER + "wire [3:0] b; io i(b, d); always @(posedge clk) if (rst) q<=0; else q<=b; endmodule "
        "module io(inout [3:0] x, input [3:0] y); assign x = y; " + END
    ),
    "param string": (HEADER + 'localparam S = "hello"; parameter [39:0] T = "world"; ' + BODY + END),
    "large param": (
        HEADER + "localparam [63:0] P = 64'hdeadbeefcafebabe; localparam signed [7:0] N = -8'sd5; "
        "localparam integer I = -1; " + BODY + END
    ),
    "real param": (HEADER + "localparam real F = 1.5; localparam X = 2.0*3; " + BODY + END),
    "unsized big": (
        HEADER + "localparam P = 32'hffffffff; localparam Q = 'h7fffffff; localparam M = 4294967295; " + BODY + END
    ),
    "shift": (
        HEADER + "localparam P = 1<<31; localparam Q = 1 << 32; localparam D = 2**20; localparam E = "
        "-7/2; localparam F = -7%3; localparam G = 7>>>1; localparam L=~0; localparam "
        "Z={4{2'b10}}; localparam T = 3 > 2 ? 5 : 6; " + BODY + END
    ),
    "instances array": (WIRED + "ff f[3:0](.clk(clk),.rst(rst),.d(d),.q(q)); " + END + FLOP),
    "generate for": (
        WIRED + "genvar i; generate for (i=0;i<4;i=i+1) begin: g ff #(.N(i)) f(clk,rst,d[i],q[i]); "
        "end endgenerate endmodule module ff #(parameter N=0)(input clk,rst,d, output reg q); "
        "always @(posedge clk) if (rst) q<=0; else q<=d; " + END
    ),
    "generate unnamed": (
        WIRED + "genvar i; generate for (i=0;i<4;i=i+1) begin ff f(clk,rst,d[i],q[i]); end if (1) "
        "begin wire z; end endgenerate " + END + FLOP
    ),
    "generate if param": (
        WIRED + "generate if ($clog2(9)==4) ff a(clk,rst,d,q); else ff2 b(clk,rst,d,q); endgenerate "
        "endmodule module ff(input clk,rst,input [3:0] d, output reg [3:0] q); always "
        "@(posedge clk) if (rst) q<=0; else q<=d; endmodule module ff2(input clk,rst,input "
        "[3:0] d, output reg [3:0] q); " + END
    ),
    "generate case": (
        HEADER + "parameter W=4; generate case (W) 4: begin: four always @(posedge clk) if (rst) q <= "
        "0; else q <= d;  end default: begin: other always @(posedge clk) q<=1; end endcase "
        "endgenerate " + END
    ),
    "function": (
        HEADER + "function [3:0] f(input [3:0] x); integer i; begin for (i=0;i<4;i=i+1) f[i]=x[i]; end "
        "endfunction always @(posedge clk) if (rst) q<=0; else q<=f(d); " + END
    ),
    "task": (HEADER + "task t(input [3:0] x); q <= x; endtask always @(posedge clk) if (rst) t(0); else t(d); " + END),
    "disable": (
        HEADER + "integer i; reg [3:0] s; always @* begin: b s = d; for (i=0;i<4;i=i+1) if (i==9) "
        "disable b; end always @(posedge clk) if (rst) q<=0; else q<=s; " + END
    ),
    "struct": (
        HEADER + "typedef struct packed {logic [1:0] a; logic [1:0] b;} p; p x; assign x = d; always "
        "@(posedge clk) if (rst) q<=0; else q<={x.a,x.b}; " + END
    ),
    "enum": (
        HEADER + "typedef enum logic [1:0] {A,B,C} e; e s, n; always_comb case (s) A: n=B; B: n=C; "
        "default: n=A; endcase always_ff @(posedge clk) if (rst) s<=A; else s<=n; always "
        "@(posedge clk) if (rst) q<=0; else q<=d; " + END
    ),
    "memory": (
        HEADER + "reg [3:0] m [0:15]; reg [3:0] a; always @(posedge clk) begin m[d] <= d; a <= m[d]; end " + BODY + END
    ),
    "initial mem": (
        HEADER + "reg [3:0] m [0:15]; integer i; initial for (i=0;i<16;i=i+1) m[i]=i; always @(posedge "
        "clk) if (rst) q<=0; else q<=m[d]; " + END
    ),
    "initial wide": (
        HEADER + "reg [63:0] m; integer i; initial for (i=0;i<16;i=i+1) m[4*i +: 4]=i; always @(posedge clk) "
        "if (rst) q<=0; else q<=m[4*d +: 4]; " + END
    ),
    "undriven unused": (HEADER + "wire [7:0] unused; reg [7:0] never; " + BODY + END),
    "gate prims": (
        WIRED + "wire [3:0] n; reg [3:0] r; not n0[3:0](n, r); not n1[3:0](q, n); always @(posedge "
        "clk) if (rst) r<=0; else r<=d; " + END
    ),
    "supply": (
        HEADER + "supply0 gnd; supply1 vdd; always @(posedge clk) if (rst) q <= {4{gnd}}; else q <= d "
        "& {4{vdd}}; " + END
    ),
    "selfinit": (
        WIRED + "reg [3:0] r; reg [1:0] s; always @(posedge clk) begin case (s) 0: s<=1; 1: s<=2; "
        "default: s<=0; endcase r <= rst ? 0 : d; end assign q = r; " + END
    ),
    "bidir wire pullup": (
        HEADER + "wire [3:0] b; pullup p[3:0](b); assign b = d; always @(posedge clk) if (rst) q<=0; else q<=b; " + END
    ),
    "defparamless child params": (
        WIRED + "ff #(4, 8'hff) f(clk,rst,d,q); endmodule module ff #(parameter W=1, parameter [7:0] "
        "V=0)(input clk,rst,input [W-1:0] d, output reg [W-1:0] q); localparam K = V[3:0]; "
        "always @(posedge clk) if (rst) q<=0; else q<=d; " + END
    ),
    "implicit net": (WIRED + "buf (x0, d[0]); ff f(clk,rst,{d[3:1],x0},q); " + END + WIDE),
    "genvar name reuse": (
        HEADER + "generate genvar i; for (i=0;i<2;i=i+1) begin:a wire w; end for (i=0;i<2;i=i+1) "
        "begin:b wire w; end endgenerate " + BODY + END
    ),
    "time param": (HEADER + "localparam [31:0] BAUD = 50_000_000/115200; localparam FREQ = 50_000_000; " + BODY + END),
    "wired nets": (
        HEADER
        + "wor o; wand a; assign o = d[0]; assign o = d[1]; assign a = o; assign a = d[2]; always @(posedge clk) "
        "if (rst) q <= 0; else q <= a == ((d[0] | d[1]) & d[2]) ? d : ~d; " + END
    ),
    "logic output init": (
        "module top(input logic clk, rst, input logic [3:0] d, output logic [3:0] q = 0); " + BODY + END
    ),
}


def test_right_designs_of_every_kind_pass() -> None:
    candidates = [Candidate.of(TASK, code, i) for i, code in enumerate(DESIGNS.values())]
    found = verify(candidates, [TASK], VerifySettings(workers=2, cycles=60))
    said = {name: (v.outcome.value, v.detail) for name, v in zip(DESIGNS, found, strict=True) if not v.passed}
    assert not said


def test_numbers_with_their_sign_bit_set_are_driven_as_bits() -> None:
    """A comparison with the most negative number, as saturation has it, in a reference of wide inputs."""
    head = "module top(input signed [7:0] a, b, output [7:0] y); "
    reference = head + "assign y = a == 8'shff ? b : b == -8'sd128 ? a : 8'd5; endmodule"
    wrong = head + "assign y = b == -8'sd128 ? a : 8'd5; endmodule"
    task = Task.of(reference, id="literal")
    designs = [Candidate.of(task, code, k) for k, code in enumerate((reference + "\n", wrong))]
    found = {v.code_id: v.outcome.value for v in verify(designs, [task], VerifySettings(workers=1))}
    assert [found[c.code_id] for c in designs] == ["passed", "mismatch"]
