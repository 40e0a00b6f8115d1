"""Equivalence of a candidate with its reference, by Yosys: a second opinion beside simulation, never instead of it.

    equivalence(reference, candidate, top)  ->  Equivalence(status, detail, inputs, mismatch)

    proved    no input sequence, of any length, shows a difference where the reference is 0 or 1
    refuted   an input sequence shows one, and simulation with Icarus Verilog has shown it too
    conflict  Yosys finds a sequence that shows one, and simulation, in which every value is 0 or 1, shows none
    unknown   neither: out of time, not readable, proved for some steps only, or a difference that undefined values hide

Yosys sees hardware, not the simulator's order of events. So a difference counts only after it has been simulated, and
a proof certifies what simulation has passed but never overrules a mismatch that simulation has seen: `second_opinion`
keeps the mismatch and says so. Code that means one thing to synthesis and another to simulation, such as a sensitivity
list that misses a signal, is unknown from the start.

The candidate passes the guard first; Yosys runs within limits, and within the sandbox of the process that asks.
"""

import dataclasses
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from pyslang.ast import EdgeKind, ExpressionKind, StatementKind, SymbolKind, TimingControlKind

from itertl.errors import DataError
from itertl.outcome import Outcome, Reason
from itertl.records import Mismatch, Verdict
from itertl.tools.process import Limits
from itertl.tools.shop import Shop, open_shop, own_prefix, scratch
from itertl.tools.yosys import find_yosys
from itertl.verify.batch import Pace, Rig
from itertl.verify.compare import Comparison, Expected, compare, defined_bits
from itertl.verify.differing import differ
from itertl.verify.formal.proof import Found, Pair, Proof, Search, driven, prove
from itertl.verify.plan import Plan
from itertl.verify.power_up import from_random_values, settled_trace
from itertl.verilog.entrusted import entrusted
from itertl.verilog.frontend import elaborate, parse
from itertl.verilog.guard import Accepted, Refusal, inspect
from itertl.verilog.interface import Interface, read_interface

_POWER_UP = 6  # steps that a second search leaves out
_EDGES = (EdgeKind.PosEdge, EdgeKind.NegEdge, EdgeKind.BothEdges)


class Status(StrEnum):
    """What can be said of two designs."""

    PROVED = "proved"
    REFUTED = "refuted"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class FormalLimits:
    """What a comparison may take: `cpu` in seconds for all runs of Yosys, `memory` (address space) in bytes.

    `steps` is the longest sequence that is looked for; two steps are one clock cycle.
    """

    cpu: float = 20.0
    memory: int = 2 << 30
    steps: int = 40


@dataclasses.dataclass(frozen=True, slots=True)
class Equivalence:
    """A status with its reason in one sentence.

    `inputs` has one tuple for each step of the counterexample: the values of the inputs without the clock, in their
    order. `mismatch` is what its simulation has shown, `traces` the reference's and the candidate's in it; all three
    are empty where nothing is refuted.
    """

    status: Status
    detail: str = ""
    inputs: tuple[tuple[int, ...], ...] = ()
    mismatch: Mismatch | None = None
    traces: tuple[str, ...] = ()


def equivalence(
    reference: str,
    candidate: str,
    top: str,
    interface: Interface | None = None,
    limits: FormalLimits = FormalLimits(),
    shop: Shop | None = None,
) -> Equivalence:
    """Compare two designs, whole modules with the top module `top`; `interface` is the reference's, if it is known.

    Runs take place in `shop`, or in a temporary one. Raise MissingToolError where Yosys or Icarus Verilog is missing,
    DataError where the reference cannot be read.
    """
    if interface is None:
        interface = read_interface(reference, top)
    if interface.unsupported:
        return Equivalence(Status.UNKNOWN, interface.unsupported)
    if interface.inouts:
        return Equivalence(Status.UNKNOWN, "ports of both directions, which proofs do not follow")
    if len(interface.clocking.clocks) > 1:
        return Equivalence(Status.UNKNOWN, "several clocks, of which proofs follow one")
    accepted = []
    for name, code, read in (("reference", reference, entrusted), ("candidate", candidate, inspect)):
        found = read(code, top, interface.ports)
        if isinstance(found, Refusal):
            return Equivalence(Status.UNKNOWN, f"the {name} is refused: {found.detail}")
        if spot := blind_spot(found.code, top):
            return Equivalence(Status.UNKNOWN, f"synthesis reads the {name} otherwise than simulation: a block {spot}")
        accepted.append(found)
    if shop is not None:
        return _compared(accepted[0], accepted[1], interface, limits, shop)
    with tempfile.TemporaryDirectory(prefix=own_prefix(), dir=scratch(), ignore_cleanup_errors=True) as folder:
        return _compared(accepted[0], accepted[1], interface, limits, open_shop(Path(folder)))


def _compared(
    reference: Accepted, candidate: Accepted, interface: Interface, limits: FormalLimits, shop: Shop
) -> Equivalence:
    pair = Pair(reference, candidate, interface)
    if interface.clocking.clocks:
        first = _run(pair, Search(matched=True), limits, 0.3, shop)
        if first.found in (Found.OUT_OF_TIME, Found.BOUNDED):  # slang's asynchronous loads have no match
            first = _run(pair, Search(matched=True), limits, 0.3, shop, slang=False)
        if first.found is Found.PROVED:
            return Equivalence(Status.PROVED, "registers of the same name are equal at each step")
    proof = _run(pair, Search(limits.steps), limits, 0.4 if interface.clocking.clocks else 1.0, shop)
    if proof.found is Found.PROVED:
        return Equivalence(Status.PROVED, f"by induction, {proof.steps} steps deep")
    if proof.found is Found.DIFFERS:
        shown = _confirmed(proof, reference, candidate, interface, shop)
        if shown.status is not Status.REFUTED and interface.clocking.clocks:
            proof = _run(pair, Search(limits.steps, skipped=_POWER_UP), limits, 0.1, shop)
            later = _confirmed(proof, reference, candidate, interface, shop)
            return later if later.status is Status.REFUTED else shown
        return shown
    if proof.found is Found.FAILED:
        return Equivalence(Status.UNKNOWN, f"Yosys: {proof.message}")
    reason = proof.message or "nothing is said of longer sequences"
    depth = f"{proof.steps} steps" + (f" ({proof.steps // 2} cycles)" if interface.clocking.clocks else "")
    return Equivalence(Status.UNKNOWN, f"no difference within {depth}; {reason}")


def _run(pair: Pair, search: Search, limits: FormalLimits, share: float, shop: Shop, slang: bool = True) -> Proof:
    """Run Yosys once; what slang refuses (an index out of range, say) is tried with Yosys' own reader."""
    bounds = Limits(limits.cpu * share, limits.memory, 64 << 20, processes=None)  # it has threads
    tool = find_yosys()
    tool = dataclasses.replace(tool, slang=tool.slang and slang)
    with tempfile.TemporaryDirectory(dir=shop.folder, prefix="formal-", ignore_cleanup_errors=True) as name:
        proof = prove(tool, pair, search, Path(name), bounds, shop.lifeline)
        if proof.found is Found.FAILED and tool.slang:
            other = dataclasses.replace(tool, slang=False)
            second = prove(other, pair, search, Path(name), bounds, shop.lifeline)
            return proof if second.found is Found.FAILED else second
        return proof


def plan_of(inputs: Sequence[Sequence[int]], interface: Interface) -> Plan:
    """Return the stimuli that drive a counterexample: one vector a step, as the bench takes them."""
    ports = driven(interface)
    vectors = []
    for values in inputs:
        vector = 0
        for port, value in zip(ports, values, strict=True):
            vector = vector << port.width | value
        vectors.append(vector)
    clock = interface.clocking.clocks[0] if interface.clocking.clocks else ""
    return Plan(clock, max(sum(p.width for p in ports), 1), tuple(vectors or (0,)))


def _confirmed(proof: Proof, reference: Accepted, candidate: Accepted, interface: Interface, shop: Shop) -> Equivalence:
    """Simulate a counterexample: only a difference that shows there refutes."""
    plan = plan_of(proof.inputs, interface)
    traces = []
    for design in (reference, candidate):  # apart: the reference's outputs never enter a candidate's simulation
        run = Rig(interface, plan, shop, Pace(Limits(), 0.0, 0.0)).run([design], Limits(), Limits())
        if not run.complete:
            return Equivalence(Status.UNKNOWN, f"the counterexample does not simulate ({run.stage}): {run.message}")
        traces.append(run.traces[0])
    result, begun = _difference(traces, interface), ""
    if result.equal:
        traces, result = _begun(traces, reference, candidate, Rig(interface, plan, shop, Pace(Limits(), 0.0, 0.0)))
        begun = "with random values at power-up, "
    if result.equal:
        detail = f"Yosys finds a difference after {len(proof.inputs)} steps that no simulation shows"
        if all(set(trace) <= {"0", "1"} for trace in traces):
            return Equivalence(Status.CONFLICT, f"conflict of tools: {detail}", proof.inputs)
        return Equivalence(Status.UNKNOWN, f"{detail}, where values are undefined", proof.inputs)
    moment, cycle = plan.describe(result.sample), plan.cycle(result.sample)
    first = Mismatch(result.sample, cycle, moment, result.signal, result.expected, result.found)
    said = differ(result.signal, result.expected, result.found)
    detail = f"{begun}{moment} of a sequence of {len(plan.vectors)} vectors: {said}"
    return Equivalence(Status.REFUTED, detail, proof.inputs, first, tuple(traces))


def _difference(traces: Sequence[str], interface: Interface) -> Comparison:
    """Compare the candidate's trace, the second one, with the reference's."""
    if not defined_bits(traces[0]):
        return Comparison(1.0, {})
    return compare(Expected.of(traces[0], interface.outputs), traces[1])


def _begun(traces: list[str], reference: Accepted, candidate: Accepted, rig: Rig) -> tuple[list[str], Comparison]:
    """Simulate a counterexample from random values in the registers; return traces that differ, if any do."""
    settled = settled_trace(reference, rig, traces[0])
    for run in from_random_values({"": candidate}, rig).values():
        for trace in run.traces:
            if not (result := _difference([settled, trace], rig.interface)).equal:
                return [settled, trace], result
    return traces, Comparison(1.0, {})


def second_opinion(verdict: Verdict, opinion: Equivalence) -> Verdict:
    """Return the verdict with the opinion in it.

    A refutation turns a pass into a mismatch; a proof never turns a mismatch into a pass: the contradiction is told. A
    conflict of tools takes a pass back: nobody knows which of the tools is right.
    """
    formal = opinion.status.value
    if verdict.passed and opinion.status is Status.REFUTED:
        detail = f"passed the bench, refuted by Yosys and in simulation: {opinion.detail}"
        return dataclasses.replace(
            verdict,
            outcome=Outcome.MISMATCH,
            formal=formal,
            detail=detail,
            mismatch=opinion.mismatch,
            reason=Reason.REFUTED,
        )
    if verdict.outcome is Outcome.MISMATCH and opinion.status is Status.PROVED:
        detail = f"CONTRADICTION: Yosys calls it equivalent ({opinion.detail}), yet simulation shows {verdict.detail}"
        return dataclasses.replace(verdict, formal=formal, detail=detail, reason=Reason.CONTRADICTION)
    if verdict.passed and opinion.status is Status.CONFLICT:
        reason, outcome = Reason.CONFLICT, Outcome.UNSUPPORTED
        return dataclasses.replace(
            verdict, outcome=outcome, agreement=0.0, formal=formal, detail=opinion.detail, reason=reason
        )
    if verdict.passed and opinion.status is Status.UNKNOWN:
        return dataclasses.replace(verdict, formal=formal, detail=f"not proved: {opinion.detail}")
    return dataclasses.replace(verdict, formal=formal)


def blind_spot(code: str, top: str) -> str:
    """Return what `code` means otherwise to synthesis than to simulation, in half a sentence, or "".

    A block that reads a signal whose change does not wake it (`always @(a) y = a & b`), and one that reads its own
    clock, which has its old value for one and its new value for the other.
    """
    elaborated = elaborate(parse(code), top)
    if elaborated.top is None:
        raise DataError(f"module {top} does not elaborate, {elaborated.error}")
    found: list[str] = []

    def see(block: Any) -> None:
        if block.body.kind == StatementKind.Timed:
            found.extend(_differs(block.body))

    elaborated.top.visit(lookup_table={SymbolKind.ProceduralBlock: see})
    return found[0] if found else ""


def _differs(body: Any) -> list[str]:
    timing = body.timing
    events = list(timing.events) if timing.kind == TimingControlKind.EventList else [timing]
    if any(e.kind != TimingControlKind.SignalEvent for e in events):
        return []
    listed, read = {name for event in events for name in _read(event.expr)}, _read(body.stmt)
    if any(e.edge in _EDGES for e in events):
        return [f"reads its own clock, {min(listed)}"] if listed and listed <= set(read) else []
    written: set[str] = set()
    body.stmt.visit(lookup_table={ExpressionKind.Assignment: lambda a: written.update(_read(a.left))})
    return [f"does not wake up when {name} changes" for name in read if name not in listed | written]


def _read(node: Any) -> list[str]:
    """Return the signals that `node` names."""
    found: dict[str, None] = {}

    def see(value: Any) -> None:
        if value.symbol.kind in (SymbolKind.Net, SymbolKind.Variable):
            found[value.symbol.name] = None

    node.visit(lookup_table={ExpressionKind.NamedValue: see})
    return list(found)
