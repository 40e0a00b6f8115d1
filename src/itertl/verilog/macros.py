"""Macros and conditions that a text defines itself, replaced by what they mean, as a compiler's preprocessor does.

    expanded(text)  ->  text without `define, `ifdef and uses of macros; every line keeps its number

Directives count at the beginning of a line only, so that prose may speak of them. What is defined nowhere in the text
is undefined (IEEE 1800-2017, 22.6). Unknown macros, `include and the rest stay as they are, for the guard to name. Text
that would grow beyond all bounds, asks which tool reads it, or has a condition without an end is left alone as a whole.

    python -c "from itertl.verilog.macros import *; print(expanded('`define W 8' + chr(10) + 'wire [`W-1:0] a;'))"
"""

import dataclasses
import re
from collections.abc import Iterator

from pyslang.parsing import TokenKind

from itertl.verilog.tokens import Token, tokens

MOST_ADDED = 100_000  # characters that macros may add to a text: the guard takes no longer design
_USE = 40  # characters that one use counts for at least, for the work that it makes
_DEEPEST = 32  # macros inside one another
_HANDLED = re.compile(r"`(define|undef|ifn?def)\b")
_CONDITIONS = frozenset({"`ifdef", "`ifndef", "`elsif", "`else", "`endif"})
_ENDS = re.compile(r"(?<!\\)\n")  # a line goes on behind a backslash
_TOOLS = re.compile(r"__\w+|YOSYS|VERILATOR", re.IGNORECASE)  # defined by a tool: designs are the same for all of them
_QUOTES = {TokenKind.MacroQuote: '"', TokenKind.MacroEscapedQuote: r"\""}
_OPEN, _CLOSE = ("(", "[", "{", "'{"), (")", "]", "}")


@dataclasses.dataclass(frozen=True, slots=True)
class _Macro:
    """What a name stands for; `parameters` are (name, default), None where it takes no arguments."""

    body: str
    parameters: tuple[tuple[str, str], ...] | None = None


class _GiveUpError(Exception):
    """The text stays as it is."""


@dataclasses.dataclass(slots=True)
class _State:
    """Macros so far, conditions that are open (active, whether one branch was taken), and characters left to write."""

    left: int
    macros: dict[str, _Macro] = dataclasses.field(default_factory=dict)
    known: frozenset[str] | None = None  # names that are defined elsewhere; None where nothing is known of that
    conditions: list[tuple[bool, bool]] = dataclasses.field(default_factory=list)

    @property
    def active(self) -> bool:
        """True outside of conditions, and in branches whose condition holds."""
        return all(active for active, _ in self.conditions)

    def has(self, name: str) -> bool:
        """True if a macro of that name is defined."""
        return name in self.macros or name in (self.known or ())


def expanded(text: str, known: frozenset[str] | None = None) -> str:
    """Return `text` with the macros and conditions that it defines replaced; see above.

    `known` are the names that a project defines around it, and no others: then a condition may name any tool.
    """
    if _HANDLED.search(text) is None:
        return text
    try:
        return "".join(_parts(text, _State(len(text) + MOST_ADDED, known=known)))
    except _GiveUpError:
        return text


def _parts(text: str, state: _State) -> Iterator[str]:
    """Yield the text between directives with its macros replaced, and for each directive its line breaks."""
    at = 0
    for token in tokens(text):
        if token.start < at or token.kind != TokenKind.Directive or not (token.new_line or token.start == 0):
            continue
        if token.text in ("`define", "`undef", *_CONDITIONS):
            end = _line_end(text, token) if token.text in ("`define", "`undef") else _condition_end(text, token)
            yield _shown(text[at : token.start], state)
            _obey(token.text, text[token.end : end], state)
            yield "\n" * text[token.start : end].count("\n")
            at = end
    if state.conditions:
        raise _GiveUpError
    yield _shown(text[at:], state)


def _line_end(text: str, token: Token) -> int:
    found = _ENDS.search(text, token.end)
    return found.start() if found else len(text)


def _condition_end(text: str, token: Token) -> int:
    """Return where a condition ends: behind the name that it asks for. Code may follow on its line."""
    if token.text in ("`else", "`endif"):
        return token.end
    found = re.compile(r"[ \t]*[A-Za-z_]\w*").match(text, token.end)
    if found is None:
        raise _GiveUpError
    return found.end()


def _shown(part: str, state: _State) -> str:
    if not state.active:
        return "\n" * part.count("\n")
    return _replaced(part, state, 0)


def _obey(directive: str, rest: str, state: _State) -> None:
    """Follow one directive; `rest` is what stands behind it."""
    words = rest.split()
    match directive:
        case "`define":
            if state.active:
                name, macro = _definition(rest)
                state.macros[name] = macro
        case "`undef":
            if state.active and words:
                state.macros.pop(words[0], None)
        case "`ifdef" | "`ifndef" | "`elsif" if (
            state.known is None and _TOOLS.fullmatch(words[0]) and words[0] not in state.macros
        ):
            raise _GiveUpError
        case "`ifdef" | "`ifndef":
            holds = state.has(words[0]) == (directive == "`ifdef")
            state.conditions.append((holds, holds))
        case _:
            if not state.conditions:
                raise _GiveUpError
            _, taken = state.conditions.pop()
            if directive == "`else":
                state.conditions.append((not taken, True))
            elif directive == "`elsif":
                holds = not taken and state.has(words[0])
                state.conditions.append((holds, taken or holds))


def _definition(rest: str) -> tuple[str, _Macro]:
    """Return the name that stands behind a `define, and what it stands for."""
    found = re.compile(r"\s*([A-Za-z_]\w*)").match(rest)
    if found is None:
        raise _GiveUpError
    behind = _without_comments(re.sub(r"\\\r?\n", " ", rest[found.end() :]))
    if not behind.startswith("("):
        return found[1], _Macro(behind.strip())
    parameters, end = _arguments(behind, 0)
    pairs = (parameter.partition("=") for parameter in parameters)
    return found[1], _Macro(behind[end:].strip(), tuple((name.strip(), value.strip()) for name, _, value in pairs))


def _without_comments(text: str) -> str:
    parts, at = [], 0
    for token in tokens(text):
        between = text[at : token.start]
        parts += [" " if "/" in between else between, token.text]
        at = token.end
    return "".join(parts)


def _replaced(text: str, state: _State, depth: int) -> str:
    """Return `text` with the uses of known macros replaced, those in their bodies, too."""
    if "`" not in text or not state.macros:
        return _counted(text, state)
    if depth > _DEEPEST:
        raise _GiveUpError
    parts, at = [], 0
    for token in tokens(text):
        macro = state.macros.get(token.text[1:]) if token.kind == TokenKind.Directive else None
        if macro is None or token.start < at:
            continue
        parts.append(_counted(text[at : token.start], state))
        state.left -= _USE
        values, at = _values(macro, text, token, state, depth)
        parts.append(_replaced(_filled(macro.body, values), state, depth + 1))
    return "".join([*parts, _counted(text[at:], state)])


def _counted(text: str, state: _State) -> str:
    state.left -= len(text)
    if state.left < 0:
        raise _GiveUpError
    return text


def _values(macro: _Macro, text: str, use: Token, state: _State, depth: int) -> tuple[dict[str, str], int]:
    """Return what the parameters of a macro stand for at one of its uses, and where this ends."""
    if macro.parameters is None:
        return {}, use.end
    open_ = re.compile(r"\s*\(").match(text, use.end)
    if open_ is None:
        raise _GiveUpError
    given, end = _arguments(text, open_.end() - 1)
    if len(given) > len(macro.parameters):
        raise _GiveUpError
    given += [""] * (len(macro.parameters) - len(given))
    pairs = zip(macro.parameters, given, strict=True)
    return {name: _replaced(value.strip() or default, state, depth + 1) for (name, default), value in pairs}, end


def _arguments(text: str, start: int) -> tuple[list[str], int]:
    """Return the texts between commas in the brackets that open at `start`, and where these are closed."""
    depth, at, found = 0, start + 1, []
    for token in tokens(text[start:]):
        if token.text in _OPEN:
            depth += 1
        elif token.text in _CLOSE:
            depth -= 1
        if depth == 0 or (depth == 1 and token.text == ","):
            found.append(text[at : start + token.start])
            at = start + token.end
        if depth == 0:
            return found, at
    raise _GiveUpError


def _filled(body: str, values: dict[str, str]) -> str:
    """Return a macro's body with its parameters replaced, names that are to be joined (``) joined, `" as a quote."""
    stream = list(tokens(body))
    parts: list[str] = []
    at, joined = 0, False
    for token in stream:
        if token.kind == TokenKind.MacroPaste:
            at, joined = token.end, True
            if parts:
                parts[-1] = parts[-1].rstrip()
            continue
        between = body[at : token.start]
        text = _QUOTES.get(token.kind) or values.get(token.text, token.text)
        parts += ["" if joined else between, text]
        at, joined = token.end, False
    return "".join(parts)
