"""From a language model's free text to a design, by tokens of the SystemVerilog lexer, never by patterns on text.

    extract_module(completion, header, top)  ->  the modules to verify, or "" if there is no complete module
    normalise(code)                          ->  the code without comments and layout
    code_id(task_id, code)                   ->  equal for candidates of a task that differ in layout only

What is kept: the module `top` and, in their order, the modules it mentions, directly or through others; test benches,
prose, fences and directives around them are dropped. Of several complete modules of one name the last counts.
A completion that goes on from `header` (its first `endmodule` closes no module of its own) becomes header + body,
and that wins over later modules of the same name. Nothing is ever added at the end: cut-off modules do not exist.

    python -c "from itertl.verilog.extract import *; print(extract_module('Sure: module t; endmodule', '', 't'))"
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyslang
from pyslang.parsing import Lexer, LexerOptions, TokenKind

from itertl.identity import digest

_FOREIGN = re.compile(r"[^ -~\t\n\f]")
_PATIENT = LexerOptions()
_PATIENT.maxErrors = 1 << 30  # else it stops at the seventeenth character that it does not know: prose has more
_DIGITS = frozenset({TokenKind.IntegerLiteral, TokenKind.RealLiteral, TokenKind.Identifier, TokenKind.Question})
MAX_TEXT = 1_000_000  # characters; longer completions are no answer

_BEHIND_NAME = frozenset(
    {TokenKind.OpenParenthesis, TokenKind.Hash, TokenKind.Semicolon, TokenKind.ImportKeyword, TokenKind.DoubleColon}
)


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


def extract_module(completion: str, header: str, top: str) -> str:
    """Return the design in `completion`: `top` and the modules it uses, or "" if no module is complete."""
    text = completion[:MAX_TEXT]
    stream = list(tokens(text))
    found = _modules(text, stream, header, top)
    if not found:
        return ""
    if top not in found:
        return "\n\n".join(found.values())
    mentioned = {name: {t.name for t in tokens(code)} for name, code in found.items()}
    used, front = {top}, [top]
    while front:
        reached = [n for n in found if n not in used and n in mentioned[front[-1]]]
        front = front[:-1] + reached
        used.update(reached)
    return "\n\n".join(code for name, code in found.items() if name in used)


def why_empty(completion: str) -> str:
    """Return why `extract_module` has found nothing in a completion."""
    if len(completion) > MAX_TEXT:
        return f"no complete module in the first {MAX_TEXT:,} characters of {len(completion):,}; the rest is not read"
    return "no complete module in the completion"


def _modules(text: str, stream: Sequence[Token], header: str, top: str) -> dict[str, str]:
    """Return the complete modules of `text` by name; a body without a module of its own goes on from `header`."""
    found: dict[str, str] = {}
    opened: tuple[str, int] | None = None
    free = 0  # where text begins that belongs to no module
    continued = False
    for index, token in enumerate(stream):
        if token.kind in (TokenKind.ModuleKeyword, TokenKind.MacromoduleKeyword):
            if name := _module_name(stream, index):
                opened = (name, token.start)
        elif token.kind == TokenKind.EndModuleKeyword:
            end = _label_end(stream, index)
            if opened is not None:
                name, start = opened
                if not (continued and name == top):
                    found.pop(name, None)
                    found[name] = text[start:end]
            elif header and not continued and top not in found:
                continued = True
                found[top] = (
                    header.rstrip() + "\n" + text[_body_start(text, stream, free, token.start) : end].lstrip("\n")
                )
            opened, free = None, end
    return found


def _module_name(stream: Sequence[Token], index: int) -> str:
    """Return the name behind the keyword at `index`, or "" where this is prose: 'the module adds two numbers'."""
    rest = stream[index + 1 : index + 4]
    if rest and rest[0].kind in (TokenKind.AutomaticKeyword, TokenKind.StaticKeyword):
        rest = rest[1:]
    named = len(rest) >= 2 and rest[0].kind == TokenKind.Identifier and rest[1].kind in _BEHIND_NAME
    return rest[0].name if named else ""


def _label_end(stream: Sequence[Token], index: int) -> int:
    """Return where the module ends whose `endmodule` stands at `index`: behind its label, if it has one."""
    label = stream[index + 1 : index + 3]
    if len(label) == 2 and label[0].kind == TokenKind.Colon and label[1].kind == TokenKind.Identifier:
        return label[1].end
    return stream[index].end


def _body_start(text: str, stream: Sequence[Token], free: int, end: int) -> int:
    """Return where the body that ends at `end` begins: behind the last fence's opening line, else at `free`."""
    start = free
    for token in stream:
        if free <= token.start < end and token.kind == TokenKind.MacroPaste and token.text == "``":
            line = text.find("\n", token.start)
            start = line + 1 if 0 <= line < end else token.end
    return start


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


def code_id(task_id: str, code: str) -> str:
    """Return the identity of a design for a task: equal for texts that differ in comments and layout only."""
    return digest(task_id, normalise(code))
