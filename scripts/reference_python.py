"""The reference of the public Python API, from the source and the docstrings of `itertl.__all__`."""

import ast
import inspect
import textwrap
from collections.abc import Iterator

import itertl

HEAD = """# Python

Written from the docstrings of `itertl.__all__` by `python -m scripts.reference`. These names are what a program may
count on; everything else may move. `import itertl` is cheap: torch is imported by what trains or samples.
"""
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def python_page() -> str:
    """Return the page as Markdown."""
    return HEAD + "".join(_section(name) for name in itertl.__all__)


def _section(name: str) -> str:
    source = textwrap.dedent(inspect.getsource(getattr(itertl, name)))
    (node,) = ast.parse(source).body
    assert isinstance(node, FunctionNode | ast.ClassDef)
    parts = [f"## {name}", ast.get_docstring(node) or ""]
    if isinstance(node, FunctionNode):
        parts.insert(1, _code(_call(node, source)))
    elif name == "Config":
        parts.append("Its fields: [config](config.md). `to_yaml()` returns all of them, defaults included.")
    else:
        parts += [_code(fields)] if (fields := "\n".join(_fields(node, source))) else []
        parts += [f"{_code(call)}\n\n{said}" for call, said in _methods(node, source)]
    return "\n" + "\n\n".join(part for part in parts if part) + "\n"


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


def _fields(node: ast.ClassDef, source: str) -> Iterator[str]:
    """Yield the fields of a class, or the members of an enumeration, with the comments beside them."""
    for line in node.body:
        if isinstance(line, ast.AnnAssign | ast.Assign):
            yield textwrap.dedent(_lines(source, line.lineno, line.end_lineno or line.lineno))


def _methods(node: ast.ClassDef, source: str) -> Iterator[tuple[str, str]]:
    """Yield the documented public methods and properties of a class, each with what is said of it."""
    for member in node.body:
        if isinstance(member, FunctionNode) and not member.name.startswith("_") and ast.get_docstring(member):
            marks = [f"@{ast.unparse(mark)}\n" for mark in member.decorator_list]
            yield "".join(marks) + _call(member, source), ast.get_docstring(member) or ""


def _call(node: FunctionNode, source: str) -> str:
    """Return the head of a function as its source has it, without the colon."""
    return textwrap.dedent(_lines(source, node.lineno, node.body[0].lineno - 1)).rstrip().removesuffix(":")


def _lines(source: str, first: int, last: int) -> str:
    lines = source.splitlines()[first - 1 : last]
    return "\n".join(line.partition("  # noqa")[0] for line in lines)
