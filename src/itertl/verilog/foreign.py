"""Names that could mean something outside of a design: found by syntax, so in every branch, elaborated or not.

    foreign_name(module, uses)  ->  "u0.q", or "" where every name begins with something that the module declares

A branch that one tool finds dead may be alive in the next one, and there a name that is declared nowhere is looked for
in the scopes around the instance: the head of a dotted name, a called function or task, a disabled block, a module.
Plain variables are never looked for outside of their module (IEEE 1800-2017, 23.8 and 23.9).
"""

from typing import Any

from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind

# Where a name stands that is looked for upwards. A statement that is no more than a name calls a task.
LOOKED_UP = frozenset(
    {
        SyntaxKind.ScopedName,
        SyntaxKind.InvocationExpression,
        SyntaxKind.ExpressionStatement,
        SyntaxKind.DisableStatement,
    }
)
_SELECTED = frozenset({SyntaxKind.IdentifierName, SyntaxKind.IdentifierSelectName})
_NONE: frozenset[str] = frozenset()
_DECLARING = frozenset(
    {
        SyntaxKind.Declarator,
        SyntaxKind.NamedBlockClause,
        SyntaxKind.NamedLabel,
        SyntaxKind.FunctionPrototype,
        SyntaxKind.LetDeclaration,
    }
)


def foreign_name(module: Any, uses: list[Any], units: frozenset[str] = _NONE, calls: frozenset[str] = _NONE) -> str:
    """Return the first of `uses`, nodes of the kinds LOOKED_UP in `module`, whose name it does not declare, or "".

    What lies in one of `units`, the packages of a project, is declared there, and `calls` are their functions.
    """
    declared: frozenset[str] | None = None
    for node in uses:
        head = _head(node, units)
        if head is None:
            continue
        declared = _declared(module) | calls if declared is None else declared
        if head not in declared:
            return str(node).strip()
    return ""


def _head(node: Any, units: frozenset[str]) -> str | None:
    """Return the name with which the use of a name begins, "" where it can be nobody's, None where there is none."""
    match node.kind:
        case SyntaxKind.ScopedName:
            if node.separator.kind != TokenKind.Dot:
                return None if _identifier(node.left) in units else ""
            return _identifier(node.left)
        case SyntaxKind.InvocationExpression:
            return _identifier(node.left)
        case SyntaxKind.ExpressionStatement:
            return _identifier(node.expr)
        case _:
            return _identifier(node.name)


def _identifier(node: Any) -> str | None:
    """Return the name of a plain or selected identifier; a scoped one is looked at by itself."""
    name: str | None = node.identifier.valueText if node.kind in _SELECTED else None
    return name


def _declared(module: Any) -> frozenset[str]:
    """Return what a module declares anywhere and a name may begin with.

    Members of structures are none of it, nor are instances, whose inside is their own.
    """
    found: set[str] = set()

    def see(node: Any) -> None:
        if node.kind == SyntaxKind.FunctionPrototype:
            found.add(str(node.name).strip().lstrip("\\"))
        elif node.kind == SyntaxKind.LetDeclaration:
            found.add(node.identifier.valueText)
        elif node.kind != SyntaxKind.Declarator or node.parent.kind != SyntaxKind.StructUnionMember:
            found.add(node.name.valueText)

    module.visit(lookup_table=dict.fromkeys(_DECLARING, see))
    return frozenset(found)
