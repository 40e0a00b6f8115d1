"""Two values in a sentence: their difference is seen, whatever their width."""

import pytest

from itertl.verify.differing import BITWISE, differ, differing_bits, values

WIDE = "1101001001000001" * 4


def with_bits(bits: str, **changed: str) -> str:
    """`bits` with others at some numbers: b3="1"."""
    found = list(bits)
    for name, bit in changed.items():
        found[~int(name[1:])] = bit
    return "".join(found)


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        ("0110", "0111", "q expected 0110, got 0111"),
        ("1" * BITWISE, "0" * BITWISE, f"q expected {'1' * 40}, got {'0' * 40}"),
        (
            WIDE,
            with_bits(WIDE, b3="1"),
            "q expected 64'hd241d241d241d241, got 64'hd241d241d241d249 (bit 3 is 1, expected 0)",
        ),
        (
            WIDE,
            with_bits(WIDE, b0="x", b1="z", b63="0"),
            "q expected 64'hd241d241d241d241, got 64'h5241d241d241d24X (3 bits differ; bit 63 is 0, expected 1)",
        ),
        (
            "0" * 43,
            "x" * 43,
            "q expected 43'h00000000000, got 43'hxxxxxxxxxxx (43 bits differ; bit 42 is x, expected 0)",
        ),
        (
            "x" + WIDE,
            "1" + with_bits(WIDE, b4="1"),
            "q expected 65'hxd241d241d241d241, got 65'h1d241d241d241d251 (bit 4 is 1, expected 0)",
        ),
        (
            "z" * 41,
            "0" * 41,
            "q expected 41'hzzzzzzzzzzz, got 41'h00000000000 (41 bits differ; bit 40 is 0, expected z)",
        ),
    ],
)
def test_a_difference_is_seen(expected: str, got: str, said: str) -> None:
    assert differ("q", expected, got) == said


@pytest.mark.parametrize("number", [0, 3, 100, 511, 512, 1023])
def test_of_a_very_wide_value_the_part_that_differs_is_shown(number: int) -> None:
    want, found = values("0" * 1024, with_bits("0" * 1024, **{f"b{number}": "1"}))
    assert (len(want), want != found) == (len(found), True)
    assert len(found) <= len("1024'h") + BITWISE
    assert differing_bits("0" * 1024, with_bits("0" * 1024, **{f"b{number}": "1"})) == [number]
