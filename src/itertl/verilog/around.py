"""What stands around modules and changes what they mean, so that it may not be dropped with the prose around them.

meaning_around("`default_nettype wor\nmodule t(...); ... endmodule", ..., ["t"])  ->  ("`default_nettype wor",)

These are the kind of undeclared nets and of inputs that nothing is connected to, where it is not the usual one, and
instances that are bound into a module from outside. The guard refuses them by name. Only `default_nettype none is
obeyed: it stands in front of each module in which every net is declared, and no simulator reads it.
"""

import collections
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from pyslang.parsing import TokenKind

from itertl.verilog.tokens import Token, tokens

STRICT, LOOSE = "`default_nettype none", "`default_nettype wire"
_NET_TYPE = "`default_nettype"
_USUAL = {_NET_TYPE: "wire", "`unconnected_drive": ""}
CHANGING = frozenset(_USUAL)  # directives that change what nets mean
_ENDS = {"`nounconnected_drive": ("`unconnected_drive",), "`resetall": tuple(_USUAL)}


def said_of(directive: str) -> str:
    """Return what is wrong with a directive that has come with the modules."""
    return "changes what nets mean" if directive in CHANGING else "inside a module"


def meaning_around(
    text: str, stream: Sequence[Token], places: Iterable[tuple[int, int]], names: Iterable[str], starts: Iterable[int]
) -> tuple[str, ...]:
    """Return what of `text` changes the modules `names`, which begin at `starts`; each thing once, in order.

    `stream` are the tokens of the text, and `places` where its modules are. A directive counts at the beginning of a
    line only.
    """
    directives = (said for _, held in in_force(stream, starts) for said in held if said != STRICT)
    return tuple(dict.fromkeys([*directives, *_bound(text, stream, list(places), set(names))]))


def strict_at(stream: Sequence[Token], starts: Iterable[int], since: int = 0) -> set[int]:
    """Return where modules begin, of `starts`, that have to declare their nets by a directive at `since` or behind."""
    behind = [token for token in stream if token.start >= since] if since else stream
    return {start for start, held in in_force(behind, starts) if STRICT in held}


def between_modules(parts: Sequence[tuple[str, bool]]) -> str:
    """Return texts of modules with an empty line between them, and where it changes whether nets have to be declared
    (True) a directive in its place."""
    found, strict = list[str](), False
    for number, (code, declares) in enumerate(parts):
        said = "" if strict == declares else STRICT if declares else LOOSE
        found.append(f"\n{said}\n{code}" if number else f"{said}\n{code}" if said else code)
        strict = declares
    return "".join(found)


def without_net_types(text: str) -> str:
    """Return `text` with blanks in the place of `default_nettype none and wire between its modules."""
    if _NET_TYPE not in text:
        return text
    stream, inside, parts, at = list(tokens(text)), False, [], 0
    for token, value in itertools.pairwise(stream):
        if token.text in ("module", "macromodule", "endmodule"):
            inside = token.text != "endmodule"
        if token.text == _NET_TYPE and not inside and f"{token.text} {value.text}" in (STRICT, LOOSE):
            parts += [text[at : token.start], re.sub(r"[^\n]", " ", text[token.start : value.end])]
            at = value.end
    return "".join([*parts, text[at:]])


def in_force(stream: Sequence[Token], starts: Iterable[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield where modules begin with the directives that are in force there."""
    held: dict[str, str] = {}
    waiting = collections.deque(sorted(starts))
    for index, token in enumerate(stream):
        while waiting and token.start >= waiting[0]:
            yield waiting.popleft(), tuple(held.values())
        if token.text[0] != "`" or token.kind != TokenKind.Directive or not (token.new_line or token.start == 0):
            continue
        for ended in _ENDS.get(token.text, ()):
            held.pop(ended, None)
        if token.text in _USUAL and index + 1 < len(stream):
            value = stream[index + 1].text
            held.pop(token.text, None)
            if value != _USUAL[token.text]:
                held[token.text] = f"{token.text} {value}"


def _bound(text: str, stream: Sequence[Token], places: list[tuple[int, int]], names: set[str]) -> Iterator[str]:
    """Yield `bind` of an instance into one of the modules, as it stands between them."""
    for index, token in enumerate(stream):
        if (
            token.text != "bind"
            or token.kind != TokenKind.BindKeyword
            or any(start <= token.start < end for start, end in places)
        ):
            continue
        ends = next((at for at in range(index, len(stream)) if stream[at].kind == TokenKind.Semicolon), index)
        into = stream[index + 1].name if index + 1 < len(stream) else ""
        if into in names and stream[ends - 1].kind == TokenKind.CloseParenthesis:  # else it is prose
            yield text[token.start : stream[ends].end]
