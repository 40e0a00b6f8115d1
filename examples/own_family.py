"""A gym family of one's own: exactly one bit of a word is set.

As part of the gym it would be a file in src/itertl/tasks/gym/ and one line of families.py there.
"""

from collections.abc import Iterator

from itertl.tasks.gym.design import Design, Family, Names, Row, Rows, bits, body, inp, out


def _one_hot(n: Names, width: int, level: int) -> Design:
    """Return the design, and the same behaviour told five times; the names are marks, replaced for each task."""
    a, y = n.a, n.y
    word = a if level else f"(~{a})"
    test = f"({word} != 0) && (({word} & ({word} - 1'b1)) == 0)"
    return Design(
        ports=(inp(width, a), out(1, y)),
        body=body(f"assign {y} = {test};"),
        texts=(
            f"{y} is 1 if exactly one bit of the {bits(width)} input {a} is {level}, else 0.",
            f"- input {a}: {width} bit\n- output {y}: 1 bit\n- {y} = 1 for words with one single bit at {level}",
            f"Check the {bits(width)} word {a}: set {y} where one bit, and no other, equals {level}.",
            f"A grant {a} of {width} lines is legal if a single line is at {level}. Report on {y} whether it is.",
            f"Of the {width} bits of {a}, count those at {level}; {y} tells whether there is just one.",
        ),
    )


def _one_hot_values(rows: Rows, width: int, level: int) -> Iterator[Row]:
    """Foretell the outputs without a look at the reference: tests compare both."""
    for row in rows:
        yield {"y": int(f"{row['a']:0{width}b}".count(str(level)) == 1)}


ONE_HOT = Family(
    "one_hot",
    1,
    _one_hot,
    oracle=_one_hot_values,
    parameters={"width": tuple(range(3, 17)), "level": (0, 1)},
    shifted={"width": tuple(range(20, 65, 4))},
    names={
        "module": ("one_hot", "onehot_check", "single_bit", "is_one_hot{width}"),
        "a": ("a", "in", "data", "grant", "word"),
        "y": ("y", "ok", "legal", "valid", "single"),
    },
)
