"""Whether a design is legal SystemVerilog by the letter; elsewhere the front-end is as lenient as real code needs.

fault(tree, top)  ->  "" or what is wrong with it
"""

from typing import Any

from pyslang.analysis import AnalysisFlags, AnalysisManager, AnalysisOptions

from itertl.verilog.frontend import compiled, first_error

# Warnings of the front-end, errors by IEEE 1800-2017: 3.13, 5.7.1, 6.5, 6.21, 9.2.2, 9.2.3, 11.5.1, 23.2.2, 23.3.2, 27.
_ERRORS = frozenset(
    f"DiagCode({name})"
    for name in (
        "MultipleContAssigns",
        "MultipleAlwaysAssigns",
        "MixedVarAssigns",
        "MultipleUWireDrivers",
        "MultipleUDNTDrivers",
        "RangeSelectReversed",
        "Redefinition",
        "RedefinitionDifferentType",
        "DuplicateDefinition",
        "DuplicateDefparam",
        "MisplacedTrailingSeparator",
        "DigitsLeadingUnderscore",
        "CannotIndexScalar",
        "StaticInitializerMustBeExplicit",
        "NetInconsistent",
        "NetRangeInconsistent",
        "NonblockingInFinal",
        "NonStandardGenBlock",
        "ImplicitNamedPortTypeMismatch",
        "ParameterDoesNotExist",
        "UnknownSystemName",
    )
)


def fault(tree: Any, top: str) -> str:
    """Return the first error of a design that the standard has, or "".

    One is no error here: `initial` may set what an always_ff drives (9.2.2.4), as synthesis and simulators take it.
    """
    compilation = compiled(tree, top)
    found = list(compilation.getAllDiagnostics())
    if error := first_error(compilation.sourceManager, found):
        return error
    compilation.freeze()
    options = AnalysisOptions()
    options.flags = AnalysisFlags.AllowDupInitialDrivers
    analysis = AnalysisManager(options)
    analysis.analyze(compilation)
    for diagnostic in [*found, *analysis.getDiagnostics()]:
        if str(diagnostic.code) in _ERRORS:
            return str(diagnostic.code).removeprefix("DiagCode(").rstrip(")")
    return ""
