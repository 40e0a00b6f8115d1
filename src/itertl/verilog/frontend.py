"""Parsing and elaboration by pyslang with bounded work, as lenient as Icarus Verilog where real code needs it.

tree = parse(code) ; errors(tree) ; elaborate(tree, top).diagnostics
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

import pyslang
from pyslang.ast import Compilation, CompilationFlags, CompilationOptions
from pyslang.parsing import ParserOptions
from pyslang.syntax import SyntaxTree

from itertl.errors import DataError
from itertl.verilog.size import excess
from itertl.verilog.unbounded import bounded

_LENIENT = (
    CompilationFlags.RelaxEnumConversions
    | CompilationFlags.RelaxStringConversions
    | CompilationFlags.AllowUseBeforeDeclare
    | CompilationFlags.AllowBareValParamAssignment
    | CompilationFlags.AllowMergingAnsiPorts
)
_STRICT = CompilationFlags(0)
MAX_PARSED = 512  # expressions, statements and blocks inside one another
MAX_DETAIL = 400  # characters of a tool's message that are kept


@dataclasses.dataclass(frozen=True, slots=True)
class Elaborated:
    """The result of `elaborate`: the instance of the top module (None if there is none) and the first error."""

    top: Any
    error: str
    compilation: Any  # keeps the nodes of `top` alive
    excess: str = ""  # what the design has too much of; it is then not elaborated any further


def parse(code: str) -> Any:
    """Return the syntax tree of `code`; the caller has refused directives, so nothing is included or expanded.

    Raise DataError where it nests too deeply: the parser recurses.
    """
    options = ParserOptions()
    options.maxRecursionDepth = MAX_PARSED
    try:
        return SyntaxTree.fromText(code, pyslang.SourceManager(), "design", "", pyslang.Bag([options]))
    except RuntimeError:
        raise DataError(f"more than {MAX_PARSED} expressions, choices or statements inside one another") from None


def syntax_error(tree: Any) -> str:
    """Return the first syntax error of `tree`, or ""."""
    return first_error(tree.sourceManager, tree.diagnostics)


def compiled(tree: Any, top: str, flags: CompilationFlags = _STRICT, share_instances: bool = True) -> Compilation:
    """Return `tree` alone as something to elaborate, with `top` as its only top module and bounds on its size.

    Without `flags` it is as strict as the standard. `share_instances` false gives every instance a body of its own.
    """
    options = CompilationOptions()
    options.topModules = {top}
    options.flags = flags if share_instances else flags | CompilationFlags.DisableInstanceCaching
    options.maxInstanceDepth = 32
    options.maxInstanceArray = 4096
    options.maxGenerateSteps = 16384
    options.maxConstexprSteps = 100_000
    options.maxConstexprDepth = 64
    options.errorLimit = 4
    options.typoCorrectionLimit = 0
    compilation = Compilation(pyslang.Bag([options]))
    for part in bounded(tree):
        compilation.addSyntaxTree(part)
    return compilation


def elaborate(tree: Any, top: str, share_instances: bool = True, strict_enums: bool = False) -> Elaborated:
    """Elaborate `tree` alone with `top` as its only top module.

    `share_instances` false gives every instance a body of its own to walk through. `strict_enums` refuses to assign
    other values to enumerations without a cast, as the standard does.
    """
    flags = _LENIENT & ~CompilationFlags.RelaxEnumConversions if strict_enums else _LENIENT
    compilation = compiled(tree, top, flags, share_instances)
    tops = [t for t in compilation.getRoot().topInstances if t.name == top]
    if tops and (much := excess(tops[0])):
        return Elaborated(tops[0], much, compilation, much)
    error = first_error(compilation.sourceManager, compilation.getAllDiagnostics())
    return Elaborated(tops[0] if tops else None, error, compilation)


def first_error(manager: Any, diagnostics: Iterable[Any]) -> str:
    """Return the first error among diagnostics with its line, or ""."""
    for diagnostic in diagnostics:
        if diagnostic.isError():
            line = manager.getLineNumber(diagnostic.location)
            text = str(pyslang.DiagnosticEngine.reportAll(manager, [diagnostic])).splitlines()[0]
            return f"line {line}: {text.partition('error: ')[2] or text}"[:MAX_DETAIL]
    return ""
