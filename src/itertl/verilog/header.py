"""The header of a reference: what a policy is given, `module` to the semicolon behind the ports.

reference, header, top = top_first(text)          reference.startswith(header)
"""

import itertools
from collections import Counter

from pyslang.parsing import TokenKind

from itertl.verilog.around import LOOSE, STRICT, in_force
from itertl.verilog.extract import extract_module
from itertl.verilog.keywords import in_later_words
from itertl.verilog.macros import expanded
from itertl.verilog.moving import edited
from itertl.verilog.tokens import Token, tokens

KEYWORDS = ("module", "macromodule")
NESTING = {"(": 1, "[": 1, "{": 1, "'{": 1, ")": -1, "]": -1, "}": -1}


def top_first(text: str, top: str = "") -> tuple[str, str, str]:
    """Return (reference, header, top): the design with its top module in front, that module's header and name.

    Without `top`, the top module is the last one that no other module mentions; one without ports that stands beside
    others is a bench, and left out. Modules before the top module move behind it, comments before it are dropped, what
    stands outside of modules is moved into those that use it; directives that change what its nets mean stay in front.
    The header is "" where the text holds no module.
    """
    text = _modules_alone(text)
    stream = list(tokens(text))
    modules = _modules(stream)
    if not modules:
        return text, "", top
    if top not in modules:
        top = _free(stream, modules)[-1]
    if benches := [name for name in modules if name != top and _is_bench(stream, modules, name)]:
        text = _without(text, stream, [modules[name] for name in benches])
        stream = list(tokens(text))
        modules = _modules(stream)
    index = modules[top]
    start, end = stream[index].start, _header_end(stream, index)
    if end < len(text) and text[end] == "\n":
        end += 1
    others = text[:start].strip() + "\n" if index else ""
    said = "".join(f"{directive}\n" for _, held in in_force(stream, [start]) for directive in held)
    if STRICT in said and any(place < index for place in modules.values()):
        others = f"{LOOSE}\n{others}"
    return said + text[start:].strip() + "\n" + others, said + text[start:end], top


def tops(text: str) -> list[str]:
    """Return the modules of `text` that no other one mentions, in their order; benches only where there is no other."""
    stream = list(tokens(_modules_alone(text)))
    modules = _modules(stream)
    return _free(stream, modules) if modules else []


def under_header(reference: str, header: str = "", top: str = "") -> tuple[str, str, str]:
    """Return (reference, header, top) for completions that go on from `header`; without it, the reference's own.

    Where the header names its module otherwise than the reference, the reference takes the header's name.
    """
    _, _, wanted = top_first(header)
    text, own, found = top_first(reference, top or wanted)
    if not wanted:
        return text, own, found
    if wanted != found and wanted not in {token.name for token in tokens(text)}:
        text = rename_module(text, found, wanted)
    return text, header, wanted


def rename_module(reference: str, old: str, new: str) -> str:
    """Return `reference` with every identifier `old` called `new`."""
    parts, last = [], 0
    for token in tokens(reference):
        if token.name == old:
            parts += [reference[last : token.start], new]
            last = token.end
    return "".join([*parts, reference[last:]])


def _modules_alone(text: str) -> str:
    """Return the modules of `text`, which stand alone, where it holds more than modules, comments and directives."""
    text = in_later_words(expanded(text))
    inside, directive = False, False
    for token in tokens(text):
        directive = token.kind == TokenKind.Directive or (directive and not token.new_line)
        if token.text in KEYWORDS:
            inside = True
        elif not inside and not directive and token.text != ";":
            return extract_module(text, "", "") or text
        if token.text == "endmodule":
            inside = False
    return text


def _free(stream: list[Token], modules: dict[str, int]) -> list[str]:
    """Return the modules that no other one but a bench mentions; where there are none, all that are no bench."""
    benches = {name for name in modules if _is_bench(stream, modules, name)}
    mentions: Counter[str] = Counter()
    inside = ""
    by_index = {index: name for name, index in modules.items()}
    for index, token in enumerate(stream):
        inside = by_index.get(index, inside)
        if token.name in modules and inside not in benches and not _is_label(stream, index):
            mentions[token.name] += 1
    designs = [name for name in modules if name not in benches]
    return [name for name in designs if mentions[name] == 1] or designs


def _is_bench(stream: list[Token], modules: dict[str, int], name: str) -> bool:
    """True for a module without ports that mentions another one, or that stands by itself beside one with ports."""
    start = modules[name]
    if _has_ports(stream, start):
        return False
    inside = itertools.takewhile(lambda token: token.text != "endmodule", stream[start + 2 :])
    if any(token.name in modules and token.name != name for token in inside):
        return True
    alone = sum(token.name == name for at, token in enumerate(stream) if not _is_label(stream, at)) == 1
    return alone and any(_has_ports(stream, place) for place in modules.values())


def _has_ports(stream: list[Token], start: int) -> bool:
    heading = [token.text for token in stream[start : start + 6]]
    return heading[2:3] != [";"] and heading[2:5] != ["(", ")", ";"]


def _is_label(stream: list[Token], at: int) -> bool:
    """True for the name of `endmodule : name`."""
    return [token.text for token in stream[max(0, at - 2) : at]] == ["endmodule", ":"]


def _without(text: str, stream: list[Token], starts: list[int]) -> str:
    """Return `text` without the modules whose keyword is one of `starts` in `stream`."""
    changes = []
    for start in starts:
        ends = [at for at in range(start, len(stream)) if stream[at].text == "endmodule"]
        last = ends[0] + 2 * _is_label(stream, ends[0] + 2) if ends else -1
        changes.append((stream[start].start, stream[last].end, ""))
    return edited(text, changes).strip() + "\n"


def _modules(stream: list[Token]) -> dict[str, int]:
    named = [i for i, token in enumerate(stream[:-1]) if token.text in KEYWORDS]
    return {stream[i + 1].name: i for i in named}


def _header_end(stream: list[Token], index: int) -> int:
    depth = 0
    for token in stream[index:]:
        depth += NESTING.get(token.text, 0)
        if token.text == ";" and depth == 0:
            return token.end
    return stream[index].end
