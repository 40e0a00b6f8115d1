"""Numbers without a size that need more than 32 bits, as all tools read them alike.

    meant("... x * 1099511628211 ...")  ->  "... x * (64'sd1099511628211) ..."

A number without a size has at least 32 bits (IEEE 1800-2017, 5.7.1). The front-end cuts a larger one off at 32,
Icarus Verilog gives all around it as many bits as nothing can overflow, others refuse it. Here it is the number that
stands there, as a signed one of 64 bits, or of as many as it needs.
"""

import re
from typing import Any

from pyslang.syntax import SyntaxKind

from itertl.verilog.frontend import parse
from itertl.verilog.rewrite.aggregates import Edit, span

LARGE = 1 << 31  # the first number that has no 32 bits, and a sign
CUT = 1 << 32  # what is cut off is taken modulo this
MOST_DIGITS = 1000
_LONG = re.compile(r"(?<![\w'$.])\d[\d_]{6,}(?![\w.])")
_BITS = 64


def long_numbers(text: str) -> list[int]:
    """Return the numbers of a text with seven digits or more; of too many digits, the first ones."""
    return [int(found[0].replace("_", "")[: MOST_DIGITS + 1]) for found in _LONG.finditer(text)]


def meant(text: str) -> str:
    """Return a text without directives with a size at each large number."""
    if all(number < LARGE for number in long_numbers(text)):
        return text
    return joined(text, sizes(parse(text)))


def joined(text: str, changes: list[Edit]) -> str:
    """Return a text with edits."""
    parts, at = [], 0
    for change in changes:
        parts += [text[at : change.start], change.text]
        at = change.end
    return "".join([*parts, text[at:]])


def sizes(tree: Any, least: int = LARGE) -> list[Edit]:
    """Return edits that give a size to the numbers from `least` on, those of enumerations where it matters."""
    literals: list[Any] = []
    tree.root.visit(lookup_table={SyntaxKind.IntegerLiteralExpression: literals.append})
    found: list[Edit] = []
    for literal in literals:
        digits = literal.literal.rawText.replace("_", "")
        value = int(digits) if digits.isdecimal() and len(digits) <= MOST_DIGITS else -1
        if value < max(least, 0):
            continue
        if not _in_enumeration(literal):
            found.append(Edit(*span(literal), f"({max(_BITS, value.bit_length() + 1)}'sd{value})"))
        elif value >= LARGE:
            found.append(Edit(*span(literal), f"'d{value}"))  # of as many bits as the enumeration
    return sorted(found, key=lambda edit: edit.start)


def _in_enumeration(node: Any) -> bool:
    while node is not None and node.kind != SyntaxKind.EnumType:
        node = node.parent
    return node is not None
