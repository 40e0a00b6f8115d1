"""`break`, `continue`, `return` and `disable` of a block around them, by flags: what comes behind asks them.

leaves(statement)  ->  {"break", "return"}        # what may be left early from inside of it
"""

from typing import Any

from pyslang.ast import StatementKind

LOOPS = frozenset(
    {
        StatementKind.ForLoop,
        StatementKind.RepeatLoop,
        StatementKind.WhileLoop,
        StatementKind.DoWhileLoop,
        StatementKind.ForeachLoop,
    }
)
BREAK, CONTINUE, RETURN = "break", "continue", "return"
_SIMPLE = {StatementKind.Break: BREAK, StatementKind.Continue: CONTINUE, StatementKind.Return: RETURN}


def leaves(statement: Any) -> frozenset[str]:
    """Return what a statement may leave early, beside itself: break, continue, return, or the path of a block."""
    kind = statement.kind
    if kind in _SIMPLE:
        return frozenset({_SIMPLE[kind]})
    if kind == StatementKind.Disable:
        return frozenset({block_name(statement.target.symbol)})
    found: frozenset[str] = frozenset().union(*(leaves(inner) for inner in _inner(statement)))
    if kind in LOOPS:
        return found - {BREAK, CONTINUE}
    if kind == StatementKind.Block and statement.blockSymbol is not None:
        return found - {block_name(statement.blockSymbol)}
    return found


def block_name(symbol: Any) -> str:
    """Return what a block is called as something to leave."""
    return f"block {symbol.hierarchicalPath} {symbol.location.offset}"


def _inner(statement: Any) -> list[Any]:
    kind = statement.kind
    if kind == StatementKind.List:
        return list(statement.list)
    if kind == StatementKind.Block or kind in LOOPS:
        return [statement.body]
    if kind == StatementKind.Conditional:
        return [statement.ifTrue, *([statement.ifFalse] if statement.ifFalse is not None else [])]
    if kind == StatementKind.Case:
        default = [statement.defaultCase] if statement.defaultCase is not None else []
        return [*(item.stmt for item in statement.items), *default]
    if kind == StatementKind.Timed:
        return [statement.stmt]
    return []
