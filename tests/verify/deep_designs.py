"""Designs whose faults lie deep, beside right ones: what random stimuli of a few hundred cycles do not reach.

Each `Kind` is a reference with twins of it: `wrong` ones differ for some sequence of inputs, `right` ones for none. A
twin is the reference with some texts exchanged.
"""

import dataclasses
from collections.abc import Iterator

Change = tuple[str, str]
CLOCKED = "module top(input clk, input rst, "


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """A reference, and the changes that make twins of it."""

    name: str
    reference: str
    wrong: tuple[tuple[Change, ...] | Change, ...]
    right: tuple[tuple[Change, ...] | Change, ...] = ()

    def twins(self, changes: tuple[tuple[Change, ...] | Change, ...]) -> Iterator[str]:
        """Yield the reference with each of `changes` made."""
        for change in changes:
            text = self.reference
            for old, new in change if isinstance(change[0], tuple) else (change,):
                assert text.count(old) == 1, (self.name, old)
                text = text.replace(old, new)
            yield text


def counter(bits: int) -> Kind:
    return Kind(
        f"counter of {bits} bits",
        f"{CLOCKED}output reg [{bits - 1}:0] q); always @(posedge clk) if (rst) q <= 0; else q <= q + 1; endmodule",
        (
            ("q + 1", "q == 200 ? 0 : q + 1"),
            ("q + 1", f"{{{bits - 8}'d0, q[7:0] + 8'd1}}"),
            ("q + 1", f"&q[{bits - 1}:1] ? 0 : q + 1"),
            ("q + 1", "&q ? q : q + 1"),
            ("q + 1", f"q == {(1 << bits) // 3} ? q + 2 : q + 1"),
        ),
        (("q + 1", "1 + q"), ("q + 1", "&q ? 0 : q + 1")),
    )


def fifo(words: int, address: int) -> Kind:
    a = address
    return Kind(
        f"FIFO of {words} words",
        f"{CLOCKED}input we, input re, input [7:0] di, output reg [7:0] dq, output full, output empty);"
        f" reg [7:0] m [0:{words - 1}]; reg [{a}:0] w, r; assign empty = w == r;"
        f" assign full = w[{a}] != r[{a}] && w[{a - 1}:0] == r[{a - 1}:0];"
        f" always @(posedge clk) if (rst) begin w <= 0; r <= 0; dq <= 0; end else begin"
        f" if (we && !full) begin m[w[{a - 1}:0]] <= di; w <= w + 1; end"
        f" if (re && !empty) begin dq <= m[r[{a - 1}:0]]; r <= r + 1; end end endmodule",
        (
            (f"full = w[{a}] != r[{a}] && w[{a - 1}:0] == r[{a - 1}:0]", "full = 1'b0"),
            (f"full = w[{a}] != r[{a}] && w[{a - 1}:0] == r[{a - 1}:0]", f"full = w - r == {words - 1}"),
            ("we && !full", "we"),
            ("we && !full", "we && (!full || re)"),
            (f"m[w[{a - 1}:0]] <= di", f"m[{{1'b0, w[{a - 2}:0]}}] <= di"),
            (f"full = w[{a}] != r[{a}] && w[{a - 1}:0] == r[{a - 1}:0]", f"full = w - r == {1 << a}"),
        ),
        ((f"full = w[{a}] != r[{a}] && w[{a - 1}:0] == r[{a - 1}:0]", f"full = (w ^ r) == {1 << a}"),),
    )


KINDS = (
    counter(16),
    counter(12),
    counter(20),
    Kind(
        "up and down counter",
        f"{CLOCKED}input en, input up, output reg [9:0] q, output top_, output bottom);"
        " assign top_ = q == 1023; assign bottom = q == 0;"
        " always @(posedge clk) if (rst) q <= 0; else if (en) begin"
        " if (up && !top_) q <= q + 1; else if (!up && !bottom) q <= q - 1; end endmodule",
        (
            ("top_ = q == 1023", "top_ = q == 1022"),
            ("top_ = q == 1023", "top_ = q >= 700"),
            ("up && !top_", "up"),
            ("bottom = q == 0", "bottom = q[8:0] == 0"),
            ("q <= q - 1", "q <= q[9] ? q - 2 : q - 1"),
        ),
        (("top_ = q == 1023", "top_ = &q"),),
    ),
    Kind(
        "saturated sum",
        "module top(input signed [15:0] a, b, output signed [15:0] y);"
        " wire signed [16:0] s = a + b; assign y = s > 32767 ? 32767 : s < -32768 ? -32768 : s; endmodule",
        (
            ("s > 32767", "s > 32768"),
            (("s < -32768", "s < -32769"), ("? -32768", "? -32768")),
            ("s < -32768 ? -32768", "s < -32768 ? -32767"),
            ("? 32767", "? 32766"),
            ("s = a + b", "s = {a[15], a} + {1'b0, b}"),
        ),
        (("s > 32767", "s >= 32768"),),
    ),
    Kind(
        "saturating accumulator",
        f"{CLOCKED}input en, input signed [7:0] d, output reg signed [15:0] q);"
        " wire signed [16:0] s = q + d; always @(posedge clk) if (rst) q <= 0; else if (en)"
        " q <= s > 32767 ? 32767 : s < -32768 ? -32768 : s; endmodule",
        (
            ("s > 32767 ? 32767", "s > 32767 ? 32766"),
            ("s < -32768 ? -32768 : s", "s"),
            ("s > 32767 ? 32767 : s < -32768 ? -32768 : s", "s"),
            ("s > 32767", "s > 32760"),
        ),
        (("s > 32767", "s >= 32768"),),
    ),
    fifo(16, 4),
    fifo(256, 8),
    fifo(1024, 10),
    Kind(
        "deep compare",
        f"{CLOCKED}input en, input [15:0] d, output reg hit, output reg [15:0] n);"
        " always @(posedge clk) if (rst) begin hit <= 0; n <= 0; end else if (en) begin"
        " n <= n + 1; if (d == 16'hBEEF) hit <= 1; else if (n == 5000) hit <= 0; end endmodule",
        (
            ("d == 16'hBEEF", "d == 16'hBEEE"),
            ("d == 16'hBEEF", "1'b0"),
            ("n == 5000", "n == 5001"),
            ("n == 5000", "1'b0"),
            ("d == 16'hBEEF", "d[14:0] == 15'h3EEF"),
        ),
        (("n == 5000", "5000 == n"),),
    ),
    Kind(
        "long fall",
        "module top(input clk, input rst, input ground, input left, output reg [1:0] s, output dead);"
        " reg [4:0] n; assign dead = s == 3; always @(posedge clk or posedge rst) if (rst) begin s <= 0; n <= 0; end"
        " else case (s) 0, 1: begin n <= 0; s <= !ground ? 2 : {1'b0, left}; end"
        " 2: if (!ground) n <= n == 20 ? 20 : n + 1; else s <= n == 20 ? 3 : 0; default: s <= 3; endcase endmodule",
        (
            ("n <= n == 20 ? 20 : n + 1", "n <= n + 1"),
            (("n <= n == 20 ? 20 : n + 1", "n <= n + 1"), ("s <= n == 20", "s <= n >= 20")),
            (
                ("reg [4:0] n", "reg [5:0] n"),
                ("n <= n == 20 ? 20 : n + 1", "n <= n + 1"),
                ("s <= n == 20", "s <= n >= 20"),
            ),
            (
                ("reg [4:0] n", "reg [6:0] n"),
                ("n <= n == 20 ? 20 : n + 1", "n <= n + 1"),
                ("s <= n == 20", "s <= n >= 20"),
            ),
            (("n <= n == 20 ? 20", "n <= n == 21 ? 21"), ("s <= n == 20", "s <= n == 21")),
            (("n <= n == 20 ? 20", "n <= n == 19 ? 19"), ("s <= n == 20", "s <= n == 19")),
        ),
        (
            (
                ("reg [4:0] n", "reg [31:0] n"),
                ("n <= n == 20 ? 20 : n + 1", "n <= n + 1"),
                ("s <= n == 20", "s <= n >= 20"),
            ),
        ),
    ),
    Kind(
        "reset behind an enable",
        f"{CLOCKED}input en, input [3:0] d, output reg [7:0] q);"
        " always @(posedge clk) if (rst) q <= 0; else if (en) q <= q + d; endmodule",
        (
            ("if (rst) q <= 0; else if (en) q <= q + d", "if (en) begin if (rst) q <= 0; else q <= q + d; end"),
            ("if (rst)", "if (rst && !en)"),
            ("if (rst)", "if (rst && d != 0)"),
            ("if (rst)", "if (rst && q != 255)"),
        ),
        (("else if (en) q <= q + d", "else q <= en ? q + d : q"),),
    ),
    Kind(
        "clear while enabled",
        f"{CLOCKED}input clr, input en, input [7:0] d, output reg [15:0] q);"
        " always @(posedge clk) if (rst) q <= 0; else if (clr) q <= 0; else if (en) q <= q + d; endmodule",
        (
            ("if (clr) q <= 0; else if (en) q <= q + d", "if (en) q <= clr ? 0 : q + d"),
            ("if (clr)", "if (clr && !en)"),
            ("if (clr) q <= 0", "if (clr) q <= en ? d : 0"),
            ("if (clr) q <= 0; else if (en) q <= q + d", "if (en) q <= q + d; else if (clr) q <= 0"),
        ),
        (("if (rst) q <= 0; else if (clr) q <= 0", "if (rst || clr) q <= 0"),),
    ),
    Kind(
        "wide product",
        "module top(input [15:0] a, b, output [31:0] y); assign y = a * b; endmodule",
        (
            ("a * b", "a == 16'hFFFF && b == 16'hFFFF ? 0 : a * b"),
            ("a * b", "a[14:0] * b"),
            ("a * b", "{1'b0, 31'd0} | (a * b) & 32'hFFFDFFFF"),
            ("a * b", "a == b ? a * b ^ (a == 16'h8000) : a * b"),
        ),
        (("a * b", "b * a"),),
    ),
    Kind(
        "signed boundaries",
        "module top(input signed [15:0] a, b, output signed [31:0] p, output less, output [15:0] m);"
        " assign p = a * b; assign less = a < b; assign m = a < 0 ? -a : a; endmodule",
        (
            ("m = a < 0 ? -a : a", "m = a == -32768 ? 32767 : a < 0 ? -a : a"),
            ("p = a * b", "p = a == -32768 && b == -32768 ? 0 : a * b"),
            ("less = a < b", "less = a <= b"),
            ("less = a < b", "less = a == 32767 ? b[15] : a < b"),
            ("less = a < b", "less = (a - b) >>> 15 & 1"),
        ),
        (("less = a < b", "less = b > a"),),
    ),
    Kind(
        "slow divider",
        f"{CLOCKED}output reg led); reg [22:0] n; always @(posedge clk) if (rst) begin n <= 0; led <= 0; end"
        " else if (n == 6000000 - 1) begin n <= 0; led <= ~led; end else n <= n + 1; endmodule",
        (("led <= ~led", "led <= 0"), ("6000000 - 1", "6000000"), ("6000000", "600000")),
        (("led <= ~led", "led <= !led"),),
    ),
    Kind(
        "timer",
        f"{CLOCKED}input start, input [11:0] period, output reg busy, output reg done); reg [11:0] n;"
        " always @(posedge clk) if (rst) begin busy <= 0; done <= 0; n <= 0; end else begin done <= 0;"
        " if (!busy) begin if (start) begin busy <= 1; n <= period; end end"
        " else if (n == 0) begin busy <= 0; done <= 1; end else n <= n - 1; end endmodule",
        (
            ("n <= period", "n <= period[10:0]"),
            ("n <= period", "n <= period > 3000 ? 3000 : period"),
            ("n == 0", "n[9:0] == 0"),
            ("done <= 1", "done <= start"),
        ),
        (("n == 0", "!(|n)"),),
    ),
    Kind(
        "timer of seconds",
        f"{CLOCKED}output reg [5:0] s, output reg [5:0] m); reg [7:0] n; wire tick = n == 249;"
        " always @(posedge clk) if (rst) begin n <= 0; s <= 0; m <= 0; end else begin n <= tick ? 0 : n + 1;"
        " if (tick) begin s <= s == 59 ? 0 : s + 1; if (s == 59) m <= m == 59 ? 0 : m + 1; end end endmodule",
        (
            ("s <= s == 59 ? 0", "s <= s == 60 ? 0"),
            ("m <= m == 59 ? 0 : m + 1", "m <= m + 1"),
            ("if (s == 59) m", "if (s == 58) m"),
            ("m <= m == 59 ? 0 : m + 1", "m <= m == 1 ? 0 : m + 1"),
        ),
        (("n <= tick ? 0", "n <= n == 249 ? 0"),),
    ),
    Kind(
        "sticky flags",
        f"{CLOCKED}input [7:0] d, input ack, output reg over, output reg under);"
        " always @(posedge clk) if (rst) begin over <= 0; under <= 0; end else begin"
        " if (d > 8'd250) over <= 1; else if (ack) over <= 0; if (d < 8'd3) under <= 1; else if (ack) under <= 0;"
        " end endmodule",
        (
            ("d > 8'd250", "d >= 8'd250"),
            ("d > 8'd250", "d > 8'd251"),
            ("d < 8'd3", "d <= 8'd3"),
            (
                "if (d < 8'd3) under <= 1; else if (ack) under <= 0",
                "if (ack) under <= 0; else if (d < 8'd3) under <= 1",
            ),
            ("else if (ack) over <= 0", "else if (ack && !under) over <= 0"),
            ("else if (ack) over <= 0", ""),
        ),
        (("d > 8'd250", "d >= 8'd251"),),
    ),
    Kind(
        "least recently used",
        f"{CLOCKED}input use_, input [1:0] way, output [1:0] victim); reg [1:0] o [0:3]; integer i;"
        " assign victim = o[3]; always @(posedge clk) if (rst) for (i = 0; i < 4; i = i + 1) o[i] <= i;"
        " else if (use_) begin o[0] <= way; if (o[0] != way) begin o[1] <= o[0];"
        " if (o[1] != way) begin o[2] <= o[1]; if (o[2] != way) o[3] <= o[2]; end end end endmodule",
        (
            ("if (o[2] != way) o[3] <= o[2];", "o[3] <= o[2];"),
            ("if (o[1] != way) begin o[2] <= o[1];", "begin o[2] <= o[1];"),
            ("o[i] <= i", "o[i] <= 3 - i"),
            ("else if (use_)", "else if (use_ && way != o[2])"),
        ),
        (("else if (use_)", "else if (use_ == 1'b1)"),),
    ),
    Kind(
        "shift out and parity",
        f"{CLOCKED}input load, input [31:0] d, output out, output reg [5:0] left, output reg odd); reg [31:0] s;"
        " assign out = s[31]; always @(posedge clk) if (rst) begin s <= 0; left <= 0; odd <= 0; end"
        " else if (load && left == 0) begin s <= d; left <= 32; odd <= 0; end"
        " else if (left != 0) begin s <= s << 1; left <= left - 1; odd <= odd ^ s[31]; end endmodule",
        (
            ("left <= 32", "left <= 31"),
            ("s <= d;", "s <= d & 32'hFFFFFFFE;"),
            ("load && left == 0", "load && left < 2"),
            ("odd <= odd ^ s[31]", "odd <= left == 1 ? odd : odd ^ s[31]"),
        ),
        (("s <= s << 1", "s <= {s[30:0], 1'b0}"),),
    ),
    Kind(
        "pulse width",
        f"{CLOCKED}input [9:0] duty, output reg out); reg [9:0] n; always @(posedge clk) if (rst) begin n <= 0;"
        " out <= 0; end else begin n <= n + 1; out <= n < duty; end endmodule",
        (
            ("n < duty", "n <= duty"),
            ("n <= n + 1", "n <= n == 1022 ? 0 : n + 1"),
            ("n < duty", "n[8:0] < duty[8:0]"),
            ("n <= n + 1", "n <= n == 599 ? 0 : n + 1"),
        ),
        (("n < duty", "duty > n"),),
    ),
    Kind(
        "credits",
        f"{CLOCKED}input take, input give, output reg [5:0] n, output ok); assign ok = n != 0;"
        " always @(posedge clk) if (rst) n <= 40; else case ({take && ok, give && n != 63})"
        " 2'b10: n <= n - 1; 2'b01: n <= n + 1; default: n <= n; endcase endmodule",
        (
            ("give && n != 63", "give"),
            ("give && n != 63", "give && n != 62"),
            ("take && ok", "take"),
            ("ok = n != 0", "ok = n > 1"),
        ),
        (("ok = n != 0", "ok = |n"),),
    ),
    Kind(
        "watchdog",
        f"{CLOCKED}input kick, input en, output reg bark); reg [8:0] n;"
        " always @(posedge clk) if (rst) begin n <= 0; bark <= 0; end else if (kick) begin n <= 0; bark <= 0; end"
        " else if (en) begin if (n == 400) bark <= 1; else n <= n + 1; end endmodule",
        (
            ("n == 400", "n == 401"),
            ("n == 400", "n == 200"),
            ("if (kick) begin n <= 0; bark <= 0; end", "if (kick) n <= 0;"),
            ("bark <= 1;", "bark <= 0;"),
        ),
        (
            ("if (n == 400) bark <= 1; else n <= n + 1", "if (n != 400) n <= n + 1; else bark <= 1"),
            ("if (n == 400) bark <= 1; else n <= n + 1", "if (n == 400) bark <= 1; n <= n + 1"),
        ),
    ),
    Kind(
        "debouncer",
        f"{CLOCKED}input key, output reg q); reg [7:0] n; always @(posedge clk) if (rst) begin n <= 0; q <= 0; end"
        " else if (key == q) n <= 0; else if (n == 199) begin q <= key; n <= 0; end else n <= n + 1; endmodule",
        (
            ("n == 199", "n == 198"),
            ("q <= key;", "q <= 1;"),
            ("n == 199", "n == 63"),
            ("if (key == q) n <= 0; else if", "if"),
        ),
        (("key == q", "!(key ^ q)"),),
    ),
    Kind(
        "one hundred pulses",
        f"{CLOCKED}input p, output reg [6:0] n, output reg every); always @(posedge clk) if (rst) begin n <= 0;"
        " every <= 0; end else begin every <= p && n == 99; if (p) n <= n == 99 ? 0 : n + 1; end endmodule",
        (
            ("n <= n == 99", "n <= n == 100"),
            ("every <= p && n == 99", "every <= n == 99"),
            ("every <= p && n == 99", "every <= p && n == 127"),
        ),
        (("n <= n == 99 ? 0", "n <= n > 98 ? 0"),),
    ),
    Kind(
        "register without a counter",
        f"{CLOCKED}input en, input d, output reg q);"
        " always @(posedge clk) if (rst) q <= 0; else if (en) q <= d; endmodule",
        tuple(
            (
                ("reg q);", f"reg q); reg [15:0] n; always @(posedge clk) if (rst) n <= 0; else n <= {step};"),
                ("else if (en)", f"else if (n == {far}) q <= 0; else if (en)"),
            )
            for step, far in (
                ("en ? n + 1 : 0", 40),
                ("en ? 0 : n + 1", 40),
                ("en && d ? n + 1 : 0", 40),
                ("n + en", 300),
                ("n + 1", 700),
                ("n + 1", 3000),
                ("n + 1", 30000),
            )
        ),
        (
            (
                ("reg q);", "reg q); reg [15:0] n; always @(posedge clk) if (rst) n <= 0; else n <= en ? n + 1 : 0;"),
                ("else if (en)", "else if (n == 40) q <= en ? d : q; else if (en)"),
            ),
        ),
    ),
)
