"""How deep a text nests, by its tokens: to be asked before a recursive parser or elaborator sees it.

too_nested(tokens(code))  ->  "more than 200 brackets or blocks inside one another", or ""
"""

from collections.abc import Iterable

from itertl.verilog.tokens import Token

MAX_DEPTH = 200  # brackets and blocks inside one another
MAX_CHAIN = 2000  # tokens between two semicolons or block ends: a parser recurses over long expressions

TRUSTED_CHAIN = 10_000  # of trusted code; where the front-end has no stack left, it ends the process

# By text: comparing and hashing kinds costs more than the rest of a walk over the tokens.
_OPEN = frozenset({"(", "[", "{", "'{", "begin", "case", "casex", "casez"})
_CLOSE = frozenset({")", "]", "}", "end", "endcase"})
_BREAKS = frozenset({";", ",", ":", "end"})


def too_nested(stream: Iterable[Token], deepest: int = MAX_DEPTH, longest: int = MAX_CHAIN) -> str:
    """Return what of a text a recursive parser or elaborator could choke on, or ""."""
    depth = chain = 0
    for token in stream:
        chain += 1
        if token.text in _OPEN:
            depth += 1
            if depth > deepest:
                return f"more than {deepest} brackets or blocks inside one another"
        elif token.text in _CLOSE:
            depth -= 1
        if token.text in _BREAKS:
            chain = 0
        elif chain > longest:
            return f"an expression of more than {longest} tokens"
    return ""
