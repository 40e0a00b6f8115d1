"""The header of a reference: what a policy is given, `module` to the semicolon behind the ports.

reference, header, top = top_first(text)          reference.startswith(header)
"""

from collections import Counter

from itertl.verilog.tokens import Token, tokens

KEYWORDS = ("module", "macromodule")
NESTING = {"(": 1, "[": 1, "{": 1, "'{": 1, ")": -1, "]": -1, "}": -1}


def top_first(text: str, top: str = "") -> tuple[str, str, str]:
    """Return (reference, header, top): the design with its top module in front, that module's header and name.

    Without `top`, the top module is the last one that no other module mentions. Modules before it move behind it,
    comments before it are dropped. The header is "" where the text holds no module.
    """
    stream = list(tokens(text))
    modules = _modules(stream)
    if not modules:
        return text, "", top
    if top not in modules:
        top = (_free(stream, modules) or list(modules))[-1]
    index = modules[top]
    start, end = stream[index].start, _header_end(stream, index)
    if end < len(text) and text[end] == "\n":
        end += 1
    others = text[:start].strip() + "\n" if index else ""
    return text[start:].strip() + "\n" + others, text[start:end], top


def tops(text: str) -> list[str]:
    """Return the modules of `text` that no other one mentions, in their order."""
    stream = list(tokens(text))
    return _free(stream, _modules(stream))


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


def _free(stream: list[Token], modules: dict[str, int]) -> list[str]:
    mentions = Counter(token.name for token in stream if token.name in modules)
    return [name for name in modules if mentions[name] == 1]


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
