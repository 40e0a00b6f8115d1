"""From a language model's free text to a design, by tokens of the SystemVerilog lexer, never by patterns on text.

    extract_module(completion, header, top)  ->  the modules to verify, or "" if there is no complete module

What is kept: the module `top` and, in their order, the modules it mentions, directly or through others; test benches,
prose, fences and directives around them are dropped. Of several complete modules of one name the last counts.
A completion that goes on from `header` (its first `endmodule` closes no module of its own) becomes header + body,
and that wins over later modules of the same name. Nothing is ever added at the end: cut-off modules do not exist.

    python -c "from itertl.verilog.extract import *; print(extract_module('Sure: module t; endmodule', '', 't'))"
"""

from collections.abc import Sequence

from pyslang.parsing import TokenKind

from itertl.verilog.tokens import Token, tokens

MAX_TEXT = 1_000_000  # characters; longer completions are no answer

_BEHIND_NAME = frozenset(
    {TokenKind.OpenParenthesis, TokenKind.Hash, TokenKind.Semicolon, TokenKind.ImportKeyword, TokenKind.DoubleColon}
)


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
