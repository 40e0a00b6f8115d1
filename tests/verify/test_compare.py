"""Agreement in all and by output, and the first difference."""

from itertl.verify.compare import Expected, compare, defined_bits
from itertl.verilog.interface import Port

OUTPUTS = (Port("a", "output", 1), Port("b", "output", 2), Port("never", "output", 1))


def test_undefined_bits_of_the_reference_do_not_count() -> None:
    expected = Expected.of("xxxx0x1x101z", OUTPUTS)
    assert defined_bits(expected.trace) == 5
    right = compare(expected, "111001111010")
    assert (right.equal, right.agreement, right.outputs) == (True, 1.0, {"a": 1.0, "b": 1.0})
    wrong = compare(expected, "111x00x11000")
    assert (wrong.agreement, wrong.sample, wrong.signal, wrong.expected, wrong.found) == (0.6, 1, "b", "x1", "0x")
    assert wrong.outputs == {"a": 1.0, "b": 1 - 2 / 3}


def test_a_bit_that_is_driven_at_other_moments_has_to_be_let_go_of() -> None:
    outputs = (Port("a", "output", 1), Port("b", "output", 1))
    expected = Expected.of("0z1zzz", outputs)
    assert compare(expected, "001x00").outputs == {"a": 1 - 1 / 3}
    assert compare(expected, "011xz0").equal
    missed = compare(expected, "0z1z0z")
    assert (missed.sample, missed.signal, missed.expected, missed.found) == (2, "a", "z", "0")


def test_the_trace_itself_agrees_and_undefined_bits_of_a_candidate_are_wrong() -> None:
    expected = Expected.of("0110", OUTPUTS)
    assert compare(expected, "0110").outputs == {"a": 1.0, "b": 1.0, "never": 1.0}
    for undefined in "xz":
        result = compare(expected, undefined * 4)
        assert (result.agreement, result.signal, result.sample) == (0.0, "a", 0)
        assert set(result.outputs.values()) == {0.0}


def test_the_first_difference_is_the_first_in_time() -> None:
    expected = Expected.of("0000" * 100, OUTPUTS)
    trace = "0000" * 41 + "0001" + "1000" * 58
    result = compare(expected, trace)
    assert (result.sample, result.signal) == (41, "never")
    assert result.outputs == {"a": 1 - 0.58, "b": 1.0, "never": 0.99}
