"""Names that are keywords of a later Verilog than the one that a text asks for with `begin_keywords.

    in_later_words(text)  ->  text in which such names are escaped, and every line keeps its number

    `begin_keywords "1364-2001"                module m(input \\bit , output reg \\logic );
    module m(input bit, output reg logic);  ->

An escaped name is the same name without its backslash (IEEE 1800-2017, 5.6.1), so that whatever reads the text
afterwards need not know of other keywords. Directives count at the beginning of a line only.
"""

import functools
from collections.abc import Iterator, Sequence

from pyslang.parsing import TokenKind

from itertl.verilog.frontend import parse, syntax_error
from itertl.verilog.tokens import Token, tokens

_BEGIN, _END = "`begin_keywords", "`end_keywords"
_VERSIONS = frozenset(  # IEEE 1800-2023, 22.14
    f'"{version}"'
    for version in (
        *("1364-1995", "1364-2001", "1364-2001-noconfig", "1364-2005"),
        *("1800-2005", "1800-2009", "1800-2012", "1800-2017", "1800-2023"),
    )
)


def in_later_words(text: str) -> str:
    """Return `text` with names escaped that are no keywords where they stand, and without the directives that say so.

    Directives with an unknown version, or inside of a module, stay as they are.
    """
    if _BEGIN not in text:
        return text
    parts, at = [], 0
    for start, end, new in _changes(list(tokens(text))):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def _changes(stream: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """Yield what to change: start, end, and the text in its place."""
    versions: list[str] = []
    inside, passed = False, -1
    for index, token in enumerate(stream):
        if index <= passed:
            continue
        first = token.new_line or token.start == 0
        if token.kind == TokenKind.Directive and first and not inside:
            version = stream[index + 1] if index + 1 < len(stream) else token
            if token.text == _BEGIN and version.text in _VERSIONS:
                versions.append(version.text)
                passed = index + 1
                yield token.start, version.end, ""
            elif token.text == _END and versions:
                versions.pop()
                yield token.start, token.end, ""
        elif token.text in ("module", "macromodule", "endmodule"):
            inside = token.text != "endmodule"
        elif versions and _is_later(token, versions[-1]):
            yield token.start, token.end, f"\\{token.text} "


def _is_later(token: Token, version: str) -> bool:
    """True for a keyword of SystemVerilog that is none in an earlier version."""
    word = token.kind != TokenKind.Identifier and token.text.isidentifier()
    return word and not _is_keyword(token.text, version)


@functools.lru_cache(maxsize=2048)
def _is_keyword(word: str, version: str) -> bool:
    """Return True if the front-end takes a word for no name in that version."""
    return bool(syntax_error(parse(f"{_BEGIN} {version}\nmodule m; wire {word}; endmodule\n{_END}\n")))
