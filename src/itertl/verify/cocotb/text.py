"""Facts about a bench in Python as text: nothing of it runs.

syntax_fault("import cocotb\\ndef (")  ->  "line 2: SyntaxError: invalid syntax"
named_in(bench)                        ->  names by which it may look into the design
"""

import ast
import functools
import warnings
from pathlib import Path

from itertl.tools.cocotb import MODULE

BENCH = f"{MODULE}.py"


def syntax_fault(bench: str) -> str:
    """Return where a bench is no Python, "" where it is."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(bench, BENCH, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {type(error).__name__}: {error.msg}"
    except (ValueError, MemoryError, RecursionError) as error:
        return f"it is no Python: {error}"
    return ""


@functools.lru_cache(maxsize=256)
def named_in(bench: str) -> frozenset[str]:
    """Return the names by which a bench may look into the design: of attributes, and in texts."""
    nodes = list(ast.walk(ast.parse(bench)))
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return frozenset({n.attr for n in nodes if isinstance(n, ast.Attribute)} | texts)


def is_below(name: str) -> bool:
    """True if a file's name leads to nowhere but below the folder of the run."""
    return not Path(name).is_absolute() and ".." not in Path(name).parts
