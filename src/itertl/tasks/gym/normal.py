"""Designs up to names and spelling: what the splits are divided by.

    digest("module f(input a, output y); assign y = a & 4'd3; ...")
    == digest("module g(input p, output q); assign q = p & 4'b0011; ...")

Identifiers are numbered in their order of appearance, sized constants written as width and value, layout left out. Two
families that make one circuit of one text give it the same digest.

    pytest tests/tasks/test_gym_normal.py
"""

import hashlib
import re

from itertl.records import Task

BASES = {"b": 2, "d": 10, "h": 16}
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
UNKNOWN = re.compile(r"[xz]", re.IGNORECASE)
TOKEN = re.compile(r"«\w+»\w*|(\d+)'([bdh])([0-9a-fA-FxzXZ?_]+)|\$?[A-Za-z_]\w*|\d+|<=|>=|==|!=|&&|\|\||<<|>>>?|~\^|\S")


def normal(code: str) -> str:
    """Return `code` with numbered identifiers and plain constants, one blank between tokens."""
    numbers: dict[str, str] = {}
    parts: list[str] = []
    for match in TOKEN.finditer(code):
        token = match.group()
        first = token[0]
        if first == "«" or ((first.isalpha() or first == "_") and token not in KEYWORDS):
            known = numbers.get(token)
            if known is None:
                known = numbers[token] = f"v{len(numbers)}"
            parts.append(known)
        elif match.group(1) and match.group(3).isalnum() and not UNKNOWN.search(match.group(3)):
            parts.append(f"{match.group(1)}'{int(match.group(3), BASES[match.group(2)])}")
        else:
            parts.append(token)
    return " ".join(parts)


def task_digest(task: Task) -> int:
    """Return the digest of a task's reference, from its text alone."""
    ports = task.header[task.header.index("(") + 1 : task.header.rindex(")")].split(",")
    return design_digest(tuple(port.strip() for port in ports), task.body.removesuffix("endmodule\n"))


def design_digest(ports: tuple[str, ...], body: str) -> int:
    """Return 64 bits that are equal for designs which differ in names, layout and spelling of constants only."""
    text = normal(f"{', '.join(ports)}; {body}")
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
