"""Event controls, with `iff`.

triggers(scope, timing)  ->  ("@(posedge clk or negedge rst)", condition of `iff` or "")
"""

from typing import Any

from pyslang.ast import EdgeKind, TimingControlKind

from itertl.verilog.rewrite.plain.scope import Scope, UnsupportedError

_EDGES = {EdgeKind.PosEdge: "posedge ", EdgeKind.NegEdge: "negedge "}


def triggers(scope: Scope, timing: Any) -> tuple[str, str]:
    """Return an event control as source, and what has to hold as well.

    Several events of which one has a condition become one named event, which blocks of their own trigger.
    """
    if timing.kind == TimingControlKind.ImplicitEvent:
        return "@*", ""
    events = list(timing.events) if timing.kind == TimingControlKind.EventList else [timing]
    if any(e.kind != TimingControlKind.SignalEvent for e in events):
        raise UnsupportedError("a delay")
    if all(e.iffCondition is None for e in events):
        return f"@({' or '.join(_event(scope, e) for e in events)})", ""
    if len(events) == 1:
        return f"@({_event(scope, events[0])})", scope.value(events[0].iffCondition)
    name = scope.fresh("happened")
    scope.lines.append(f"event {name};")
    for event in events:
        condition = f"if ({scope.value(event.iffCondition)}) " if event.iffCondition is not None else ""
        scope.lines.append(f"always @({_event(scope, event)}) {condition}-> {name};")
    return f"@({name})", ""


def _event(scope: Scope, event: Any) -> str:
    if event.edge == EdgeKind.BothEdges:
        raise UnsupportedError("both edges of a signal")
    return f"{_EDGES.get(event.edge, '')}{scope.value(event.expr)}"
