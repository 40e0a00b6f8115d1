"""What makes two texts one design."""

from itertl.verilog.tokens import code_id, normalise

TOP = "module top(input a, output y);\n  assign y = a;\nendmodule"


def test_layout_and_comments_do_not_make_a_new_design() -> None:
    spread = TOP.replace(" ", "  \n") + " // a comment — with a dash"
    assert normalise(spread) == normalise(TOP)
    assert code_id("t", spread) == code_id("t", TOP) != code_id("u", TOP)
    assert code_id("t", TOP.replace("= a", "= ~a")) != code_id("t", TOP)


def test_a_number_and_its_pieces_are_two_designs() -> None:
    whole, pieces = "assign y = 8'h1a;", "assign y = 8'h1 a;"
    assert code_id("t", whole) != code_id("t", pieces)
    assert code_id("t", "assign y=a?8'h1a:b;") == code_id("t", "assign y = a ? 8'h1a : b;")
