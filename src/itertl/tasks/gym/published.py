"""Designs that the gym never makes, in no split: they solve a problem of a published benchmark.

    published(entry.digest, entry.design.body)   ->   True for a 2-to-1 multiplexer

`DESIGNS` are digests (`normal.design_digest`), which copy nothing: all designs of families that list theirs, and of
`simplest`, and all truth tables of two inputs, that behave as the reference of a problem does up to names and order of
ports. What holds one of three such designs as a part, a count of ones, a reversed byte written out bit by bit or four
bytes in reverse order, is left out as well: `itertl audit` finds the problem in it. A split's other tasks are what they
would be without this list.
"""

import re

ONES = re.compile(r" = [\w«»]+\[0\] \+ [\w«»]+\[1\] \+ [\w«»]+\[2\]")
BYTE = re.compile(r"\[0\]" + "".join(rf", [\w«»]+\[{i}\]" for i in range(1, 8)) + r"\}")
BYTES = re.compile(r"\[7:0\]" + "".join(rf", [\w«»]+\[{8 * i + 7}:{8 * i}\]" for i in range(1, 4)))


def published(digest: int, body: str) -> bool:
    """Return whether a design, by its digest and its body, solves a published problem or holds one that does."""
    if digest in DESIGNS or ("[1] + " in body and ONES.search(body)):
        return True
    return bool(BYTE.search(body) or BYTES.search(body))


DESIGNS = frozenset(
    [
        # bcd_adder
        0xF113F38A1E491F59,
        # both_edges
        0x24A16D7E4500D76C,
        # comparator
        0x5F5C48170C005DA4,
        0x918F76510674930C,
        # constants
        0x2B5295E5238FDFBB,
        0x59522F6213CE61A6,
        # counter
        0xD0C727A27E73CF11,
        # delay
        0x9F46BC819B738E96,
        # demux
        0x83CF1B246ACAA3EE,
        # expression
        0xCA3C524F684C932C,
        # extend
        0x68E8D24EB43C0D1B,
        # gate
        0x23830FDCDE82BAB4,
        0x539DAF108FF5B677,
        0x67B5E6134BC40801,
        0x7B9DC435234B4A1B,
        0x9140DBF0E81F54FC,
        0xDDE01D45328AE224,
        0xE67F73EE686AD02C,
        0xFB5B759F5626BE26,
        # gate_set
        0x02640EAE09A4EF32,
        0xDB3E083EC030282F,
        # latch
        0x6EEE32F59DDF66CD,
        # modulo_counter
        0x2EF5E7EFC42ABA53,
        0xBCC8BDAE3CA99539,
        0xC8D29DCBDBC45713,
        # mux
        0x48B030572F6677B3,
        0xC2281D223710908E,
        # parity
        0xE0CD548209719FC3,
        # parts
        0x2AEC4F0C1CD86EAD,
        0x3BF704BE51C7A3CE,
        # plain_register
        0x546A9DCD398ED44B,
        0x931D1051CDCB5B22,
        # popcount
        0x12C3804491ED39E2,
        0x196B12004B19AE53,
        0x254139393A2824A9,
        0x28F0E9FF0D28E3E1,
        0x4E058CD65AFE80B8,
        0x59873158F4D45399,
        0x5E5CDFBEA81AC6EB,
        0x6B83CDA680E958B7,
        0x76EBDB968F5A4D8F,
        0x92883640ACFFAB33,
        0xB70AD6C199B1F2D3,
        0xC1F441B3FB2FE5E7,
        # priority_encoder
        0x0A259D47905C7C1C,
        0x5AC527557F0CC298,
        # register
        0x22BE30F9C70E5053,
        0x91B214F66B0B6B19,
        0xD172D3B62C3C0AF2,
        0xF04B11B828F5DFEA,
        # reverse
        0x42E6F4FB27A3F79B,
        0x455D2706C8F77E9D,
        0x71EA79ACDC1F2C22,
        0x9F9C958F15E7CCF2,
        0xB1C0075DB5CEE928,
        0xC766D2DB59C964FA,
        # ring_counter
        0x1D38B190AFEB8545,
        # sequence_detector
        0x35168D4731E1F3DF,
        0x37B94A1592B8D6AE,
        # shift_register
        0x6876577FFEC1E750,
        0x87BD4EF01BCAD208,
        # truth_table
        0x0C41ACCC6CC1783C,
        0x4364FC1442F6A1A9,
        0x467CE04C56141C6B,
        # updown_counter
        0x6B3C2F046ECB9745,
        # wires
        0x0A740E0D5CA77A5C,
        0x1A6E438CCF797F12,
    ]
)
