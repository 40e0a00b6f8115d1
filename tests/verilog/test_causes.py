"""Syntax errors say what they come from."""

import pytest

from itertl.verilog.guard import Refusal, inspect


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("assign y = a == 2’b01;", "line 2: .*'’' \\(right single quotation mark\\).*did you mean '$"),  # noqa: RUF001
        ("assign y = “a”;", 'did you mean "$'),
        ("assign y = a – b;", "en dash.*did you mean -$"),  # noqa: RUF001
        ("wire bit; assign y = bit;", "line 2: .*; bit is a keyword of SystemVerilog and no name$"),
        ("integer final;", "; final is a keyword"),
        ("always @(*) begin : do y = a; end", "; do is a keyword"),
        ("assign y = a", "line 3: expected ';'$|line 2: expected ';'$"),
    ],
)
def test_the_cause_is_named(body: str, said: str) -> None:
    gate = inspect(f"module m(input a, b, output reg y); // it’s a – b\n{body}\nendmodule", "m", None)  # noqa: RUF001
    assert isinstance(gate, Refusal)
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(gate.detail)
