"""The lexer of SystemVerilog over any text, prose too: tokens with their places, and what makes two texts one design.

tokens(text)             ->  Token(kind, text, start, new_line), ...
normalise(code)          ->  the code without comments and layout
code_id(task_id, code)   ->  equal for candidates of a task that differ in layout only

python -c "from itertl.verilog.tokens import *; print([t.text for t in tokens('assign y = 8\'h1a; // why')])"
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pyslang
from pyslang.parsing import Lexer, LexerOptions, TokenKind

from itertl.identity import digest

_FOREIGN = re.compile(r"[^ -~\t\n\f]")
_PATIENT = LexerOptions()
_PATIENT.maxErrors = 1 << 30  # else it stops at the seventeenth character that it does not know: prose has more
_DIGITS = frozenset({TokenKind.IntegerLiteral, TokenKind.RealLiteral, TokenKind.Identifier, TokenKind.Question})


class Token(NamedTuple):
    """One token: its kind, its text, where it starts (characters) and whether a line break precedes it."""

    kind: TokenKind
    text: str
    start: int
    new_line: bool

    @property
    def end(self) -> int:
        """Offset of the first character behind the token."""
        return self.start + len(self.text)

    @property
    def name(self) -> str:
        """The identifier that the token means: an escaped one without its backslash."""
        return self.text[1:] if self.text.startswith("\\") else self.text


def to_ascii(text: str) -> str:
    """Return `text` with every character that Verilog does not know as DEL: offsets stay, comments stay comments.

    A line ends with a line feed only: where a carriage return ends a comment for one tool and not for the next, one
    of them reads code that the other does not.
    """
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    return _FOREIGN.sub("\x7f", text)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of `text`, comments and layout left out; characters outside ASCII count as one unknown."""
    ascii_text = to_ascii(text)
    manager = pyslang.SourceManager()
    buffer = manager.assignText(ascii_text)
    lexer = Lexer(buffer, pyslang.BumpAllocator(), pyslang.Diagnostics(), manager, _PATIENT)
    end = 0
    while (kind := (token := lexer.lex()).kind) != TokenKind.EndOfFile:
        raw, start = token.rawText, token.location.offset
        yield Token(kind, raw, start, "\n" in ascii_text[end:start])
        end = start + len(raw)


def normalise(code: str) -> str:
    """Return `code` as its tokens, one space between them; lines with a directive keep their ends.

    Texts of equal normal form are the same tokens to every tool, so that no design gets another one's verdict.
    """
    stream = list(tokens(code))
    keep_lines = any(t.text[0] == "`" and t.kind == TokenKind.Directive for t in stream)
    parts, digits_from = [], -1  # where the digits of a number go on: 8'h1a is one number, 8'h1 a is none
    for token in stream:
        joined = token.start == digits_from and token.kind in _DIGITS
        parts += ["\n" if keep_lines and token.new_line else "" if joined else " ", token.text]
        digits_from = token.end if joined or (token.text[0] == "'" and token.kind == TokenKind.IntegerBase) else -1
    return "".join(parts).strip()


def spell(name: str) -> str:
    """Return `name` as Verilog source: escaped, with the space that ends it, where it is no identifier or a keyword."""
    plain = name.isidentifier() and name.isascii() and next(tokens(name)).kind == TokenKind.Identifier
    return name if plain else f"\\{name} "


def code_id(task_id: str, code: str) -> str:
    """Return the identity of a design for a task: equal for texts that differ in comments and layout only."""
    return digest(task_id, normalise(code))
