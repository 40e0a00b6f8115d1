"""Designs up to names and spelling: what the splits are divided by.

    digest("module f(input a, output y); assign y = a & 4'd3; ...")
    == digest("module g(input p, output q); assign q = p & 4'b0011; ...")

Identifiers are numbered in their order of appearance, sized constants written as width and value, layout left out. Two
families that make one circuit of one text give it the same digest.

    pytest tests/tasks/test_gym_normal.py
"""

import hashlib
import re
from functools import lru_cache
from itertools import chain

from itertl.records import Task

KEYWORDS = frozenset(
    [
        "module",
        "endmodule",
        "input",
        "output",
        "reg",
        "wire",
        "assign",
        "always",
        "begin",
        "end",
        "if",
        "else",
        "case",
        "casez",
        "endcase",
        "default",
        "posedge",
        "negedge",
        "or",
        "and",
        "signed",
        "function",
        "endfunction",
        "integer",
        "localparam",
        "parameter",
        "initial",
        "for",
        "generate",
        "endgenerate",
        "genvar",
    ]
)
TOKEN = re.compile(r"\$?[A-Za-z_]\w*|«\w+»\w*|\d+'[bdh][\w?]+|\d+|<=|>=|==|!=|&&|\|\||<<|>>>?|~\^|\S")
SIZED = re.compile(r"(\d+)'(?:b([01]+)|d(\d+)|h([0-9a-fA-F]+))")


def normal(code: str) -> str:
    """Return `code` with numbered identifiers and plain constants, one blank between tokens."""
    tokens = list(chain.from_iterable(map(_tokens, code.split("\n"))))
    known: dict[str, str] = dict.fromkeys(tokens, "")
    names = 0
    for token in known:
        plain = _plain(token)
        if plain:
            known[token] = plain
        else:
            known[token] = f"v{names}"
            names += 1
    return " ".join([known[token] for token in tokens])


@lru_cache(maxsize=1 << 14)
def _tokens(line: str) -> tuple[str, ...]:
    """Return the tokens of a line: many lines stand in many designs, and many words in other lines."""
    return tuple(chain.from_iterable(map(_word, line.split())))


@lru_cache(maxsize=1 << 14)
def _word(word: str) -> tuple[str, ...]:
    return tuple(TOKEN.findall(word))


@lru_cache(maxsize=1 << 14)
def _plain(token: str) -> str:
    """Return nothing for a name, a sized constant as width and decimal value, and other tokens as they are.

    Constants with x or ? stay as they are, too.
    """
    if token[0] in "_«" or (token[0].isalpha() and token not in KEYWORDS):
        return ""
    if (match := SIZED.fullmatch(token)) is None:
        return token
    width, *digits = match.groups()
    return f"{width}'{next(int(d, base) for d, base in zip(digits, (2, 10, 16), strict=True) if d)}"


def task_digest(task: Task) -> int:
    """Return the digest of a task's reference, from its text alone, however its header declares wires."""
    body = task.body.removesuffix("endmodule\n")
    own = body.partition("endmodule")[0]  # without submodules
    ports = task.header[task.header.index("(") + 1 : task.header.rindex(")")].split(",")
    return design_digest(tuple(_port(" ".join(port.split()), own) for port in ports), body)


def _port(declared: str, body: str) -> str:
    """Return a port as the gym declares it: nothing says that it is a wire, and a variable is a `reg`."""
    if " logic " in declared:
        assigned = rf"^(?! *assign).*\b{declared.split()[-1]}(\[[^]]*\])*( *,[^;{{}}]*)?}}? *<?=(?!=)"
        return declared.replace(" logic ", " reg " if re.search(assigned, body, re.MULTILINE) else " ")
    return declared.replace(" wire ", " ")


def design_digest(ports: tuple[str, ...], body: str) -> int:
    """Return 64 bits that are equal for designs which differ in names, layout and spelling of constants only."""
    text = normal(f"{', '.join(ports)}; {body}")
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
