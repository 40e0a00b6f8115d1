"""From a language model's free text to a design, by tokens of the SystemVerilog lexer, never by patterns on text.

    extract_module(completion, header, top)  ->  the modules to verify, or "" if there is no complete module

Only the text's answer is looked at (answer.py). What is kept of it: the module `top` and, in their order, the modules
it mentions, directly or through others, each with the declarations outside of modules that it uses (moving.py); test
benches, prose, fences and directives around them are dropped, unless they change what is kept (around.py). Of several
complete modules of one name the last counts.
A completion that goes on from `header` (its first `endmodule` closes no module of its own) becomes header + body,
and that wins over later modules of the same name. Nothing is ever added at the end: cut-off modules do not exist.

    python -c "from itertl.verilog.extract import *; print(extract_module('Sure: module t; endmodule', '', 't'))"
"""

import dataclasses
from collections.abc import Mapping, Sequence

from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind

from itertl.verilog.answer import BROKEN, answer, breaks_off, ends_module
from itertl.verilog.around import between_modules, meaning_around, strict_at
from itertl.verilog.keywords import in_later_words
from itertl.verilog.macros import expanded
from itertl.verilog.moving import edited, moved_in
from itertl.verilog.outside import Item, Outside, declarations
from itertl.verilog.project import Project
from itertl.verilog.tokens import Token, tokens

NO_MODULE = "no complete module in the completion"
MAX_TEXT = 1_000_000  # characters; longer completions are no answer

_BEHIND_NAME = frozenset(
    {TokenKind.OpenParenthesis, TokenKind.Hash, TokenKind.Semicolon, TokenKind.ImportKeyword, TokenKind.DoubleColon}
)


@dataclasses.dataclass(frozen=True, slots=True)
class Extract:
    """A design, and from which line of the text it comes from each of its lines is (from 1; 0: from the header).

    `modules` are those that the text holds complete, in their order, and how many versions of each it had.
    """

    code: str
    lines: tuple[int, ...] = ()
    modules: Mapping[str, int] = dataclasses.field(default_factory=dict)


def extract_module(completion: str, header: str, top: str, project: Project | None = None) -> str:
    """Return the design in `completion`: `top` and the modules it uses, or "" if no module is complete."""
    return extract(completion, header, top, project).code


def extract(completion: str, header: str, top: str, project: Project | None = None) -> Extract:
    """Return the design in `completion`, with where it comes from.

    Conditions are decided by the macros of the `project` around it, too; uses of these stay as they are.
    """
    known = project.defined if project is not None else None
    around, heading = _split(in_later_words(expanded(header, known)))
    text = in_later_words(expanded(around + answer(completion[:MAX_TEXT]).text, known))
    stream = list(tokens(text))
    found = _modules(text, stream, heading, top, _line_start(text, around.count("\n")))
    if not found.whole:
        return Extract("")
    outside = declarations(text, found.places)
    chosen = _used(found.whole, top)
    parts = [_Part.of(found.whole[name], outside, text) for name in chosen]
    beside = {item: _Part.beside_modules(item, outside, text) for part in parts for item in part.beside}
    for part in list(beside.values()):
        beside |= {i: _Part.beside_modules(i, outside, text) for i in part.beside if i not in beside}
    parts = [*beside.values(), *parts]
    first = around.count("\n")
    starts = [found.whole[name].start for name in chosen]
    around_them = meaning_around(text, stream, found.places, chosen, starts)
    head = [line for said in around_them for line in said.split("\n")]
    free = _line_start(text, first)  # directives of the header count for the body that goes on from it
    own, given = strict_at(stream, starts, free), strict_at(stream, starts)
    strict = [m.start in (given if m.given else own) for m in (found.whole[name] for name in chosen)]
    declares = [False] * (len(parts) - len(chosen)) + strict
    body = between_modules([(part.code, declared) for part, declared in zip(parts, declares, strict=True)])
    lines = [line for part in parts for line in (*part.lines, 0)][:-1]
    code = "".join(f"{line}\n" for line in head) + body
    lines = [0] * (code.count("\n") + 1 - len(lines)) + lines
    return Extract(code, tuple(max(0, line - first) for line in lines), found.versions)


@dataclasses.dataclass(frozen=True, slots=True)
class _Module:
    """A complete module: its text, of which the first `given` characters are the header's, and where the rest is."""

    code: str
    start: int
    given: int = 0


@dataclasses.dataclass(slots=True)
class _Found:
    """The complete modules of a text by name, how many of each there were, and the places of all, cut ones too."""

    whole: dict[str, _Module] = dataclasses.field(default_factory=dict)
    versions: dict[str, int] = dataclasses.field(default_factory=dict)
    places: list[tuple[int, int]] = dataclasses.field(default_factory=list)

    def add(self, name: str, module: _Module) -> None:
        """Take up a module, which replaces an earlier one of its name."""
        self.whole.pop(name, None)
        self.whole[name] = module
        self.versions[name] = self.versions.get(name, 0) + 1


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """Text of the design, the line of each of its lines, and what stands beside it."""

    code: str
    lines: tuple[int, ...]
    beside: tuple[Item, ...] = ()

    @classmethod
    def of(cls, module: _Module, outside: Outside, text: str) -> "_Part":
        """Return a module with all that it uses of what stands outside moved in."""
        moved = moved_in(module.code, module.start, outside)
        first = text.count("\n", 0, module.start) + 1
        own = module.code.count("\n", 0, module.given)
        lines, at, line = [0], 0, first - own
        for start, end, new in (*moved.changes, (len(module.code), len(module.code), "")):
            for kept, part in ((True, module.code[at:start]), (False, new)):
                for _ in range(part.count("\n")):
                    line += kept
                    lines.append(line if kept and line >= first else 0)
            line += module.code.count("\n", start, end)
            at = end
        lines[0] = 0 if module.given else first
        return cls(edited(module.code, list(moved.changes)), tuple(lines), moved.beside)

    @classmethod
    def beside_modules(cls, item: Item, outside: Outside, text: str) -> "_Part":
        """Return a declaration that cannot be moved."""
        if item.node.kind == SyntaxKind.InterfaceDeclaration:  # a module in all that matters here
            return cls.of(_Module(item.text, item.place), outside, text)
        first = text.count("\n", 0, item.place) + 1
        return cls(item.text, tuple(range(first, first + item.text.count("\n") + 1)))


def _split(header: str) -> tuple[str, str]:
    """Return what of a given header stands around its module, with a line break behind it, and the module's header."""
    for token in tokens(header):
        if token.text in ("module", "macromodule"):
            around = header[: token.start]
            return (around.rstrip() + "\n", header[token.start :]) if around.strip() else ("", header)
    return "", header


def _used(found: Mapping[str, _Module], top: str) -> list[str]:
    """Return the names of `top` and of what it mentions, directly or through others; of all where there is no `top`."""
    if top not in found:
        return list(found)
    mentioned = {name: {t.name for t in tokens(module.code)} for name, module in found.items()}
    used, front = {top}, [top]
    while front:
        reached = [n for n in found if n not in used and n in mentioned[front[-1]]]
        front = front[:-1] + reached
        used.update(reached)
    return [name for name in found if name in used]


def opens_module(completion: str) -> bool:
    """Return True if the answer in a completion begins with a module of its own, which may be cut off.

    False of one that goes on from a header: its first `endmodule` closes that one's module.
    """
    stream = list(tokens(expanded(answer(completion[:MAX_TEXT]).text)))
    for index, token in enumerate(stream):
        if token.kind == TokenKind.EndModuleKeyword:
            return False
        if token.kind in (TokenKind.ModuleKeyword, TokenKind.MacromoduleKeyword) and _module_name(stream, index):
            return True
    return False


def why_empty(completion: str) -> str:
    """Return why `extract_module` has found nothing in a completion; of one that was cut off, "cut: ..."."""
    if len(completion) > MAX_TEXT:
        return f"no complete module in the first {MAX_TEXT:,} characters of {len(completion):,}; the rest is not read"
    found = answer(completion)
    cut = found.cut or (BROKEN if breaks_off(found.text) else "")
    return f"cut: {cut}" if cut else NO_MODULE


def _line_start(text: str, lines: int) -> int:
    """Return where the line behind the first `lines` begins."""
    at = 0
    for _ in range(lines):
        at = text.index("\n", at) + 1
    return at


def _modules(text: str, stream: Sequence[Token], header: str, top: str, free: int = 0) -> _Found:
    """Return the complete modules of `text` by name; a body without a module of its own goes on from `header`.

    `free` is where the text begins that no module has.
    """
    found = _Found()
    opened: tuple[str, int] | None = None
    continued = False
    for index, token in enumerate(stream):
        if token.kind in (TokenKind.ModuleKeyword, TokenKind.MacromoduleKeyword):
            if name := _module_name(stream, index):
                opened = (name, token.start)
        elif token.kind == TokenKind.EndModuleKeyword:
            end = _label_end(stream, index)
            start = free if opened is None else opened[1]
            if opened is not None:
                if not (continued and opened[0] == top):
                    found.add(opened[0], _Module(text[start:end], start))
            elif header and not continued and top not in found.whole and ends_module(text, token.start):
                continued = True
                start = _body_start(text, stream, free, token.start)
                start += len(text[start:end]) - len(text[start:end].lstrip("\n"))
                given = header.rstrip() + "\n"
                found.add(top, _Module(given + text[start:end], start, len(given)))
            found.places.append((start, end))
            opened, free = None, end
    if opened is not None:
        found.places.append((opened[1], len(text)))
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
