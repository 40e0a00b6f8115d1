"""What a syntax error comes from, where the parser's words do not say it: foreign characters, keywords as names.

error_with_cause(tree, code)  ->  "line 2: expected identifier; bit is a keyword of SystemVerilog and no name"
"""

import unicodedata
from typing import Any

from pyslang.parsing import TokenKind

from itertl.verilog.frontend import MAX_DETAIL, syntax_error
from itertl.verilog.tokens import tokens

_MEANT = {"‘": "'", "’": "'", "‚": "'", "´": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-"}  # noqa: RUF001
_MEANT |= {"×": "*", "≤": "<=", "≥": ">=", "≠": "!=", "\xa0": "a space", "（": "(", "）": ")", "；": ";", "，": ","}  # noqa: RUF001
_NEAR = 200  # characters behind an error that are looked at
_NAMELESS = ("expected identifier", "expected a declaration name", "expected a data type")


def error_with_cause(tree: Any, code: str) -> str:
    """Return the first syntax error of `tree`, parsed from `code` with foreign characters masked, or ""."""
    error = syntax_error(tree)
    if not error:
        return ""
    offset = next(d.location.offset for d in tree.diagnostics if d.isError())
    return f"{error}{_cause(error, code, offset)}"[:MAX_DETAIL]


def _cause(error: str, code: str, offset: int) -> str:
    if "non-printable" in error and offset < len(code):
        letter = code[offset]
        name = unicodedata.name(letter, f"character {ord(letter)}").lower()
        meant = f"; did you mean {_MEANT[letter]}" if letter in _MEANT else ""
        return f": {letter!r} ({name}) is no letter of Verilog{meant}"
    if any(text in error for text in _NAMELESS):
        line = code[code.rfind("\n", 0, offset) + 1 : offset]
        behind, before = list(tokens(code[offset : offset + _NEAR])), list(tokens(line))
        for token in (*behind[:1], *before[-1:]):  # a type that should have been a name stands before the error
            if token.text.isalpha() and token.kind != TokenKind.Identifier:
                return f"; {token.text} is a keyword of SystemVerilog and no name"
    return ""
